"""What is next from marketing: what was promised in reply and is not delivered yet. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from triage.domain.review import Reply, ReplyKind
from triage.domain.review_words import words_of
from triage.domain.reviewing import NEVER, Matter, Reviewed, matters_of
from triage.insights.evidence import Evidence
from triage.insights.figure import Column, Figure, Insight, Row, Unit, count, words

MOST = 20
"""Lines that a meeting can go through."""
_COLUMNS = (
    Column("plan", "plan", Unit.TEXT),
    Column("items", "items"),
    Column("promised", "first promised", Unit.TEXT),
    Column("age_days", "since", Unit.DAYS),
    Column("link", "link", Unit.TEXT),
)
_KEPT = frozenset({ReplyKind.CHANGED, ReplyKind.DELIVERED, ReplyKind.NO_CHANGE})
"""What ends a promise."""


class Promise(Struct, frozen=True):
    """One `planned`, and what it answers."""

    reply: Reply
    about: str
    lead_id: str


def coming(evidence: Evidence) -> Insight:
    """Return what marketing plans, by what it answers: what most have asked for first."""
    groups: dict[str, list[Promise]] = {}
    for promise in _promises(evidence):
        groups.setdefault(promise.about, []).append(promise)
    ordered = sorted(groups.values(), key=lambda group: (-len(group), group[0].about))
    return Insight(
        name="next_from_marketing",
        title="What marketing has planned",
        asks="What has marketing promised, in reply to what?",
        formula=(
            "Replies “planned” that no later “changed”, “delivered” or “no_change” "
            "to the same item has ended."
        ),
        columns=_COLUMNS,
        rows=tuple(_rows(ordered, evidence.now)),
        first_column="in reply to",
    )


def _rows(groups: Sequence[list[Promise]], now: datetime) -> Iterator[Row]:
    """Yield a line for each of the first, one for all others, and one of the sums."""
    for group in groups[:MOST]:
        yield _row(group[0].about, group, now)
    if rest := groups[MOST:]:
        others = [promise for group in rest for promise in group]
        yield _row(f"{len(rest)} others", others, now, is_sum=True)
    if groups:
        every = [promise for group in groups for promise in group]
        yield _row("all that is planned", every, now, is_sum=True, is_total=True)


def _row(
    label: str, group: Sequence[Promise], now: datetime, *, is_sum: bool = False, is_total: bool = False
) -> Row:
    """Return a line; one that sums up others names none of their plans."""
    first = min((one.reply.at for one in group if one.reply.at), default=None)
    leads = count(promise.lead_id for promise in group)
    plans = "" if is_sum else _told(promise.reply.text.strip() for promise in group)
    links = "" if is_sum else _told(promise.reply.link or "" for promise in group)
    figures = (
        words(plans),
        leads,
        words(f"{first:%Y-%m-%d}" if first else ""),
        Figure((now - first) / timedelta(days=1) if first else None),
        words(links),
    )
    return Row(label, figures, leads.lead_ids, is_total)


def _told(texts: Iterable[str]) -> str:
    """Return each text once, in their order."""
    return " / ".join(dict.fromkeys(text for text in texts if text))


def _promises(evidence: Evidence) -> Iterator[Promise]:
    items: tuple[Reviewed, ...] = (*evidence.decisions, *evidence.feedback)
    for matter in matters_of(items, evidence.definition, evidence.reasons, evidence.now):
        if reply := _open_promise(matter):
            about = words_of(matter, evidence.reasons, evidence.definition)
            yield Promise(reply, about, matter.item.lead_id)


def _open_promise(matter: Matter) -> Reply | None:
    """Return the last thing marketing planned, unless it was done or given up since."""
    for reply in sorted(matter.item.replies, key=lambda one: one.at or NEVER, reverse=True):
        if reply.kind in _KEPT:
            return None
        if reply.kind is ReplyKind.PLANNED:
            return reply
    return None
