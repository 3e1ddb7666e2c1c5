"""What a profile remembers of its sign-in goes to the sign-in, and not to an adapter that does not know it."""

from __future__ import annotations

import pytest

from triage.crm import registry
from triage.crm.hubspot import HubSpotCrm
from triage.crm.salesforce import SalesforceCrm
from triage.crm.signing import WAY, Question
from triage.errors import ConfigError


class Plain:
    """An adapter that takes no options, but has a sign-in of its own."""

    def __init__(self, url: str, token: str, *, region: str = "") -> None:
        self.region = region


@pytest.fixture
def plain(monkeypatch: pytest.MonkeyPatch) -> type[Plain]:
    class Own(Plain):
        questions = {"browser": (Question("client_id", "?"), Question("region", "?"))}  # noqa: RUF012 - static

    monkeypatch.setattr(registry, "_factory", lambda _kind: Own)
    return Own


def test_an_option_of_the_sign_in_alone_is_not_given_to_the_adapter(plain):
    made = registry.make(
        "own", "https://crm.example.com", "t", client_id="x", region="eu", **{WAY: "browser"}
    )
    assert made.region == "eu"


def test_an_option_that_nobody_knows_is_an_error_still(plain):
    with pytest.raises(ConfigError, match="regoin"):
        registry.make("own", "https://crm.example.com", "t", regoin="eu")


@pytest.mark.parametrize("crm", [HubSpotCrm, SalesforceCrm])
def test_each_way_of_a_shipped_adapter_says_what_it_asks_for_and_can_be_remembered(crm):
    kind = "hubspot" if crm is HubSpotCrm else "salesforce"
    assert set(crm.ways) <= set(crm.questions)
    for way, questions in crm.questions.items():
        options = {one.option: one.default or "x" for one in questions if not one.secret}
        registry.make(kind, "https://crm.example.com", "t", **options, **({WAY: way} if way else {}))
    assert registry.home_of(kind).startswith("https://")
