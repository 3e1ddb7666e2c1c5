"""What the portal keeps: records with the history of their properties, and what search has seen of them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from tests.hubspot.portal.kinds import KINDS, Kind
from tests.hubspot.portal.stamps import RecordClock, iso

Values = Mapping[str, str]


@dataclass(frozen=True)
class Author:
    """Who wrote a value, as a property's history tells it."""

    source_type: str
    source_id: str = ""
    label: str = ""
    user_id: int | None = None


KEY = Author("INTEGRATION", "3001", "triage key")
SYSTEM = Author("CRM_SETTING", "", "")


@dataclass(frozen=True)
class Version:
    value: str
    at: datetime
    author: Author


@dataclass(slots=True)
class Record:
    """One record. `properties` is replaced with each write, never changed: search may still hold the one before."""

    kind: Kind
    id: str
    properties: dict[str, str]
    created: datetime
    updated: datetime
    author: Author = SYSTEM
    archived_at: datetime | None = None
    history: dict[str, list[Version]] = field(default_factory=dict)
    """The newest last; a property that was not written since the record began is not in it."""
    indexed: dict[str, str] | None = None
    """What search has seen; None: nothing."""
    indexed_by: int = 0

    def versions(self, name: str) -> list[Version]:
        """The values a property had, the newest first."""
        if name in self.history:
            return self.history[name][::-1]
        value = self.properties.get(name)
        return [] if value is None else [Version(value, self.created, self.author)]


class Index:
    """What search knows: a write arrives there `lag` seconds after it was made."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._coming: deque[tuple[float, int, Record, dict[str, str] | None]] = deque()
        self._count = 0
        self.lag = 0.0
        self.version = 0

    def take(self, record: Record) -> None:
        seen = None if record.archived_at else record.properties
        self._count += 1
        self._coming.append((self._now() + self.lag, self._count, record, seen))
        self.catch_up()

    def catch_up(self) -> None:
        while self._coming and self._coming[0][0] <= self._now():
            _, count, record, seen = self._coming.popleft()
            if count > record.indexed_by:
                record.indexed, record.indexed_by = seen, count
                self.version += 1


class Records:
    """All records by kind and id, in the order of their ids."""

    def __init__(self, clock: RecordClock, index: Index) -> None:
        self._clock = clock
        self._index = index
        self._next = {kind.name: kind.first_id for kind in KINDS}
        self.of: dict[str, dict[str, Record]] = {kind.name: {} for kind in KINDS}
        self.merged: dict[tuple[str, str], str] = {}
        """Ids that went up in others: a batch read leaves them out without a word."""

    def get(self, kind: Kind, record_id: str, *, archived: bool = False) -> Record | None:
        record = self.of[kind.name].get(record_id)
        if record is None or (record.archived_at is not None) is not archived:
            return None
        return record

    def live(self, kind: Kind) -> Iterable[Record]:
        return (record for record in self.of[kind.name].values() if record.archived_at is None)

    def add(
        self, kind: Kind, values: Values, *, author: Author = SYSTEM, at: datetime | None = None
    ) -> Record:
        at = at or self._clock.stamp()
        record_id = str(self._next[kind.name])
        self._next[kind.name] += 1
        properties = {
            **values,
            "hs_object_id": record_id,
            kind.created: iso(at),
            kind.modified: iso(at),
        }
        record = Record(kind, record_id, properties, at, at, author)
        self.of[kind.name][record_id] = record
        self._index.take(record)
        return record

    def write(self, record: Record, values: Values, *, author: Author) -> None:
        """Set properties; an empty value clears one. The record counts as modified in any case."""
        at = self._clock.stamp()
        for name, value in values.items():
            if value != record.properties.get(name, ""):
                known = record.history.setdefault(name, record.versions(name)[::-1])
                known.append(Version(value, at, author))
        together = {**record.properties, **values, record.kind.modified: iso(at)}
        record.properties = {name: value for name, value in together.items() if value != ""}
        record.updated = at
        self._index.take(record)

    def archive(self, record: Record) -> None:
        record.archived_at = self._clock.stamp()
        record.updated = record.archived_at
        self._index.take(record)

    def remove(self, record: Record) -> None:
        """Take it away for good: not even the recycle bin has it."""
        self.archive(record)
        del self.of[record.kind.name][record.id]
        record.indexed, record.indexed_by = None, record.indexed_by + 1_000_000
        self._index.version += 1
