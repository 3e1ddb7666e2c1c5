"""One tolerant reader for what a CRM sends: field by field, bounded, and never an exception for bad data.

A field that is missing or null has its default. One of the wrong type has its default too and is counted
by name, so that a screen can say what could not be read. Unknown fields are ignored. Text stays as it came:
cleaning is for display.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

TEXT_LIMIT = 20_000
"""Characters kept of any text; a longer one is cut and counted."""
ID_LIMIT = 128
"""Characters of an id; a longer one is no id."""
LIST_LIMIT = 500
"""Entries kept of any list or object; the rest is counted once."""
LARGEST_WHOLE = 2**53
"""No program and no JSON library loses a part of this."""
EARLIEST, LATEST = datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC)
"""Between these a moment can be shown in every time zone; many a CRM has the ends of all time for "none"."""
_NAMES = 200
"""Different names that are counted: a hostile answer could invent any number of them."""
_NAME_LIMIT = 60
_T = TypeVar("_T")


class Fields:
    """One JSON object on its way into the domain; what cannot be read is counted in `unread`."""

    def __init__(self, value: Mapping[str, Any], unread: Counter[str], within: str = "") -> None:
        self._value = value
        self._unread = unread
        self._within = within

    def text(self, name: str) -> str:
        """Return a text, or an empty one."""
        value = self._value.get(name)
        if type(value) is str and len(value) <= TEXT_LIMIT:  # nearly every call of a fetch ends here
            return value
        return self.optional_text(name) or ""

    def optional_text(self, name: str) -> str | None:
        """Return a text, or None."""
        value = self._typed(name, str)
        if value is not None and len(value) > TEXT_LIMIT:
            self._count(name)
            return value[:TEXT_LIMIT]
        return value

    def id(self, name: str) -> str | None:
        """Return an id: a text of 1 to 128 characters, or None. A cut id would be another one."""
        value = self._typed(name, str)
        if value is None or 0 < len(value) <= ID_LIMIT:
            return value
        self._count(name)
        return None

    def number(self, name: str) -> float | None:
        """Return a finite number, or None."""
        value = self._value.get(name)
        if value is None:
            return None
        number = _finite(value)
        if number is None:
            self._count(name)
        return number

    def whole(self, name: str) -> int | None:
        """Return a whole number of at most 2**53, or None."""
        value = self._typed(name, int)
        if value is None or abs(value) <= LARGEST_WHOLE:
            return value
        self._count(name)
        return None

    def flag(self, name: str, *, default: bool = False) -> bool:
        """Return true or false, or the default."""
        value = self._value.get(name)
        if isinstance(value, bool):
            return value
        if value is not None:
            self._count(name)
        return default

    def time(self, name: str) -> datetime | None:
        """Return an aware moment in UTC, cut to milliseconds, or None. A time without a zone is no moment.

        One at the ends of all time is a day or two off: there it could be shown in no other zone.
        """
        value = self._typed(name, str)
        if value is None:
            return None
        moment = _moment(value)
        if moment is None:
            self._count(name)
        return moment

    def texts(self, name: str) -> tuple[str, ...]:
        """Return the texts of a list; other entries are counted."""
        found = []
        for entry in self._entries(name):
            if isinstance(entry, str):
                found.append(entry[:TEXT_LIMIT])
            else:
                self._count(name)
        return tuple(found)

    def child(self, name: str) -> Fields | None:
        """Return an object, or None."""
        value = self._typed(name, dict)
        return None if value is None else Fields(value, self._unread, f"{self._within}{name}.")

    def children(self, name: str) -> Iterator[Fields]:
        """Yield the objects of a list; other entries are counted."""
        for entry in self._entries(name):
            if isinstance(entry, dict):
                yield Fields(entry, self._unread, f"{self._within}{name}.")
            else:
                self._count(name)

    def plain(self, name: str) -> dict[str, Any]:
        """Return an object as it came, for what is only kept and shown; empty where there is none."""
        value = self._typed(name, dict) or {}
        return dict(list(value.items())[:LIST_LIMIT])

    def entries(self) -> list[tuple[str, Any]]:
        """Return names and values, for an object whose names are not known beforehand."""
        if len(self._value) > LIST_LIMIT:
            self._count("…")
        return list(self._value.items())[:LIST_LIMIT]

    def has(self, name: str) -> bool:
        """Whether anything but null was given."""
        return self._value.get(name) is not None

    def raw(self, name: str) -> Any:
        """Return a value of any type, or None."""
        return self._value.get(name)

    def count(self, name: str) -> None:
        """Count a field that the caller could not read."""
        self._count(name)

    def _typed(self, name: str, kind: type[_T]) -> _T | None:
        value = self._value.get(name)
        if isinstance(value, kind) and not isinstance(value, bool):
            return value
        if value is not None:
            self._count(name)
        return None

    def _entries(self, name: str) -> list[Any]:
        value = self._typed(name, list)
        if value is None:
            return []
        if len(value) > LIST_LIMIT:
            self._count(name)
        return list(value[:LIST_LIMIT])

    def _count(self, name: str) -> None:
        key = f"{self._within}{name}"[:_NAME_LIMIT]
        if key in self._unread or len(self._unread) < _NAMES:
            self._unread[key] += 1


def _finite(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            return None
        if moment.tzinfo is not UTC:
            moment = moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    past = moment.microsecond % 1000
    whole = moment.replace(microsecond=moment.microsecond - past) if past else moment
    return min(max(whole, EARLIEST), LATEST)
