"""What sales asks marketing to make: by how many accounts stand behind it, and how long it has waited."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from triage.domain.review import ReplyKind, ReviewedFeedback
from triage.insights.evidence import Evidence
from triage.insights.figure import (
    Chart,
    ChartKind,
    Column,
    Figure,
    Finding,
    Insight,
    Row,
    Unit,
    count,
    words,
)
from triage.insights.sameness import account_of, distinct, distinct_reps, grouped, same, short, text_of

_STATES = {
    ReplyKind.PLANNED: "planned",
    ReplyKind.CHANGED: "delivered",
    ReplyKind.DELIVERED: "delivered",
    ReplyKind.NO_CHANGE: "declined",
}
"""What a reply makes of a request; another kind leaves it as it is."""
_COLUMNS = (
    Column("accounts", "accounts"),
    Column("times", "asked for"),
    Column("plus_ones", "of these +1"),
    Column("reps", "reps"),
    Column("oldest", "oldest", Unit.DAYS),
    Column("state", "state", Unit.TEXT),
    Column("asset_type", "as", Unit.TEXT),
    Column("needed_by", "needed by", Unit.TEXT),
)
_FORMULA = (
    "Content requests of the period by topic; a +1 counts for the topic of the request it names. Ranked by "
    "different accounts, then by how often. Oldest = days since the first of them, up to now. State by the "
    "newest answer to any of them: open, answered, planned, delivered or declined."
)
_FEWEST = 3
"""Accounts from which on an open request is worth a finding."""
_OPEN = ("open", "answered")


def of(evidence: Evidence) -> Insight:
    """Rank what was asked for by distinct accounts."""
    told = [one for one in evidence.told if one.type == "content_request"]
    topics = _topics(evidence.feedback)
    groups = grouped(told, lambda one: same(_topic(one, topics)))
    rows = [_row(_topic(some[0], topics), some, evidence.now) for some in groups.values()]
    rows.sort(key=lambda row: (-_accounts(row), -(row.figures[1].value or 0), row.label))
    return Insight(
        name="content",
        title="Content that sales asks for",
        asks="What would help to sell, and who waits for it?",
        formula=_FORMULA,
        columns=_COLUMNS,
        rows=tuple(rows),
        findings=tuple(_wanted(rows)),
        notes=() if told else ("No content was asked for in this period.",),
        chart=Chart(ChartKind.BARS, ("accounts",)),
        first_column="topic",
    )


def _topics(feedback: Iterable[ReviewedFeedback]) -> dict[str, str]:
    """Return the topic of each request that was opened, of all time: a +1 names its id and no topic."""
    opened = (one for one in feedback if one.type == "content_request" and text_of(one.payload, "topic"))
    topics: dict[str, str] = {}
    for one in opened:
        for request_id in (one.feedback_id, one.batch_id):
            if request_id:
                topics.setdefault(request_id, text_of(one.payload, "topic"))
    return topics


def _topic(one: ReviewedFeedback, topics: dict[str, str]) -> str:
    asked = text_of(one.payload, "request_id")
    return topics.get(asked) or text_of(one.payload, "topic") or asked or "no topic"


def _row(topic: str, told: Sequence[ReviewedFeedback], now: datetime) -> Row:
    first = min((one.created_at for one in told if one.created_at is not None), default=None)
    leads = tuple(dict.fromkeys(one.lead_id for one in told))
    figures = (
        distinct((account_of(one.lead), one.lead_id) for one in told),
        count(one.lead_id for one in told),
        count(one.lead_id for one in told if text_of(one.payload, "request_id")),
        distinct_reps(told),
        Figure() if first is None else Figure((now - first) / timedelta(days=1), lead_ids=leads),
        words(_state(told)),
        words(_first_text(told, "asset_type")),
        words(min((day for one in told if (day := text_of(one.payload, "needed_by"))), default="")),
    )
    return Row(topic, figures, leads)


def _first_text(told: Iterable[ReviewedFeedback], name: str) -> str:
    return next((text for one in told if (text := text_of(one.payload, name))), "")


def _state(told: Iterable[ReviewedFeedback]) -> str:
    """Return what the newest answer that decides made of it."""
    replies = [reply for one in told for reply in one.replies]
    deciding = [reply for reply in replies if reply.kind in _STATES]
    if deciding:
        return _STATES[max(deciding, key=lambda reply: reply.at.timestamp() if reply.at else 0).kind]
    return "answered" if replies else "open"


def _wanted(rows: Iterable[Row]) -> Iterator[Finding]:
    """Yield what most accounts ask for, and what most of them wait for."""
    rows = tuple(rows)
    waiting = next((row for row in rows if row.figures[5].text in _OPEN), None)
    if rows and _accounts(rows[0]) >= _FEWEST:
        yield _finding("Most wanted", rows[0])
    if waiting is not None and waiting is not rows[0] and _accounts(waiting) >= _FEWEST:
        yield _finding("Most wanted of what nobody has planned", waiting)


def _finding(said: str, row: Row) -> Finding:
    accounts, times, plus_ones, *_, state, _, _ = row.figures
    text = f"{said}: “{short(row.label)}”, for {accounts.value:,} accounts, asked for {times.value:,} times"
    return Finding(f"{text}, {plus_ones.value:,} of these +1; {state.text}.", row.lead_ids, row=row.label)


def _accounts(row: Row) -> float:
    return row.figures[0].value or 0
