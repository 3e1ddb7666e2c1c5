"""One record written: created, changed, upserted by its external id, deleted. All that is refused is refused here."""

from __future__ import annotations

from typing import Any

from tests.salesforce.org.applied import applied_by
from tests.salesforce.org.call import Call
from tests.salesforce.org.errors import RefusedError, not_found
from tests.salesforce.org.ids import full_id, looks_like_id
from tests.salesforce.org.rules import check_lead, check_references, check_validation, note_history
from tests.salesforce.org.schema import Field, SObject
from tests.salesforce.org.tables import Row
from tests.salesforce.org.values import taken


def record_of(call: Call, sobject: SObject, record_id: str) -> Row:
    """Return a record that is there; 404 for one that is not, or is deleted."""
    row = call.org.tables.get(sobject.name, full_id(record_id)) if looks_like_id(record_id) else None
    if row is None or (call.org.private and sobject.name == "Lead" and not call.sees(row)):
        raise not_found()
    if row.get("IsDeleted"):
        raise RefusedError(404, "ENTITY_IS_DELETED", "entity is deleted")
    return row


def by_key(call: Call, sobject: SObject, name: str, key: str) -> tuple[Field, list[Row]]:
    """Return the external id's field, and the rows that have the key."""
    field = call.org.schema.field(sobject, name, call.user)
    if field is None or not field.external_id:
        words = f"Provided external ID field does not exist or is not accessible: {name}"
        raise not_found(words)
    return field, call.org.tables.with_key(sobject.name, field.name, key)


def create(call: Call, sobject: SObject, body: dict[str, Any]) -> Row:
    """Make a record of what was sent; RefusedError where the org will not have it."""
    _writable(sobject)
    values = _values(call, sobject, body)
    call.strike()
    missing = [one.name for one in sobject.fields if one.required and one.default is None]
    missing = [name for name in missing if values.get(name) is None]
    if missing:
        words = f"Required fields are missing: [{', '.join(missing)}]"
        raise RefusedError(400, "REQUIRED_FIELD_MISSING", words, *missing)
    row: Row = {"Id": call.org.tables.new_id(sobject), **_defaults(call, sobject), **values}
    _check(call, sobject, {}, row, values)
    return _place(call, sobject, {}, row, values)


def change(call: Call, sobject: SObject, before: Row, body: dict[str, Any]) -> Row:
    """Write into a record what was sent; RefusedError where the org will not have it."""
    _writable(sobject)
    values = _values(call, sobject, body)
    call.strike()
    emptied = [name for name, value in values.items() if value is None and _required(sobject, name)]
    if emptied:
        words = f"Required fields are missing: [{', '.join(emptied)}]"
        raise RefusedError(400, "REQUIRED_FIELD_MISSING", words, *emptied)
    row = {**before, **values}
    _check(call, sobject, before, row, values)
    return _place(call, sobject, before, row, values)


def upsert(call: Call, sobject: SObject, name: str, key: str, body: dict[str, Any]) -> tuple[Row, bool]:
    """Write the record of an external id, and say whether it was made; 300 with all of them where there are several."""
    field, rows = by_key(call, sobject, name, key)
    if field.name.lower() in {one.lower() for one in body}:
        words = f"The {field.name} field should not be specified in the sobject data."
        raise RefusedError(400, "INVALID_FIELD", words)
    if len(rows) > 1:
        raise SeveralError([call.url(sobject, row) for row in rows])
    if rows:
        return change(call, sobject, rows[0], body), False
    return create(call, sobject, {**body, field.name: taken(field, key)}), True


class SeveralError(Exception):
    """An external id that several records have; holds where they are."""

    def __init__(self, urls: list[str]) -> None:
        super().__init__("several")
        self.urls = urls


def remove(call: Call, sobject: SObject, row: Row) -> None:
    """Put a record into the recycle bin."""
    _writable(sobject)
    call.strike()
    now = call.org.stamp(row)
    call.org.tables.put(sobject, {**row, "IsDeleted": True, "SystemModstamp": now, "LastModifiedDate": now})
    call.org.deleted.note(sobject.name, row["Id"], now)


def _writable(sobject: SObject) -> None:
    if not sobject.writable:
        words = f"entity type {sobject.name} does not support this operation"
        raise RefusedError(400, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", words)


def _required(sobject: SObject, name: str) -> bool:
    field = sobject.field(name)
    return field is not None and field.required


def _values(call: Call, sobject: SObject, body: dict[str, Any]) -> dict[str, Any]:
    values = {}
    for name, value in body.items():
        if name == "attributes":
            continue
        field = call.org.schema.to_write(sobject, name, call.user)
        values[field.name] = taken(field, value)
    return values


def _defaults(call: Call, sobject: SObject) -> Row:
    row: Row = {one.name: one.default for one in sobject.fields if one.name != "Id"}
    now = call.org.stamp({})
    made = {"CreatedDate": now, "CreatedById": call.user, "OwnerId": call.user}
    return row | {name: value for name, value in made.items() if sobject.field(name)}


def _check(call: Call, sobject: SObject, before: Row, row: Row, values: dict[str, Any]) -> None:
    if sobject.name == "Lead":
        check_lead(call, before, values)
    check_references(call, sobject, before, values)
    check_validation(call, sobject, row["Id"], values)
    for one in sobject.external_ids:
        _unique(call, sobject, one, row)


def _unique(call: Call, sobject: SObject, field: Field, row: Row) -> None:
    key = row.get(field.name)
    others = call.org.tables.with_key(sobject.name, field.name, key) if key is not None else []
    if any(other["Id"] != row["Id"] for other in others):
        words = f"duplicate value found: {field.name} duplicates value on record with id: {others[0]['Id']}"
        raise RefusedError(400, "DUPLICATE_VALUE", words, field.name)


def _place(call: Call, sobject: SObject, before: Row, row: Row, values: dict[str, Any]) -> Row:
    now = call.org.stamp(before)
    row |= {"SystemModstamp": now, "LastModifiedDate": now, "LastModifiedById": call.user}
    if sobject.name == "Lead":
        row["Name"] = " ".join(part for part in (row.get("FirstName"), row.get("LastName")) if part)
    if sobject.name == "Task":
        row["IsClosed"] = row.get("Status") == "Completed"
    if sobject.name == "CampaignMember":
        row["HasResponded"] = row.get("Status") == "Responded"
    call.org.tables.put(sobject, row)
    if sobject.name == "Lead" and before:
        note_history(call, before, row)
    call.org.applied.extend(applied_by(sobject, row, values, made=not before))
    return row
