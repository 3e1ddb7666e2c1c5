"""The columns of the lead list: their names, their widths, from which width each is shown, and what it says.

Order and width are for the eye: how urgent, how good, who, where from, what to beware of. Pure.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from msgspec import Struct
from rich.style import Style

from screens.cells import say
from screens.ink import Ink
from screens.panels.person import BEWARE
from screens.words import decided_in_words, grade_of, sla_sign, whole_points
from triage.domain.clocks import age, spoken
from triage.domain.inbox import Entry

HIDDEN = "**"
"""What stands for a score that is hidden until the lead is decided."""
Cell = tuple[str, Style]
_Say = Callable[[Entry, datetime, Ink], Cell]


class Column(Struct, frozen=True):
    """One column of the list."""

    id: str
    """Also the name of the order that sorts by it."""
    heading: str
    least: int
    """Cells it has at least, and exactly where it has no share."""
    say: _Say
    share: int = 0
    """Parts of the width that is left over; 0 = a fixed column."""
    most: int = 0
    """Cells it never exceeds, where it has a share."""
    from_width: int = 0
    """The list has to be this wide for the column to be shown."""
    right: bool = False


def _sla(entry: Entry, now: datetime, ink: Ink) -> Cell:
    return sla_sign(entry, now, ink)


def _unknown(entry: Entry) -> str:
    return HIDDEN if entry.is_blind else "?"


def _band(entry: Entry, _now: datetime, ink: Ink) -> Cell:
    score = entry.outline.score
    if score is None:
        return _unknown(entry), ink.dim
    return say(f"{score.band:1.1} {grade_of(score)}"), ink.strong if score.band == "A" else ink.text


def _score(entry: Entry, _now: datetime, ink: Ink) -> Cell:
    score = entry.outline.score
    return (_unknown(entry), ink.dim) if score is None else (whole_points(score.score), ink.text)


def _trend(entry: Entry, _now: datetime, ink: Ink) -> Cell:
    score = entry.outline.score
    if score is None or not score.trend:
        return "", ink.dim
    up = score.trend > 0
    return f"{'▲' if up else '▼'}{whole_points(abs(score.trend))}", ink.good if up else ink.warn


def _fit(entry: Entry, _now: datetime, ink: Ink) -> Cell:
    score = entry.outline.score
    return (_unknown(entry) if score is None or score.fit is None else whole_points(score.fit)), ink.dim


def _engagement(entry: Entry, _now: datetime, ink: Ink) -> Cell:
    score = entry.outline.score
    if score is None or score.engagement is None:
        return _unknown(entry), ink.dim
    return whole_points(score.engagement), ink.dim


def _name(entry: Entry, _now: datetime, ink: Ink) -> Cell:
    name = say(entry.outline.name) or say(entry.outline.email) or "(no name)"
    if entry.gone:
        return f"✗ {name}", ink.dim
    return name, ink.dim if entry.decided else ink.strong


def _title(entry: Entry, _now: datetime, ink: Ink) -> Cell:
    return say(entry.outline.title), ink.dim


def _company(entry: Entry, _now: datetime, ink: Ink) -> Cell:
    return say(entry.outline.company), ink.text


def _country(entry: Entry, _now: datetime, ink: Ink) -> Cell:
    return say(entry.outline.country), ink.dim


def _city(entry: Entry, _now: datetime, ink: Ink) -> Cell:
    return say(entry.outline.city), ink.dim


def _source(entry: Entry, _now: datetime, ink: Ink) -> Cell:
    return say(entry.outline.source), ink.dim


def _campaign(entry: Entry, _now: datetime, ink: Ink) -> Cell:
    campaign = entry.outline.campaign
    return ("" if campaign is None else say(campaign.words)), ink.dim


def _tries(entry: Entry, now: datetime, ink: Ink) -> Cell:
    """Say how often sales tried, and how long ago it last did: "2× 3d"."""
    lead = entry.outline
    often = f"{lead.attempts}×" if lead.attempts else ""
    last = spoken(now - lead.last_touch_at) if lead.last_touch_at else ""
    return " ".join(part for part in (often, last) if part), ink.text


def _badges(entry: Entry, _now: datetime, ink: Ink) -> Cell:
    if entry.gone:
        return "gone", ink.bad
    if entry.decided:
        return decided_in_words(entry), ink.good
    badges = entry.badges
    if entry.answers is not None and (entry.answers.unread or entry.returned is not None):
        return " ".join(badges), ink.accent
    return " ".join(badges), ink.warn if BEWARE.intersection(badges) else ink.text


def _age(entry: Entry, now: datetime, ink: Ink) -> Cell:
    waited = age(entry.outline, now)
    return (spoken(waited) if waited else "?"), ink.dim


COLUMNS = (
    Column("sla", "SLA", 5, _sla, right=True),
    Column("band", "band", 4, _band),
    Column("score", "pts", 3, _score, from_width=72, right=True),
    Column("trend", "30 d", 4, _trend, from_width=118, right=True),
    Column("fit", "fit", 3, _fit, from_width=128, right=True),
    Column("engagement", "eng", 3, _engagement, from_width=128, right=True),
    Column("name", "name", 12, _name, share=3, most=26),
    Column("title", "title", 10, _title, share=3, most=34, from_width=86),
    Column("company", "company", 12, _company, share=5, most=30),
    Column("country", "in", 2, _country, from_width=110),
    Column("city", "city", 8, _city, share=2, most=16, from_width=186),
    Column("source", "source", 12, _source, share=1, most=16, from_width=102),
    Column("campaign", "campaign", 16, _campaign, share=4, most=44, from_width=160),
    Column("tries", "tries", 6, _tries, from_width=146),
    Column("badges", "flags", 8, _badges, share=2, most=26),
    Column("age", "age", 3, _age, from_width=66, right=True),
)
