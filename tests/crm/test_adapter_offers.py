"""An adapter that another package offers: found by its entry point, or its author is told why it is not."""

from __future__ import annotations

import pytest

from tests.crm.pen import TOKEN, URL, PenCrm
from triage.crm import registry
from triage.crm.bare import Bare
from triage.crm.checked import NEEDED
from triage.crm.rest import RestCrm
from triage.errors import ConfigError


def refusal(kind: str = "pen", **options: str) -> ConfigError:
    """Return why an adapter cannot be made."""
    with pytest.raises(ConfigError) as caught:
        registry.make(kind, URL, TOKEN, **options)
    assert TOKEN not in f"{caught.value} {caught.value.hint}"
    return caught.value


@pytest.mark.parametrize(
    ("value", "source", "says"),
    [
        ("nothing.here:Crm", "", "does not load: there is no module “nothing.here”"),
        ("triage_pen.missing:Crm", "x = 1", "there is no module “triage_pen.missing”"),
        ("not a module!:Crm", "", "there is no module “not a module!”"),
        ("triage_pen:Crm", "import inkwell.nibs", "it imports “inkwell”, which is not installed"),
        ("triage_pen:PenCrm", "x = 1", "there is no “PenCrm” in “triage_pen”"),
        (
            "triage_pen:Crm",
            "x = 1\nraise KeyError('a secret')",
            "KeyError is raised at triage_pen.py, line 2",
        ),
        ("triage_pen:Crm", "x =\n", "SyntaxError is raised at triage_pen.py, line 1"),
        ("triage_pen:Crm", "raise SystemExit(0)", "SystemExit is raised at triage_pen.py, line 1"),
        ("triage_pen:x", "x = 1.5", "“triage_pen:x” is of the type float, and no class or function"),
        ("triage_pen", "x = 1", "“triage_pen” is of the type module, and no class or function"),
    ],
)
def test_an_entry_point_that_does_not_load_is_said_with_its_package(market, value, source, says):
    market.publish(value, source=source)
    error = refusal()
    assert error.message.startswith("The adapter “pen” of the package triage-pen 1.0 does not load: ")
    assert says in error.message
    assert error.hint
    assert "a secret" not in error.message


@pytest.mark.parametrize(
    ("init", "options", "says"),
    [
        ("self, host", {}, "cannot be made from an address and a token (too many positional arguments)"),
        ("self", {}, "cannot be made from an address and a token"),
        ("self, url, token, *, database", {}, "cannot be made (missing a required"),
        ("self, url, token", {"database": "x"}, "has no option “database”"),
    ],
)
def test_a_maker_that_takes_something_else_is_named_with_it(market, init, options, says):
    market.publish("triage_pen:Crm", source=f"class Crm:\n    def __init__({init}): pass\n")
    assert says in refusal(**options).message


def test_a_maker_that_fails_is_said_with_its_line_and_without_its_words(market):
    market.publish("triage_pen:make", source="def make(url, token):\n    raise ValueError(token)\n")
    error = refusal()
    assert "as it is made: ValueError is raised at triage_pen.py, line 2" in error.message
    assert "the package triage-pen 1.0" in error.hint


def test_a_maker_that_is_a_coroutine_is_said(market):
    market.publish("triage_pen:make", source="async def make(url, token): ...\n")
    assert "its maker is a coroutine" in refusal().message


def test_two_packages_with_one_name_are_both_named_and_neither_is_used(market):
    for package in ("triage-pen", "another-pen"):
        market.publish("triage_pen:Crm", package=package, source="class Crm: ...")
    assert "pen" in registry.adapters()
    for error in (refusal(), _objection()):
        assert "Two packages offer an adapter “pen”" in error.message
        assert "triage-pen 1.0" in error.message
        assert "another-pen 1.0" in error.message


def test_a_shipped_name_that_another_package_takes_is_said_and_the_shipped_one_is_used(market):
    market.publish("triage_pen:Crm", name="rest", source="class Crm: ...")
    assert type(registry.make("rest", URL, TOKEN)) is RestCrm
    assert "“rest” of the package triage-pen 1.0 is not used" in _objection().message


def test_what_is_offered_well_is_said_with_its_package(market):
    assert registry.check_offers() == "the shipped ones"
    market.offer(PenCrm)
    assert registry.check_offers() == "pen from the package triage-pen 1.0"


def _objection() -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        registry.check_offers()
    return caught.value


@pytest.mark.parametrize("word", [*NEEDED, *(name for name in vars(Bare) if name[0] != "_")])
def test_a_word_that_is_missing_is_named(market, word):
    class Incomplete(PenCrm):
        pass

    setattr(Incomplete, word, None)
    market.offer(Incomplete)
    assert f"in `{word}`: there is no such method" in refusal().message
