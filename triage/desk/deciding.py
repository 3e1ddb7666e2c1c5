"""Deciding: what a wish would do is shown, then recorded: one durable record for all its leads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from msgspec.structs import replace

from triage.desk.books import Books
from triage.desk.results import Acted, Preview, PreviewedLead, Warned
from triage.desk.weighing import Plan, Ready, Wish, weigh
from triage.domain.decision import Decision, Shown
from triage.domain.entry import Entry
from triage.domain.item import Item, State
from triage.domain.lead import LeadId
from triage.store.outbox import Move

__all__ = ["Plan", "Wish", "as_shown", "decide", "items", "preview", "weigh"]


def preview(planned: Plan) -> Preview:
    """Say what would be recorded, lead by lead."""
    allowed = tuple(
        PreviewedLead(one.lead_id, one.filled.params, one.filled.disagrees_with, one.warning)
        for one in planned.ready
    )
    return Preview(allowed, planned.skipped)


def as_shown(planned: Plan, shown: Mapping[LeadId, Shown]) -> Plan:
    """Return a plan whose snapshots say how the leads were on the screen."""
    ready = []
    for one in planned.ready:
        snapshot = replace(one.draft.snapshot, shown=shown.get(one.lead_id, Shown()))
        ready.append(replace(one, draft=replace(one.draft, snapshot=snapshot)))
    return replace(planned, ready=tuple(ready))


def decide(
    books: Books,
    lead_ids: Sequence[LeadId],
    wish: Wish,
    shown: Mapping[LeadId, Shown],
    planned: Plan | None = None,
) -> Acted:
    """Record the wish on every lead that allows it, with what each replaces, as one record.

    Inside the outbox's transaction: a plan that was made before is taken only if it still holds there.
    """
    now = books.clock()
    if planned is None or not planned.holds(books, lead_ids, wish, now):
        planned = weigh(books, lead_ids, wish, now)
    if not planned.ready:
        return Acted(items=(), skipped=planned.skipped)
    drafts = [one.draft for one in planned.ready]
    superseded = [Move.to(State.SUPERSEDED, one.supersedes) for one in drafts if one.supersedes]
    recorded = books.outbox.add(items(books, planned, shown, now), moves=superseded)
    return Acted(
        items=recorded,
        skipped=planned.skipped,
        warnings=_warned(planned.ready),
        entries=tuple(_entry(books, one, item) for one, item in zip(planned.ready, recorded, strict=True)),
        batch_id=planned.batch_id,
    )


def items(books: Books, planned: Plan, shown: Mapping[LeadId, Shown], now: datetime) -> list[Item]:
    """Return what a plan would record at a moment."""
    due_at, unseen, number = now + books.hold, Shown(), books.outbox.next_number
    return [
        Item(
            state=State.QUEUED,
            due_at=due_at,
            decision=_decision(one.draft, shown.get(one.lead_id, unseen), now),
            seq=seq,
            base=one.base,
            changed_at=now,
        )
        for seq, one in enumerate(planned.ready, number)
    ]


def _decision(draft: Decision, shown: Shown, now: datetime) -> Decision:
    """Return a draft as it is recorded now."""
    snapshot = draft.snapshot if draft.snapshot.shown == shown else replace(draft.snapshot, shown=shown)
    return replace(draft, decided_at=now, snapshot=snapshot)


def _entry(books: Books, ready: Ready, item: Item) -> Entry:
    """Return a lead as its decision leaves it: with its score, unless that is hidden until a later one."""
    bare = ready.undecided
    entry = Entry(bare.outline, bare.read, item, bare.feedback, bare.gone, answers=bare.answers)
    stays_blind = ready.draft.snapshot.blind and not ready.draft.act.decides
    return books.blinded(entry) if stays_blind else entry


def _warned(ready: Iterable[Ready]) -> tuple[Warned, ...]:
    counted = Counter(one.warning for one in ready if one.warning)
    return tuple(Warned(why, count) for why, count in counted.most_common())
