"""Custom fields as an admin makes and changes them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from tests.bottlecrm.shop.calls import Call, Reply
from tests.bottlecrm.shop.fields import TYPES, Definition, in_order
from tests.bottlecrm.shop.refusals import Refusal, denied, invalid
from tests.bottlecrm.shop.state import State

_TARGETS = ("Account", "Case", "Contact", "Invoice", "Lead", "Opportunity", "Task")
_FROZEN = ("key", "target_model", "field_type")
_SLUG = 'Enter a valid "slug" consisting of letters, numbers, underscores or hyphens.'
_LOWER = "key must be a lowercase slug starting with a letter (a-z, 0-9, _)"
_CHANGEABLE = ("label", "options", "is_required", "is_filterable", "display_order", "is_active")


def listed(state: State, call: Call) -> Reply:
    target, active = call.params.get("target_model", [""])[-1], call.params.get("active_only") == ["true"]
    found = [
        one
        for one in in_order(state.fields.values())
        if (not target or one.target_model == target) and (one.is_active or not active)
    ]
    if call.params.get("include_counts") == ["false"]:
        return Reply(200, {"definitions": [one.told() for one in found], "totals": None})
    rows = [{**one.told(), "records_missing_value": _missing(state, one)} for one in found]
    return Reply(200, {"definitions": rows, "totals": _totals(state)})


def _missing(state: State, definition: Definition) -> int:
    if definition.target_model != "Lead":
        return 0
    return sum(definition.key not in one.custom for one in state.leads.values())


def _totals(state: State) -> dict[str, int]:
    active = [one for one in state.fields.values() if one.is_active]
    return {
        "count": len(state.fields),
        "active": len(active),
        "models_extended": len({one.target_model for one in active}),
        "required_with_gaps": sum(one.is_required and _missing(state, one) > 0 for one in active),
    }


def made(state: State, call: Call) -> Reply:
    _admin_only(call)
    body = call.body
    errors = _unfit(body)
    if errors:
        raise invalid(errors)
    _check_options(body["field_type"], body.get("options"))
    twin = state.definition(body["key"])
    if twin is not None and twin.target_model == body["target_model"]:
        said = f"a {body['target_model']} field with key {body['key']!r} already exists"
        raise invalid({"key": [said]})
    at = state.clock.stamp()
    more = {name: body[name] for name in ("target_model", *_CHANGEABLE) if name in body and name != "label"}
    one = Definition(body["key"], body["label"], body["field_type"], at, state.clock.stamp(), **more)
    state.fields[one.id] = one
    return Reply(201, one.told())


def _unfit(body: Mapping[str, Any]) -> dict[str, list[str]]:
    errors: dict[str, list[str]] = {}
    for name in ("target_model", "key", "label", "field_type"):
        value = body.get(name)
        said = "" if name in body else "This field is required."
        if name in body and not value:
            said = "This field may not be blank."
        elif (name == "target_model" and value and value not in _TARGETS) or (
            name == "field_type" and value and value not in TYPES
        ):
            said = f'"{value}" is not a valid choice.'
        elif name == "key" and value:
            said = _unfit_key(str(value))
        if said:
            errors[name] = [said]
    return errors


def _unfit_key(key: str) -> str:
    if not re.fullmatch(r"[-a-zA-Z0-9_]+", key):
        return _SLUG
    if len(key) > 64:
        return "Ensure this field has no more than 64 characters."
    return "" if re.fullmatch(r"[a-z][a-z0-9_]*", key) else _LOWER


def _check_options(field_type: str, options: Any) -> None:
    if field_type != "dropdown":
        if options:
            raise invalid({"options": ["options is only valid for dropdown fields"]})
        return
    if not isinstance(options, list) or not options:
        said = "Dropdown fields require a non-empty list of {value, label} pairs"
        raise invalid({"options": [said]})
    values: list[str] = []
    for number, one in enumerate(options):
        if not isinstance(one, dict):
            raise invalid({"options": [f"Entry {number} must be an object with value and label"]})
        for name in ("value", "label"):
            if not isinstance(one.get(name), str) or not one[name]:
                raise invalid({"options": [f"Entry {number} is missing a non-empty string {name}"]})
        if one["value"] in values:
            raise invalid({"options": [f"Duplicate dropdown value: {one['value']!r}"]})
        values.append(one["value"])


def shown(state: State, call: Call) -> Reply:
    return Reply(200, _definition(state, call).told())


def changed(state: State, call: Call) -> Reply:
    """PUT, though only what is given changes. What a field is in its nature never does."""
    _admin_only(call)
    one, body = _definition(state, call), call.body
    for name in _FROZEN:
        if name in body and body[name] != getattr(one, name):
            raise invalid({name: [f"{name} cannot be changed after creation"]})
    _check_options(one.field_type, body.get("options", one.options))
    for name in _CHANGEABLE:
        if name in body:
            setattr(one, name, body[name])
    one.updated = state.clock.stamp()
    return Reply(200, one.told())


def put_away(state: State, call: Call) -> Reply:
    """The values stay at the leads; the key takes no more."""
    _admin_only(call)
    one = _definition(state, call)
    one.is_active, one.updated = False, state.clock.stamp()
    return Reply(200, {"error": False, "message": "Custom field deactivated"})


def _definition(state: State, call: Call) -> Definition:
    found = state.fields.get(str(UUID(call.args["id"])))
    if found is None:
        raise Refusal(404, {"error": True, "errors": "Custom field not found"})
    return found


def _admin_only(call: Call) -> None:
    if not call.by.is_admin:
        raise denied("Admin access required")
