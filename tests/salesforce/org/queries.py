"""Queries and their pages: 2,000 rows at most in one, the rest behind a locator that belongs to who asked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.salesforce.org.errors import RefusedError
from tests.salesforce.org.matching import test_of
from tests.salesforce.org.paths import Path
from tests.salesforce.org.schema import SObject
from tests.salesforce.org.soql import Order, Query, read
from tests.salesforce.org.tables import Row
from tests.salesforce.org.values import shown

if TYPE_CHECKING:
    from tests.salesforce.org.call import Call

PAGE, SMALLEST_PAGE = 2000, 200
MOST_OFFSET = 2000
_MOST_OPEN = 50


class Plan:
    """How a row of one SELECT is told."""

    def __init__(self, call: Call, sobject: SObject, query: Query) -> None:
        self.sobject = sobject
        self._version = call.version
        self._eyes = call.eyes
        self._paths = [self._eyes.path(sobject, path) for path in query.paths]
        names = [path.names for path in self._paths]
        twice = next((one for one in names if names.count(one) > 1), None)
        if twice:
            raise RefusedError(400, "INVALID_FIELD", f"duplicate field selected: {'.'.join(twice)}")
        self._children = [_Children(call, sobject, one) for one in query.subqueries]

    def record(self, row: Row) -> dict[str, Any]:
        """Return a row as an answer holds it."""
        told: dict[str, Any] = {"attributes": self._attributes(self.sobject.name, row)}
        for path in self._paths:
            if len(path.names) == 1:
                told[path.names[0]] = shown(row.get(path.names[0]))
            else:
                self._across(told, row, path)
        for children in self._children:
            told[children.name] = children.of(row["Id"])
        return told

    def _across(self, told: dict[str, Any], row: Row, path: Path) -> None:
        relation = self.sobject.relation(path.names[0])
        target = self._eyes.referred(relation, row.get(relation.name)) if relation else None
        if target is None:
            told.setdefault(path.names[0], None)
            return
        place = told.setdefault(path.names[0], {"attributes": self._attributes(target["attributes"], target)})
        for name in path.names[1:-1]:
            place = place.setdefault(name, {})
        place[path.names[-1]] = shown(path.get(row))

    def _attributes(self, name: str, row: Row) -> dict[str, str]:
        return {"type": name, "url": f"/services/data/{self._version}/sobjects/{name}/{row['Id']}"}


class _Children:
    """A sub-select: the rows of another object that point here."""

    def __init__(self, call: Call, parent: SObject, query: Query) -> None:
        wanted = query.source.lower()
        name = next((one for one in parent.children if one.lower() == wanted), "")
        child = call.org.schema.known(parent.children[name][0], call.user) if name else None
        if child is None:
            words = f"Didn't understand relationship '{query.source}' in FROM part of query call."
            raise RefusedError(400, "INVALID_TYPE", words)
        self.name = name
        self._key = parent.children[name][1]
        self._plan = Plan(call, child, query)
        self._limit = query.limit
        self._rows: dict[str, list[Row]] = {}
        for row in found(call, child, query, everything=False, limited=False):
            self._rows.setdefault(row.get(self._key) or "", []).append(row)

    def of(self, record_id: str) -> dict[str, Any] | None:
        """Return the children of one row; None where it has none."""
        rows = self._rows.get(record_id, [])[: self._limit]
        records = [self._plan.record(row) for row in rows]
        return {"totalSize": len(records), "done": True, "records": records} if records else None


@dataclass
class Cursor:
    """What is left of a query."""

    user: str
    plan: Plan
    rows: list[Row]
    page: int


def found(call: Call, sobject: SObject, query: Query, *, everything: bool, limited: bool = True) -> list[Row]:
    """Return the rows of a query in their order."""
    rows: Iterable[Row] = call.rows(sobject, everything=everything)
    if query.where is not None:
        test = test_of(query.where, sobject, call.eyes, lambda one: _values(call, one), call.org.now())
        rows = filter(test, rows)
    ordered = list(rows)
    for key in reversed(query.order):
        ordered = _sorted(call, sobject, ordered, key)
    end = None if query.limit is None or not limited else query.offset + query.limit
    return ordered[query.offset : end]


def _values(call: Call, query: Query) -> set[Any]:
    sobject = _source(call, query)
    path = call.eyes.path(sobject, query.paths[0])
    return {path.get(row) for row in found(call, sobject, query, everything=False)} - {None}


def _sorted(call: Call, sobject: SObject, rows: list[Row], key: Order) -> list[Row]:
    path = call.eyes.path(sobject, key.path)
    if path.field.long:
        words = f"field '{path.field.name}' can not be sorted in a query call"
        raise RefusedError(400, "INVALID_FIELD", words)
    get = path.get

    def rank(row: Row) -> Any:
        value = get(row)
        return value.casefold() if isinstance(value, str) and not path.field.case_sensitive else value

    there = sorted((row for row in rows if get(row) is not None), key=rank, reverse=key.down)
    empty = [row for row in rows if get(row) is None]
    return [*there, *empty] if key.nulls_last else [*empty, *there]


def _source(call: Call, query: Query) -> SObject:
    sobject = call.org.schema.known(query.source, call.user)
    if sobject is None:
        words = (
            f"sObject type '{query.source}' is not supported. If you are attempting to use a custom object, be"
            " sure to append the '__c' after the entity name."
        )
        raise RefusedError(400, "INVALID_TYPE", words)
    return sobject


def answer(call: Call, text: str, *, everything: bool, page: int) -> dict[str, Any]:
    """Return the first page of a query; one that is none is remembered as a broken rule."""
    call.org.soql.append(text)
    try:
        return _first_page(call, read(text), everything=everything, page=page)
    except RefusedError as refused:
        if refused.code == "MALFORMED_QUERY":
            call.org.broken_rules.append(f"a query that is none: {refused.message}: {text[:200]}")
        raise


def _first_page(call: Call, query: Query, *, everything: bool, page: int) -> dict[str, Any]:
    if query.offset > MOST_OFFSET:
        words = f"Maximum SOQL offset allowed is {MOST_OFFSET}"
        raise RefusedError(400, "NUMBER_OUTSIDE_VALID_RANGE", words)
    sobject = _source(call, query)
    rows = found(call, sobject, query, everything=everything)
    if query.counts:
        return {"totalSize": len(rows), "done": True, "records": []}
    cursor = Cursor(call.user, Plan(call, sobject, query), rows, page)
    return _page(call, cursor, 0, "")


def more(call: Call, locator: str) -> dict[str, Any]:
    """Return the page behind a locator; RefusedError for one that is not this user's, or is made up."""
    name, _, start = locator.rpartition("-")
    cursor = call.org.cursors.get(name)
    if cursor is None or cursor.user != call.user or not start.isdigit() or int(start) >= len(cursor.rows):
        call.org.broken_rules.append(f"a page that was never offered: {locator}")
        raise RefusedError(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
    return _page(call, cursor, int(start), name)


def _page(call: Call, cursor: Cursor, start: int, name: str) -> dict[str, Any]:
    end = start + cursor.page
    body: dict[str, Any] = {"totalSize": len(cursor.rows), "done": end >= len(cursor.rows)}
    if end < len(cursor.rows):
        name = name or _kept(call, cursor)
        body["nextRecordsUrl"] = f"/services/data/{call.version}/query/{name}-{end}"
    return body | {"records": [cursor.plan.record(row) for row in cursor.rows[start:end]]}


def _kept(call: Call, cursor: Cursor) -> str:
    cursors = call.org.cursors
    name = f"01g{call.org.number():012d}AAA"
    cursors[name] = cursor
    while len(cursors) > _MOST_OPEN:
        cursors.pop(next(iter(cursors)))
    return name
