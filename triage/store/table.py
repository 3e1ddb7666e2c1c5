"""TinyDB's table on a journal: its operations and queries, each write one record, and look-up by key field.

Owns the adaptation of TinyDB 4.9.0's Table, whose internal methods `_update_table` and `_read_table` are
overridden: the fourth way to extend it that it documents, and why the version is pinned. Must never hand
out a document that shares anything with the state.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar, cast

from tinydb.table import Document, Table

from triage.store.replica import collector_paused
from triage.store.state import copied
from triage.store.storage import wanted_id

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator
    from collections.abc import Set as AbstractSet

    from tinydb.queries import QueryLike

    from triage.store.bodies import Filed
    from triage.store.draft import Draft
    from triage.store.packed import Packed
    from triage.store.state import Documents
    from triage.store.storage import JournalStorage

Fields = Mapping[str, Any] | Callable[[MutableMapping[str, Any]], None]
"""What to do to a document: set these fields, or whatever a function does to it."""


T = TypeVar("T")


class JournalTable(Table):
    """TinyDB's table on a journal, with look-up by key field."""

    def __init__(self, storage: JournalStorage, name: str, cache_size: int = 10) -> None:
        super().__init__(storage, name, cache_size=cache_size)
        self._store = storage
        self._cached_at = storage.moment

    # Looking

    def by(self, field: str, value: Hashable) -> list[Document]:
        """Return, by index, the documents whose key field equals the value; in order of id."""
        return [self._hand_out(doc_id) for doc_id in sorted(self._listed(field, value))]

    def one_by(self, field: str, value: Hashable) -> Document | None:
        """Return the document of lowest id whose key field equals the value."""
        ids = self._listed(field, value)
        return self._hand_out(min(ids)) if ids else None

    def count_by(self, field: str, value: Hashable) -> int:
        """Count the documents whose key field equals the value, without looking at them."""
        return len(self._listed(field, value))

    def known_by(self, field: str, values: Iterable[T]) -> set[T]:
        """Return those of the values that some document has in its key field."""
        return self._indexed(field).known(field, values)

    def ids_by(self, field: str, value: Hashable) -> list[int]:
        """Return the ids of the documents whose key field equals the value, without looking at them."""
        return sorted(self._listed(field, value))

    @property
    def next_id(self) -> int:
        """The id that the next new document is given."""
        return self._store.next_id(self.name)

    def held(self) -> Iterable[Mapping[str, Any] | Filed]:
        """Return each document where it lies, in table order; nothing of it is to be changed."""
        return self._store.look(self.name).held().values()

    def held_by(self, field: str, value: Hashable) -> list[Mapping[str, Any] | Filed]:
        """Return each document whose key field equals the value, where it lies; in order of id."""
        table = self._store.look(self.name)
        return [table.hold(doc_id) or {} for doc_id in sorted(self._listed(field, value, table))]

    def held_by_each(self, field: str, values: Iterable[Hashable]) -> list[Mapping[str, Any] | Filed]:
        """Return, for each value that is there, the document of lowest id whose key field equals it."""
        table = self._indexed(field)
        found = (table.matching(field, value) for value in values)
        rows = [table.hold(min(ids)) for ids in found if ids]
        return [row for row in rows if row is not None]

    def read(self, make: Callable[[Mapping[str, Any], int], T]) -> list[T]:
        """Make a value of each document and its id, in table order.

        The document is the state's own, not a copy: `make` keeps and changes nothing of it.
        """
        rows = self._store.look(self.name).rows()
        with collector_paused():
            return [make(row, doc_id) for doc_id, row in rows.items()]

    def read_by(self, field: str, value: Hashable, make: Callable[[Mapping[str, Any], int], T]) -> list[T]:
        """Make a value of each document whose key field equals the value; in order of id, as `read` does."""
        return self.read_by_each(field, (value,), make)

    def read_by_each(
        self, field: str, values: Iterable[Hashable], make: Callable[[Mapping[str, Any], int], T]
    ) -> list[T]:
        """Do the same for several values, one after the other."""
        table = self._indexed(field)
        with collector_paused():
            return [
                make(table.peek(doc_id) or {}, doc_id)
                for value in values
                for doc_id in sorted(table.matching(field, value))
            ]

    def search(self, cond: QueryLike) -> list[Document]:
        """Return the documents that match a query, each the caller's own."""
        return [_own(row.doc_id, row) for row in self._found(cond)]

    def count(self, cond: QueryLike) -> int:
        """Count the documents that match a query."""
        return len(self._found(cond))

    def get(
        self, cond: QueryLike | None = None, doc_id: int | None = None, doc_ids: list[int] | None = None
    ) -> Any:
        """Return the document of an id, or the first that matches, or None; a list for a list of ids."""
        table = self._store.look(self.name)
        if doc_id is not None:
            return None if table.peek(doc_id) is None else self._hand_out(doc_id)
        if doc_ids is not None:
            wanted = set(doc_ids)
            return [_own(here, row) for here, row in table.rows().items() if here in wanted]
        if cond is not None:
            return next((_own(here, row) for here, row in table.rows().items() if cond(row)), None)
        raise RuntimeError("You have to pass either cond or doc_id or doc_ids")

    def __len__(self) -> int:
        return len(self._store.look(self.name))

    def __iter__(self) -> Iterator[Document]:
        for doc_id, row in list(self._store.look(self.name).rows().items()):
            yield _own(doc_id, row)

    # Changing

    def insert(self, document: Mapping[str, Any]) -> int:
        """Record one new document and return its id."""
        with self._store.transaction():
            return self._put(document)

    def insert_multiple(self, documents: Iterable[Mapping[str, Any]]) -> list[int]:
        """Record new documents, all or none, and return their ids."""
        given = list(documents)
        is_alone = not self._store.is_in_transaction
        with collector_paused(), self._store.transaction():
            if {dict}.issuperset(map(type, given)):  # none comes with an id of its own
                # Alone it is on the disk before anyone could change a part of what was given.
                return self._draft.take_new([dict(one) if is_alone else copied(one) for one in given])
            return [self._put(document) for document in given]

    def update(
        self,
        fields: Fields,
        cond: QueryLike | None = None,
        doc_ids: Iterable[int] | None = None,
    ) -> list[int]:
        """Change the documents of these ids, or that match, or all; return the ids. No match, no record."""
        with self._store.transaction():
            ids = self._targets(cond, doc_ids)
            for doc_id in ids:
                _change(self._draft, doc_id, fields)
        return ids

    def update_multiple(self, updates: Iterable[tuple[Fields, QueryLike]]) -> list[int]:
        """Go through the documents once and apply to each what matches it by then; return the ids."""
        pairs = list(updates)
        with self._store.transaction():
            return [
                doc_id for doc_id in self._targets(None, None) for _ in self._matching_updates(doc_id, pairs)
            ]

    def upsert(self, document: Mapping[str, Any], cond: QueryLike | None = None) -> list[int]:
        """Update what matches, or insert, in one record; return the ids."""
        with self._store.transaction():
            return super().upsert(document, cond)

    def put(self, document: dict[str, Any] | Packed, doc_id: int | None = None) -> int:
        """Record a document, new or in the place of that of an id; return the id.

        Unlike `insert` and `update` no copy is made: it is the table's from then on, and nobody else's.
        """
        with self._taking() as draft:
            number = draft.take_id() if doc_id is None else doc_id
            draft.take(number, document)
        return number

    def put_all(self, documents: Iterable[dict[str, Any] | Packed]) -> list[int]:
        """Record new documents, and return their ids. As `put` does."""
        with self._taking() as draft:
            return draft.take_new(list(documents))

    def merge(self, document: dict[str, Any], doc_id: int) -> None:
        """Put a document in the place of that of an id; fields that only that one has stay. As `put` does."""
        with self._taking() as draft:
            draft.amend(doc_id, document)

    def remove(self, cond: QueryLike | None = None, doc_ids: Iterable[int] | None = None) -> list[int]:
        """Remove the documents of these ids, or those that match; return the ids. No match, no record."""
        if cond is None and doc_ids is None:
            raise RuntimeError("Use truncate() to remove all documents")
        with self._store.transaction():
            ids = list(dict.fromkeys(self._targets(cond, doc_ids)))
            for doc_id in ids:
                del self._draft[doc_id]
        return ids

    def truncate(self) -> None:
        """Remove all documents. Their ids stay used."""
        with self._store.transaction():
            self._draft.clear()

    def drop(self) -> None:
        """Remove the table. The ids of its documents stay used."""
        with self._store.transaction():
            self._draft.drop()

    def persist(self) -> None:
        """Make the table exist, with nothing in it if there is nothing."""
        with self._store.transaction():
            self._draft.is_wanted = self.name not in self._store.names()

    # What the rest stands on

    @property
    def _draft(self) -> Draft:
        return self._store.draft(self.name)

    @contextmanager
    def _taking(self) -> Iterator[Draft]:
        """Open a transaction if none is: one step that cannot fail half-way needs no level of its own."""
        if self._store.is_in_transaction:
            yield self._draft
        else:
            with self._store.transaction():
                yield self._draft

    def _put(self, document: Mapping[str, Any]) -> int:
        draft = self._draft
        doc_id = wanted_id(document)
        if doc_id is None:
            doc_id = draft.take_id()
        elif doc_id in draft:
            raise ValueError(f"Document with ID {doc_id} already exists")
        draft[doc_id] = dict(document)
        return doc_id

    def _hand_out(self, doc_id: int) -> Document:
        return _own(doc_id, self._store.look(self.name).peek(doc_id) or {})

    def _listed(self, field: str, value: Hashable, table: Documents | None = None) -> AbstractSet[int]:
        return (table or self._indexed(field)).matching(field, value)

    def _indexed(self, field: str) -> Documents:
        """Return the table as it is for the caller, if it has an index on a field; else ValueError."""
        if field not in self._store.tables.indexes.get(self.name, ()):
            raise ValueError(f"The table {self.name} has no index on {field}.")
        return self._store.look(self.name)

    def _found(self, cond: QueryLike) -> list[Document]:
        """Return what TinyDB's search does, through its cache; what is inside still belongs to the state."""
        moment = self._store.moment
        if moment != self._cached_at:
            self.clear_cache()
            self._cached_at = moment
        return super().search(cond)

    def _targets(self, cond: QueryLike | None, doc_ids: Iterable[int] | None) -> list[int]:
        """Find the ids before anything is changed, so that only what matches is copied."""
        table = self._store.look(self.name)
        if doc_ids is not None:
            return [doc_id for doc_id in doc_ids if doc_id in table]
        return [doc_id for doc_id, row in table.rows().items() if cond is None or cond(row)]

    def _matching_updates(self, doc_id: int, pairs: list[tuple[Fields, QueryLike]]) -> Iterator[None]:
        for fields, cond in pairs:
            if cond(self._store.look(self.name).peek(doc_id) or {}):
                _change(self._draft, doc_id, fields)
                yield

    def _read_table(self) -> dict[str, Mapping[str, Any]]:
        # TinyDB turns the keys into numbers; these are numbers already, and it only goes through them.
        return cast("dict[str, Mapping[str, Any]]", self._store.look(self.name).rows())

    def _update_table(self, updater: Callable[[Any], None]) -> None:
        with self._store.transaction():
            updater(self._draft)


def _own(doc_id: int, row: Mapping[str, Any]) -> Document:
    return Document(copied(row), doc_id)


def _change(draft: Draft, doc_id: int, fields: Fields) -> None:
    document = draft[doc_id]
    if callable(fields):
        fields(document)
    else:
        document.update(copied(dict(fields)))
        draft.take_back(doc_id)
