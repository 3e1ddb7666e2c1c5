"""Many records in one request: at most 100, and each with its own outcome where the API promises that."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tests.hubspot.portal.calls import Call, Reply
from tests.hubspot.portal.kinds import Kind, kind_of
from tests.hubspot.portal.objects import MOST_WITH_HISTORY, told
from tests.hubspot.portal.problems import Problem, invalid, not_found
from tests.hubspot.portal.stamps import iso
from tests.hubspot.portal.writing import create, properties_in, update

if TYPE_CHECKING:
    from tests.hubspot.portal.state import State

_Row = dict[str, Any]
_Write = Callable[[], _Row]
_Prepare = Callable[[Kind, _Row], _Write]

_MISSING = "Could not get some {} objects, they may be deleted or not exist. Check that ids are valid."


def read(state: State, call: Call) -> Reply:
    """Rows by id. Ids that went up in others are left out without a word; the rest that is missing is named."""
    kind = kind_of(call.args["kind"])
    body = call.body
    names, history = _names(body, "properties"), _names(body, "propertiesWithHistory")
    inputs = state.inputs_of(call, MOST_WITH_HISTORY if history else 100)
    began = iso(state.clock.now())
    results, missing = [], []
    for record_id in dict.fromkeys(str(one.get("id")) for one in inputs):
        record = _by(state, kind, record_id, str(body.get("idProperty") or ""), archived=body.get("archived"))
        if record is not None:
            results.append(told(state, record, names, history))
        elif (kind.name, record_id) not in state.records.merged:
            missing.append(record_id)
    errors = [_missing(kind, missing)] if missing else []
    return _answer(state, 200, began, results, errors)


def _names(body: dict[str, Any], key: str) -> list[str]:
    found = body.get(key) or []
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        raise invalid(f"Invalid input JSON: {key} must be an array of strings")
    return found


def _by(state: State, kind: Kind, value: str, name: str, *, archived: Any) -> Any:
    if not name:
        return state.records.get(kind, value, archived=bool(archived))
    return next((one for one in state.records.live(kind) if one.properties.get(name) == value), None)


def _missing(kind: Kind, ids: list[str]) -> _Row:
    return not_found(_MISSING.format(kind.one.upper()), context={"ids": ids}).item()


def updated(state: State, call: Call) -> Reply:
    return _each(state, call, 200, lambda kind, one: _update(state, kind, one))


def created(state: State, call: Call) -> Reply:
    return _each(state, call, 201, lambda kind, one: _create(state, kind, one))


def archived(state: State, call: Call) -> Reply:
    kind = kind_of(call.args["kind"])
    for one in state.inputs_of(call, 100):
        record = state.records.get(kind, str(one.get("id")))
        if record is not None:
            state.records.archive(record)
    return Reply(204, None)


def upserted(state: State, call: Call) -> Reply:
    """By a unique property's value; `new` says which came of it."""
    return _each(state, call, 200, lambda kind, one: _upsert(state, kind, one))


def _update(state: State, kind: Kind, one: _Row) -> _Write:
    record = _by(state, kind, str(one.get("id")), str(one.get("idProperty") or ""), archived=False)
    if record is None:
        raise not_found(_MISSING.format(kind.one.upper()), context={"ids": [str(one.get("id"))]})
    given = properties_in(one)
    write = update(state, record, given)
    return lambda: told(state, write(), list(given))


def _create(state: State, kind: Kind, one: _Row) -> _Write:
    given = properties_in(one)
    write = create(state, kind, given, one.get("associations") or [])
    return lambda: told(state, write(), list(given))


def _upsert(state: State, kind: Kind, one: _Row) -> _Write:
    name, value = str(one.get("idProperty") or ""), str(one.get("id"))
    definition = state.schemas[kind.name].properties.get(name)
    if definition is None or not (definition.unique or name == "email"):
        raise invalid(f"Property {name} is not a unique property")
    is_new = _by(state, kind, value, name, archived=False) is None
    given = {**properties_in(one), name: value}
    write = _create(state, kind, {"properties": given}) if is_new else _update(state, kind, one)
    return lambda: {**write(), "new": is_new}


def _each(state: State, call: Call, status: int, prepare: _Prepare) -> Reply:
    """Do them one by one. Without trace ids, or where the account does not answer in parts: all of them or none."""
    kind = kind_of(call.args["kind"])
    inputs = state.inputs_of(call, min(100, state.batch_limit))
    began = iso(state.clock.now())
    if not (state.writes_in_parts and all(one.get("objectWriteTraceId") for one in inputs)):
        for one in inputs:
            prepare(kind, one)  # raises what the first unfit one raises, before anything is written
    results, errors = [], []
    for number, one in enumerate(inputs):
        trace = str(one.get("objectWriteTraceId") or "")
        try:
            if number == 0 and call.fault == "error-one":
                raise invalid("The write of this input was refused.")
            results.append({**prepare(kind, one)(), **({"objectWriteTraceId": trace} if trace else {})})
        except Problem as problem:
            errors.append(problem.item(objectWriteTraceId=[trace] if trace else []))
    if call.fault == "partial":
        results = results[: len(results) // 2]
    return _answer(state, status, began, results, errors)


def _answer(state: State, status: int, began: str, results: list[_Row], errors: list[_Row]) -> Reply:
    body: _Row = {
        "status": "COMPLETE",
        "results": results,
        "startedAt": began,
        "completedAt": iso(state.clock.now()),
    }
    if errors:
        body |= {"numErrors": len(errors), "errors": errors}
        status = state.multi_status
    return Reply(status, body)
