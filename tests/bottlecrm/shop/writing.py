"""Creating and changing a lead. Nothing is written unless all of it may be; PUT clears what it is not given."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from tests.bottlecrm.shop import fields
from tests.bottlecrm.shop.calls import Call, Reply
from tests.bottlecrm.shop.converting import check_conversion, convert, refuse_again
from tests.bottlecrm.shop.effects import note_effects
from tests.bottlecrm.shop.leads import EMPTY, Lead
from tests.bottlecrm.shop.refusals import broken, invalid
from tests.bottlecrm.shop.state import State, ids_in
from tests.bottlecrm.shop.values import fit

_TIES = ("tags", "contacts", "teams", "assigned_to")
_TWIN = "Another lead in this organisation already uses that email address."


def created(state: State, call: Call) -> Reply:
    body = call.body
    at = state.clock.stamp()
    lead = Lead(str(uuid4()), dict(EMPTY), call.by, at, state.clock.stamp())
    write = _Write(state, call, lead, body)
    custom = write.custom() if "custom_fields" in body else {}
    if body.get("status") == "converted":
        check_conversion(state, call.by, write.values, lead.id)
    state.leads[lead.id] = lead
    write.save(custom)
    said: dict[str, Any] = {"error": False, "message": "Lead Created Successfully", "id": lead.id}
    if body.get("status") == "converted":
        said |= {"message": "Lead Converted Successfully"} | convert(state, call.by, lead)
    return Reply(200, said)


def patched(state: State, call: Call) -> Reply:
    body = call.body
    lead = state.lead_for(call.by, call.args["id"])
    converts = body.get("status") == "converted" or bool(body.get("is_converted"))
    if converts:
        refuse_again(lead)
    write = _Write(state, call, lead, body)
    if converts and not (write.values["email"] or "").strip():
        said = "This lead needs an email address before it can be converted. The contact record is created from it."
        raise invalid({"email": [said]})
    return _changed(state, call, write, converts=converts)


def put(state: State, call: Call) -> Reply:
    """Everything that is a set is emptied, unless the body has it."""
    body = call.body
    lead = state.lead_for(call.by, call.args["id"])
    state.broken_rules.append(f"PUT at {call.path}")
    converts = body.get("status") == "converted"
    if converts and "email" not in body:
        raise invalid({"email": ["This field is required."]})
    write = _Write(state, call, lead, {name: [] for name in _TIES} | body)
    return _changed(state, call, write, converts=converts)


def _changed(state: State, call: Call, write: _Write, *, converts: bool) -> Reply:
    custom = write.custom() if "custom_fields" in write.body else None
    if converts:
        check_conversion(state, call.by, write.values, write.lead.id)
    write.save(custom)
    if not converts:
        return Reply(200, {"error": False, "message": "Lead updated Successfully"})
    made = convert(state, call.by, write.lead)
    return Reply(200, {"error": False, "message": "Lead Converted Successfully", **made})


class _Write:
    """One write, looked through before any of it is done."""

    def __init__(self, state: State, call: Call, lead: Lead, body: Mapping[str, Any]) -> None:
        self._state = state
        self._call = call
        self.lead = lead
        self.body = body
        given, errors = fit(body)
        self.values = {**lead.values, **given}
        errors |= self._refused(given)
        if errors:
            raise invalid(errors)
        self._ties = {name: ids_in(body.get(name), name) for name in _TIES if name in body}

    def _refused(self, given: Mapping[str, Any]) -> dict[str, list[str]]:
        errors: dict[str, list[str]] = {}
        email = (given.get("email") or "").lower()
        others = (one for one in self._state.leads.values() if one.id != self.lead.id)
        if email and any((one.values["email"] or "").lower() == email for one in others):
            errors["email"] = [_TWIN]
        if self.lead.status == "converted" and "status" in given and self.lead.id in self._state.leads:
            errors["status"] = [_no_way_back(given["status"])]
        return errors

    def custom(self) -> dict[str, Any]:
        """The custom fields as they will be; raises what is said of those that are unfit."""
        kept, unknown = fields.merged(self._state.fields.values(), fields.given(self.body), self.lead.custom)
        for key in unknown:
            self._state.broken_rules.append(f"a custom field that is not there was written: {key}")
        if _is_beyond_the_database(kept):
            raise broken()
        return kept

    def save(self, custom: dict[str, Any] | None) -> None:
        lead, state = self.lead, self._state
        before = lead.custom
        lead.values = self.values
        lead.custom = before if custom is None else custom
        lead.updated = state.clock.stamp()
        if "tags" in self._ties:
            lead.tags = {one for one in self._ties["tags"] if one in state.tags}
        if "assigned_to" in self._ties:
            lead.assigned = {one for one in self._ties["assigned_to"] if one in state.people}
        note_effects(state, lead, before)


def _no_way_back(status: Any) -> str:
    if status == "converted":
        return (
            "This lead is already converted. Converting it again would create a second opportunity "
            "against the same account."
        )
    return (
        f"A converted lead cannot be changed back to '{status}'. The account, contact and opportunity created "
        "by the conversion are not removed, so the lead would reopen with duplicates already downstream of it."
    )


def _is_beyond_the_database(value: Any) -> bool:
    """Whether there is a character in it that the database has no place for: the server breaks over it."""
    if isinstance(value, str):
        return any(one == "\0" or "\ud800" <= one <= "\udfff" for one in value)
    return any(_is_beyond_the_database(one) for one in value.values()) if isinstance(value, dict) else False
