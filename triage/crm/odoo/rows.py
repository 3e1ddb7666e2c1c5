"""One row of Odoo's, field by field: false is empty, a many2one is a pair, a moment is UTC. Tolerant."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from triage.crm.fields import Fields
from triage.crm.odoo.moments import moment_of
from triage.crm.odoo.statuses import id_of, name_of
from triage.domain.lead import Fact


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
