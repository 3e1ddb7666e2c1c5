"""What a transaction would do to one table, before any of it is recorded.

Owns the changes of one level of a transaction: reads fall through to what is below, and a document is
copied when someone asks for it to change it. Must never change what is below.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, MutableMapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from triage.store.bodies import Filed, Rows
from triage.store.packed import Packed, unpacked
from triage.store.state import KeyIndex, copied

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from triage.store.bodies import Document
    from triage.store.state import Documents

T = TypeVar("T")


class Draft(MutableMapping[int, "Document"]):
    """A table as the transaction would leave it, with TinyDB's ids as keys."""

    def __init__(self, below: Documents, next_id: int) -> None:
        self._below = below
        self.is_outlined = below.is_outlined
        self._below_next_id = next_id
        self.next_id = next_id
        self._put: dict[int, Any] = {}
        self._index: dict[str, KeyIndex] = {}
        """Of what was put, by the fields that were asked for."""
        self._lent: set[int] = set()
        """What was handed out, and may be changed by now without our knowledge: it is on no index."""
        self._sharing: set[int] = set()
        """What has parts in common with what is below: copied before it is handed out."""
        self._removed: set[int] = set()
        """Ids from below that lost their document, even if they got another one since."""
        self._is_cleared = False
        self.is_dropped = False
        self.is_wanted = False
        """The table shall exist, even with nothing in it."""

    def __getitem__(self, doc_id: int) -> Document:
        document: Document | None = unpacked(self._put, doc_id)
        if document is None:
            below = self._look_below(doc_id)
            if below is None:
                raise KeyError(doc_id)
            document = self._put[doc_id] = copied(below)
        else:
            self._unlist(doc_id)
            if doc_id in self._sharing:
                self._sharing.discard(doc_id)
                document = self._put[doc_id] = copied(document)
        self._lent.add(doc_id)
        return document

    def __setitem__(self, doc_id: int, document: Document) -> None:
        self.take(int(doc_id), copied(document))

    def take(self, doc_id: int, document: Document | Packed) -> None:
        """Take a document in, of which the caller keeps nothing."""
        self._unlist(doc_id)
        self._sharing.discard(doc_id)
        self._put[doc_id] = document
        for index in self._index.values():
            index.add(((doc_id, document),))
        self.next_id = max(self.next_id, doc_id + 1)
        self.is_dropped = False

    def take_new(self, documents: Sequence[Document | Packed]) -> list[int]:
        """Take new documents in, in the same way, and return the ids that they are given."""
        ids = [*range(self.next_id, self.next_id + len(documents))]
        fresh = dict(zip(ids, documents, strict=True))
        self._put.update(fresh)
        for index in self._index.values():
            index.add(fresh.items())
        self.next_id += len(ids)
        self.is_dropped = self.is_dropped and not ids
        return ids

    def amend(self, doc_id: int, fields: Document) -> None:
        """Take a document in the place of that of an id, whose other fields stay. Copies none of them."""
        before = self.peek(doc_id) or {}
        if doc_id in self._lent:
            before = copied(before)
        self.take(doc_id, {**before, **fields})
        self._sharing.add(doc_id)

    def take_back(self, doc_id: int) -> None:
        """Say that whoever was handed a document has let go of it."""
        self.take(doc_id, self._put[doc_id])

    def __delitem__(self, doc_id: int) -> None:
        if doc_id not in self:
            raise KeyError(doc_id)
        self._unlist(doc_id)
        self._put.pop(doc_id, None)
        if self._look_below(doc_id) is not None:
            self._removed.add(doc_id)

    def __contains__(self, doc_id: object) -> bool:
        return doc_id in self._put or self._is_below(doc_id)

    def __iter__(self) -> Iterator[int]:
        if not self._is_cleared:
            yield from (doc_id for doc_id in self._below.held() if doc_id not in self._removed)
        yield from (doc_id for doc_id in self._put if not self._is_below(doc_id))

    def __len__(self) -> int:
        kept = 0 if self._is_cleared else len(self._below) - len(self._removed)
        return kept + sum(not self._is_below(doc_id) for doc_id in self._put)

    def clear(self) -> None:
        """Let all documents go."""
        self._put.clear()
        self._index.clear()
        self._lent.clear()
        self._sharing.clear()
        self._removed.clear()
        self._is_cleared = True

    def drop(self) -> None:
        """Let the table go, with all documents; its counter stays."""
        self.clear()
        self.is_dropped = True

    def take_id(self) -> int:
        """Return an id that no document of this table ever had, and count on."""
        self.next_id += 1
        return self.next_id - 1

    def rows(self) -> Mapping[int, Document]:
        """Return the documents by id, in table order; not to be changed."""
        held = self.held()
        return Rows(held) if self.is_outlined else cast("Mapping[int, Document]", held)

    def held(self) -> Mapping[int, Document | Filed]:
        """Return the same as `rows`, with what lies on the disk left there."""
        for doc_id in self._put:
            unpacked(self._put, doc_id)
        if self._is_cleared:
            return dict(self._put)
        held = self._below.held()
        if not self._removed:
            return {**held, **self._put}
        rows = {doc_id: row for doc_id, row in held.items() if doc_id not in self._removed}
        rows.update(self._put)
        return rows

    def hold(self, doc_id: int) -> Document | Filed | None:
        """Return one document where it lies, not to be changed."""
        document: Document | None = unpacked(self._put, doc_id)
        if document is not None:
            return document
        return None if self._is_cleared or doc_id in self._removed else self._below.hold(doc_id)

    def peek(self, doc_id: int) -> Document | None:
        """Return one document, not to be changed."""
        document: Document | None = unpacked(self._put, doc_id)
        return self._look_below(doc_id) if document is None else document

    def matching(self, field: str, value: Hashable) -> AbstractSet[int]:
        """Return the ids of the documents in which an indexed field equals the value; not to be changed."""
        ids = self._listed(field).matching(value) | self._found_among_lent(field, value)
        below = frozenset() if self._is_cleared else self._below.matching(field, value)
        if not below:
            return ids
        if len(below) <= len(self._put):
            return {one for one in below if one not in self._put and one not in self._removed} | ids
        return (below - self._removed - self._put.keys()) | ids

    def known(self, field: str, values: Iterable[T]) -> set[T]:
        """Return those of the values that some document has in an indexed field."""
        return {value for value in values if self.matching(field, cast("Hashable", value))}

    def absorb(self, upper: Draft) -> None:
        """Take in what a level above did to this one."""
        if upper._is_cleared:
            self.clear()
        for doc_id in upper._removed:
            del self[doc_id]
        was_dropped = self.is_dropped
        for doc_id, document in upper._put.items():
            self.take(doc_id, document)
        self._sharing |= upper._sharing & upper._put.keys()
        for doc_id in upper._lent:
            self[doc_id]
        self.next_id = upper.next_id
        self.is_dropped = upper.is_dropped or (was_dropped and not upper._put)
        self.is_wanted |= upper.is_wanted

    def change(self) -> dict[str, Any] | None:
        """Return the change as the journal keeps it; None if there is none."""
        part: dict[str, Any] = {}
        if self._is_cleared:
            part["c"] = True
        if self._removed:
            part["r"] = sorted(self._removed)
        if self._put:
            part["p"] = {str(doc_id): document for doc_id, document in self._put.items()}
        if self.next_id != self._below_next_id:
            part["n"] = self.next_id
        if self.is_dropped:
            part["x"] = True
        return part if part or self.is_wanted else None

    def _listed(self, field: str) -> KeyIndex:
        index = self._index.get(field)
        if index is None:
            index = self._index[field] = KeyIndex(field)
            index.add((doc_id, row) for doc_id, row in self._put.items() if doc_id not in self._lent)
        return index

    def _found_among_lent(self, field: str, value: Hashable) -> AbstractSet[int]:
        return {
            doc_id for doc_id in self._lent if field in (row := self._put[doc_id]) and row[field] == value
        }

    def _unlist(self, doc_id: int) -> None:
        if doc_id in self._lent:
            self._lent.discard(doc_id)
        elif doc_id in self._put:
            for index in self._index.values():
                index.discard(doc_id, self._put[doc_id])

    def _is_below(self, doc_id: object) -> bool:
        return not self._is_cleared and doc_id not in self._removed and doc_id in self._below

    def _look_below(self, doc_id: int) -> Document | None:
        if self._is_cleared or doc_id in self._removed:
            return None
        return self._below.peek(doc_id)
