"""Custom fields of leads: their definitions, and how a written value is coerced, dropped or refused."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import uuid4

from tests.bottlecrm.shop.refusals import invalid
from tests.bottlecrm.shop.stamps import iso

TYPES = ("text", "textarea", "number", "date", "dropdown", "checkbox")
_TRUE, _FALSE = ("true", "1", "yes", "on"), ("false", "0", "no", "off")


class Unfit(Exception):
    """A value that a field does not take."""


@dataclass
class Definition:
    key: str
    label: str
    field_type: str
    made: datetime
    updated: datetime
    id: str = ""
    target_model: str = "Lead"
    options: Any = None
    is_required: bool = False
    is_filterable: bool = False
    display_order: int = 0
    is_active: bool = True

    def __post_init__(self) -> None:
        self.id = self.id or str(uuid4())

    @property
    def values(self) -> list[str]:
        return sorted(one["value"] for one in self.options or [])

    def told(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "target_model": self.target_model,
            "key": self.key,
            "label": self.label,
            "field_type": self.field_type,
            "options": self.options,
            "is_required": self.is_required,
            "is_filterable": self.is_filterable,
            "display_order": self.display_order,
            "is_active": self.is_active,
            "created_at": iso(self.made),
            "updated_at": iso(self.updated),
        }


def in_order(definitions: Iterable[Definition]) -> list[Definition]:
    return sorted(definitions, key=lambda one: (one.target_model, one.display_order, one.label))


def given(body: Mapping[str, Any]) -> Any:
    """What a body says of custom fields: a text may be JSON itself, and what is empty is nothing."""
    found = body.get("custom_fields")
    if isinstance(found, str):
        try:
            found = json.loads(found)
        except ValueError:
            found = None
    return found or {}


def merged(
    definitions: Iterable[Definition], values: Any, existing: Mapping[str, Any]
) -> tuple[dict[str, Any], list[str]]:
    """The values to keep, and the keys that nobody knows; raises a refusal of those that are unfit."""
    if not isinstance(values, dict):
        raise invalid({"custom_fields": {"custom_fields": "must be an object"}})
    known = {one.key: one for one in definitions if one.target_model == "Lead"}
    active = {key: one for key, one in known.items() if one.is_active}
    kept = {
        key: value
        for key, value in existing.items()
        if key in known and not (key in values and key in active)
    }
    errors: dict[str, str] = {}
    for key, value in values.items():
        if key in active:
            _take(active[key], value, existing, kept, errors)
    for key, one in active.items():
        if one.is_required and kept.get(key) in (None, ""):
            errors.setdefault(key, "is required")
    if errors:
        raise invalid({"custom_fields": errors})
    return kept, [key for key in values if key not in active]


def _take(
    definition: Definition,
    value: Any,
    existing: Mapping[str, Any],
    kept: dict[str, Any],
    errors: dict[str, str],
) -> None:
    key = definition.key
    if key in existing and value == existing[key]:
        kept[key] = existing[key]  # even where it is no longer among the options
        return
    try:
        fit = _fit(definition, value)
    except Unfit as error:
        errors[key] = str(error)
        return
    if fit is not None:
        kept[key] = fit


def _fit(definition: Definition, value: Any) -> Any:
    if value is None or value == "":
        return None
    match definition.field_type:
        case "number":
            return _number(value)
        case "checkbox":
            return _flag(value)
        case "date":
            return _date(value)
        case "dropdown" if str(value) not in definition.values:
            raise Unfit(f"must be one of {definition.values}")
        case _:
            return str(value)


def _number(value: Any) -> float:
    try:
        if not isinstance(value, bool):
            return float(value if isinstance(value, int | float) else str(value))
    except ValueError:
        pass
    raise Unfit("must be a number")


def _flag(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    word = value.strip().lower() if isinstance(value, str) else ""
    if word not in _TRUE + _FALSE:
        raise Unfit("must be a boolean")
    return word in _TRUE


def _date(value: Any) -> str:
    try:
        return date.fromisoformat(value).isoformat()
    except (TypeError, ValueError):
        raise Unfit("must be a YYYY-MM-DD date") from None
