"""What a profile remembers of its sign-in goes to the sign-in, and not to an adapter that does not know it."""

from __future__ import annotations

from typing import Literal

import pytest

from config.settings import Profile
from triage.crm import registry
from triage.crm.hubspot import HubSpotCrm
from triage.crm.salesforce import SalesforceCrm
from triage.crm.signing import WAY, Question
from triage.errors import ConfigError
from triage.reaching import adapter

Region = Literal["", "eu", "us"]


class Plain:
    """An adapter that takes no options, but has a sign-in of its own."""

    def __init__(self, url: str, token: str, *, region: Region = "", zone: str | None = None, x=1) -> None:
        self.region = region


@pytest.fixture
def plain(monkeypatch: pytest.MonkeyPatch) -> type[Plain]:
    class Own(Plain):
        questions = {"browser": (Question("client_id", "?"), Question("region", "?"))}  # noqa: RUF012 - static

    monkeypatch.setattr(registry, "_factory", lambda _kind: Own)
    return Own


def test_an_option_of_the_sign_in_alone_is_not_given_to_the_adapter(plain):
    made = registry.make(
        "own", "https://crm.example.com", "t", client_id="x", region="eu", zone="z", x="y", **{WAY: "browser"}
    )
    assert made.region == "eu"


def test_an_option_that_nobody_knows_is_an_error_still(plain):
    with pytest.raises(ConfigError, match="regoin"):
        registry.make("own", "https://crm.example.com", "t", regoin="eu")


@pytest.mark.parametrize("name", ["renew", "kind", "url", "token", "dialect", "tempo", "clock", "deadline"])
@pytest.mark.parametrize("kind", ["rest", "hubspot", "salesforce"])
def test_a_text_does_not_stand_in_for_what_triage_gives_itself(kind, name):
    """A profile written by hand may name any option."""
    profile = Profile(crm=kind, url="https://crm.example.com", options={name: "x"})
    with pytest.raises(ConfigError, match=name):
        adapter(profile, "t")


@pytest.mark.parametrize("crm", [HubSpotCrm, SalesforceCrm])
def test_each_way_of_a_shipped_adapter_says_what_it_asks_for_and_can_be_remembered(crm):
    kind = "hubspot" if crm is HubSpotCrm else "salesforce"
    assert set(crm.ways) <= set(crm.questions)
    for way, questions in crm.questions.items():
        options = {one.option: one.default or "x" for one in questions if not one.secret}
        registry.make(kind, "https://crm.example.com", "t", **options, **({WAY: way} if way else {}))
    assert registry.home_of(kind).startswith("https://")
