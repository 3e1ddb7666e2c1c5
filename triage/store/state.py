"""The tables in memory: what a replay of the journal gives, with an index for each key field.

Owns documents, indexes and the next free ids, and the meaning of a change::

    {table: {"c": true, "r": [id, …], "p": {id: document, …}, "n": next id, "x": true}}
             cleared    removed        put                     counter      dropped, counter kept

Must never hand a document to anyone who could change it: `copied` is for that. No id is used a second time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from triage.store.replay import Change

Document = dict[str, Any]
_ABSENT: Final = object()
_NO_IDS: Final[frozenset[int]] = frozenset()
_PLAIN: Final = frozenset({str, int, float, bool, type(None)})
"""What JSON gives but lists and dicts: cannot be changed, and can be looked up."""


class Documents(Protocol):
    """A table to look into, as it is on disk or as a transaction would leave it."""

    def __len__(self) -> int:
        """Count the documents."""

    def __contains__(self, doc_id: object) -> bool:
        """Tell whether there is a document of this id."""

    def rows(self) -> Mapping[int, Document]:
        """Return the documents by id, in table order; not to be changed."""

    def peek(self, doc_id: int) -> Document | None:
        """Return one document, not to be changed."""

    def matching(self, field: str, value: Hashable) -> AbstractSet[int]:
        """Return the ids of the documents in which an indexed field equals the value; not to be changed."""


class TableState:
    """One table: its documents in order, and per key field `value -> ids`."""

    def __init__(self, fields: Sequence[str] = ()) -> None:
        self._rows: dict[int, Document] = {}
        self._index: dict[str, dict[Hashable, set[int]]] = {field: {} for field in fields}

    def __len__(self) -> int:
        return len(self._rows)

    def __contains__(self, doc_id: object) -> bool:
        return doc_id in self._rows

    def rows(self) -> Mapping[int, Document]:
        """Return the documents by id, in table order; not to be changed."""
        return self._rows

    def peek(self, doc_id: int) -> Document | None:
        """Return one document, not to be changed."""
        return self._rows.get(doc_id)

    def matching(self, field: str, value: Hashable) -> AbstractSet[int]:
        """Return the ids of the documents in which an indexed field equals the value; not to be changed."""
        return self._index[field].get(value, _NO_IDS)

    def put(self, doc_id: int, document: Document) -> None:
        """Take a document in; one of the same id keeps its place."""
        if self._index:
            self._unlist(doc_id)
            self._list(doc_id, document)
        self._rows[doc_id] = document

    def remove(self, doc_id: int) -> None:
        """Let a document go; harmless if it is not there."""
        if self._index:
            self._unlist(doc_id)
        self._rows.pop(doc_id, None)

    def clear(self) -> None:
        """Let all documents go."""
        self._rows.clear()
        for listed in self._index.values():
            listed.clear()

    def _list(self, doc_id: int, document: Document) -> None:
        for field, listed in self._index.items():
            value = document.get(field, _ABSENT)
            if type(value) in _PLAIN:
                listed.setdefault(value, set()).add(doc_id)

    def _unlist(self, doc_id: int) -> None:
        document = self._rows.get(doc_id)
        if document is None:
            return
        for field, listed in self._index.items():
            value = document.get(field, _ABSENT)
            if type(value) in _PLAIN:
                ids = listed[value]
                ids.discard(doc_id)
                if not ids:
                    del listed[value]


class Tables:
    """All tables of a journal: the replica that its records add up to."""

    def __init__(self, indexes: Mapping[str, Sequence[str]] | None = None) -> None:
        self.indexes = {name: tuple(fields) for name, fields in (indexes or {}).items()}
        self._tables: dict[str, TableState] = {}
        self._next_ids: dict[str, int] = {}

    def __len__(self) -> int:
        return sum(map(len, self._tables.values()))

    def names(self) -> set[str]:
        """Return the names of the tables that exist, empty ones too."""
        return set(self._tables)

    def table(self, name: str) -> TableState:
        """Return a table; an empty one that is nowhere kept if there is none."""
        table = self._tables.get(name)
        return TableState(self.indexes.get(name, ())) if table is None else table

    def next_id(self, name: str) -> int:
        """Return the id that no document of this table ever had."""
        return self._next_ids.get(name, 1)

    def reset(self) -> None:
        """Become what an empty file gives."""
        self._tables.clear()
        self._next_ids.clear()

    def apply(self, change: Change) -> None:
        """Take one change in."""
        for name, part in change.items():
            table = self._tables.get(name)
            if table is None:
                table = self._tables[name] = TableState(self.indexes.get(name, ()))
            self._apply_to(table, name, part)
            if "x" in part:
                del self._tables[name]

    def snapshot(self, *, without: str | None = None) -> Iterator[Change]:
        """Return changes that, applied to an empty replica, give this one, `without` a table's documents."""
        for name, next_id in self._next_ids.items():
            yield {name: {"n": next_id} if name in self._tables else {"n": next_id, "x": True}}
        for name, table in self._tables.items():
            if name not in self._next_ids:
                yield {name: {}}
            if name != without:
                for doc_id, document in table.rows().items():
                    yield {name: {"p": {str(doc_id): document}}}

    def _apply_to(self, table: TableState, name: str, part: Mapping[str, Any]) -> None:
        if "c" in part:
            table.clear()
        for doc_id in part.get("r", ()):
            table.remove(doc_id)
        next_id = max(self._next_ids.get(name, 1), part.get("n", 1))
        for key, document in part.get("p", {}).items():
            doc_id = int(key)
            table.put(doc_id, document)
            if doc_id >= next_id:
                next_id = doc_id + 1
        if next_id > 1:
            self._next_ids[name] = next_id


def copied(value: Any) -> Any:
    """Return the value with new lists and dicts all the way down: changing it reaches nothing else."""
    if isinstance(value, dict):
        return {key: part if type(part) in _PLAIN else copied(part) for key, part in value.items()}
    if isinstance(value, list):
        return [part if type(part) in _PLAIN else copied(part) for part in value]
    return value
