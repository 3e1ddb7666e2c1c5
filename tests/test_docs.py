from __future__ import annotations

import re
from pathlib import Path

import pytest

from docs.generate import PAGES

DOCS = Path(__file__).parents[1] / "docs"
LINK = re.compile(r"\]\((?!https?:)([^)#]+)")


@pytest.mark.parametrize("name", PAGES)
def test_a_generated_page_says_what_the_registries_say(name):
    assert (DOCS / name).read_text(encoding="utf-8") == PAGES[name](), "run `make docs`"


@pytest.mark.parametrize("page", [*DOCS.glob("*.md"), DOCS.parent / "README.md"], ids=lambda page: page.name)
def test_every_link_in_the_docs_leads_to_a_file(page):
    missing = [
        link for link in LINK.findall(page.read_text(encoding="utf-8")) if not (page.parent / link).exists()
    ]
    assert missing == []


def test_every_test_that_a_promise_names_exists():
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", (DOCS / "guarantees.md").read_text(encoding="utf-8"))
    assert named
    missing = [
        f"{file}::{name}" for file, name in named if f"def {name}(" not in (DOCS.parent / file).read_text()
    ]
    assert missing == []
