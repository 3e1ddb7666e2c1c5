"""What the CRM's answers mean here: steps in the outbox, and the lead as our own write left it."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from msgspec.structs import replace

from triage.domain.conflict import is_out_of_reach, what_others_did
from triage.domain.item import Item, State
from triage.domain.lead import LeadId
from triage.domain.outcome import (
    Already,
    Applied,
    Conflicted,
    Outcome,
    Receipt,
    Refused,
    RetryLater,
    Unknown,
    said_of_lead,
)
from triage.store.leads import Leads
from triage.store.outbox import Move, Outbox
from triage.sync.claim import keep_item_pauses, keep_pause, original_of
from triage.sync.policy import backoff, pause

NOT_MENTIONED = Unknown("the CRM's answer does not mention it")
Answers = Mapping[str, Outcome]


def record(
    outbox: Outbox,
    leads: Leads,
    batch: Sequence[Item],
    answers: Answers,
    now: datetime,
    *,
    counted: bool,
    pause_for: float | None = None,
) -> tuple[Item, ...]:
    """Record what became of each item of a batch as one durable record; the cache follows.

    An id that the answers do not mention is of unknown outcome. `counted` is False where the attempt
    says nothing about the item itself; `pause_for` are seconds in which the CRM wants nothing at all.
    """
    complete = {item.id: answers.get(item.id, NOT_MENTIONED) for item in batch}
    moves = [_move(item, complete[item.id], now, counted=counted) for item in batch]
    receipts = {
        item.lead_id: answer.receipt
        for item in batch
        if item.decision is not None and isinstance(answer := complete[item.id], Applied | Already)
    }
    with outbox.transaction():
        moved = outbox.move([*moves, *_taken_back(outbox, batch, complete)])[: len(batch)]
        if pause_for is None:
            keep_item_pauses(outbox, _item_pauses(complete), now)
        else:
            keep_pause(outbox, pause_for, now)
        for lead_id, receipt in receipts.items():
            _move_base_on(outbox, lead_id, receipt)
    _move_leads_on(leads, receipts, now)
    _let_go(leads, batch, complete)
    return moved


def _move(item: Item, answer: Outcome, now: datetime, *, counted: bool) -> Move:
    match answer:
        case Applied(receipt) | Already(receipt):
            return Move.to(State.APPLIED, item.id, receipt=receipt, error="", theirs=None, not_before=None)
        case Conflicted(theirs):
            return Move.to(State.CONFLICT, item.id, theirs=theirs, error=what_others_did(item, theirs))
        case Refused(messages):
            return Move.to(State.REFUSED, item.id, error=" · ".join(messages))
        case RetryLater():
            return _put_back(item, answer, now, counted=counted)
        case Unknown(why):
            return Move.to(State.UNKNOWN, item.id, error=why)


def _put_back(item: Item, answer: RetryLater, now: datetime, *, counted: bool) -> Move:
    wait = pause(answer.after)
    if wait is None:
        wait = backoff(item.attempts, random.random) if counted else timedelta()
    attempts = item.attempts if counted else max(item.attempts - 1, 0)
    return Move.to(State.QUEUED, item.id, error=answer.why, not_before=now + wait, attempts=attempts)


def _taken_back(outbox: Outbox, batch: Sequence[Item], answers: Answers) -> list[Move]:
    """Return the steps of the originals that applied items took back at the CRM."""
    applied = (item for item in batch if isinstance(answers[item.id], Applied | Already))
    originals = (original_of(outbox, item) for item in applied)
    return [
        Move.to(State.SUPERSEDED, original.id)
        for original in originals
        if original is not None and original.may_become(State.SUPERSEDED)
    ]


def _item_pauses(answers: Answers) -> dict[str, float]:
    """Return the items that are to come later, with the seconds."""
    later = {item_id: answer.after for item_id, answer in answers.items() if isinstance(answer, RetryLater)}
    return {item_id: seconds for item_id, seconds in later.items() if seconds}


def _move_base_on(outbox: Outbox, lead_id: LeadId, receipt: Receipt) -> None:
    """Tell the rep's own later decisions on the lead what this write made of it."""
    if receipt.seen is None:
        return
    later = [one for one in outbox.queued_of_lead(lead_id) if one.decision]
    if later:
        outbox.rebase(replace(one, base=receipt.seen) for one in later)


def _let_go(leads: Leads, batch: Sequence[Item], answers: Answers) -> None:
    """Tell the cache of leads that are the rep's no more, as a conflict says: no list waits for a fetch."""
    lost = [
        item.lead_id
        for item in batch
        if isinstance(answer := answers[item.id], Conflicted) and is_out_of_reach(item, answer.theirs)
    ]
    if lost:
        leads.merge((), lost, keep=lost, cursor=leads.note("cursor"))


def _move_leads_on(leads: Leads, receipts: Mapping[LeadId, Receipt], now: datetime) -> None:
    """Tell the cache what these writes made of the leads."""
    leads.amend({one: {**said_of_lead(receipt), "fetched_at": now} for one, receipt in receipts.items()})
