"""Reading a list page by page while others write: no lead is skipped, and none is given twice. Pure.

BottleCRM knows an offset and no place in its list. But the list is in the order of ids: a page that begins
with what was given last, or before it, goes on there; one that begins beyond has left out what moved up, and
the page before is read again. Open and closed leads are two lists, cut by the same offset.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from msgspec import Struct

from triage.errors import BadAnswer

Row = dict[str, Any]
"""A lead as BottleCRM has it."""
ALL = 1_000_000
"""Leads of one answer where the order is another one than that of the ids: then there are no pages."""
_MOST_IN_VAIN = 10
"""Requests in a row that may give nothing new."""


class ListPage(Struct, frozen=True):
    """Leads of one answer to a list, with what BottleCRM puts beside them."""

    open: list[Row]
    closed: list[Row]
    users: list[Row]
    """Whom a lead may go to: id and user__email."""
    tags: list[Row]


class Paging:
    """How far a list is read."""

    def __init__(self, size: int) -> None:
        """`size`: leads of a page, two or more."""
        self.is_at_end = False
        self._in_vain = 0
        self._begin(size)

    def _begin(self, size: int) -> None:
        self._size = size
        self._offset = 0
        self._given = ["", ""]
        """The last id that was given of each half."""
        self._was_full = [False, False]

    @property
    def params(self) -> dict[str, str]:
        """What asks for the next page."""
        return {"limit": str(self._size), "offset": str(self._offset)}

    def fresh(self, page: ListPage) -> ListPage | None:
        """Return what is new of the page that was asked for, and go on; None: there is another one to read.

        BadAnswer where nothing new comes any more, and no end either.
        """
        halves = (page.open, page.closed)
        full = [len(rows) >= self._size for rows in halves]
        if not all(map(_is_in_order, halves)) and (self._offset or any(full)):
            self._begin(ALL)
            return None
        news = [_below(rows, given) for rows, given in zip(halves, self._given, strict=True)]
        if self._offset and any(map(_is_beyond, halves, self._given, self._was_full)):
            self._count()
            self._offset = max(0, self._offset - self._size)
            return None
        if any(news):
            self._in_vain = 0
        elif any(full):
            self._count()
        self._given = [_id(rows[-1]) if rows else last for rows, last in zip(news, self._given, strict=True)]
        self._was_full, self.is_at_end = full, not any(full)
        self._offset += self._size - 1
        return ListPage(news[0], news[1], page.users, page.tags)

    def _count(self) -> None:
        self._in_vain += 1
        if self._in_vain > _MOST_IN_VAIN:
            hint = "Try again in a moment."
            raise BadAnswer("BottleCRM's list of leads moves on while it is read.", hint=hint)


def _id(row: Row) -> str:
    return str(row.get("id") or "")


def _is_in_order(rows: list[Row]) -> bool:
    """Whether the ids descend: uuids as texts are in the order that BottleCRM's database has."""
    return all(_id(one) > _id(following) for one, following in pairwise(rows))


def _is_beyond(rows: list[Row], given: str, was_full: bool) -> bool:  # noqa: FBT001 - one of three columns
    """Whether rows may be missing between what was given and these."""
    return bool(given) and (_id(rows[0]) < given if rows else was_full)


def _below(rows: list[Row], given: str) -> list[Row]:
    """Return the rows that come after what was given."""
    return [row for row in rows if not given or _id(row) < given]
