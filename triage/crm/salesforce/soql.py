"""Questions in SOQL: the one place where a text from outside becomes part of a query. Pure.

Nothing is put into a query but through `literal`, `like`, `moment` and names that a describe has confirmed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import TypeVar

AT_ONCE = 200
"""Ids in one IN list: with the fields about 8,000 characters of address, of 16,384 that a server takes."""
_EARLIEST, _LATEST = datetime(1700, 1, 1, tzinfo=UTC), datetime(4000, 12, 30, tzinfo=UTC)
_T = TypeVar("_T")
_ESCAPES = {
    "\\": "\\\\",
    "'": "\\'",
    '"': '\\"',
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
    "\b": "\\b",
    "\f": "\\f",
}
_REPLACED = "\ufffd"


def literal(text: str) -> str:
    """Return a text as a literal with its quotes, which no text can end; what cannot travel is replaced."""
    return "'" + "".join(_escaped(letter) for letter in text) + "'"


def like(text: str) -> str:
    """Return a text as it stands in a LIKE pattern, without quotes: % and _ mean themselves.

    Put it between the pattern's own signs: `f"Subject LIKE '%{like(word)}%'"`.
    """
    inner = literal(text)[1:-1]
    return inner.replace("%", "\\%").replace("_", "\\_")


def ids(values: Iterable[str]) -> str:
    """Return texts as a list for IN: ('a', 'b'). ValueError for none: SOQL has no empty list."""
    listed = ", ".join(literal(value) for value in values)
    if not listed:
        raise ValueError("an IN list needs one value or more")
    return f"({listed})"


def moment(at: datetime) -> str:
    """Return an aware time as a literal, in UTC and whole seconds: 2026-11-20T09:30:00Z.

    Salesforce knows no day before 1700 and none after 4000: a time beyond is told as the nearest.
    """
    known = min(max(at, _EARLIEST), _LATEST).astimezone(UTC)
    return f"{known.replace(microsecond=0, tzinfo=None).isoformat()}Z"


def split(values: Sequence[_T], most: int = AT_ONCE) -> Iterator[Sequence[_T]]:
    """Yield values in parts that one query can hold."""
    for start in range(0, len(values), most):
        yield values[start : start + most]


def _escaped(letter: str) -> str:
    if letter in _ESCAPES:
        return _ESCAPES[letter]
    if letter < " " or letter == "\x7f" or "\ud800" <= letter <= "\udfff":
        return _REPLACED
    return letter
