"""The definitions of properties, their options and groups, as an account holds them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from tests.hubspot.portal.stamps import iso

TYPES = ("bool", "date", "datetime", "enumeration", "number", "phone_number", "string")
FIELD_TYPES = (
    "booleancheckbox", "calculation_equation", "checkbox", "date", "file", "html", "number", "phonenumber",
    "radio", "select", "text", "textarea",
)  # fmt: skip
_LONG_AGO = datetime(2024, 2, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Option:
    value: str
    label: str
    hidden: bool = False

    def told(self, order: int) -> dict[str, Any]:
        return {
            "label": self.label,
            "value": self.value,
            "displayOrder": order,
            "hidden": self.hidden,
            "description": "",
        }


@dataclass(frozen=True)
class Definition:
    name: str
    label: str
    type: str = "string"
    field_type: str = "text"
    group: str = ""
    options: tuple[Option, ...] = ()
    description: str = ""
    read_only: bool = False
    unique: bool = False
    ours: bool = False
    """Made by the account, not by HubSpot."""
    made: datetime = _LONG_AGO

    def told(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "label": self.label,
            "type": self.type,
            "fieldType": self.field_type,
            "description": self.description,
            "groupName": self.group,
            "options": [option.told(order) for order, option in enumerate(self.options)],
            "displayOrder": -1,
            "calculated": False,
            "externalOptions": False,
            "hasUniqueValue": self.unique,
            "hidden": False,
            "hubspotDefined": not self.ours,
            "formField": self.ours,
            "dataSensitivity": "non_sensitive",
            "archived": False,
            "createdAt": iso(self.made),
            "updatedAt": iso(self.made),
            "modificationMetadata": {
                "archivable": self.ours,
                "readOnlyDefinition": not self.ours,
                "readOnlyValue": self.read_only,
                "readOnlyOptions": not self.ours,
            },
        }


@dataclass(frozen=True)
class Group:
    name: str
    label: str
    order: int = -1

    def told(self) -> dict[str, Any]:
        return {"name": self.name, "label": self.label, "displayOrder": self.order, "archived": False}


@dataclass
class Schema:
    """One kind's properties and groups."""

    properties: dict[str, Definition] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)

    def add(self, definitions: Iterable[Definition], group: Group) -> None:
        self.groups.setdefault(group.name, group)
        for one in definitions:
            self.properties[one.name] = replace(one, group=group.name)


def words(*values: str, made: bool = True) -> tuple[Option, ...]:
    """Options whose labels follow from their values: NOT_A_GOOD_FIT is Not A Good Fit."""
    return tuple(Option(value, value.replace("_", " ").title() if made else value) for value in values)


def choice(name: str, label: str, options: tuple[Option, ...], **more: Any) -> Definition:
    return Definition(name, label, "enumeration", "select", options=options, **more)


def table(text: str) -> list[Definition]:
    """Definitions from lines of `name type label`; an exclamation mark after the type: read-only."""
    fields = {
        "string": "text",
        "number": "number",
        "datetime": "date",
        "date": "date",
        "bool": "booleancheckbox",
    }
    rows = (line.split(maxsplit=2) for line in text.splitlines() if line)
    return [
        Definition(name, label, kind.rstrip("!"), fields[kind.rstrip("!")], read_only=kind.endswith("!"))
        for name, kind, label in rows
    ]
