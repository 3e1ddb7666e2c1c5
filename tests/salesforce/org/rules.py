"""What a record must obey beyond its types: references, conversion, validation rules, the history of changes."""

from __future__ import annotations

from typing import Any

from tests.salesforce.org.call import Call
from tests.salesforce.org.errors import RefusedError
from tests.salesforce.org.objects import LEAD_HISTORY
from tests.salesforce.org.schema import Field, SObject
from tests.salesforce.org.tables import Row

_TRACKED = {"Status": "Status", "OwnerId": "Owner"}
_CONVERTED = "CANNOT_UPDATE_CONVERTED_LEAD"


def check_references(call: Call, sobject: SObject, before: Row, values: dict[str, Any]) -> None:
    """Refuse a reference to what is not there, is gone, or is a converted lead."""
    for name, value in values.items():
        field = sobject.field(name)
        if field is not None and field.refers and value is not None and before.get(name) != value:
            _check_reference(call, sobject, field, value)


def _check_reference(call: Call, sobject: SObject, field: Field, value: str) -> None:
    target = call.eyes.referred(field, value)
    if target is None or (target["attributes"] == "User" and not target["IsActive"]):
        words = f"invalid cross reference id: {field.name}"
        raise RefusedError(400, "INVALID_CROSS_REFERENCE_KEY", words, field.name)
    if target.get("IsConverted") and not call.org.converted_can_be_referred_to:
        words = f"cannot reference converted lead: {sobject.name}.{field.name}"
        raise RefusedError(400, _CONVERTED, words, field.name)


def check_lead(call: Call, before: Row, values: dict[str, Any]) -> None:
    """Refuse a change of a converted lead, and a status that would convert."""
    if before.get("IsConverted"):
        raise RefusedError(400, _CONVERTED, "cannot reference converted lead")
    if values.get("Status") in call.org.converting:
        call.org.broken_rules.append(f"a status that converts was written: {values['Status']}")
        words = "Status: a converted status cannot be set without converting the lead"
        raise RefusedError(400, "FIELD_INTEGRITY_EXCEPTION", words, "Status")


def check_validation(call: Call, sobject: SObject, record_id: str, values: dict[str, Any]) -> None:
    """Refuse what an administrator's rule refuses: by field, by Object.Field, or by a record's id."""
    rules = call.org.validation
    for name in values:
        words = rules.get(name) or rules.get(f"{sobject.name}.{name}")
        if words:
            raise RefusedError(400, "FIELD_CUSTOM_VALIDATION_EXCEPTION", words, name)
    if record_id in rules:
        raise RefusedError(400, "FIELD_CUSTOM_VALIDATION_EXCEPTION", rules[record_id])


def note_history(call: Call, before: Row, after: Row) -> None:
    """Keep the changes of a lead's tracked fields."""
    for name, told in _TRACKED.items():
        if before.get(name) != after.get(name):
            row = {
                "Id": call.org.tables.new_id(LEAD_HISTORY),
                "IsDeleted": False,
                "CreatedDate": after["LastModifiedDate"],
                "CreatedById": call.user,
                "LeadId": after["Id"],
                "Field": told,
                "OldValue": before.get(name),
                "NewValue": after.get(name),
            }
            call.org.tables.put(LEAD_HISTORY, row)
