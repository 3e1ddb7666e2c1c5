"""Search: filters, one sort, pages by offset. It sees what the index has seen, and gives 10,000 results at most.

The matches of one question are kept between its pages: 10,000 leads are filtered once, not fifty times.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tests.hubspot.portal.calls import Call, Reply
from tests.hubspot.portal.kinds import Kind, kind_of
from tests.hubspot.portal.objects import told
from tests.hubspot.portal.records import Record
from tests.hubspot.portal.schema import Definition
from tests.hubspot.portal.stamps import read_time

if TYPE_CHECKING:
    from tests.hubspot.portal.state import State

MOST_RESULTS = 10_000
_PAGE = 200
_GROUPS, _IN_GROUP, _FILTERS = 5, 6, 18
"""Where sources differ, the least of them."""
_Test = Callable[[dict[str, str]], bool]
_Compare = Callable[[Any, Any], bool]
_ORDER: dict[str, _Compare] = {
    "LT": lambda left, right: left < right,
    "LTE": lambda left, right: left <= right,
    "GT": lambda left, right: left > right,
    "GTE": lambda left, right: left >= right,
}


class Searches:
    """The matches of the last question."""

    def __init__(self) -> None:
        self._asked: tuple[Any, ...] = ()
        self._found: list[tuple[Record, dict[str, str]]] = []

    def found(self, state: State, kind: Kind, body: dict[str, Any]) -> list[tuple[Record, dict[str, str]]]:
        state.index.catch_up()
        asked = (kind.name, repr(body.get("filterGroups")), repr(body.get("sorts")), state.index.version)
        if asked != self._asked:
            self._found = _matches(state, kind, body)
            self._asked = asked
        return self._found


def search(state: State, call: Call) -> Reply:
    kind = kind_of(call.args["kind"])
    body = call.body
    limit, after = _paging(state, body)
    names = body.get("properties") or []
    if not isinstance(names, list) or not all(isinstance(one, str) for one in names):
        raise _refused(state, "properties must be an array of strings")
    found = state.searches.found(state, kind, body)
    page = found[after : after + limit]
    answer: dict[str, Any] = {
        "total": len(found),
        "results": [told(state, record, names, (), seen) for record, seen in page],
    }
    if after + limit < len(found):
        further = str(after + limit)
        answer["paging"] = {
            "next": {"after": further, "link": f"https://api.hubapi.com{call.path}?after={further}"}
        }
    return Reply(200, answer)


def _refused(state: State, said: str) -> Exception:
    return state.break_rule(f"search: {said}", f"There was a problem with the request: {said}")


def _paging(state: State, body: dict[str, Any]) -> tuple[int, int]:
    limit, after = body.get("limit", 10), str(body.get("after") or "0")
    if not isinstance(limit, int) or not 1 <= limit <= _PAGE:
        raise _refused(state, f"limit {limit} is not between 1 and {_PAGE}")
    if not after.isdigit():
        raise _refused(state, f"after {after} is not an offset")
    if int(after) + limit > MOST_RESULTS:
        raise _refused(state, f"paging beyond {MOST_RESULTS} results")
    return limit, int(after)


def _matches(state: State, kind: Kind, body: dict[str, Any]) -> list[tuple[Record, dict[str, str]]]:
    groups = [[_test(state, kind, one) for one in group] for group in _groups(state, body)]
    rows = [(record, seen) for record in state.records.of[kind.name].values() if (seen := record.indexed)]
    if groups:
        rows = [
            (record, seen)
            for record, seen in rows
            if any(all(test(seen) for test in tests) for tests in groups)
        ]
    return _sorted(state, kind, body, rows)


def _groups(state: State, body: dict[str, Any]) -> list[list[dict[str, Any]]]:
    given = body.get("filterGroups") or []
    groups = [group.get("filters", []) for group in given if isinstance(group, dict)]
    if len(groups) > _GROUPS or any(len(group) > _IN_GROUP for group in groups):
        raise _refused(state, f"more than {_GROUPS} groups or {_IN_GROUP} filters in one")
    if sum(map(len, groups)) > _FILTERS:
        raise _refused(state, f"more than {_FILTERS} filters")
    return groups


def _definition(state: State, kind: Kind, name: Any) -> Definition:
    definition = state.schemas[kind.name].properties.get(str(name))
    if definition is None:
        raise _refused(state, f"Property {name} does not exist")
    return definition


def _sorted(
    state: State, kind: Kind, body: dict[str, Any], rows: list[tuple[Record, dict[str, str]]]
) -> list[tuple[Record, dict[str, str]]]:
    """In the order asked for; else as they were made. Those without the property come last."""
    sorts = body.get("sorts") or []
    if len(sorts) > 1:
        raise _refused(state, "more than one sort")
    if not sorts:
        return rows
    given = sorts[0] if isinstance(sorts[0], dict) else {"propertyName": sorts[0].lstrip("-")}
    descending = given.get("direction") == "DESCENDING" or str(sorts[0]).startswith("-")
    name = given.get("propertyName")
    read = _reader(_definition(state, kind, name))
    having = [row for row in rows if name in row[1]]
    having.sort(key=lambda row: read(row[1][name]), reverse=descending)
    return having + [row for row in rows if name not in row[1]] if len(having) < len(rows) else having


def _reader(definition: Definition) -> Callable[[str], Any]:
    """How a property's values are compared: as numbers, as times, or as texts whatever their case."""
    if definition.type == "number":
        return float
    if definition.type in ("datetime", "date"):
        return _instant
    return str.lower


