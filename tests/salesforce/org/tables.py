"""The records in memory: rows are replaced and never changed, so that what failed can be taken back whole."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from tests.salesforce.org.ids import make_id
from tests.salesforce.org.schema import SObject

Row = dict[str, Any]


class Tables:
    """Rows by object and id, with an index of the external ids."""

    def __init__(self) -> None:
        self._rows: dict[str, dict[str, Row]] = defaultdict(dict)
        self._keys: dict[tuple[str, str, str], list[str]] = defaultdict(list)
        self._made: Counter[str] = Counter()
        self._undo: list[tuple[SObject, str, Row | None]] = []
        self._depth = 0

    def new_id(self, sobject: SObject) -> str:
        """Return an id that no record has had."""
        self._made[sobject.name] += 1
        return make_id(sobject.prefix, self._made[sobject.name])

    def get(self, name: str, record_id: str) -> Row | None:
        """Return a row, deleted or not, or None."""
        return self._rows[name].get(record_id)

    def all(self, name: str) -> Iterable[Row]:
        """Return all rows of an object, the deleted among them."""
        return self._rows[name].values()

    def count(self, name: str) -> int:
        """Return how many there are."""
        return len(self._rows[name])

    def with_key(self, name: str, field: str, value: str) -> list[Row]:
        """Return the rows that have this external id and are not deleted."""
        found = (self._rows[name][one] for one in self._keys[name, field, str(value)])
        return [row for row in found if not row.get("IsDeleted")]

    def put(self, sobject: SObject, row: Row) -> None:
        """Place a row, over one of the same id if there is one."""
        before = self._rows[sobject.name].get(row["Id"])
        if self._depth:
            self._undo.append((sobject, row["Id"], before))
        self._place(sobject, row["Id"], row)

    def _place(self, sobject: SObject, record_id: str, row: Row | None) -> None:
        before = self._rows[sobject.name].pop(record_id, None) if row is None else None
        before = before or self._rows[sobject.name].get(record_id)
        for one in sobject.external_ids:
            if before and before.get(one.name) is not None:
                self._keys[sobject.name, one.name, str(before[one.name])].remove(record_id)
            if row and row.get(one.name) is not None:
                self._keys[sobject.name, one.name, str(row[one.name])].append(record_id)
        if row is not None:
            self._rows[sobject.name][record_id] = row

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Keep all that is placed inside, or nothing of it if it ends in an error."""
        mark = len(self._undo)
        self._depth += 1
        try:
            yield
        except BaseException:
            while len(self._undo) > mark:
                self._place(*self._undo.pop())
            raise
        finally:
            self._depth -= 1
            if not self._depth:
                self._undo.clear()
