"""Conditions to a test of rows, with the vendor's strictness about types."""

from __future__ import annotations

import operator
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from tests.salesforce.org.errors import RefusedError
from tests.salesforce.org.ids import full_id, looks_like_id
from tests.salesforce.org.lexing import decoded, malformed, pattern
from tests.salesforce.org.paths import Eyes, Path
from tests.salesforce.org.schema import IDS, NUMBERS, Field, SObject
from tests.salesforce.org.soql import Among, Compare, Condition, Joined, Literal, Negated, Query
from tests.salesforce.org.tables import Row
from tests.salesforce.org.values import read_time

Test = Callable[[Row], bool]
Values = Callable[[Query], set[Any]]
_ORDERED = {"<": operator.lt, ">": operator.gt, "<=": operator.le, ">=": operator.ge}


def test_of(where: Condition, sobject: SObject, eyes: Eyes, inner: Values, now: datetime) -> Test:
    """Return what a row must pass. `inner` gives the values of a query inside of IN."""
    return _Matching(sobject, eyes, inner, now).test(where)


class _Matching:
    def __init__(self, sobject: SObject, eyes: Eyes, inner: Values, now: datetime) -> None:
        self._sobject = sobject
        self._eyes = eyes
        self._inner = inner
        self._now = now

    def test(self, where: Condition) -> Test:
        if isinstance(where, Joined):
            parts = [self.test(part) for part in where.parts]
            joint = all if where.by == "AND" else any
            return lambda row: joint(part(row) for part in parts)
        if isinstance(where, Negated):
            part = self.test(where.part)
            return lambda row: not part(row)
        path = self._eyes.path(self._sobject, where.path)
        if path.field.long:
            words = f"field '{path.field.name}' can not be filtered in a query call"
            raise RefusedError(400, "INVALID_FIELD", words)
        return self._among(path, where) if isinstance(where, Among) else self._compare(path, where)

    def _among(self, path: Path, where: Among) -> Test:
        get, fold = path.get, _folding(path.field)
        if where.query is not None:
            wanted = {fold(one) for one in self._inner(where.query)}
        else:
            wanted = {fold(_value(path.field, one)) for one in where.values}
        if where.negated:
            return lambda row: fold(get(row)) not in wanted
        return lambda row: fold(get(row)) in wanted

    def _compare(self, path: Path, where: Compare) -> Test:
        if where.operator == "LIKE":
            return _like(path, where.value)
        if where.value.kind == "span":
            return _within(path, where.operator, _span(where.value.text, self._now))
        get, fold = path.get, _folding(path.field)
        wanted = fold(_value(path.field, where.value))
        if where.operator == "=":
            return lambda row: fold(get(row)) == wanted
        if where.operator == "!=":
            return lambda row: fold(get(row)) != wanted
        compare = _ORDERED[where.operator]

        def ordered(row: Row) -> bool:
            value = get(row)
            return value is not None and wanted is not None and bool(compare(fold(value), wanted))

        return ordered


def _folding(field: Field) -> Callable[[Any], Any]:
    if field.type in IDS or field.case_sensitive:
        return lambda value: value
    return lambda value: value.casefold() if isinstance(value, str) else value


def _like(path: Path, value: Literal) -> Test:
    if path.field.type in IDS or value.kind != "string":
        raise RefusedError(400, "INVALID_QUERY_FILTER_OPERATOR", f"invalid operator on {path.field.name}")
    wanted, get = pattern(value.text), path.get
    return lambda row: wanted.fullmatch(get(row) or "") is not None and get(row) is not None


def _value(field: Field, given: Literal) -> Any:
    if given.kind == "null":
        return None
    wanted = _kind(field)
    if given.kind != wanted:
        quotes = "should be enclosed in quotes" if wanted == "string" else "should not be enclosed in quotes"
        words = (
            f"value of filter criterion for field '{field.name}' must be of type {field.type} and {quotes}"
        )
        raise RefusedError(400, "INVALID_FIELD", words)
    if field.type in IDS:
        if not looks_like_id(given.text):
            raise RefusedError(400, "INVALID_QUERY_FILTER_OPERATOR", f"invalid ID field: {given.text}")
        return full_id(given.text)
    return _READ[wanted](given.text)


def _kind(field: Field) -> str:
    if field.type in NUMBERS:
        return "number"
    return field.type if field.type in {"datetime", "date", "boolean"} else "string"


_READ: dict[str, Callable[[str], Any]] = {
    "number": float,
    "datetime": read_time,
    "date": date.fromisoformat,
    "boolean": lambda text: text == "true",
    "string": decoded,
}


def _span(text: str, now: datetime) -> tuple[datetime, datetime]:
    """Return from when to before when a date literal is, in days of UTC."""
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    word, _, count = text.partition(":")
    days = timedelta(days=int(count or 0))
    one = timedelta(days=1)
    spans = {
        "TODAY": (today, today + one),
        "YESTERDAY": (today - one, today),
        "TOMORROW": (today + one, today + one + one),
        "LAST_N_DAYS": (today - days, today + one),
        "NEXT_N_DAYS": (today + one, today + one + days),
        "N_DAYS_AGO": (today - days, today - days + one),
    }
    if word not in spans or (word.count("_N_") or word.startswith("N_")) != bool(count):
        raise malformed(f"unexpected token: '{text}'")
    return spans[word]


def _within(path: Path, sign: str, span: tuple[datetime, datetime]) -> Test:
    if path.field.type not in {"datetime", "date"}:
        raise RefusedError(400, "INVALID_FIELD", f"'{path.field.name}' is neither a date nor a moment")
    start, end = span
    tests: dict[str, Callable[[datetime], bool]] = {
        "=": lambda at: start <= at < end,
        "!=": lambda at: not start <= at < end,
        "<": lambda at: at < start,
        "<=": lambda at: at < end,
        ">": lambda at: at >= end,
        ">=": lambda at: at >= start,
    }
    test, get = tests[sign], path.get

    def within(row: Row) -> bool:
        value = get(row)
        return value is not None and test(_moment(value))

    return within


def _moment(value: datetime | date) -> datetime:
    return value if isinstance(value, datetime) else datetime(value.year, value.month, value.day, tzinfo=UTC)
