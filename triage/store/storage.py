"""The tables of a journal as TinyDB's storage, and the transaction that is open on them.

Owns transactions: levels of drafts, one record when the outermost ends. Must never write but under the
lock, after what other processes wrote was taken in.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from tinydb.storages import Storage
from tinydb.table import Document

from triage.errors import StoreError
from triage.store.draft import Draft
from triage.store.journal import JournalFile
from triage.store.replica import collector_paused
from triage.store.state import Documents, Tables, copied

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path


class JournalStorage(Storage):
    """The tables of one journal, and the transaction that is open on them."""

    def __init__(
        self, path: Path | str, *, indexes: Mapping[str, Sequence[str]] | None = None, **options: Any
    ) -> None:
        self.tables = Tables(indexes)
        self.journal = JournalFile(path, self.tables, **options)
        self._levels: list[dict[str, Draft]] = []
        self._drafted = 0

    @property
    def moment(self) -> tuple[int, int]:
        """Differs as soon as a table may hold something else than before."""
        return self.journal.generation, self._drafted

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
            below = self.look(name)
            next_id = below.next_id if isinstance(below, Draft) else self.tables.next_id(name)
            drafts[name] = Draft(below, next_id)
        self._drafted += 1
        return drafts[name]

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

    def replace_table(self, name: str, documents: Iterable[Mapping[str, Any]]) -> list[int]:
        """Put documents in the place of a table's, by replacing the file. Not inside a transaction."""
        with self.journal.writing(), collector_paused():
            rows = _numbered(documents, self.tables.next_id(name))
            head = {name: {"n": max(rows, default=0) + 1}}
            puts = ({name: {"p": {str(doc_id): row}}} for doc_id, row in rows.items())
            self.journal.replace([*self.tables.snapshot(without=name), head, *puts])
        return list(rows)

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


def wanted_id(document: Mapping[str, Any]) -> int | None:
    """Return the id that comes with a document, if one does; ValueError, as TinyDB's, for what is none."""
    if not isinstance(document, Mapping):
        raise ValueError("Document is not a Mapping")  # noqa: TRY004  what TinyDB raises
    return int(document.doc_id) if isinstance(document, Document) else None


def _numbered(documents: Iterable[Mapping[str, Any]], next_id: int) -> dict[int, dict[str, Any]]:
    """Give each document its own id, or the next one that no document of the table ever had."""
    rows: dict[int, dict[str, Any]] = {}
    for document in documents:
        wanted = wanted_id(document)
        doc_id = next_id if wanted is None else wanted
        if doc_id in rows:
            raise ValueError(f"Document with ID {doc_id} already exists")
        rows[doc_id] = dict(document)
        next_id = max(next_id, doc_id + 1)
    return rows
