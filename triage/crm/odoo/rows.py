"""Odoo's values: false is empty, a many2one is a pair, a moment is UTC without saying so. Tolerant; pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from triage.crm.fields import Fields
from triage.domain.lead import Fact

_FORM = re.compile(r"\d{4}-\d\d-\d\d([ T]\d\d:\d\d:\d\d)?(\.\d{1,6})?", re.ASCII)


class Values:
    """What one row says, by the names of its fields; what cannot be read is counted by name."""

    def __init__(self, row: Mapping[str, Any], unread: Counter[str] | None = None) -> None:
        said = {name: value for name, value in row.items() if value is not False}
        self._fields = Fields(said, Counter() if unread is None else unread)
        self._row = row

    def text(self, name: str) -> str:
        """Return a text, or an empty one."""
        return self._fields.text(name)

    def number(self, name: str) -> float | None:
        """Return a finite number, or None."""
        return self._fields.number(name)

    def whole(self, name: str) -> int | None:
        """Return a whole number, or None."""
        return self._fields.whole(name)

    def flag(self, name: str) -> bool:
        """Whether it is true; a field that this database has not is not."""
        return self._fields.flag(name)

    def time(self, name: str) -> datetime | None:
        """Return an aware moment in UTC, or None."""
        value = self._fields.raw(name)
        moment = moment_of(value)
        if value is not None and moment is None:
            self._fields.count(name)
        return moment

    def id(self, name: str) -> int:
        """Return the id that a many2one points to; 0 where it points nowhere."""
        value = self._fields.raw(name)
        if value is not None and not id_of(value):
            self._fields.count(name)
        return id_of(value)

    def name(self, name: str) -> str:
        """Return what the record is called that a many2one points to."""
        return name_of(self._fields.raw(name))

    def fact(self, name: str) -> Fact:
        """Return a value as a definition compares it: a many2one by its name, a list not at all."""
        value = self._row.get(name)
        if isinstance(value, list):
            return name_of(value) or None
        return value if isinstance(value, str | int | float | bool) else None


def id_of(value: object) -> int:
    """Return the id of a many2one, [7, "Name"] or 7; 0 where it is empty (false)."""
    first = value[0] if isinstance(value, list) and value else value
    return first if type(first) is int else 0


def name_of(value: object) -> str:
    """Return the name of a many2one, [7, "Name"]; empty where it is empty (false)."""
    has_name = isinstance(value, list) and len(value) > 1 and isinstance(value[1], str)
    return str(value[1]) if has_name and isinstance(value, list) else ""


def moment_of(value: object) -> datetime | None:
    """Return the moment of "2026-11-20 08:30:00", aware; of a date its midnight; None of anything else."""
    if not isinstance(value, str) or not _FORM.fullmatch(value):
        return None
    try:
        return datetime.fromisoformat(value).replace(tzinfo=UTC)
    except ValueError:
        return None


def text_of(moment: datetime) -> str:
    """Return a moment as Odoo takes it in a domain."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
