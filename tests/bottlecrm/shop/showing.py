"""One lead with its comments, and the comment that is posted to it."""

from __future__ import annotations

from typing import Any

from tests.bottlecrm.shop.calls import Call, Reply
from tests.bottlecrm.shop.fields import in_order
from tests.bottlecrm.shop.leads import Lead, told
from tests.bottlecrm.shop.lookups import COUNTRIES, SOURCES, STATUSES
from tests.bottlecrm.shop.refusals import broken, denied
from tests.bottlecrm.shop.state import State


def shown(state: State, call: Call) -> Reply:
    lead = state.lead_for(call.by, call.args["id"])
    seen = [one for one in state.people.values() if call.by.is_admin or one.is_admin]
    users = [one.told() for one in sorted(seen, key=lambda one: one.email)]
    definitions = [one for one in state.fields.values() if one.is_active and one.target_model == "Lead"]
    body: dict[str, Any] = {
        **_with_comments(state, lead),
        "users_mention": [{"user__email": lead.creator.email}],
        "assigned_data": [{"id": one.id, "name": one.email} for one in state.newest_first(lead.assigned)],
        "users": users,
        "users_excluding_team": users,
        "source": SOURCES,
        "status": STATUSES,
        "teams": [],
        "countries": COUNTRIES,
        "pipeline_stage": None,
        "custom_field_definitions": [one.told() for one in in_order(definitions)],
        "can_delete": lead.is_deleted_by(call.by),
    }
    return Reply(200, body)


def commented(state: State, call: Call) -> Reply:
    """A comment does not count as a change of the lead."""
    body = call.read()
    lead = state.lead_for(call.by, call.args["id"])
    if not isinstance(body, dict):
        raise broken()
    if body.get("comment"):
        text = str(body["comment"])
        if any(one == "\0" or "\ud800" <= one <= "\udfff" for one in text):
            raise broken()
        state.comment(lead.id, text, call.by)
    return Reply(200, _with_comments(state, lead))


def deleted(state: State, call: Call) -> Reply:
    lead = state.lead_for(call.by, call.args["id"])
    if not lead.is_deleted_by(call.by):
        raise denied("you don't have permission to delete this lead")
    del state.leads[lead.id]
    return Reply(200, {"error": False, "message": "Lead deleted Successfully"})


def _with_comments(state: State, lead: Lead) -> dict[str, Any]:
    comments = [one.told() for one in state.comments_of(lead.id)]
    return {"lead_obj": told(state, lead), "attachments": [], "comments": comments}
