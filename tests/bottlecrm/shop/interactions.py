"""A call or a message that somebody logs at a lead: the first one is the answer that marketing waits for."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import uuid4

from tests.bottlecrm.shop.calls import Call, Reply
from tests.bottlecrm.shop.leads import Lead
from tests.bottlecrm.shop.people import Person
from tests.bottlecrm.shop.refusals import invalid
from tests.bottlecrm.shop.stamps import iso
from tests.bottlecrm.shop.state import State, checked_id

_KINDS = ("call", "meeting", "email", "whatsapp", "sms")


def logged(state: State, call: Call) -> Reply:
    body = call.body
    if body.get("kind") not in _KINDS:
        raise invalid({"kind": [f'"{body.get("kind")}" is not a valid choice.']})
    lead = state.lead_for(call.by, checked_id(body.get("lead"), "lead"))
    at = answered(state, lead, call.by)
    person = {"id": call.by.id, "name": call.by.name, "email": call.by.email}
    said: dict[str, Any] = {
        "id": str(uuid4()),
        "kind": body["kind"],
        "direction": "outbound",
        "occurred_at": iso(at),
        "outcome": body.get("outcome", ""),
        "subject": body.get("subject", ""),
        "body": body.get("body", ""),
        "logged_by": call.by.id,
        "logged_by_details": person,
        "lead": lead.id,
        "external_id": "",
        "created_at": iso(state.clock.stamp()),
    }
    return Reply(201, said)


def answered(state: State, lead: Lead, by: Person) -> datetime:
    """Let somebody have been in touch: the lead no longer waits. Its version stays as it is."""
    at = state.clock.stamp()
    lead.first_response = lead.first_response or (at, by)
    lead.last_outbound = at
    lead.values = {**lead.values, "last_contacted": at.date().isoformat()}
    return at
