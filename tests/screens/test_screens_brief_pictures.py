"""The brief and the page of leads of each kind, as text at three sizes. To renew: pytest --snapshot-update FILE."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from msgspec.structs import replace
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

from screens.lead.page import lead_page
from tests.screens.demo_leads import demo
from tests.screens.test_screens_brief_facts import glance, told
from triage.domain.account import DuplicateMatch
from triage.domain.lead import Lead

pytestmark = pytest.mark.usefixtures("one_time_zone")
SIZES = ((80, 24), (120, 36), (200, 60))
_BESIDE = 3
"""Cells of a page that its lines do not take: the line cursor's, and one at the right."""


class _Text(SingleFileSnapshotExtension):
    _write_mode = WriteMode.TEXT
    file_extension = "txt"


def first(wanted: Callable[[Lead], object]) -> Lead:
    return next(lead for lead in demo()[0] if wanted(lead))


def plain(lead: Lead) -> bool:
    return lead.score is not None and not lead.score.unreconciled and not lead.badges


def in_every_way() -> Lead:
    """Return a duplicate that is a customer with an open deal."""
    twin = DuplicateMatch("L-000009", "Ana Ruiz", "same phone, name 96 %", 0.93, found_here=True)
    lead = first(lambda one: one.account.customer and one.account.open_opportunity)
    return replace(lead, account=replace(lead.account, duplicate_of=twin))


KINDS: dict[str, Callable[[], Lead]] = {
    "demo request": lambda: first(lambda one: plain(one) and one.mql and one.mql.is_hand_raise),
    "threshold": lambda: first(lambda one: plain(one) and one.mql and not one.mql.is_hand_raise),
    "duplicate, customer, open deal": in_every_way,
    "does not add up": lambda: first(lambda one: one.score and one.score.unreconciled),
    "no score": lambda: replace(first(plain), score=None),
    "recycled": lambda: first(lambda one: one.recycles),
    "capped": lambda: first(lambda one: one.score and one.score.capped_groups()),
    "several lines fail": lambda: max(demo()[0], key=_failing),
}


def _failing(lead: Lead) -> int:
    return sum(one.result == "fail" for one in demo()[1].trace(lead.facts))


def page(lead: Lead, columns: int) -> list[str]:
    """Return the page of a lead, its second column beside the first."""
    rows, column = lead_page(glance(lead, columns - _BESIDE))
    lines = []
    for row in rows:
        beside = f"{' ' * (column - row.line.width)} │ {row.beside.text}" if row.beside is not None else ""
        lines.append(f"{row.line.text}{beside}".rstrip())
    return lines


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_a_lead_of_each_kind_is_told_as_it_was(snapshot, size, kind):
    lead = KINDS[kind]()
    brief = [line.rstrip() for line in told(lead, *size)]
    text = "\n".join([*brief, "", "=" * size[0], "", *page(lead, size[0])])
    assert text == snapshot.use_extension(_Text)
