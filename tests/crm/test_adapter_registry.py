"""Adapters are found by name: ours always, others by their entry point."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from triage.crm import registry
from triage.crm.bare import Bare
from triage.crm.dialect import Dialect
from triage.crm.rest import RestCrm
from triage.errors import ConfigError, UsageError

TOKEN = "TOKEN-abc123-sentinel"


@pytest.fixture
def installed(monkeypatch, tmp_path: Path):
    """A place for packages, with the metadata of one that offers adapters."""
    monkeypatch.syspath_prepend(str(tmp_path))
    metadata = tmp_path / "others_adapters-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: others-adapters\nVersion: 1.0\n")
    points = [f"[{registry.GROUP}]"]

    def install(name: str, value: str) -> None:
        points.append(f"{name} = {value}")
        (metadata / "entry_points.txt").write_text("\n".join(points))
        importlib.invalidate_caches()

    return install


async def test_rest_is_there_without_any_installation(installed):
    assert registry.adapters() == ("bottlecrm", "hubspot", "odoo", "rest", "salesforce")
    crm = registry.make("rest", "https://crm.example", TOKEN, ca_file=None)
    assert isinstance(crm, RestCrm)
    await crm.aclose()


def test_another_package_adds_an_adapter(installed):
    installed("ours", "collections:OrderedDict")
    assert registry.adapters() == ("bottlecrm", "hubspot", "odoo", "ours", "rest", "salesforce")


def test_another_package_cannot_take_a_shipped_name(installed):
    installed("rest", "nothing.here:Crm")
    assert isinstance(registry.make("rest", "https://crm.example", TOKEN), RestCrm)


def test_an_unknown_adapter_is_refused_with_the_nearest_and_the_list(installed):
    with pytest.raises(UsageError) as caught:
        registry.make("rset", "https://crm.example", TOKEN)
    assert caught.value.hint == "Did you mean rest? There are: bottlecrm, hubspot, odoo, rest, salesforce."


@pytest.mark.parametrize("value", ["nothing.here:Crm", "collections:NoSuchName", "math:pi"])
def test_an_adapter_that_does_not_load_is_named(installed, value):
    installed("ours", value)
    with pytest.raises(ConfigError, match=r"ours|cannot be called"):
        registry.make("ours", "https://crm.example", TOKEN)


class Narrow(Bare):
    """An adapter that knows no option."""

    whoami = fetch = push = verify = aclose = Bare.people

    def __init__(self, url, token) -> None:
        self.told = url, token


def test_an_adapter_that_does_not_know_an_option_is_named_with_it(installed):
    installed("narrow", f"{__name__}:Narrow")
    assert registry.make("narrow", "https://crm.example", TOKEN).told == ("https://crm.example", TOKEN)
    with pytest.raises(ConfigError, match=r"narrow.*ca_file") as caught:
        registry.make("narrow", "https://crm.example", TOKEN, ca_file="corp.pem")
    assert TOKEN not in str(caught.value)


def test_the_port_is_kept_to_the_letter_of_its_types():
    from triage.crm.port import Crm

    crm: Crm = RestCrm("https://crm.example", TOKEN)
    assert crm


def test_what_an_adapter_does_not_ask_about_is_named_in_words(installed):
    with pytest.raises(ConfigError, match="has no option “role”"):
        registry.make("rest", "https://crm.example", TOKEN, role="marketing")
    with pytest.raises(ConfigError, match="no use for an account's own words"):
        registry.make("rest", "https://crm.example", TOKEN, dialect=Dialect({"score": "x"}))
