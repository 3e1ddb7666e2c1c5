"""The ways out of a conflict, a refusal and a lost answer. Nothing is sent twice, nothing disappears."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from triage.clock import new_id
from triage.desk.books import Books
from triage.desk.results import Acted
from triage.domain.conflict import obstacle
from triage.domain.item import IN_FLIGHT, NOT_AT_CRM, Item, State
from triage.errors import NotAllowed
from triage.store.outbox import Move


def retry(books: Books, ids: Iterable[str]) -> int:
    """Queue refused items again under their own ids: the CRM does not have them; waiting ones become due.

    All as one record.
    """
    now = books.clock()
    items = [books.outbox.get(item_id) for item_id in ids]
    refused = [item for item in items if item.state is State.REFUSED]
    books.outbox.move(
        Move.to(State.QUEUED, item.id, due_at=now, not_before=None, attempts=0, error="") for item in refused
    )
    waiting = [item for item in items if item.state is State.QUEUED]
    return len(refused) + len(books.outbox.hasten(waiting, now))


def drop(books: Books, ids: Iterable[str]) -> int:
    """Withdraw items; NotAllowed, and none is withdrawn, if the CRM may have one of them."""
    items = [books.outbox.get(item_id) for item_id in ids]
    for item in items:
        if item.state in IN_FLIGHT:
            raise NotAllowed(
                f"{item.id} may have reached the CRM.",
                hint="Run `triage sync`: it asks the CRM. Undo takes it back afterwards.",
            )
        if item.state not in NOT_AT_CRM:
            raise NotAllowed(f"{item.id} is {item.state}.", hint=f"Use `triage undo {item.id}`.")
    return len(books.outbox.move(Move.to(State.WITHDRAWN, item.id) for item in items))


def keep_mine(books: Books, item_id: str) -> Acted:
    """Put a conflicting decision again, under a new id, compared with what the CRM has now."""
    item = books.outbox.get(item_id)
    hindered = obstacle(item)
    if hindered is not None:
        raise NotAllowed(hindered.why, hint=hindered.instead)
    assert item.decision is not None
    assert item.theirs is not None
    if any(later.decision and later.state is State.QUEUED for later in _after(books, item)):
        raise NotAllowed(
            "You have decided this lead again since.", hint="Drop this one: the later decision goes next."
        )
    now = books.clock()
    # On its own: undoing it must not reach the rest of the bulk act that it was part of.
    again = replace(item.decision, decision_id=new_id(now), supersedes=item.id, batch_id=None)
    recorded = books.outbox.add(
        [Item(State.QUEUED, now, decision=again, base=item.theirs.seen)],
        moves=[Move.to(State.SUPERSEDED, item.id)],
    )
    return Acted(items=recorded, entries=books.entries_of([item.lead_id]))


def _after(books: Books, item: Item) -> tuple[Item, ...]:
    """Return what the rep said about the same lead later."""
    return tuple(later for later in books.outbox.of_lead(item.lead_id) if later.seq > item.seq)
