"""What nobody has seen at a live account is said to whoever connects one."""

from __future__ import annotations

import re
from pathlib import Path

import triage.crm.odoo

ADAPTER = Path(triage.crm.odoo.__file__).parent
PAGE = Path(__file__).parents[2] / "docs" / "odoo.md"


def test_every_module_that_relies_on_something_unconfirmed_stands_on_the_page() -> None:
    unsure = {
        file.name
        for file in ADAPTER.rglob("*.py")
        if "not confirmed against a live" in re.sub(r"\s+", " ", file.read_text(encoding="utf-8")).lower()
    }
    section = PAGE.read_text(encoding="utf-8").partition("## Not verified against a live account")[2]
    cells = re.findall(r"^\|[^|]+\|[^|]+\|([^|]+)\|", section, re.MULTILINE)
    assert {name for cell in cells for name in re.findall(r"`(\w+\.py)`", cell)} == unsure
