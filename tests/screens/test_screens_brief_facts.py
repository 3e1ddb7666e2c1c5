"""What a decision needs stands on one screen of 80×24, for every lead of the demo that has it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from screens.cells import say
from screens.inbox.arrangement import arrange
from screens.ink import Inks
from screens.lead.brief import brief_lines
from screens.panels.glance import Glance
from screens.themes import DARK
from screens.words import local_time, points
from tests.screens.demo_leads import demo
from tests.screens.sample import NOW
from triage.domain.definition import Result
from triage.domain.inbox import Entry
from triage.domain.lead import Lead

TIGHT = 80
"""Columns of a window in which something gives way."""
ENOUGH = 22
"""Letters by which a text is recognised; the rest of it may be cut."""


def glance(lead: Lead, width: int) -> Glance:
    _leads, definition, statistics = demo()
    by_source = {one.source: one for one in statistics}
    return Glance(Entry.of(lead), definition, NOW, width, Inks.of(DARK).plain, statistics=by_source)


def told(lead: Lead, columns: int, rows: int) -> list[str]:
    room = arrange(columns, rows)
    assert room is not None
    return [line.text for line in brief_lines(glance(lead, room.brief_width), room.brief_height)]


def _is_unsound(lead: Lead) -> bool:
    return lead.score is not None and lead.score.unreconciled


def _is_crowded(lead: Lead) -> bool:
    """Whether a lead has a line more than others: recycled, duplicate, open deal, do not contact, a score that is off."""
    account = lead.account
    more = (lead.recycles, account.duplicate_of, account.open_opportunity, account.do_not_contact)
    return any(more) or _is_unsound(lead)


def begins(text: str, letters: int = ENOUGH) -> str:
    return say(text)[:letters].strip()


def facts(lead: Lead, columns: int) -> Iterator[tuple[str, str]]:
    """Yield what is known of a lead, and by which letters it is recognised.

    At 80×24 the profile (Enter shows it, Y copies it) gives way to a line that may change the decision;
    where a recycled lead has a score that does not add up, the question to ask does too.
    """
    definition = demo()[1]
    yield "status", "assigned"
    yield "clock", "SLA"
    yield "e-mail", begins(lead.email, 60 if columns > TIGHT or not lead.account.do_not_contact else 24)
    yield "phone", lead.phone
    yield "place", begins(lead.city, 3)
    yield "local time", f"{local_time(lead, NOW)}"
    if columns > TIGHT or not _is_crowded(lead):
        yield "profile", begins(lead.profile_url.removeprefix("https://"), 12)
    yield "moment", begins(lead.moment, 40)
    for name, words in _marketing(lead):
        if name != "question" or columns > TIGHT or not (_is_unsound(lead) and lead.recycles):
            yield name, words
    if lead.score is not None:
        yield "score", f"{points(lead.score.score)} {lead.score.band}"
        yield "sum", f"= {points(lead.score.base_points)} base"
        for part in lead.score.by_weight()[:2]:
            yield "reason", begins(part.label, 14)
    else:
        yield "no score", "unknown"
    yield "definition", f"v{definition.version}: "
    traced = definition.trace(lead.facts)
    for one in [one for one in traced if one.result is Result.FAIL][:1]:
        yield "failing line", begins(f"✗ {one.criterion.label}", 16)
    for one in lead.recycles[-1:]:
        yield "recycled", begins(f"recycled  {one.at:%-d %b}")
    if lead.account.duplicate_of is not None:
        yield "duplicate", begins(f"DUP of    {lead.account.duplicate_of.words}")
    if lead.account.open_opportunity:
        yield "open deal", "open deal"


def _marketing(lead: Lead) -> Iterator[tuple[str, str]]:
    if lead.campaign is not None:
        yield "campaign", begins(lead.campaign.words)
    tipping = lead.touch("tipping")
    if tipping is not None:
        yield "tipping touch", begins(f"tipped by {tipping.summary}", 30)
    if lead.nurture is not None:
        yield "programme", begins(lead.nurture.programme)
        yield "step", f"{lead.nurture.step}/{lead.nurture.steps}"
        yield "next mail", begins(f"“{lead.nurture.next_mail}", 12)
    if lead.asset is not None:
        yield "asset", begins(lead.asset.title)
        yield "pitch", begins(lead.asset.pitch, 16)
        yield "question", begins(lead.asset.questions[0])


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (200, 60)], ids=str)
def test_every_fact_of_every_lead_of_the_demo_is_seen_without_scrolling(size):
    missing = []
    for lead in demo()[0]:
        seen = "\n".join(told(lead, *size))
        missing += [
            (lead.lead_id, name, words) for name, words in facts(lead, size[0]) if words and words not in seen
        ]
    assert missing == []
