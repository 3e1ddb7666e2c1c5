"""sObject Collections: up to 200 records at once, HTTP 200 whatever becomes of them, a result for each in order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.salesforce.org import saving
from tests.salesforce.org.call import Asked, Call, Reply
from tests.salesforce.org.errors import RefusedError, not_found
from tests.salesforce.org.schema import SObject
from tests.salesforce.org.values import shown

MOST, MOST_CHUNKS = 200, 10
_ROLLED_BACK = RefusedError(
    400,
    "ALL_OR_NONE_OPERATION_ROLLED_BACK",
    "Record rolled back because not all records were valid and the request was using AllOrNone header",
)
_Save = Callable[[dict[str, Any]], dict[str, Any]]


class _HaltedError(Exception):
    """One record failed where all must succeed."""


def answer(call: Call, asked: Asked, parts: list[str]) -> Reply:
    """Answer what is asked below /composite/sobjects."""
    if asked.method == "DELETE" and not parts:
        ids = [one for one in asked.params.get("ids", "").split(",") if one]
        records = [{"id": one} for one in ids]
        return _each(call, records, lambda one: _remove(call, one), asked.params.get("allOrNone") == "true")
    if asked.method == "POST" and len(parts) == 1:
        return _retrieve(call, parts[0], asked)
    records = _records(call, asked)
    every = asked.record.get("allOrNone") is True
    match asked.method, parts:
        case "POST", []:
            return _each(call, records, lambda one: _create(call, one), every)
        case "PATCH", []:
            return _each(call, records, lambda one: _change(call, one), every)
        case "PATCH", [kind, key]:
            sobject = call.org.schema.of(kind, call.user)
            return _each(call, records, lambda one: _upsert(call, sobject, key, one), every)
    raise not_found()


def _records(call: Call, asked: Asked) -> list[dict[str, Any]]:
    records = asked.record.get("records")
    if not isinstance(records, list):
        raise RefusedError(400, "REQUIRED_FIELD_MISSING", "records is required")
    if len(records) > MOST:
        call.org.broken_rules.append(f"{len(records)} records in one collection")
        words = f"record limit reached. cannot submit more than {MOST} records in a single request"
        raise RefusedError(400, "EXCEEDED_ID_LIMIT", words)
    kinds = [_kind(one) for one in records]
    chunks = sum(1 for before, kind in zip([None, *kinds], kinds, strict=False) if before != kind)
    if chunks > MOST_CHUNKS:
        raise RefusedError(
            400, "INVALID_INPUT", f"Cannot have more than {MOST_CHUNKS} chunks in a single operation"
        )
    return records


def _kind(record: Any) -> str:
    attributes = record.get("attributes") if isinstance(record, dict) else None
    kind = attributes.get("type") if isinstance(attributes, dict) else None
    if not isinstance(kind, str):
        raise RefusedError(400, "INVALID_INPUT", "Include an object type in the attributes of each record")
    return kind


def _each(call: Call, records: list[dict[str, Any]], save: _Save, every: bool) -> Reply:
    results: list[dict[str, Any]] = []
    try:
        with call.org.together():
            results.extend(_result(call, record, save) for record in records)
            _check_every(results, every)
    except _HaltedError:
        results = [one if not one["success"] else _ROLLED_BACK.row for one in results]
    return Reply(200, results)


def _check_every(results: list[dict[str, Any]], every: bool) -> None:
    if every and not all(one["success"] for one in results):
        raise _HaltedError


def _result(call: Call, record: dict[str, Any], save: _Save) -> dict[str, Any]:
    try:
        with call.org.together():
            return save(record)
    except RefusedError as refused:
        return refused.row
    except saving.SeveralError:
        return RefusedError(
            300, "DUPLICATE_EXTERNAL_ID", "more than one record found for external id field"
        ).row


def _create(call: Call, record: dict[str, Any]) -> dict[str, Any]:
    sobject = call.org.schema.of(_kind(record), call.user)
    return {"id": saving.create(call, sobject, record)["Id"], "success": True, "errors": []}


def _change(call: Call, record: dict[str, Any]) -> dict[str, Any]:
    sobject = call.org.schema.of(_kind(record), call.user)
    body = {name: value for name, value in record.items() if name.lower() != "id"}
    given = str(record.get("id") or record.get("Id") or "")
    if not given:
        raise RefusedError(400, "MISSING_ARGUMENT", "Id not specified in an update call")
    row = saving.record_of(call, sobject, given)
    saving.change(call, sobject, row, body)
    return {"id": row["Id"], "success": True, "errors": []}


def _upsert(call: Call, sobject: SObject, name: str, record: dict[str, Any]) -> dict[str, Any]:
    if _kind(record).lower() != sobject.name.lower():
        raise RefusedError(400, "INVALID_TYPE", "all records of an upsert are of one type")
    key = next((value for field, value in record.items() if field.lower() == name.lower()), None)
    if key is None:
        raise RefusedError(400, "MISSING_ARGUMENT", f"{name} not specified")
    body = {field: value for field, value in record.items() if field.lower() != name.lower()}
    row, created = saving.upsert(call, sobject, name, str(key), body)
    return {"id": row["Id"], "success": True, "errors": [], "created": created}


def _remove(call: Call, record: dict[str, Any]) -> dict[str, Any]:
    for name in call.org.schema.names(call.user):
        sobject = call.org.schema.of(name, call.user)
        if record["id"].startswith(sobject.prefix):
            saving.remove(call, sobject, saving.record_of(call, sobject, record["id"]))
            return {"id": record["id"], "success": True, "errors": []}
    raise RefusedError(404, "MALFORMED_ID", f"bad id {record['id']}")


def _retrieve(call: Call, kind: str, asked: Asked) -> Reply:
    sobject = call.org.schema.of(kind, call.user)
    paths = [call.eyes.path(sobject, name) for name in asked.record.get("fields", [])]
    told: list[dict[str, Any] | None] = []
    for one in asked.record.get("ids", []):
        row = call.org.tables.get(sobject.name, one)
        there = row is not None and not row.get("IsDeleted")
        values = {path.names[0]: shown(path.get(row)) for path in paths} if row and there else {}
        address = {"type": sobject.name, "url": call.url(sobject, row)} if row else {}
        told.append({"attributes": address, **values} if there else None)
    return Reply(200, told)
