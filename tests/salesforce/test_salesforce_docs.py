"""What the adapter takes to be so, and nobody has seen at a live org, stands in the manual."""

from __future__ import annotations

from pathlib import Path

import pytest

import triage.crm.salesforce

MANUAL = Path(__file__).parents[2] / "docs" / "salesforce.md"
_, _, UNVERIFIED = MANUAL.read_text("utf-8").partition("## Not verified against a live account")
MODULES = [
    one.name
    for one in Path(triage.crm.salesforce.__file__).parent.rglob("*.py")
    if "confirmed against a live account" in " ".join(one.read_text("utf-8").split())
]


@pytest.mark.parametrize("module", sorted(MODULES))
def test_what_a_module_says_is_not_confirmed_is_in_the_manual(module: str) -> None:
    assert f"`{module}`" in UNVERIFIED


def test_the_manual_names_no_module_that_is_sure_of_itself() -> None:
    named = {word for word in UNVERIFIED.replace(",", " ").split("`") if word.endswith(".py")}
    assert named == set(MODULES)
