"""Undo: before sending it withdraws, afterwards a new item takes the effect back. Both are kept."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from triage.clock import new_id
from triage.desk.books import Books
from triage.desk.results import Undone
from triage.domain.act import Act
from triage.domain.archived import Archived
from triage.domain.decision import Decision, Shown, Snapshot
from triage.domain.feedback import Feedback, FeedbackType
from triage.domain.item import EFFECTIVE, IN_FLIGHT, NOT_AT_CRM, Item, State
from triage.errors import NotAllowed

_SETTLED = frozenset({State.WITHDRAWN, State.SUPERSEDED})
_TOLD = {FeedbackType.SCORE_ACCURACY: "score verdict"}


def undo(books: Books, item_id: str | None) -> Undone:
    """Undo the act that an item belongs to, the last one when none is named; one record for all its leads."""
    now = books.clock()
    found = _named(books, item_id) if item_id else latest_act(books)
    if not found:
        raise NotAllowed("There is nothing to undo.")
    final = {item.id: words for item in found if (words := _final_words(books, item))}
    originals = tuple(item for item in found if item.id not in final)
    if not originals:
        raise NotAllowed(
            final[found[0].id], hint="Change it in the CRM. `triage undo ID` undoes what came before."
        )
    withdrawn = {
        item.id: item
        for item in books.outbox.step(
            (item for item in originals if item.state in NOT_AT_CRM), State.WITHDRAWN
        )
    }
    sent = [item for item in originals if item.id not in withdrawn]
    batch_id = new_id(now) if len(sent) > 1 else None
    recorded = books.outbox.add([_compensation(books, item, batch_id, now) for item in sent])
    return Undone(
        what=in_words(originals),
        withdrawn=len(withdrawn),
        compensated=len(recorded),
        waiting=sum(item.state in IN_FLIGHT for item in sent),
        items=(*(withdrawn.get(item.id, item) for item in originals), *recorded),
        entries=books.entries_of(item.lead_id for item in originals),
    )


def in_words(items: tuple[Item, ...]) -> str:
    """Say what an act was: "3 rejected", "20 score verdicts"."""
    first, count = items[0], len(items)
    if first.decision is not None:
        return f"{count} {first.decision.act.done}"
    kind = first.feedback.type if first.feedback else FeedbackType.NOTE
    words = _TOLD.get(kind, kind.replace("_", " "))
    return f"{count} {words}{'s' if count > 1 and kind is not FeedbackType.KUDOS else ''}"


def latest_act(books: Books) -> tuple[Item, ...]:
    """Return the items of the latest act that still stands and is no undo; empty where there is none."""
    for item in books.outbox.latest():
        if item.takes_back is None and _can_be_undone(item, _taken_back(books, (item,))):
            batch = books.outbox.of_batch(item.batch_id) if item.batch_id else (item,)
            taken_back = _taken_back(books, batch)
            return tuple(found for found in batch if _can_be_undone(found, taken_back))
    return ()


def _final_words(books: Books, item: Item) -> str:
    """Say that the CRM has what it cannot take back; empty for all else."""
    if item.decision is None or item.state not in EFFECTIVE:
        return ""
    return books.provided().final_words(item.decision.act)


def _named(books: Books, item_id: str) -> tuple[Item, ...]:
    item = books.outbox.find(item_id)
    if item is None:
        batch = books.outbox.of_batch(item_id)
        if not batch:
            raise NotAllowed(f"There is nothing to undo under {item_id}.", hint="`triage queue` lists ids.")
    else:
        batch = (item,)
    taken_back = _taken_back(books, batch)
    standing = tuple(found for found in batch if _can_be_undone(found, taken_back))
    if not standing:
        raise _hindered(batch[0], taken_back)
    return standing


def put_away(archived: Iterable[Archived], item_id: str) -> NotAllowed | None:
    """Return why an act that was archived is not undone; None where the archive does not hold it."""
    if not any(item_id in (row.id, row.batch_id) for row in archived):
        return None
    return NotAllowed(
        f"{item_id} was settled long ago and put away: it cannot be undone here.",
        hint="Decide the lead again, or change it in the CRM.",
    )


def _hindered(item: Item, taken_back: frozenset[str]) -> NotAllowed:
    """Return why an item cannot be undone."""
    if item.takes_back:
        return NotAllowed(
            "That is an undo itself, and an undo is not undone.",
            hint="Decide the lead again; an undo that was not sent yet can be dropped in the queue.",
        )
    if item.id in taken_back and item.state not in _SETTLED:
        return NotAllowed(f"An undo of {item.id} is on its way already.")
    if item.state is State.SUPERSEDED:
        return NotAllowed(
            f"Something else took the place of {item.id}: it was undone, or decided again.",
            hint="`triage undo` without an id undoes what stands.",
        )
    return NotAllowed(f"{item.id} is undone already.")


def _taken_back(books: Books, items: tuple[Item, ...]) -> frozenset[str]:
    """Return the ids that a compensation is already under way for."""
    return books.outbox.takes_back({item.lead_id for item in items})


def _can_be_undone(item: Item, taken_back: frozenset[str]) -> bool:
    return item.state not in _SETTLED and item.id not in taken_back and not item.takes_back


def _compensation(books: Books, item: Item, batch_id: str | None, now: datetime) -> Item:
    """Return the item that takes back what the CRM has, or may have, applied; due at once."""
    if item.decision is not None:
        return Item(State.QUEUED, now, decision=_restore(books, item, item.decision, batch_id, now))
    return Item(
        State.QUEUED,
        now,
        feedback=Feedback(
            feedback_id=new_id(now),
            lead_id=item.lead_id,
            type=FeedbackType.RETRACTION,
            payload={},
            created_at=now,
            batch_id=batch_id,
            supersedes=item.id,
            routed_to=item.feedback.routed_to if item.feedback else "",
        ),
    )


def _restore(books: Books, item: Item, original: Decision, batch_id: str | None, now: datetime) -> Decision:
    cached = books.leads.find(item.lead_id)
    blind = original.snapshot.blind and not original.act.decides
    snapshot = (
        Snapshot.of(cached.lead, books.definition(), Shown(), blind=blind)
        if cached is not None
        else original.snapshot
    )
    return Decision(
        decision_id=new_id(now),
        lead_id=item.lead_id,
        act=Act.RESTORE,
        decided_at=now,
        snapshot=snapshot,
        of=original.decision_id,
        supersedes=original.decision_id,
        batch_id=batch_id,
        skew_ms=books.skew_ms(),
    )
