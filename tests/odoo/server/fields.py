"""What a field of a model is, and how `fields_get` describes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

TEXTS = ("char", "text", "html", "selection")
MANY = ("many2many", "one2many")

Row = dict[str, Any]
Selection = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Field:
    type: str
    string: str
    relation: str = ""
    selection: Selection = ()
    readonly: bool = False
    required: bool = False
    manual: bool = False
    computed: Callable[[Any, Row], Any] | None = None
    """Of an environment and a row, where the value is worked out and not kept."""
    start: Any = None
    """What a record is made with where nothing is said."""

    @property
    def is_many(self) -> bool:
        return self.type in MANY

    def described(self, name: str) -> dict[str, Any]:
        """As `fields_get` has it."""
        said: dict[str, Any] = {
            "name": name,
            "type": self.type,
            "string": self.string,
            "help": "",
            "readonly": self.readonly or self.computed is not None,
            "required": self.required,
            "store": self.computed is None,
            "searchable": True,
            "sortable": not self.is_many,
            "manual": self.manual,
        }
        if self.relation:
            said |= {"relation": self.relation, "domain": [], "context": {}}
        if self.type == "selection":
            said["selection"] = [list(one) for one in self.selection]
        return said


def char(string: str, **more: Any) -> Field:
    return Field("char", string, **more)


def to_one(string: str, relation: str, **more: Any) -> Field:
    return Field("many2one", string, relation, **more)


def to_many(string: str, relation: str, **more: Any) -> Field:
    return Field("many2many", string, relation, **more)


def choice(string: str, *options: tuple[str, str], **more: Any) -> Field:
    return Field("selection", string, selection=options, **more)


def flag(string: str, *, start: bool = False, **more: Any) -> Field:
    return Field("boolean", string, start=start, **more)


def number(string: str, **more: Any) -> Field:
    return Field("integer", string, **more)


def moment(string: str, **more: Any) -> Field:
    return Field("datetime", string, **more)


ON_EVERY_MODEL: Mapping[str, Field] = {
    "id": Field("integer", "ID", readonly=True),
    "display_name": Field("char", "Display Name", computed=lambda env, row: env.called(row)),
    "create_date": Field("datetime", "Created on", readonly=True),
    "create_uid": Field("many2one", "Created by", "res.users", readonly=True),
    "write_date": Field("datetime", "Last Updated on", readonly=True),
    "write_uid": Field("many2one", "Last Updated by", "res.users", readonly=True),
}
