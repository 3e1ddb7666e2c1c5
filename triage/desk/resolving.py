"""The ways out of a conflict, a refusal and a lost answer. Nothing is sent twice, nothing disappears.

What was dropped is remembered by its id, so that undo can bring it back: as another item, for what is
withdrawn stays withdrawn.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import takewhile
from typing import Any

from msgspec.structs import replace

from triage.clock import new_id
from triage.desk.books import Books
from triage.desk.results import Acted, Undone
from triage.domain.conflict import obstacle
from triage.domain.item import IN_FLIGHT, NOT_AT_CRM, Item, State
from triage.errors import NotAllowed
from triage.store.outbox import Move

DROPPED = "dropped"
"""The outbox's note of what was dropped, the latest last: [highest number there was, [[id, state], …]]."""
BROUGHT_BACK = "brought_back"
"""The outbox's note of the numbers under which dropped items came back: that is no act of its own."""
DROPS_KEPT = 20


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
    _remember(books, items)
    return len(books.outbox.move(Move.to(State.WITHDRAWN, item.id) for item in items))


def undo_drop(books: Books) -> Undone | None:
    """Bring back what was dropped last, as it stood; None where nothing was, or something was done since.

    What the rep has decided otherwise in the meantime stays as it is.
    """
    dropped, rest = _next_drop(books)
    if not dropped:
        return None
    recorded = books.outbox.add([_again(books, item, state) for item, state in dropped])
    came_back = [*(books.outbox.note(BROUGHT_BACK) or ()), *(item.seq for item in recorded)]
    books.outbox.remember(DROPPED, rest)
    books.outbox.remember(BROUGHT_BACK, came_back if rest else [])
    entries = books.entries_of(item.lead_id for item in recorded)
    return Undone(what=_dropped_words(recorded), items=recorded, entries=entries)


def next_drop(books: Books) -> tuple[Item, ...]:
    """Return what `undo_drop` would bring back, withdrawn as it is now."""
    return tuple(item for item, _state in _next_drop(books)[0])


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


def _drops(books: Books) -> list[Any]:
    """Return what was dropped, the latest last, as `DROPPED` holds it."""
    return list(books.outbox.note(DROPPED) or ())


def _remember(books: Books, items: list[Item]) -> None:
    if items:
        newest = next((item.seq for item in books.outbox.latest()), 0)
        drop = [newest, [[item.id, item.state.value] for item in items]]
        books.outbox.remember(DROPPED, [*_drops(books), drop][-DROPS_KEPT:])


def _next_drop(books: Books) -> tuple[list[tuple[Item, State]], list[Any]]:
    """Return the latest drop that can come back, each item with its state before; and the drops before it."""
    drops = _drops(books)
    while drops:
        newest, dropped = drops.pop()
        if _acted_since(books, newest):
            break
        found = [(books.outbox.find(item_id), State(state)) for item_id, state in dropped]
        items = [(item, state) for item, state in found if item is not None and _can_come_back(books, item)]
        if items:
            return items, drops
    return [], []


def _acted_since(books: Books, newest: int) -> bool:
    """Whether an act stands that is newer than a drop; the undo of an act is none."""
    no_acts = frozenset(books.outbox.note(BROUGHT_BACK) or ())
    later = takewhile(lambda item: item.seq > newest, books.outbox.latest())
    return any(item.takes_back is None and item.seq not in no_acts for item in later)


def _can_come_back(books: Books, item: Item) -> bool:
    if item.state is not State.WITHDRAWN:
        return False
    return item.decision is None or not any(later.decision for later in _standing_after(books, item))


def _again(books: Books, item: Item, state: State) -> Item:
    """Return a dropped item under another id: held anew where it was queued, else stuck as it was.

    On its own: undoing it must not reach the rest of the bulk act that it was part of.
    """
    now = books.clock()
    decision = item.decision and replace(item.decision, decision_id=new_id(now), batch_id=None)
    feedback = item.feedback and replace(item.feedback, feedback_id=new_id(now), batch_id=None)
    back = replace(item, state=state, decision=decision, feedback=feedback, seq=0)
    if back.state is State.QUEUED:
        return replace(back, due_at=now + books.hold, not_before=None, attempts=0, error="")
    return back


def _standing_after(books: Books, item: Item) -> tuple[Item, ...]:
    settled = (State.WITHDRAWN, State.SUPERSEDED)
    return tuple(later for later in _after(books, item) if later.state not in settled)


def _dropped_words(items: tuple[Item, ...]) -> str:
    return "a drop" if len(items) == 1 else f"{len(items)} drops"
