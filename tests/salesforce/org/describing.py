"""The describe calls: which objects and fields there are for this user, and 304 where nothing changed."""

from __future__ import annotations

from email.utils import format_datetime
from typing import Any

from tests.salesforce.org.call import Asked, Call, Reply
from tests.salesforce.org.conditions import modified_since
from tests.salesforce.org.schema import SObject


def every_object(call: Call) -> Reply:
    """Answer /sobjects."""
    names = call.org.schema.names(call.user)
    return Reply(
        200, {"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": [_short(call, one) for one in names]}
    )


def _short(call: Call, name: str) -> dict[str, Any]:
    sobject = call.org.schema.of(name, call.user)
    return {
        "name": sobject.name,
        "label": sobject.name,
        "keyPrefix": sobject.prefix,
        "custom": sobject.name.endswith("__c"),
        "queryable": True,
        "createable": sobject.writable,
        "updateable": sobject.writable,
        "deletable": sobject.writable and sobject.deletable,
    }


def describe(call: Call, sobject: SObject, asked: Asked) -> Reply:
    """Answer /sobjects/X/describe."""
    changed = call.org.schema.changed_at
    headers = {"Last-Modified": format_datetime(changed.replace(microsecond=0), usegmt=True)}
    if not modified_since(changed, asked.headers):
        return Reply(304, None, headers)
    schema = call.org.schema
    fields = [
        one.described(updateable=schema.may_write(sobject, one, call.user))
        for one in schema.fields(sobject, call.user)
    ]
    children = [
        {"relationshipName": name, "childSObject": kind, "field": field}
        for name, (kind, field) in sobject.children.items()
        if schema.known(kind, call.user)
    ]
    body = {**_short(call, sobject.name), "fields": fields, "childRelationships": children}
    return Reply(200, body | {"recordTypeInfos": []}, headers)
