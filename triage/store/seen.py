"""Which of marketing's replies the rep has seen, and which events were told: marks that outlive the cache.

They lie beside the items, in the outbox, for what is in the cache may be dropped and fetched again. A mark is
an id and a moment, nothing of what it is about.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from tinydb import Query

from triage.store.tiny import JournalDB

SEEN, TOLD = "seen", "told"
INDEXES = {SEEN: ("reply_id",), TOLD: ("event_id",)}


class Seen:
    """The replies that were seen here, until the CRM keeps it too and nobody asks any more."""

    def __init__(self, db: JournalDB) -> None:
        """`db` is the outbox's."""
        self._db = db

    def mark(self, reply_ids: Iterable[str], now: datetime) -> int:
        """Keep that these were seen, as one durable record; returns how many were new."""
        with self._db.transaction():
            fresh = [one for one in dict.fromkeys(reply_ids) if not self.knows(one)]
            if fresh:
                table = self._db.table(SEEN)
                table.insert_multiple(
                    {"reply_id": one, "seen_at": now.isoformat(), "sent": False} for one in fresh
                )
        return len(fresh)

    def knows(self, reply_id: str) -> bool:
        """Whether it was seen here."""
        return self._db.table(SEEN).count_by("reply_id", reply_id) > 0

    def unsent(self) -> tuple[str, ...]:
        """Return what the CRM has not been told yet, the oldest first."""
        found = self._db.table(SEEN).read(lambda row, _id: "" if row["sent"] else str(row["reply_id"]))
        return tuple(filter(None, found))

    def note_sent(self, reply_ids: Collection[str]) -> None:
        """Keep that the CRM has been told."""
        if reply_ids:
            wanted = frozenset(reply_ids)
            with self._db.transaction():
                self._db.table(SEEN).update({"sent": True}, Query().reply_id.test(wanted.__contains__))

    def oldest_before(self, moment: datetime) -> bool:
        """Whether there is a mark that the CRM knows of from before a moment."""
        text = moment.isoformat()
        return any(self._db.table(SEEN).read(lambda row, _id: row["sent"] and row["seen_at"] < text))

    def forget(self, before: datetime, keep: Collection[str]) -> int:
        """Let go old marks that the CRM knows of, but for those to keep; returns how many."""
        return _forget(self._db, SEEN, before, keep)


class Told:
    """The events that were told to whoever listens on a pipe: each once."""

    def __init__(self, db: JournalDB) -> None:
        """`db` is the outbox's."""
        self._db = db

    def mark(self, events: Mapping[str, str], now: datetime) -> None:
        """Keep that these were told, as one durable record; each with the id of what it was about."""
        with self._db.transaction():
            fresh = {one: of for one, of in events.items() if not self.knows(one)}
            said = {"seen_at": now.isoformat(), "sent": True}
            if fresh:
                self._db.table(TOLD).insert_multiple(
                    {"event_id": one, "of": of, **said} for one, of in fresh.items()
                )

    def knows(self, event_id: str) -> bool:
        """Whether it was told."""
        return self._db.table(TOLD).count_by("event_id", event_id) > 0

    def forget(self, before: datetime, keep: Collection[str] = ()) -> int:
        """Let go what was told before a moment, but for what is to be kept; returns how many."""
        return _forget(self._db, TOLD, before, keep)


def drop_marks(db: JournalDB, ids: Collection[str]) -> None:
    """Let go every mark about these replies, decisions and feedback; inside the transaction of a purge."""
    for name, of in ((SEEN, "reply_id"), (TOLD, "of")):
        table = db.table(name)
        held = table.read(_named_in(of, ids))
        gone = [number for number, is_gone in held if is_gone]
        if gone:
            table.remove(doc_ids=gone)


def _named_in(of: str, ids: Collection[str]) -> Callable[[Mapping[str, Any], int], tuple[int, bool]]:
    """Return what tells of a mark whether it is about any of these."""
    return lambda row, number: (number, row[of] in ids)


def _forget(db: JournalDB, name: str, before: datetime, keep: Collection[str]) -> int:
    moment = before.isoformat()
    key = INDEXES[name][0]

    def is_old(row: dict[str, object]) -> bool:
        return bool(row["sent"]) and str(row["seen_at"]) < moment and row[key] not in keep

    with db.transaction():
        table = db.table(name)
        old = [number for row, number in table.read(lambda row, number: (dict(row), number)) if is_old(row)]
        if old:
            table.remove(doc_ids=old)
    return len(old)
