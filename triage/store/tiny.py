"""TinyDB on a journal: its tables and queries, at one record a commit however much a table holds.

Owns the database that the repositories open. Must never change TinyDB itself: everything is set on the
subclass.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar, cast

from tinydb import TinyDB

from triage.clock import Clock, utc_now
from triage.store.journal import PATIENCE
from triage.store.storage import JournalStorage
from triage.store.table import JournalTable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from msgspec import Raw
    from tinydb.table import Table

    from triage.errors import CorruptJournal
    from triage.store.disk import Disk
    from triage.store.migrations import Migrations
    from triage.store.outlined import Kinds

__all__ = ["JournalDB", "JournalTable"]
T = TypeVar("T")


def _as_it_is(document: Any) -> dict[str, Any]:
    return dict(document)


class JournalDB(TinyDB):
    """TinyDB in a journal file. `indexes` names the key fields of tables: `{"items": ("id", "state")}`."""

    table_class: type[Table] = JournalTable

    def __init__(
        self,
        path: Path | str,
        *,
        indexes: Mapping[str, Sequence[str]] | None = None,
        outlined: Kinds | None = None,
        has_checkpoint: bool = False,
        durable: bool = True,
        migrations: Migrations = (),
        reads_damaged: bool = False,
        disk: Disk | None = None,
        patience: float = PATIENCE,
        clock: Clock = utc_now,
    ) -> None:
        """Open it, and bring it to the newest format; the options are those of JournalFile.

        `outlined` names tables whose documents stay on the disk, each with the type of what is kept of one in
        memory; key fields are fields of that. `has_checkpoint` is for a cache: what opens it sooner.
        """
        self._store = JournalStorage(
            path,
            indexes=indexes,
            outlined=outlined,
            has_checkpoint=has_checkpoint,
            durable=durable,
            migrations=migrations,
            reads_damaged=reads_damaged,
            disk=disk,
            patience=patience,
            clock=clock,
        )
        super().__init__(storage=lambda: self._store)

    @property
    def notices(self) -> list[str]:
        """Sentences for the user: what was found and set aside."""
        return self._store.journal.notices

    def say(self, notice: str) -> None:
        """Add a notice, once."""
        self._store.journal.say(notice)

    @property
    def damage(self) -> CorruptJournal | None:
        """Where the file is damaged, if what reads of it is shown: then no write passes."""
        return self._store.journal.damage

    def check_whole(self) -> None:
        """Raise CorruptJournal while only a part of the file can be read."""
        self._store.journal.check_whole()

    @property
    def generation(self) -> int:
        """Rises with every change that is in memory, own or another process's."""
        return self._store.journal.generation

    @property
    def news(self) -> int:
        """Rises with what other processes wrote, whether a look took it in or a write of our own."""
        return self._store.journal.news

    def table(self, name: str, **kwargs: Any) -> JournalTable:
        """Return a table. `persist_empty` makes it exist, and unlike TinyDB's never empties it."""
        persist_empty = kwargs.pop("persist_empty", False)
        if name not in self._tables:
            self._tables[name] = JournalTable(self._store, name, **kwargs)
        table = cast("JournalTable", self._tables[name])
        if persist_empty:
            table.persist()
        return table

    def tables(self) -> set[str]:
        """Return the names of the tables."""
        return self._store.names()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Make several writes in several tables one record: all, or nothing of it. Reads inside see it."""
        with self._store.transaction():
            yield

    def replace_table(
        self,
        name: str,
        documents: Iterable[T],
        write: Callable[[T], Mapping[str, Any] | Raw] = _as_it_is,
    ) -> list[int]:
        """Put documents in the place of a table's, at once; return their ids. Not inside a transaction.

        `write` makes a document of each when its turn comes; a `msgspec.Raw` is one that is JSON already.
        """
        return self._store.replace_table(name, documents, write)

    def rewrite(self, name: str, make: Callable[[], Mapping[int, Raw]]) -> None:
        """Put JSON in the place of documents, as one record. Not inside a transaction.

        `make` is called when what other processes wrote was taken in, and none of them can write.
        """
        self._store.rewrite(name, make)

    def drop_table(self, name: str) -> None:
        """Remove a table. The ids of its documents stay used."""
        if name in self.tables():
            self.table(name).drop()

    def drop_tables(self) -> None:
        """Remove all tables, in one record."""
        with self.transaction():
            for name in self.tables():
                self.table(name).drop()

    def changed_elsewhere(self) -> bool:
        """Tell by one `stat` whether another process wrote since the last look."""
        return self._store.journal.changed_elsewhere()

    def refresh(self) -> bool:
        """Take in what other processes wrote; tell whether there was anything."""
        return self._store.journal.refresh()

    def compact(self) -> None:
        """Rewrite the file without its history; what it holds, counters included, stays equal."""
        self._store.journal.compact()

    def note_down(self) -> None:
        """Write down, if it is worth it, what opens the file sooner next time; harmless when that fails."""
        self._store.journal.note_down()

    def worth_compacting(self) -> bool:
        """Tell whether most of the file is history."""
        return self._store.journal.worth_compacting()
