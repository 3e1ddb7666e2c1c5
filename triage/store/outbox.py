"""The outbox: every decision and feedback of a rep, from the moment it is acknowledged until it is archived.

Each method is one transaction, hence one durable record: it returns when the record is on the disk. A change
of state is checked against the state machine inside that transaction, so two processes cannot both claim.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec.structs import replace
from tinydb import Query

from triage.clock import Clock, new_id
from triage.domain.item import UNDELIVERED, Item, State
from triage.domain.lead import LeadId
from triage.errors import StoreError
from triage.store import migrations, seen
from triage.store.disk import Disk
from triage.store.glimpses import (
    STANDING,
    STANDING_VALUES,
    Trace,
    Waiting,
    decided_lead,
    taken_back,
    trace_of,
    waiting_of,
)
from triage.store.packed import Packed
from triage.store.replay import Change
from triage.store.rows import Document, Foreseen, item_document, item_json, item_of, value_document
from triage.store.state import Tables
from triage.store.tiny import JournalDB, JournalTable

ITEMS = "items"
NOTES = "notes"
ERASED = "erased"
"""The note that bytes of what was removed lie in the file still; another value each time."""
_INDEXES = {ITEMS: ("id", "state", "lead_id", "batch_id"), NOTES: ("name",), **seen.INDEXES}
_QUEUED = frozenset({State.QUEUED.value})
_MAY_LEAVE = frozenset({State.QUEUED, State.SENDING, State.UNKNOWN})
"""A sync would send these, or ask the CRM about them, unasked."""


class Move(Struct, frozen=True):
    """A step of one item: to which state, and what else becomes true with it."""

    item_id: str
    state: State
    changes: Mapping[str, Any]

    @classmethod
    def to(cls, state: State, item_id: str, **changes: Any) -> Move:
        """Make a step; `changes` are fields of Item."""
        return cls(item_id, state, changes)


class Outbox:
    """Items in the order in which they were acknowledged."""

    def __init__(
        self, path: Path, clock: Clock, *, disk: Disk | None = None, reads_damaged: bool = False
    ) -> None:
        """`disk` is the operating system, or what a test puts in its place.

        `reads_damaged`: a damaged file opens with what reads, and takes no write; else CorruptJournal.
        """
        self._db = JournalDB(
            path, indexes=_INDEXES, migrations=migrations.OUTBOX, disk=disk, reads_damaged=reads_damaged
        )
        self._clock = clock
        self._ahead: dict[str, Foreseen] = {}
        """Items that may be recorded next, by their ids."""

    @property
    def db(self) -> JournalDB:
        """The database, for compaction and for noticing other processes' writes."""
        return self._db

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Make what is looked at and what is written one: no other process comes between. One record."""
        with self._db.transaction():
            yield

    @property
    def next_number(self) -> int:
        """The number that the next item is given; inside a transaction nobody else takes it."""
        return self._table.next_id

    def write_ahead(self, items: Iterable[Item]) -> None:
        """Make the JSON of items that the next `add` may bring, at other moments: nothing is recorded yet."""
        foreseen = map(Foreseen.of, items)
        self._ahead = {one.item.id: one for one in foreseen if one is not None}

    def add(self, items: Sequence[Item], *, moves: Iterable[Move] = ()) -> tuple[Item, ...]:
        """Record items, and the steps that come with them, as one durable record.

        An id that is already there is left as it is, and given back as it stands.
        """
        with self._db.transaction():
            for move in moves:
                self._move(move)
            asked = {item.id: item for item in items}
            known = self._table.known_by("id", asked)
            added = self._added([item for item_id, item in asked.items() if item_id not in known])
            if len(added) == len(items):
                return tuple(added)
            fresh = {item.id: item for item in added}
            return tuple([fresh.get(item.id) or self.get(item.id) for item in items])

    def move(self, moves: Iterable[Move]) -> tuple[Item, ...]:
        """Take several steps as one durable record; StoreError, and none is taken, if one is not allowed."""
        with self._db.transaction():
            return tuple(self._move(move) for move in moves)

    def step(self, items: Iterable[Item], state: State) -> tuple[Item, ...]:
        """Take the same step with items that were read in the open transaction, as they are there now."""
        with self._db.transaction():
            return tuple([self._step(item, state, {}) for item in items])

    def claim(self, items: Iterable[Item | Waiting]) -> tuple[Item, ...]:
        """Take queued items for sending, durably; those that another process took, or undo, are left out."""
        with self._db.transaction():
            current = [self.get(item.id) for item in items]
            return tuple([self._claimed(item) for item in current if item.state is State.QUEUED])

    def rebase(self, items: Iterable[Item]) -> None:
        """Record the base that queued items are sent with, after an own write moved their lead on."""
        with self._db.transaction():
            for item in items:
                current = self.get(item.id)
                if current.state is State.QUEUED:
                    self._write(replace(current, base=item.base))

    def hasten(self, items: Iterable[Item], now: datetime) -> tuple[Item, ...]:
        """Make queued items due now, whatever their hold or backoff; those that left since are left out."""
        with self._db.transaction():
            queued = [item for item in (self.get(one.id) for one in items) if item.state is State.QUEUED]
            return tuple(self._write(replace(item, due_at=now, not_before=None)) for item in queued)

    def find(self, item_id: str) -> Item | None:
        """Return an item by its id, or None."""
        found = self._table.read_by("id", item_id, item_of)
        return found[0] if found else None

    def get(self, item_id: str) -> Item:
        """Return an item by its id; StoreError when there is none."""
        item = self.find(item_id)
        if item is None:
            raise StoreError(f"There is no item {item_id} in the queue.", hint="`triage queue` lists them.")
        return item

    def all(self) -> tuple[Item, ...]:
        """Return every item, the oldest first."""
        return _in_order(self._table.read(item_of))

    def in_states(self, states: Iterable[State]) -> tuple[Item, ...]:
        """Return the items in any of these states, the oldest first."""
        return _in_order(self._table.read_by_each("state", [state.value for state in states], item_of))

    def of_lead(self, lead_id: LeadId) -> tuple[Item, ...]:
        """Return the items of one lead, the oldest first."""
        return _in_order(self._table.read_by("lead_id", lead_id, item_of))

    def queued_of_lead(self, lead_id: LeadId) -> tuple[Item, ...]:
        """Return the items of one lead that are queued, the oldest first."""
        return self._in_states_of((lead_id,), _QUEUED)

    def standing_of(self, lead_ids: Iterable[LeadId]) -> tuple[Item, ...]:
        """Return the items of some leads that are neither withdrawn nor superseded, the oldest first."""
        return self._in_states_of(lead_ids, STANDING_VALUES)

    def takes_back(self, lead_ids: Iterable[LeadId]) -> frozenset[str]:
        """Return the ids that a standing item of these leads undoes at the CRM; no item is read whole."""
        return frozenset(filter(None, self._table.read_by_each("lead_id", lead_ids, taken_back)))

    def ever_decided(self, lead_ids: Iterable[LeadId] | None = None) -> frozenset[LeadId]:
        """Return the leads, of all or of some, that the rep has decided, even if that was undone since."""
        table = self._table
        found = (
            table.read(decided_lead)
            if lead_ids is None
            else table.read_by_each("lead_id", lead_ids, decided_lead)
        )
        return frozenset(filter(None, found))

    def waiting(self, states: Iterable[State]) -> tuple[Waiting, ...]:
        """Return what is waiting in any of these states, the oldest first."""
        found = self._table.read_by_each("state", [state.value for state in states], waiting_of)
        return tuple(sorted(found, key=_seq))

    def waiting_of_lead(self, lead_id: LeadId) -> tuple[Waiting, ...]:
        """Return the same of one lead, in whatever state."""
        return tuple(sorted(self._table.read_by("lead_id", lead_id, waiting_of), key=_seq))

    def is_alone(self, lead_id: LeadId) -> bool:
        """Whether there is one item of this lead at most."""
        return self._table.count_by("lead_id", lead_id) <= 1

    def of_batch(self, batch_id: str) -> tuple[Item, ...]:
        """Return the items of one bulk act, the oldest first."""
        return _in_order(self._table.read_by("batch_id", batch_id, item_of))

    def standing(self) -> tuple[Item, ...]:
        """Return all items that are neither withdrawn nor superseded, the oldest first."""
        return self.in_states(STANDING)

    def latest(self) -> Iterator[Item]:
        """Yield what is neither withdrawn nor superseded, the newest first; read when it is reached."""
        numbers = (self._table.ids_by("state", state.value) for state in STANDING)
        for number in sorted(chain.from_iterable(numbers), reverse=True):
            yield item_of(self._table.get(doc_id=number), number)

    def since(self, moment: datetime) -> tuple[Item, ...]:
        """Return undelivered items, and all others that changed after a moment, the oldest first."""
        undelivered = {state.value for state in UNDELIVERED}

        def recent(document: Mapping[str, Any], number: int) -> Item | None:
            changed_at: str = document.get("changed_at") or ""
            is_recent = bool(changed_at) and datetime.fromisoformat(changed_at) >= moment
            return item_of(document, number) if is_recent or document["state"] in undelivered else None

        # A query would copy every document before it is looked at: four times as slow for ten thousand.
        return _in_order(item for item in self._table.read(recent) if item is not None)

    def counts(self) -> dict[State, int]:
        """Return how many items are in each state."""
        return {state: self._table.count_by("state", state.value) for state in State}

    def traces(self) -> tuple[Trace, ...]:
        """Return of every item what its age is judged by."""
        return tuple(self._table.read(trace_of))

    def release(self, items: Iterable[Item]) -> int:
        """Let settled items go, as one record; returns how many went.

        One that changed since it was looked at stays, and so does one whose lead has something undelivered.
        """
        with self._db.transaction():
            return self.erase(
                item.id for item in items if self.find(item.id) == item and self._is_quiet(item.lead_id)
            )

    def erase(self, ids: Iterable[str]) -> int:
        """Let items go, whatever their state, as one record; their bytes go with the next compaction."""
        with self._db.transaction():
            found = (self._table.ids_by("id", item_id)[:1] for item_id in ids)
            gone = self._table.remove(doc_ids=list(chain.from_iterable(found)))
            if gone:
                self.remember(ERASED, new_id())
        return len(gone)

    def redact(self, items: Collection[Item]) -> None:
        """Put items in the place of those of the same ids: less is said in them, and no state is another."""
        with self._db.transaction():
            for item in items:
                self._write(item)
            if items:
                self.remember(ERASED, new_id())

    def note(self, name: str) -> Any:
        """Return a remembered value (a cursor, a pause, a choice), or None."""
        found = self._db.table(NOTES).one_by("name", name)
        return found["value"] if found else None

    def remember(self, name: str, value: Any) -> None:
        """Keep a JSON value under a name, durably; nothing is written when it is the same already."""
        if self.note(name) == value:
            return
        with self._db.transaction():
            self._db.table(NOTES).upsert({"name": name, "value": value}, Query().name == name)

    def close(self) -> None:
        """Close the files."""
        self._db.close()

    @property
    def _table(self) -> JournalTable:
        return self._db.table(ITEMS)

    def _in_states_of(self, lead_ids: Iterable[LeadId], states: Collection[str]) -> tuple[Item, ...]:
        def read(document: Mapping[str, Any], number: int) -> Item | None:
            return item_of(document, number) if document["state"] in states else None

        return _in_order(filter(None, self._table.read_by_each("lead_id", lead_ids, read)))

    def _is_quiet(self, lead_id: LeadId) -> bool:
        states = self._table.read_by("lead_id", lead_id, lambda document, _id: document["state"])
        return UNDELIVERED.isdisjoint(states)

    def _added(self, items: Collection[Item]) -> list[Item]:
        now, ahead = self._clock(), self._ahead
        self._ahead = {}
        documents = [_document(item, item.changed_at or now, ahead.get(item.id)) for item in items]
        numbers = self._table.put_all(documents)
        return [_numbered(item, number, now) for item, number in zip(items, numbers, strict=True)]

    def _move(self, move: Move) -> Item:
        return self._step(self.get(move.item_id), move.state, move.changes)

    def _claimed(self, item: Item) -> Item:
        return self._step(item, State.SENDING, {"attempts": item.attempts + 1})

    def _step(self, item: Item, state: State, changes: Mapping[str, Any]) -> Item:
        if not item.may_become(state):
            raise StoreError(
                f"An item that is {item.state} cannot become {state} ({item.id}).",
                hint="Look at it again with `triage queue`: it may have been sent in the meantime.",
            )
        changed = {"state": state, "changed_at": self._clock(), **changes}
        # Most of an item is what the rep saw, and stays as it is written down.
        self._table.merge({name: value_document(value) for name, value in changed.items()}, item.seq)
        return replace(item, **changed)

    def _write(self, item: Item) -> Item:
        self._table.merge(item_document(item), item.seq)
        return item


def held_back(changes: Sequence[Change], why: str, now: datetime) -> list[Change]:
    """Return the changes that salvage kept, and one more: nothing undelivered leaves without the rep's word.

    This is no step of the state machine: what the lost records said of these items is not known.
    """
    tables = Tables()
    for change in changes:
        tables.apply(change)
    held = {"state": State.REFUSED.value, "error": why, "changed_at": value_document(now)}
    rows = tables.table(ITEMS).rows()
    unsure = {str(doc_id): {**row, **held} for doc_id, row in rows.items() if row["state"] in _MAY_LEAVE}
    return [*changes, {ITEMS: {"p": unsure}}] if unsure else [*changes]


def _document(item: Item, changed_at: datetime, ahead: Foreseen | None) -> Packed | Document:
    """Return what is kept of an item: as it was written ahead, if this very one was."""
    return (ahead and ahead.json(item, changed_at)) or item_json(item, changed_at)


def _numbered(item: Item, number: int, now: datetime) -> Item:
    """Return an item as it was recorded; one that foresaw its number is that already."""
    if item.seq == number and item.changed_at is not None:
        return item
    return replace(item, seq=number, changed_at=item.changed_at or now)


def _seq(one: Waiting) -> int:
    return one.seq


def _in_order(items: Iterable[Item]) -> tuple[Item, ...]:
    return tuple(sorted(items, key=lambda item: item.seq))
