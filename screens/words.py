"""How scores, clocks, places and decisions are said: a sign and a word, never a colour alone."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from rich.style import Style

from screens.cells import say
from screens.ink import Ink
from triage.domain.clocks import Sla, SlaClock, sla_clock, spoken
from triage.domain.feedback import Feedback, FeedbackType
from triage.domain.inbox import Entry
from triage.domain.item import State
from triage.domain.lead import Lead
from triage.domain.outline import ScoreOutline
from triage.domain.score import Score
from triage.errors import TriageError, Unreachable

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

MINUS = "\N{MINUS SIGN}"
SENT = {
    State.QUEUED: "…",
    State.SENDING: "→",
    State.UNKNOWN: "?",
    State.CONFLICT: "‼",
    State.REFUSED: "✗",
    State.APPLIED: "✓",
    State.REVIEWED: "✓",
}
"""Where a decision is on its way, as one sign."""
BADGES = {
    "DUP": "duplicate",
    "CUST": "customer",
    "OPP": "open opportunity",
    "SIB": "colleagues here",
    "DNC": "do not contact",
    "RE": "recycled before",
    "RET": "returned by marketing",
    "R": "marketing answered",
}
"""What warns about an account or a lead, in words."""


def points(value: float) -> str:
    """Return points without a needless fraction: 22, 12.5, −8."""
    text = f"{abs(value):.1f}".rstrip("0").rstrip(".")
    return f"{MINUS}{text}" if value < 0 and text != "0" else text


def whole_points(value: float) -> str:
    """Return points for a narrow column: 22, −8; a fraction would be cut off there."""
    return points(round(value))


def signed(value: float) -> str:
    """Return points with their sign: +22, −8, 0."""
    text = points(value)
    return f"+{text}" if value > 0 and text != "0" else text


def counted(count: int, noun: str, plural: str = "") -> str:
    """Return a number with its noun: "1 attempt", "2 attempts"."""
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"


def needing(count: int) -> str:
    """Return how many wait for the rep: "1 needs you", "2 need you"."""
    return f"{count:,} {'needs' if count == 1 else 'need'} you"


def grade_of(score: Score | ScoreOutline) -> str:
    """Return fit × engagement, as two characters; "?" for a part that is unknown."""
    if not score.fit_grade and not score.engagement_grade:
        return ""
    return f"{score.fit_grade or '?'}{score.engagement_grade or '?'}"


def sla_sign(entry: Entry, now: datetime, ink: Ink) -> tuple[str, Style]:
    """Return the deadline in five cells: "‼  2h" late, "! 41m" soon, "3h", "z  2d" asleep, "✓ met"."""
    clock = sla_clock(entry, now)
    if clock.paused_until is not None:
        return f"z{spoken(clock.paused_until - now):>4}", ink.dim
    if clock.acted_at is not None:
        return ("✓ met", ink.dim) if clock.state is Sla.MET else ("✓late", ink.dim)
    if clock.remaining is None:
        return "–", ink.dim
    span = spoken(clock.remaining)
    if clock.state is Sla.BREACHED:
        return f"‼{span:>4}", ink.bad
    return (f"!{span:>4}", ink.warn) if clock.state is Sla.DUE_SOON else (span, ink.text)


def sla_in_words(entry: Entry, now: datetime, ink: Ink) -> tuple[str, Style]:
    """Return the deadline as a phrase; of a lead that was decided, how the act stands against it."""
    clock = sla_clock(entry, now)
    if clock.paused_until is not None:
        return f"asleep until {day(clock.paused_until, now)}", ink.dim
    if clock.remaining is None:
        return _stopped(clock, ink)
    span = spoken(clock.remaining)
    if clock.state is Sla.BREACHED:
        return f"‼ SLA missed {span} ago", ink.bad
    if clock.state is Sla.DUE_SOON:
        return f"! SLA in {span}", ink.warn
    return f"SLA in {span}", ink.text


def _stopped(clock: SlaClock, ink: Ink) -> tuple[str, Style]:
    """Return the phrase for a clock that does not run: credited by the act, or there is none."""
    if clock.due_at is None:
        return "no SLA deadline", ink.dim
    if clock.acted_at is None:
        return "SLA not running", ink.dim
    span = spoken(clock.due_at - clock.acted_at)
    if clock.state is Sla.MET:
        return f"SLA met, {span} to spare", ink.good
    return f"SLA missed by {span}", ink.warn


def contact_in_words(lead: Lead) -> str:
    """Say whether sales was in touch, and how often it was tried."""
    if lead.contacted_at is not None:
        words = f"contacted {lead.contacted_at.astimezone():%-d %b}"
    else:
        words = "not contacted" if lead.contact_known else "contact unknown"
    return f"{words}, {counted(lead.attempts, 'attempt')}" if lead.attempts else words


def ago(moment: datetime | None, now: datetime) -> str:
    """Return how long ago something was: "3h ago", "just now"; empty if it is not known."""
    if moment is None:
        return ""
    seconds = (now - moment).total_seconds()
    if seconds < 0:
        return f"in {spoken(moment - now)}"
    return "just now" if seconds < 60 else f"{spoken(now - moment)} ago"  # noqa: PLR2004 - a minute


def day(moment: datetime, now: datetime) -> str:
    """Return a day as it is said: "Tue 14:30" within the week, else "3 May", with the year if another."""
    local, today = moment.astimezone(), now.astimezone()
    if abs((local.date() - today.date()).days) < 7:  # noqa: PLR2004 - a week
        return f"{local:%a %H:%M}"
    return f"{local:%-d %b}" if local.year == today.year else f"{local:%-d %b %Y}"


def clock(moment: datetime | None) -> str:
    """Return the time of day here: 14:05."""
    return f"{moment.astimezone():%H:%M}" if moment else "never"


@lru_cache(maxsize=256)
def _zone(name: str) -> ZoneInfo | None:
    from zoneinfo import ZoneInfo  # noqa: PLC0415 - the first paint mostly does without

    try:
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError):  # unknown, or not a name at all: it comes from the CRM
        return None


def local_time(lead: Lead, now: datetime) -> str:
    """Return the time of day where the lead is, and whether that is office time; empty if not known."""
    zone = _zone(lead.time_zone) if lead.time_zone else None
    if zone is None:
        return ""
    there = now.astimezone(zone)
    asleep = there.hour < 8 or there.hour >= 19  # noqa: PLR2004 - a day at work
    return f"{there:%H:%M}{' ☾' if asleep else ''}"


def place(lead: Lead) -> str:
    """Return where the lead is."""
    return ", ".join(part for part in (say(lead.city), say(lead.country)) if part)


def told_words(feedback: Feedback) -> str:
    """Return what was told: its kind, and of a score the verdict and what it is about."""
    verdict = feedback.payload.get("verdict", "")
    if feedback.type is not FeedbackType.SCORE_ACCURACY or not verdict:
        return say(feedback.type.replace("_", " "))
    part = feedback.payload.get("contribution", "")
    return say(f"score {verdict.replace('_', ' ')}{f': {part}' if part else ''}")


def decided_in_words(entry: Entry) -> str:
    """Say what was decided about a lead and how far that is on its way."""
    item = entry.decision
    if item is None or item.decision is None:
        return ""
    decision = item.decision
    words = f"{SENT.get(item.state, '')} {decision.act.done}"
    return say(f"{words} {decision.reason}" if decision.reason else words)


def why_not(error: TriageError) -> str:
    """Return why marketing's word did not reach the CRM, and what to do; raw text.

    Nothing of it is queued: the hint of what cannot be reached, that decisions are, is left out.
    """
    hint = "" if isinstance(error, Unreachable) and error.hint == error.default_hint else error.hint
    return f"{error.message} {hint}".strip()
