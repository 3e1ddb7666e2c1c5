"""The tables of a journal as TinyDB's storage, and the transaction that is open on them.

Owns transactions: levels of drafts, one record when the outermost ends. Must never write but under the
lock, after what other processes wrote was taken in.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from msgspec import Raw
from tinydb.storages import Storage
from tinydb.table import Document

from triage.errors import StoreError
from triage.store.checkpoint import Checkpoint
from triage.store.disk import Disk
from triage.store.draft import Draft
from triage.store.journal import JournalFile
from triage.store.migrations import newest_format
from triage.store.replica import collector_paused
from triage.store.state import Documents, Tables, copied

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from triage.store.outlined import Kinds

T = TypeVar("T")


class JournalStorage(Storage):
    """The tables of one journal, and the transaction that is open on them."""

    def __init__(
        self,
        path: Path | str,
        *,
        indexes: Mapping[str, Sequence[str]] | None = None,
        outlined: Kinds | None = None,
        has_checkpoint: bool = False,
        disk: Disk | None = None,
        **options: Any,
    ) -> None:
        kinds, disk = outlined or {}, disk or Disk()
        self.tables = Tables(indexes, outlined=kinds)
        version = newest_format(options.get("migrations", ()))
        checkpoint = (
            Checkpoint(Path(path), self.tables, kinds, disk, version=version) if has_checkpoint else None
        )
        self.journal = JournalFile(
            path, self.tables, kinds=kinds, checkpoint=checkpoint, disk=disk, **options
        )
        self._levels: list[dict[str, Draft]] = []
        self._drafted = 0

    @property
    def moment(self) -> tuple[int, int]:
        """Differs as soon as a table may hold something else than before."""
        return self.journal.generation, self._drafted

    @property
    def is_in_transaction(self) -> bool:
        """Tell whether a transaction is open."""
        return bool(self._levels)

    def look(self, name: str) -> Documents:
        """Return a table as it is for the caller: inside a transaction with what that did so far."""
        self.journal.check_owner()
        for level in reversed(self._levels):
            if name in level:
                return level[name]
        return self.tables.table(name)

    def draft(self, name: str) -> Draft:
        """Return a table to change, on the innermost level of the open transaction."""
        drafts = self._levels[-1]
        if name not in drafts:
            drafts[name] = Draft(self.look(name), self.next_id(name))
        self._drafted += 1
        return drafts[name]

    def next_id(self, name: str) -> int:
        """Return the id that the next new document of a table is given."""
        table = self.look(name)
        return table.next_id if isinstance(table, Draft) else self.tables.next_id(name)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Make one record of what happens inside. An inner one fails alone."""
        if self._levels:
            self.journal.check_owner()
            with self._level():
                yield
                self._merge()
            return
        with self.journal.writing(), self._level():
            yield
            self._record()

    def replace_table(
        self, name: str, documents: Iterable[T], write: Callable[[T], Mapping[str, Any] | Raw]
    ) -> list[int]:
        """Put documents in the place of a table's, by replacing the file. Not inside a transaction."""
        values = list(documents)
        with self.journal.writing(), collector_paused():
            ids = _ids(values, self.tables.next_id(name))
            head = [*self.tables.snapshot(without=name), {name: {"n": max(ids, default=0) + 1}}]
            puts = (
                {name: {"p": {str(doc_id): write(value)}}} for doc_id, value in zip(ids, values, strict=True)
            )
            self.journal.replace(chain(head, puts), len(head) + len(ids))
        return ids

    def rewrite(self, name: str, make: Callable[[], Mapping[int, Raw]]) -> None:
        """Put JSON in the place of documents, as one record. Not inside a transaction.

        `make` is called when what other processes wrote was taken in, and none of them can write.
        """
        with self.journal.writing():
            documents = {str(doc_id): raw for doc_id, raw in make().items()}
            if documents:
                self.journal.splice({name: {"p": documents}})

    def read(self) -> dict[str, dict[str, Any]]:
        """Return a copy of everything, as TinyDB's storages do."""
        return {
            name: {str(doc_id): copied(row) for doc_id, row in self.look(name).rows().items()}
            for name in self.names()
        }

    def write(self, data: dict[str, dict[str, Any]]) -> None:
        """Refuse: a whole database written over another is how other processes' records are lost."""
        del data
        raise StoreError("A journal takes changes, never a whole database: use the tables of JournalDB.")

    def names(self) -> set[str]:
        """Return the names of the tables that exist for the caller."""
        self.journal.check_owner()
        names = self.tables.names()
        for level in self._levels:
            for name, draft in level.items():
                if draft.is_dropped:
                    names.discard(name)
                elif draft.change() is not None:
                    names.add(name)
        return names

    def close(self) -> None:
        """Give the files back."""
        self.journal.close()

    @contextmanager
    def _level(self) -> Iterator[None]:
        self._levels.append({})
        try:
            yield
        finally:
            self._levels.pop()
            self._drafted += 1

    def _merge(self) -> None:
        upper, lower = self._levels[-1], self._levels[-2]
        for name, draft in upper.items():
            if name in lower:
                lower[name].absorb(draft)
            else:
                lower[name] = draft

    def _record(self) -> None:
        parts = {name: draft.change() for name, draft in self._levels[-1].items()}
        change = {name: part for name, part in parts.items() if part is not None}
        if change:
            self.journal.commit(change)


def wanted_id(document: object) -> int | None:
    """Return the id that comes with a document, if one does; ValueError, as TinyDB's, for what is none."""
    if not isinstance(document, Mapping):
        raise ValueError("Document is not a Mapping")  # noqa: TRY004  what TinyDB raises
    return int(document.doc_id) if isinstance(document, Document) else None


def _ids(documents: Iterable[object], next_id: int) -> list[int]:
    """Return for each document its own id, or the next one that no document of the table ever had."""
    ids: dict[int, None] = {}
    for document in documents:
        doc_id = int(document.doc_id) if isinstance(document, Document) else next_id
        if doc_id in ids:
            raise ValueError(f"Document with ID {doc_id} already exists")
        ids[doc_id] = None
        next_id = max(next_id, doc_id + 1)
    return list(ids)
