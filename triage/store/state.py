"""The tables in memory: what a replay of the journal gives, with an index for each key field.

Owns documents, indexes and the next free ids, and the meaning of a change::

    {table: {"c": true, "r": [id, …], "p": {id: document, …}, "n": next id, "x": true}}
             cleared    removed        put                     counter      dropped, counter kept

Of a table that is outlined most documents lie on the disk (`bodies.py`), and are read when asked for; in any
other some are parsed only when they are looked at (`packed.py`).
Must never hand a document to anyone who could change it: `copied` is for that. No id is used a second time.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar, cast

from triage.store.bodies import Document, Filed, Rows, whole
from triage.store.packed import Packed, unpacked

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator, Sequence
    from collections.abc import Set as AbstractSet

    from triage.store.replay import Change

_ABSENT: Final = object()
_NO_IDS: Final[frozenset[int]] = frozenset()
_PLAIN: Final = frozenset({str, int, float, bool, type(None)})
"""What JSON gives but lists and dicts: cannot be changed, and can be looked up."""


_Findable = Mapping[str, Any] | Filed | Packed
T = TypeVar("T")


class Documents(Protocol):
    """A table to look into, as it is on disk or as a transaction would leave it."""

    is_outlined: bool
    """Whether documents of it may lie on the disk."""

    def __len__(self) -> int:
        """Count the documents."""

    def __contains__(self, doc_id: object) -> bool:
        """Tell whether there is a document of this id."""

    def rows(self) -> Mapping[int, Document]:
        """Return the documents by id, in table order; not to be changed."""

    def held(self) -> Mapping[int, Document | Filed]:
        """Return the same as `rows`, with what lies on the disk left there."""

    def hold(self, doc_id: int) -> Document | Filed | None:
        """Return one document where it lies, not to be changed."""

    def peek(self, doc_id: int) -> Document | None:
        """Return one document, not to be changed."""

    def matching(self, field: str, value: Hashable) -> AbstractSet[int]:
        """Return the ids of the documents in which an indexed field equals the value; not to be changed."""

    def known(self, field: str, values: Iterable[T]) -> set[T]:
        """Return those of the values that some document has in an indexed field."""


class KeyIndex:
    """Which documents have which value in one field. Most values are of one document: then no set is kept."""

    def __init__(self, field: str) -> None:
        self._field = field
        self._ids: dict[Hashable, int | set[int]] = {}

    def matching(self, value: Hashable) -> AbstractSet[int]:
        """Return the ids of the documents in which it equals the value; not to be changed."""
        ids = self._ids.get(value, _NO_IDS)
        return {ids} if isinstance(ids, int) else ids

    def of_those(self, values: Iterable[T]) -> set[T]:
        """Return the values that some document has."""
        known = self._ids
        return {value for value in values if value in known}

    def add(self, documents: Iterable[tuple[int, _Findable]]) -> None:
        """List documents that are not listed."""
        field, known = self._field, self._ids
        for doc_id, document in documents:
            value = document.get(field, _ABSENT) if type(document) is dict else _value(document, field)
            if type(value) in _PLAIN:
                ids = known.setdefault(value, doc_id)
                if ids is doc_id:
                    continue
                if isinstance(ids, set):
                    ids.add(doc_id)
                elif ids != doc_id:
                    known[value] = {ids, doc_id}

    def discard(self, doc_id: int, document: Document | Filed | Packed) -> None:
        """Take a document off the list."""
        value = _value(document, self._field)
        if type(value) in _PLAIN:
            ids = self._ids[value]
            if isinstance(ids, set):
                ids.discard(doc_id)
            if ids == doc_id or not ids:
                del self._ids[value]

    def clear(self) -> None:
        """List nothing."""
        self._ids.clear()


class TableState:
    """One table: its documents in order, and an index for each key field."""

    def __init__(self, fields: Sequence[str] = (), *, is_outlined: bool = False) -> None:
        self._rows: dict[int, Any] = {}
        self._has_packed = False
        self.is_outlined = is_outlined
        self._index = {field: KeyIndex(field) for field in fields}
        self._unlisted: list[Mapping[int, _Findable]] = []
        """What is on no index yet: a commit that somebody waits for does without, and a look does not."""

    def __len__(self) -> int:
        return len(self._rows)

    def __contains__(self, doc_id: object) -> bool:
        return doc_id in self._rows

    def rows(self) -> Mapping[int, Document]:
        """Return the documents by id, in table order; not to be changed."""
        held = self.held()
        return Rows(held) if self.is_outlined else cast("Mapping[int, Document]", held)

    def held(self) -> Mapping[int, Document | Filed]:
        """Return the same as `rows`, with what lies on the disk left there."""
        if self._has_packed:
            self._has_packed = False
            for doc_id in self._rows:
                unpacked(self._rows, doc_id)
        return self._rows

    def hold(self, doc_id: int) -> Document | Filed | None:
        """Return one document where it lies, not to be changed."""
        row: Document | Filed | None = unpacked(self._rows, doc_id)
        return row

    def peek(self, doc_id: int) -> Document | None:
        """Return one document, not to be changed."""
        row = unpacked(self._rows, doc_id)
        return None if row is None else whole(row)

    def matching(self, field: str, value: Hashable) -> AbstractSet[int]:
        """Return the ids of the documents in which an indexed field equals the value; not to be changed."""
        return self._listed()[field].matching(value)

    def known(self, field: str, values: Iterable[T]) -> set[T]:
        """Return those of the values that some document has in an indexed field."""
        return self._listed()[field].of_those(values)

    def put(self, doc_id: int, document: Document | Filed | Packed) -> None:
        """Take a document in; one of the same id keeps its place."""
        self.put_all({doc_id: document})

    def put_all(self, documents: Mapping[int, Document | Filed | Packed]) -> None:
        """Do the same with several, in a mapping that stays as it is."""
        rows = self._rows
        for doc_id in rows.keys() & documents.keys():
            self._unlist(doc_id)
        rows.update(documents)
        if self._index:
            self._unlisted.append(documents)
        self._has_packed = self._has_packed or Packed in map(type, documents.values())

    def fill(self, documents: dict[int, Document | Filed]) -> None:
        """Take all documents of an empty table in at once."""
        self._rows = documents
        for index in self._index.values():
            index.add(documents.items())

    def remove(self, doc_id: int) -> None:
        """Let a document go; harmless if it is not there."""
        self._unlist(doc_id)
        self._rows.pop(doc_id, None)

    def clear(self) -> None:
        """Let all documents go."""
        self._rows.clear()
        self._unlisted.clear()
        for index in self._index.values():
            index.clear()

    def _unlist(self, doc_id: int) -> None:
        document = self._rows.get(doc_id)
        if document is not None:
            for index in self._listed().values():
                index.discard(doc_id, document)

    def _listed(self) -> Mapping[str, KeyIndex]:
        """Return the indexes, with all documents on them."""
        unlisted, self._unlisted = self._unlisted, []
        for documents in unlisted:
            found_by = [(one, row.keys if type(row) is Packed else row) for one, row in documents.items()]
            for index in self._index.values():
                index.add(found_by)
        return self._index


class Tables:
    """All tables of a journal: the replica that its records add up to."""

    def __init__(
        self, indexes: Mapping[str, Sequence[str]] | None = None, *, outlined: Collection[str] = ()
    ) -> None:
        """`outlined` names the tables whose documents may lie on the disk."""
        self._outlined = outlined
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
        return self._new_table(name) if table is None else table

    def next_id(self, name: str) -> int:
        """Return the id that no document of this table ever had."""
        return self._next_ids.get(name, 1)

    def next_ids(self) -> dict[str, int]:
        """Return those of all tables that have, or had, a document."""
        return dict(self._next_ids)

    def fresh(self) -> Tables:
        """Return an empty one of the same kind."""
        return Tables(self.indexes, outlined=self._outlined)

    def become(self, other: Tables) -> None:
        """Hold what the other one holds."""
        self._tables, self._next_ids = other._tables, other._next_ids

    def apply(self, change: Change) -> None:
        """Take one change in."""
        for name, part in change.items():
            table = self._tables.get(name)
            if table is None:
                table = self._tables[name] = self._new_table(name)
            self._apply_to(table, name, part)
            if "x" in part:
                del self._tables[name]

    def snapshot(self, *, without: str | None = None) -> Iterator[Change]:
        """Return changes that, applied to an empty replica, give this one, `without` a table's documents.

        Each puts one document at most, and what lies on the disk is left there.
        """
        for name, next_id in self._next_ids.items():
            yield {name: {"n": next_id} if name in self._tables else {"n": next_id, "x": True}}
        for name, table in self._tables.items():
            if name not in self._next_ids:
                yield {name: {}}
            if name != without:
                for doc_id, document in table.held().items():
                    yield {name: {"p": {str(doc_id): document}}}

    def _new_table(self, name: str) -> TableState:
        return TableState(self.indexes.get(name, ()), is_outlined=name in self._outlined)

    def _apply_to(self, table: TableState, name: str, part: Mapping[str, Any]) -> None:
        if "c" in part:
            table.clear()
        for doc_id in part.get("r", ()):
            table.remove(doc_id)
        next_id = max(self._next_ids.get(name, 1), part.get("n", 1))
        if "p" in part:
            documents = {int(key): document for key, document in part["p"].items()}
            table.put_all(documents)
            next_id = max(next_id, max(documents, default=0) + 1)
        if next_id > 1:
            self._next_ids[name] = next_id


def _value(document: _Findable, field: str) -> Any:
    if isinstance(document, Filed):
        return getattr(document.part, field, _ABSENT)
    if isinstance(document, Packed):
        return document.keys.get(field, _ABSENT)
    return document.get(field, _ABSENT)


def copied(value: Any) -> Any:
    """Return the value with new lists and dicts all the way down: changing it reaches nothing else."""
    if isinstance(value, dict):
        return {key: part if type(part) in _PLAIN else copied(part) for key, part in value.items()}
    if isinstance(value, list):
        return [part if type(part) in _PLAIN else copied(part) for part in value]
    return value
