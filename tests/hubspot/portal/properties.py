"""Definitions of properties and their groups over HTTP: read, made, given more options."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tests.hubspot.portal.calls import Call, Reply
from tests.hubspot.portal.kinds import CONTACTS, LEADS, Kind, kind_of
from tests.hubspot.portal.problems import Problem, invalid, missing_scopes, not_found
from tests.hubspot.portal.schema import FIELD_TYPES, TYPES, Definition, Group, Option, Schema

if TYPE_CHECKING:
    from tests.hubspot.portal.state import State

_NAME = re.compile(r"[a-z][a-z0-9_]{0,99}")
_FITS = {
    "string": {"text", "textarea", "html", "file", "phonenumber"},
    "number": {"number", "calculation_equation"},
    "datetime": {"date"},
    "date": {"date"},
    "bool": {"booleancheckbox"},
    "enumeration": {"select", "radio", "checkbox", "booleancheckbox"},
    "phone_number": {"phonenumber"},
}
_MOST_UNIQUE = 10


def _schema(state: State, call: Call) -> tuple[Kind, Schema]:
    kind = kind_of(call.args["kind"])
    return kind, state.schemas[kind.name]


def _may_change(state: State, kind: Kind) -> None:
    """There is a scope for contacts' schemas and none for leads': that is what a set-up meets."""
    if kind is LEADS and not state.lead_properties_by_api:
        raise missing_scopes(["crm.schemas.leads.write"])
    if kind not in (CONTACTS, LEADS):
        raise missing_scopes([f"crm.schemas.{kind.name}.write"])
    state.scopes_needed("crm.schemas.contacts.write")


def listed(state: State, call: Call) -> Reply:
    _, schema = _schema(state, call)
    rows = [] if call.flag("archived") else [one.told() for one in schema.properties.values()]
    return Reply(200, {"results": rows})


def shown(state: State, call: Call) -> Reply:
    _, schema = _schema(state, call)
    return Reply(200, _found(schema, call.args["name"]).told())


def _found(schema: Schema, name: str) -> Definition:
    definition = schema.properties.get(name)
    if definition is None:
        raise not_found(f'Property "{name}" does not exist', sub_category="Properties.PROPERTY_NOT_FOUND")
    return definition


def created(state: State, call: Call) -> Reply:
    kind, schema = _schema(state, call)
    _may_change(state, kind)
    definition = _definition(state, schema, call.body)
    schema.properties[definition.name] = definition
    return Reply(201, definition.told())


def _definition(state: State, schema: Schema, given: dict[str, Any]) -> Definition:
    name, kind, field_type = given.get("name"), given.get("type"), given.get("fieldType")
    missing = [key for key in ("groupName", "name", "label", "type", "fieldType") if not given.get(key)]
    if missing:
        raise invalid(f"Some required fields were not set: {missing}")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise invalid(f"Invalid property name: {name}")
    if kind not in TYPES or field_type not in FIELD_TYPES or field_type not in _FITS[kind]:
        raise invalid(f"Invalid combination of type {kind} and fieldType {field_type}")
    if given["groupName"] not in schema.groups:
        raise invalid(f'Property group "{given["groupName"]}" does not exist')
    if name in schema.properties:
        raise Problem(409, "OBJECT_ALREADY_EXISTS", f'A property named "{name}" already exists.')
    unique = bool(given.get("hasUniqueValue"))
    if unique and sum(one.unique for one in schema.properties.values()) >= _MOST_UNIQUE:
        raise invalid(f"No more than {_MOST_UNIQUE} unique properties are allowed")
    return Definition(
        name, str(given["label"]), kind, field_type, str(given["groupName"]), _options(given),
        str(given.get("description") or ""), unique=unique, ours=True, made=state.clock.now(),
    )  # fmt: skip


def _options(given: dict[str, Any]) -> tuple[Option, ...]:
    options = given.get("options") or []
    if given.get("type", "enumeration") == "enumeration" and not options:
        raise invalid("An enumeration needs options")
    try:
        found = tuple(Option(str(one["value"]), str(one["label"]), bool(one["hidden"])) for one in options)
        for one in options:
            _ = int(one["displayOrder"])
    except (KeyError, TypeError, ValueError):
        raise invalid("An option needs label, value, displayOrder and hidden") from None
    if len({one.value for one in found}) < len(found) or len({one.label for one in found}) < len(found):
        raise invalid("Property option values and labels must be unique")
    return found


def updated(state: State, call: Call) -> Reply:
    """The options that are given take the place of all that there were."""
    kind, schema = _schema(state, call)
    _may_change(state, kind)
    definition, given = _found(schema, call.args["name"]), call.body
    if not definition.ours:
        raise invalid(
            f'Property "{definition.name}" is defined by HubSpot', sub_category="READ_ONLY_DEFINITION"
        )
    label = str(given.get("label") or definition.label)
    options = _options({"options": given["options"]}) if "options" in given else definition.options
    changed = replace(definition, label=label, options=options)
    schema.properties[definition.name] = changed
    return Reply(200, changed.told())


def groups(state: State, call: Call) -> Reply:
    _, schema = _schema(state, call)
    return Reply(200, {"results": [one.told() for one in schema.groups.values()]})


def group(state: State, call: Call) -> Reply:
    _, schema = _schema(state, call)
    found = schema.groups.get(call.args["name"])
    if found is None:
        raise not_found(f'Property group "{call.args["name"]}" does not exist')
    return Reply(200, found.told())


def group_created(state: State, call: Call) -> Reply:
    kind, schema = _schema(state, call)
    _may_change(state, kind)
    given = call.body
    name, label = given.get("name"), given.get("label")
    if not isinstance(name, str) or not _NAME.fullmatch(name) or not label:
        raise invalid("A property group needs a name and a label")
    if name in schema.groups:
        raise Problem(409, "OBJECT_ALREADY_EXISTS", f'A property group named "{name}" already exists.')
    made = Group(name, str(label), int(given.get("displayOrder", -1)))
    schema.groups[name] = made
    return Reply(201, made.told())
