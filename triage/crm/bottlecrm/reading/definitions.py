"""Which custom fields the leads of an organisation have. Pure.

A value for a field that is not there is dropped by BottleCRM without a word: nothing is written unseen.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from triage.crm.fields import Fields

OF_LEADS = "Lead"


class Definition(Struct, frozen=True):
    """One custom field, as an admin has made it."""

    key: str
    field_type: str = ""
    """text, textarea, dropdown, date …"""
    label: str = ""
    options: tuple[str, ...] = ()
    """The values that a dropdown takes; of all else empty."""
    filterable: bool = False
    definition_id: str = ""


def definitions_of(body: Mapping[str, Any]) -> dict[str, Definition]:
    """Return the fields of leads by their keys: of a lead's detail, or of the list of all fields."""
    fields = Fields(body, Counter())
    name = "custom_field_definitions" if fields.has("custom_field_definitions") else "definitions"
    return {one.text("key"): _definition(one) for one in fields.children(name) if _is_in_use(one)}


def _is_in_use(one: Fields) -> bool:
    of = one.text("target_model") or OF_LEADS
    return bool(one.text("key")) and of == OF_LEADS and one.flag("is_active", default=True)


def _definition(one: Fields) -> Definition:
    return Definition(
        key=one.text("key"),
        field_type=one.text("field_type"),
        label=one.text("label"),
        options=tuple(option.text("value") for option in one.children("options")),
        filterable=one.flag("is_filterable"),
        definition_id=one.text("id"),
    )
