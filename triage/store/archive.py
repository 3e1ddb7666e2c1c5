"""The archive: what is left of settled items, a journal for each month in which the rep acted (UTC).

Owns the files `YYYY-MM.journal` of one folder. A row is on the disk when `keep` returns, so that the outbox
may let the item go. Must never hold what the rep wrote or saw, and never hold an id twice.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC
from pathlib import Path
from typing import Any

from triage.domain.archived import Archived
from triage.errors import CorruptJournal
from triage.store.disk import Disk
from triage.store.rows import value_document, value_of
from triage.store.tiny import JournalDB, JournalTable

ROWS = "items"
_INDEXES = {ROWS: ("id",)}
_JOURNAL = re.compile(r"\d{4,}-\d\d\.journal")


class Archive:
    """Rows of settled items, each id once."""

    def __init__(self, folder: Path, *, disk: Disk | None = None) -> None:
        """`disk` is the operating system, or what a test puts in its place."""
        self.folder = folder
        self._disk = disk

    def keep(self, rows: Iterable[Archived]) -> None:
        """Record rows, durably; an id that is there already becomes what it is now."""
        by_month: defaultdict[str, list[Archived]] = defaultdict(list)
        for row in rows:
            by_month[month_of(row)].append(row)
        for month, found in sorted(by_month.items()):
            with self._opened(month) as db, db.transaction():
                for row in found:
                    _put(db.table(ROWS), row)

    def all(self) -> tuple[Archived, ...]:
        """Return every row, the oldest act first; CorruptJournal names a month that does not read."""
        return tuple(row for month in self.months() for row in self.of_month(month))

    def readable(self) -> tuple[Archived, ...]:
        """Return every row of the months that read: what is counted before all of it is removed."""
        rows: list[Archived] = []
        for month in self.months():
            with suppress(CorruptJournal):
                rows += self.of_month(month)
        return tuple(rows)

    def of_month(self, month: str) -> tuple[Archived, ...]:
        """Return the rows of a month, such as "2026-10", the oldest act first."""
        with self._opened(month) as db:
            rows = db.table(ROWS).read(lambda document, _id: value_of(document, Archived))
        return tuple(sorted(rows, key=lambda row: (row.made_at, row.id)))

    def months(self) -> list[str]:
        """Return the months of which there is a file, the oldest first."""
        names = (path.name for path in self.folder.glob("*.journal"))
        return sorted(name.removesuffix(".journal") for name in names if _JOURNAL.fullmatch(name))

    def erase(self, wanted: Callable[[Archived], bool]) -> int:
        """Remove rows so that no byte of them stays in a journal; returns how many."""
        return sum(self._erase(month, wanted) for month in self.months())

    def _erase(self, month: str, wanted: Callable[[Archived], bool]) -> int:
        with self._opened(month) as db:
            table = db.table(ROWS)
            ids = [
                doc_id
                for row, doc_id in table.read(lambda document, doc_id: (value_of(document, Archived), doc_id))
                if wanted(row)
            ]
            table.remove(doc_ids=ids)
            # Whether anything was found or not: a run that was cut short may have left bytes behind.
            db.compact()
        return len(ids)

    @contextmanager
    def _opened(self, month: str) -> Iterator[JournalDB]:
        try:
            db = JournalDB(self.folder / f"{month}.journal", indexes=_INDEXES, disk=self._disk)
        except CorruptJournal as error:
            hint = "Remove that file, or run `triage purge --all`: it holds nothing that is to be delivered."
            raise CorruptJournal(error.message, path=error.path, offset=error.offset, hint=hint) from error
        try:
            yield db
        finally:
            db.close()


def month_of(row: Archived) -> str:
    """Return the month in which the rep acted, in UTC: "2026-10"."""
    return f"{row.made_at.astimezone(UTC):%Y-%m}"


def _put(table: JournalTable, row: Archived) -> None:
    document: dict[str, Any] = value_document(row)
    found = table.one_by("id", row.id)
    if found is None:
        table.insert(document)
    elif dict(found) != document:
        table.update(document, doc_ids=[found.doc_id])
