"""From a path in a query to a value of a row, over relationships, for one user's eyes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.salesforce.org.access import Schema
from tests.salesforce.org.errors import RefusedError
from tests.salesforce.org.schema import Field, SObject
from tests.salesforce.org.tables import Row, Tables

Get = Callable[[Row], Any]
_TYPE = Field("Type", "string", writable=False)


@dataclass(frozen=True)
class Path:
    """A resolved path: the names to it as the answer spells them, the field at its end, and how to get there."""

    names: tuple[str, ...]
    field: Field
    get: Get


@dataclass(frozen=True)
class Eyes:
    """Who looks, and at what."""

    tables: Tables
    schema: Schema
    user: str

    def path(self, sobject: SObject, path: str) -> Path:
        """Return what a path means; INVALID_FIELD where it means nothing to this user."""
        first, _, rest = path.partition(".")
        return self._across(sobject, first, rest) if rest else self._here(sobject, first)

    def _here(self, sobject: SObject, name: str) -> Path:
        field = self.schema.field(sobject, name, self.user)
        if field is None:
            words = (
                f"No such column '{name}' on entity '{sobject.name}'. If you are attempting to use a custom"
                " field, be sure to append the '__c' after the custom field name."
            )
            raise RefusedError(400, "INVALID_FIELD", words)
        key = field.name
        return Path((key,), field, lambda row: row.get(key))

    def _across(self, sobject: SObject, first: str, rest: str) -> Path:
        relation = self.schema.relation(sobject, first, self.user)
        if relation is None:
            words = (
                f"Didn't understand relationship '{first}' in field path. If you are attempting to use a custom"
                " relationship, be sure to append the '__r' after the custom relationship name."
            )
            raise RefusedError(400, "INVALID_FIELD", words)
        found = self._beyond(relation, rest)
        get, key = found.get, relation.name

        def look(row: Row) -> Any:
            target = self.referred(relation, row.get(key))
            return None if target is None else get(target)

        return Path((relation.relationship, *found.names), found.field, look)

    def _beyond(self, relation: Field, rest: str) -> Path:
        if len(relation.refers) > 1 and rest.lower() == "type":
            return Path(("Type",), _TYPE, lambda row: row["attributes"])
        problem: RefusedError | None = None
        for name in relation.refers:
            target = self.schema.known(name, self.user)
            if target is None:
                continue
            try:
                return self.path(target, rest)
            except RefusedError as refused:
                problem = refused
        raise problem or RefusedError(400, "INVALID_FIELD", f"No such column '{rest}'")

    def referred(self, relation: Field, record_id: str | None) -> Row | None:
        """Return the row that a reference leads to, or None."""
        for name in relation.refers if record_id else ():
            row = self.tables.get(name, str(record_id))
            if row is not None and not row.get("IsDeleted"):
                return {**row, "attributes": name}
        return None