def _instant(text: str) -> float:
    at = read_time(text)
    return at.timestamp() if at else 0.0


def _test(state: State, kind: Kind, given: dict[str, Any]) -> _Test:
    name, operator = given.get("propertyName"), given.get("operator")
    definition = _definition(state, kind, name)
    make = _OPERATORS.get(str(operator))
    if make is None:
        raise _refused(state, f"operator {operator} does not exist")
    try:
        return make(definition.name, _reader(definition), given)
    except (KeyError, TypeError, ValueError):
        raise _refused(state, f"{operator} on {name} has no fit value") from None


_Read = Callable[[str], Any]


def _texts(values: Any) -> list[str]:
    if not isinstance(values, list) or not values:
        raise ValueError
    return [str(one) for one in values]


def _has(name: str, _read: _Read, _given: dict[str, Any]) -> _Test:
    return lambda seen: name in seen


def _has_not(name: str, _read: _Read, _given: dict[str, Any]) -> _Test:
    return lambda seen: name not in seen


def _equal(name: str, read: _Read, given: dict[str, Any]) -> _Test:
    right = read(str(given["value"]))
    return lambda seen: name in seen and read(seen[name]) == right


def _unequal(name: str, read: _Read, given: dict[str, Any]) -> _Test:
    right = read(str(given["value"]))
    return lambda seen: name in seen and read(seen[name]) != right


def _in(name: str, read: _Read, given: dict[str, Any]) -> _Test:
    right = {read(one) for one in _texts(given["values"])}
    return lambda seen: name in seen and read(seen[name]) in right


def _not_in(name: str, read: _Read, given: dict[str, Any]) -> _Test:
    right = {read(one) for one in _texts(given["values"])}
    return lambda seen: name in seen and read(seen[name]) not in right


def _between(name: str, read: _Read, given: dict[str, Any]) -> _Test:
    low, high = read(str(given["value"])), read(str(given["highValue"]))
    return lambda seen: name in seen and low <= read(seen[name]) <= high


def _ordered(operator: str) -> Callable[[str, _Read, dict[str, Any]], _Test]:
    compare = _ORDER[operator]

    def make(name: str, read: _Read, given: dict[str, Any]) -> _Test:
        right = read(str(given["value"]))
        return lambda seen: name in seen and compare(read(seen[name]), right)

    return make


def _token(*, wanted: bool) -> Callable[[str, _Read, dict[str, Any]], _Test]:
    def make(name: str, _read: _Read, given: dict[str, Any]) -> _Test:
        word = str(given["value"]).lower().strip("*")
        return lambda seen: (word in seen.get(name, "").lower()) is wanted

    return make


_OPERATORS: dict[str, Callable[[str, _Read, dict[str, Any]], _Test]] = {
    "EQ": _equal,
    "NEQ": _unequal,
    "IN": _in,
    "NOT_IN": _not_in,
    "BETWEEN": _between,
    "HAS_PROPERTY": _has,
    "NOT_HAS_PROPERTY": _has_not,
    "CONTAINS_TOKEN": _token(wanted=True),
    "NOT_CONTAINS_TOKEN": _token(wanted=False),
    **{name: _ordered(name) for name in _ORDER},
}
