"""The filter language: `source:webinar band:A,B age>1d title:vp -country:DE acme`.

A term is a word, `field:value[,value…]`, or `field<value` / `field>value`; `-` in front negates; all terms
must hold. Quotes keep blanks and commas together. Words and text fields match as parts of what is shown,
whatever the case or accent. The fields are those of `filter_fields`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct

from triage.domain.clocks import sla_state
from triage.domain.entry import Entry
from triage.domain.filter_fields import ANYWHERE, BY_NAME, FIELD_NAMES, Field, Kind, haystack
from triage.domain.folding import fold
from triage.errors import UsageError

__all__ = ["FIELD_NAMES", "BadFilter", "Held", "Query", "Term", "haystack", "parse", "words_of"]

Held = Callable[[str], Collection[str]]
"""Returns the values that the leads hold in a field, folded."""

_SPANS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
_WORD = re.compile(r'(?:[^\s"]|"[^"]*"?)+')
_FIELD = re.compile(r"([A-Za-z_]+)(:|>=|<=|>|<)(.*)", re.DOTALL)
_VALUE = re.compile(r'(?:[^",]|"[^"]*"?)+')


class BadFilter(UsageError):
    """A filter that cannot be read; the part from `position` to `end` is why, in characters from 0."""

    def __init__(self, message: str, *, position: int, end: int = 0, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.position = position
        self.end = max(end, position + 1)


class Term(Struct, frozen=True):
    """One condition: a field, how it is compared, and with what."""

    field: Field
    op: str
    values: tuple[Any, ...]
    """Folded texts, numbers, or spans."""
    negated: bool = False

    def test(self, now: datetime) -> Callable[[Any], bool]:
        """Return what judges a value as the field reads it, at this moment."""
        holds = _TESTS[self.field.kind](self, now)
        return (lambda value: not holds(value)) if self.negated else holds

    def matches(self, entry: Entry, now: datetime) -> bool:
        """Whether it holds for an entry."""
        return self.test(now)(self.field.read(entry))

    def implies(self, other: Term) -> bool:
        """Whether all that it leaves, the other leaves as well. False where that is not certain."""
        if self == other:
            return True
        if self.negated or other.negated or self.field is not other.field or self.field.kind is not Kind.TEXT:
            return False
        return all(any(part in value for part in other.values) for value in self.values)


class Query(Struct, frozen=True):
    """A filter that was read once and matches many leads."""

    text: str
    terms: tuple[Term, ...] = ()

    def matches(self, entry: Entry, now: datetime) -> bool:
        """Whether all terms hold for an entry."""
        return all(term.matches(entry, now) for term in self.terms)

    def narrows(self, other: Query) -> bool:
        """Whether all that it leaves, the other leaves as well. False where that is not certain."""
        return all(any(term.implies(one) for term in self.terms) for one in other.terms)

    def beyond(self, other: Query) -> Query:
        """Return what is left to look at in a list that the other has been through."""
        return Query(self.text, tuple(term for term in self.terms if term not in other.terms))

    @property
    def changes_with_time(self) -> bool:
        """Whether a lead can come to match by waiting alone."""
        return any(term.field.changes_with_time for term in self.terms)


def parse(text: str, *, typing: bool = False, held: Held | None = None) -> Query:
    """Read a filter; BadFilter says what could not be read, where, and what was meant perhaps.

    `typing`: a field without a value, and the beginning of a value that there is, hide nothing yet. `held`:
    what the leads hold; without it a value that only a CRM could know is taken as it stands.
    """
    read = (_term(word, start, typing=typing, held=held) for word, start in words_of(text))
    return Query(text, tuple(term for term in read if term is not None))


def words_of(text: str) -> list[tuple[str, int]]:
    """Split at blanks outside quotes, each word as it was written with its position."""
    return [(match[0], match.start()) for match in _WORD.finditer(text)]


def _term(word: str, start: int, *, typing: bool, held: Held | None) -> Term | None:
    """Read one word; None for one that hides nothing: what is still being typed, negated or not."""
    negated = word.startswith("-")
    body, start = (word[1:], start + 1) if negated else (word, start)
    match = _FIELD.match(body)
    if match is None:
        plain = fold(body.replace('"', ""))
        return Term(ANYWHERE, ":", (plain,), negated) if plain.strip() else None
    field = _field(match[1], start)
    values = _values(match[3], start + match.start(3))
    if not values and not typing:
        problem = f"“{field.name}{match[2]}” names no value."
        raise BadFilter(problem, position=start, end=start + len(body), hint=f"Write {field.example}.")
    if not values:
        return None
    if match[2] != ":" and field.kind not in (Kind.NUMBER, Kind.SPAN):
        problem = f"“{field.name}” is no number, so nothing is more or less than it."
        hint = f"Write {field.name}:{values[0].text}."
        raise BadFilter(problem, position=start, end=start + len(match[1]), hint=hint)
    read = tuple(_READERS[field.kind](field, value, typing, held) for value in values)
    known = tuple(value for value in read if value is not None)
    return Term(field, match[2], known, negated) if known else None


def _field(name: str, start: int) -> Field:
    found = BY_NAME.get(name.lower())
    if found is not None:
        return found
    import difflib  # noqa: PLC0415 - for a name that there is not

    near = difflib.get_close_matches(name.lower(), FIELD_NAMES, n=1)
    hint = f"Did you mean {near[0]}?" if near else f"The fields are: {', '.join(FIELD_NAMES)}."
    raise BadFilter(f"There is no field “{name}”.", position=start, end=start + len(name), hint=hint)


class _Value(Struct, frozen=True):
    text: str
    start: int
    end: int

    def bad(self, problem: str, hint: str) -> BadFilter:
        return BadFilter(problem, position=self.start, end=self.end, hint=hint)


def _values(text: str, start: int) -> list[_Value]:
    found = []
    for match in _VALUE.finditer(text):
        value = match[0].replace('"', "").strip()
        if value:
            found.append(_Value(value, start + match.start(), start + match.end()))
    return found


def _read_text(_field: Field, value: _Value, _typing: bool, _held: Held | None) -> str | None:  # noqa: FBT001 - one of four readers
    return fold(value.text) or None


def _read_choice(field: Field, value: _Value, typing: bool, held: Held | None) -> str | None:  # noqa: FBT001 - the same
    wanted = fold(value.text)
    names = {fold(name): name for name in (*field.values, *field.usual)}
    if wanted in names or not names:
        return wanted
    if field.usual and (held is None or wanted in (known := held(field.name))):
        return wanted
    begun = (*names, *known) if field.usual else tuple(names)
    if typing and any(one.startswith(wanted) for one in begun):
        return None
    import difflib  # noqa: PLC0415 - for a value that there is not

    near = [name for name in names if name.startswith(wanted)] or difflib.get_close_matches(
        wanted, names, n=1
    )
    hint = f"Did you mean {names[near[0]]}?" if near else f"There are: {', '.join(names.values())}."
    raise value.bad(f"“{value.text}” is no value of {field.name}.", hint)


def _read_number(field: Field, value: _Value, _typing: bool, _held: Held | None) -> float:  # noqa: FBT001 - the same
    with suppress(ValueError):
        number = float(value.text)
        if not math.isnan(number):
            return number
    raise value.bad(f"“{value.text}” is not a number.", f"Write {field.example}.")


def _read_span(field: Field, value: _Value, typing: bool, _held: Held | None) -> timedelta | None:  # noqa: FBT001 - the same
    match = re.fullmatch(r"(\d{1,4})([mhdw]?)", value.text.lower())
    if match and typing and not match[2]:
        return None
    if not match or not match[2]:
        hint = f"Write {field.name}>1d, {field.name}<4h: m, h, d or w."
        raise value.bad(f"“{value.text}” is not a span.", hint)
    return int(match[1]) * _SPANS[match[2]]


_READERS: dict[Kind, Callable[[Field, _Value, bool, Held | None], Any]] = {
    Kind.TEXT: _read_text,
    Kind.CHOICE: _read_choice,
    Kind.NUMBER: _read_number,
    Kind.SPAN: _read_span,
}


def _test_text(term: Term, _now: datetime) -> Callable[[Any], bool]:
    wanted = term.values
    if len(wanted) == 1:
        part = wanted[0]
        return lambda text: part in text
    return lambda text: any(part in text for part in wanted)


def _test_choice(term: Term, now: datetime) -> Callable[[Any], bool]:
    wanted = frozenset(term.values)
    if term.field.name == "sla":
        return lambda outline: sla_state(outline, now).value in wanted
    return lambda found: not wanted.isdisjoint(found)


def _test_number(term: Term, _now: datetime) -> Callable[[Any], bool]:
    if term.op == ":":
        return lambda found: found in term.values
    return _compared(term.op, term.values[0])


def _test_span(term: Term, now: datetime) -> Callable[[Any], bool]:
    # A moment is compared, not a span: older than a day is earlier than yesterday.
    op = _EARLIER[term.op]
    return _compared(op, now - term.values[0])


_EARLIER = {">": "<", ">=": "<=", "<": ">", "<=": ">=", ":": "<="}


def _compared(op: str, wanted: Any) -> Callable[[Any], bool]:
    """Return the comparison; what is unknown compares with nothing."""
    if op == ">":
        return lambda found: found is not None and found > wanted
    if op == "<":
        return lambda found: found is not None and found < wanted
    if op == ">=":
        return lambda found: found is not None and found >= wanted
    return lambda found: found is not None and found <= wanted


_TESTS: dict[Kind, Callable[[Term, datetime], Callable[[Any], bool]]] = {
    Kind.TEXT: _test_text,
    Kind.CHOICE: _test_choice,
    Kind.NUMBER: _test_number,
    Kind.SPAN: _test_span,
}
