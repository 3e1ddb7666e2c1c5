"""What a transaction would do to one table, before any of it is recorded.

Owns the changes of one level of a transaction: reads fall through to what is below, and a document is
copied when someone asks for it to change it. Must never change what is below.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, MutableMapping
from typing import TYPE_CHECKING, Any

from triage.store.state import copied

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from triage.store.state import Document, Documents


class Draft(MutableMapping[int, "Document"]):
    """A table as the transaction would leave it, with TinyDB's ids as keys."""

    def __init__(self, below: Documents, next_id: int) -> None:
        self._below = below
        self._below_next_id = next_id
        self.next_id = next_id
        self._put: dict[int, Document] = {}
        self._removed: set[int] = set()
        """Ids from below that lost their document, even if they got another one since."""
        self._is_cleared = False
        self.is_dropped = False
        self.is_wanted = False
        """The table shall exist, even with nothing in it."""

    def __getitem__(self, doc_id: int) -> Document:
        document = self._put.get(doc_id)
        if document is None:
            below = self._look_below(doc_id)
            if below is None:
                raise KeyError(doc_id)
            document = self._put[doc_id] = copied(below)
        return document

    def __setitem__(self, doc_id: int, document: Document) -> None:
        number = int(doc_id)
        self._put[number] = copied(document)
        self.next_id = max(self.next_id, number + 1)
        self.is_dropped = False

    def __delitem__(self, doc_id: int) -> None:
        if doc_id not in self:
            raise KeyError(doc_id)
        self._put.pop(doc_id, None)
        if self._look_below(doc_id) is not None:
            self._removed.add(doc_id)

    def __contains__(self, doc_id: object) -> bool:
        return doc_id in self._put or self._is_below(doc_id)

    def __iter__(self) -> Iterator[int]:
        if not self._is_cleared:
            yield from (doc_id for doc_id in self._below.rows() if doc_id not in self._removed)
        yield from (doc_id for doc_id in self._put if not self._is_below(doc_id))

    def __len__(self) -> int:
        kept = 0 if self._is_cleared else len(self._below) - len(self._removed)
        return kept + sum(not self._is_below(doc_id) for doc_id in self._put)

    def clear(self) -> None:
        """Let all documents go."""
        self._put.clear()
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

    def rows(self) -> dict[int, Document]:
        """Return the documents by id, in table order; not to be changed."""
        if self._is_cleared:
            return dict(self._put)
        if not self._removed:
            return {**self._below.rows(), **self._put}
        rows = {doc_id: row for doc_id, row in self._below.rows().items() if doc_id not in self._removed}
        rows.update(self._put)
        return rows

    def peek(self, doc_id: int) -> Document | None:
        """Return one document, not to be changed."""
        document = self._put.get(doc_id)
        return self._look_below(doc_id) if document is None else document

    def matching(self, field: str, value: Hashable) -> AbstractSet[int]:
        """Return the ids of the documents in which an indexed field equals the value; not to be changed."""
        ids: AbstractSet[int] = frozenset()
        if not self._is_cleared:
            ids = self._below.matching(field, value) - self._removed - self._put.keys()
        return ids | {doc_id for doc_id, row in self._put.items() if field in row and row[field] == value}

    def absorb(self, upper: Draft) -> None:
        """Take in what a level above did to this one."""
        if upper._is_cleared:
            self.clear()
        for doc_id in upper._removed:
            del self[doc_id]
        self._put.update(upper._put)
        self.next_id = upper.next_id
        self.is_dropped = upper.is_dropped or (self.is_dropped and not upper._put)
        self.is_wanted |= upper.is_wanted

    def change(self) -> dict[str, Any] | None:
        """Return the change as the journal keeps it; None if there is none."""
        part: dict[str, Any] = {}
        if self._is_cleared:
            part["c"] = True
        if self._removed:
            part["r"] = sorted(self._removed)
        if self._put:
            part["p"] = self._put
        if self.next_id != self._below_next_id:
            part["n"] = self.next_id
        if self.is_dropped:
            part["x"] = True
        return part if part or self.is_wanted else None

    def _is_below(self, doc_id: object) -> bool:
        return not self._is_cleared and doc_id not in self._removed and doc_id in self._below

    def _look_below(self, doc_id: int) -> Document | None:
        if self._is_cleared or doc_id in self._removed:
            return None
        return self._below.peek(doc_id)
