"""What an object is in this org, for this user: its fields, as far as they may be read. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import Any

from msgspec import Struct, field

from triage.crm.dialect import nearest
from triage.crm.fields import Fields

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,127}(\.[A-Za-z][A-Za-z0-9_]{0,127}){0,4}")


class FieldInfo(Struct, frozen=True):
    """One field of an object, as the user may use it."""

    name: str
    label: str = ""
    type: str = ""
    """string, picklist, reference, double, datetime …"""
    length: int = 0
    updateable: bool = False
    createable: bool = False
    relationship: str = ""
    """The name under which the record it points at is reached: Owner."""
    refers_to: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    """The active values of a picklist."""
    unique: bool = False
    external_id: bool = False


class Described(Struct, frozen=True):
    """One object; field names as the org writes them."""

    name: str
    fields: dict[str, FieldInfo] = field(default_factory=dict)
    createable: bool = False
    updateable: bool = False

    def can_read(self, path: str) -> bool:
        """Whether a field, or a path through a reference of this object (Owner.Name), can be asked for."""
        first, _, rest = path.partition(".")
        if not is_name(path):
            return False
        return first in self.relationships if rest else first in self.fields

    def can_update(self, name: str) -> bool:
        """Whether the user may write a field of a record that is there."""
        info = self.fields.get(name)
        return info is not None and info.updateable

    @property
    def relationships(self) -> dict[str, FieldInfo]:
        """The references, by the name under which the record is reached."""
        return {info.relationship: info for info in self.fields.values() if info.relationship}

    def label(self, name: str) -> str:
        """Return what people call a field; its name where it is not known."""
        info = self.fields.get(name)
        return (info.label if info else "") or name

    def nearest(self, name: str) -> str:
        """Return the field that was most likely meant, or an empty text."""
        return nearest(name, self.fields)


def is_name(text: str) -> bool:
    """Whether a text can be the name of a field or a path of them: Owner.Name."""
    return _NAME.fullmatch(text) is not None


def select(wanted: Iterable[str], described: Described) -> tuple[str, ...]:
    """Return the fields of a query that the user may read, each once, `Id` the first."""
    readable = [path for path in wanted if described.can_read(path)]
    return tuple(dict.fromkeys(("Id", *readable)))


def read_describe(body: dict[str, Any]) -> Described:
    """Return a describe's answer; a field that cannot be read is left out, as if it were not allowed."""
    fields = Fields(body, Counter())
    # A Lead can have 800 fields and more: the bound of `Fields.children` would cut them.
    entries = body.get("fields")
    found = (_field(Fields(entry, Counter())) for entry in entries or () if isinstance(entry, dict))
    return Described(
        name=fields.text("name"),
        fields={info.name: info for info in found if info is not None},
        createable=fields.flag("createable"),
        updateable=fields.flag("updateable"),
    )


def _field(fields: Fields) -> FieldInfo | None:
    name = fields.text("name")
    if not is_name(name):
        return None
    return FieldInfo(
        name=name,
        label=fields.text("label"),
        type=fields.text("type"),
        length=fields.whole("length") or 0,
        updateable=fields.flag("updateable"),
        createable=fields.flag("createable"),
        relationship=fields.text("relationshipName"),
        refers_to=fields.texts("referenceTo"),
        values=tuple(
            value.text("value")
            for value in fields.children("picklistValues")
            if value.flag("active", default=True)
        ),
        unique=fields.flag("unique"),
        external_id=fields.flag("externalId"),
    )
