"""A small reader of SOQL: SELECT with relationships and sub-selects, WHERE, ORDER BY, LIMIT, OFFSET."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal as Only

from tests.salesforce.org.lexing import Word, malformed, words_of

_CLAUSES = ("FROM", "WHERE", "ORDER", "LIMIT", "OFFSET")
_COMPARE = ("=", "!=", "<>", "<", ">", "<=", ">=")
LONGEST = 100_000
Joint = Only["AND", "OR"]


@dataclass(frozen=True)
class Literal:
    """A value as it was written: its kind decides what it may be compared with."""

    kind: str
    text: str


@dataclass(frozen=True)
class Compare:
    """path operator value."""

    path: str
    operator: str
    value: Literal


@dataclass(frozen=True)
class Among:
    """path [NOT] IN (values or a query)."""

    path: str
    negated: bool
    values: tuple[Literal, ...]
    query: Query | None = None


@dataclass(frozen=True)
class Joined:
    """Conditions under one AND or one OR."""

    by: Joint
    parts: tuple[Condition, ...]


@dataclass(frozen=True)
class Negated:
    """NOT condition."""

    part: Condition


Condition = Compare | Among | Joined | Negated


@dataclass(frozen=True)
class Order:
    """One key of ORDER BY."""

    path: str
    down: bool
    nulls_last: bool


@dataclass
class Query:
    """One SELECT."""

    paths: list[str] = field(default_factory=list)
    subqueries: list[Query] = field(default_factory=list)
    counts: bool = False
    source: str = ""
    where: Condition | None = None
    order: list[Order] = field(default_factory=list)
    limit: int | None = None
    offset: int = 0


class _Reader:
    def __init__(self, query: str) -> None:
        self._words = words_of(query)
        self._end = Word("end", "<EOF>", len(query))
        self._at = 0

    @property
    def here(self) -> Word:
        return self._words[self._at] if self._at < len(self._words) else self._end

    def take(self, *texts: str) -> Word:
        word = self.here
        if texts and not word.says(*texts):
            raise malformed(f"expecting {' or '.join(texts)}, found '{word.text}' at column {word.at}")
        self._at += 1
        return word

    def found(self, *texts: str) -> bool:
        if not self.here.says(*texts):
            return False
        self._at += 1
        return True

    def name(self) -> str:
        word = self.here
        if word.kind != "name" or word.says(*_CLAUSES):
            raise malformed(f"unexpected token: '{word.text}' at column {word.at}")
        self._at += 1
        return word.text

    def count(self) -> int:
        word = self.take()
        if word.kind != "number" or not word.text.isdigit():
            raise malformed(f"unexpected token: '{word.text}'")
        return int(word.text)

    def query(self) -> Query:
        self.take("SELECT")
        found = Query()
        self._selected(found)
        self.take("FROM")
        found.source = self.name()
        if self.found("WHERE"):
            found.where = self._joined()
        if self.found("ORDER"):
            self.take("BY")
            found.order.append(self._order())
            while self.found(","):
                found.order.append(self._order())
        if self.found("LIMIT"):
            found.limit = self.count()
        if self.found("OFFSET"):
            found.offset = self.count()
        return found

    def _selected(self, query: Query) -> None:
        while True:
            if self.found("("):
                query.subqueries.append(self.query())
                self.take(")")
            elif self.here.says("COUNT"):
                self.take()
                self.take("(")
                self.take(")")
                query.counts = True
            else:
                query.paths.append(self.name())
            if not self.found(","):
                return

    def _joined(self) -> Condition:
        parts = [self._one()]
        # AND and OR mixed without brackets is no SOQL: the other word is left over and refused as unexpected.
        by: Joint = "OR" if self.here.says("OR") else "AND"
        while self.found(by):
            parts.append(self._one())
        return parts[0] if len(parts) == 1 else Joined(by, tuple(parts))

    def _one(self) -> Condition:
        if self.found("NOT"):
            return Negated(self._one())
        if self.found("("):
            inner = self._joined()
            self.take(")")
            return inner
        path = self.name()
        if self.found("NOT"):
            self.take("IN")
            return self._among(path, negated=True)
        if self.found("IN"):
            return self._among(path, negated=False)
        operator = self.take(*_COMPARE, "LIKE").text.upper()
        return Compare(path, "!=" if operator == "<>" else operator, self._literal())

    def _among(self, path: str, *, negated: bool) -> Among:
        self.take("(")
        if self.here.says("SELECT"):
            inner = self.query()
            self.take(")")
            return Among(path, negated, (), inner)
        values = [self._literal()]
        while self.found(","):
            values.append(self._literal())
        self.take(")")
        return Among(path, negated, tuple(values))

    def _literal(self) -> Literal:
        word = self.take()
        if word.kind in {"string", "number", "datetime", "date"}:
            return Literal(word.kind, word.text)
        if word.says("TRUE", "FALSE"):
            return Literal("boolean", word.text.lower())
        if word.says("NULL"):
            return Literal("null", "")
        if word.kind == "name" and "." not in word.text:
            return Literal("span", word.text.upper())
        raise malformed(f"unexpected token: '{word.text}' at column {word.at}")

    def _order(self) -> Order:
        path = self.name()
        down = self.found("DESC")
        if not down:
            self.found("ASC")
        if self.found("NULLS"):
            return Order(path, down, self.take("FIRST", "LAST").says("LAST"))
        return Order(path, down, nulls_last=down)


def read(text: str) -> Query:
    """Return a query; RefusedError MALFORMED_QUERY for what is none."""
    if len(text) > LONGEST:
        raise malformed(f"SOQL statements cannot be longer than {LONGEST} characters.")
    reader = _Reader(text)
    found = reader.query()
    if reader.here.kind != "end":
        raise malformed(f"unexpected token: '{reader.here.text}' at column {reader.here.at}")
    return found
