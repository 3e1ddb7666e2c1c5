"""What marketing does with a contact: lists it is on, sequences it is in, events of it. Read only."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from tests.hubspot.portal.calls import Call, Reply
from tests.hubspot.portal.kinds import CONTACTS, kind_of
from tests.hubspot.portal.problems import missing_scopes, not_found
from tests.hubspot.portal.stamps import iso, read_time

if TYPE_CHECKING:
    from tests.hubspot.portal.state import State


@dataclass(frozen=True)
class Enrolment:
    id: str
    sequence_id: str
    name: str
    at: datetime


@dataclass(frozen=True)
class Event:
    id: str
    kind: str
    at: datetime
    properties: dict[str, str] = field(default_factory=dict)


@dataclass
class Marketing:
    lists: dict[str, str] = field(default_factory=dict)
    """Names by list id."""
    on_list: dict[str, list[tuple[str, datetime]]] = field(default_factory=dict)
    """By contact: the lists it is on, and since when."""
    enrolled: dict[str, Enrolment] = field(default_factory=dict)
    events: dict[str, list[Event]] = field(default_factory=dict)


MOST_RECORDS = 100
"""Records whose lists one request asks for. Not documented."""


def memberships(state: State, call: Call) -> Reply:
    contact_id = call.args["id"]
    kind = kind_of(call.args["kind"])
    if kind is not CONTACTS or state.records.get(kind, contact_id) is None:
        raise not_found()
    rows = _rows(state, contact_id)
    return Reply(200, {"results": rows, "total": len(rows)})


def memberships_of_many(state: State, call: Call) -> Reply:
    """Who is on no list, or is not there, has an empty list: which of the two HubSpot does is not documented."""
    results = [
        {
            "objectTypeId": one.get("objectTypeId"),
            "recordId": one.get("recordId"),
            "recordListMemberships": _rows(state, str(one.get("recordId"))),
        }
        for one in state.inputs_of(call, MOST_RECORDS)
    ]
    now = iso(state.clock.now())
    return Reply(200, {"status": "COMPLETE", "results": results, "startedAt": now, "completedAt": now})


def _rows(state: State, contact_id: str) -> list[dict[str, Any]]:
    return [
        {
            "listId": list_id,
            "listVersion": 1,
            "firstAddedTimestamp": iso(at),
            "lastAddedTimestamp": iso(at),
            "isPublicList": False,
        }
        for list_id, at in state.marketing.on_list.get(contact_id, [])
    ]


def one_list(state: State, call: Call) -> Reply:
    name = state.marketing.lists.get(call.args["id"])
    if name is None:
        raise not_found(f"List does not exist with ID {call.args['id']}.")
    row = {
        "listId": call.args["id"],
        "listVersion": 1,
        "name": name,
        "objectTypeId": "0-1",
        "processingType": "DYNAMIC",
        "processingStatus": "COMPLETE",
    }
    return Reply(200, {"list": row})


def enrolment(state: State, call: Call) -> Reply:
    """One object, as the vendor's own client reads it; 404 for a contact that is in no sequence."""
    contact = state.records.get(CONTACTS, call.args["id"])
    found = state.marketing.enrolled.get(call.args["id"])
    if contact is None or found is None:
        raise not_found("No sequence enrollment found")
    body = {
        "id": found.id,
        "sequenceId": found.sequence_id,
        "sequenceName": found.name,
        "enrolledAt": iso(found.at),
        "enrolledBy": "9083",
        "enrolledByEmail": "marketing@example.com",
        "toEmail": contact.properties.get("email", ""),
        "updatedAt": iso(found.at),
    }
    return Reply(200, body)


def occurrences(state: State, call: Call) -> Reply:
    """Page views and form submissions; without an Enterprise hub there are none to be had."""
    if not state.sees_events:
        raise missing_scopes(["business-intelligence"])
    params = call.params
    since = read_time(params.get("occurredAfter", ""))
    known = state.marketing.events.get(params.get("objectId", ""), [])
    rows = [_event(params.get("objectId", ""), one) for one in known if since is None or one.at > since]
    return Reply(200, {"results": rows[: call.number("limit", 100, 1_000)]})


def _event(contact_id: str, event: Event) -> dict[str, Any]:
    return {
        "id": event.id,
        "eventType": event.kind,
        "objectId": contact_id,
        "objectType": "CONTACT",
        "occurredAt": iso(event.at),
        "properties": event.properties,
    }
