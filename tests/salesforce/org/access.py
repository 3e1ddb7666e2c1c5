"""The schema as one user meets it: what is hidden from a profile does not exist for it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from tests.salesforce.org.errors import RefusedError, not_found
from tests.salesforce.org.schema import Field, SObject


class Schema:
    """Objects and fields of the org, and which of them whom is denied."""

    def __init__(self, objects: Iterable[SObject], at: datetime) -> None:
        self._objects = {one.name.lower(): one for one in objects}
        self._hidden: set[tuple[str, str]] = set()
        self._read_only: set[tuple[str, str]] = set()
        self.changed_at = at

    def change(self, sobject: SObject, at: datetime) -> None:
        """Set an object up, or anew."""
        self._objects[sobject.name.lower()] = sobject
        self.changed_at = at

    def drop(self, name: str, at: datetime) -> None:
        """Take an object out of the org."""
        self._objects.pop(name.lower(), None)
        self.changed_at = at

    def hide(self, what: str, user: str, at: datetime) -> None:
        """Deny a user an object, or a field given as Object.Field; "" is every user."""
        self._hidden.add((what.lower(), user))
        self.changed_at = at

    def lock(self, what: str, user: str, at: datetime) -> None:
        """Let a user only read a field given as Object.Field; "" is every user."""
        self._read_only.add((what.lower(), user))
        self.changed_at = at

    def known(self, name: str, user: str = "") -> SObject | None:
        """Return an object that this user may see, or None."""
        found = self._objects.get(name.lower())
        return None if found is None or self._denied(found.name.lower(), user) else found

    def of(self, name: str, user: str) -> SObject:
        """Return an object that this user may see; 404 for any other."""
        found = self.known(name, user)
        if found is None:
            raise not_found()
        return found

    def names(self, user: str) -> list[str]:
        """Return the objects that this user may see."""
        return [one.name for one in self._objects.values() if not self._denied(one.name.lower(), user)]

    def fields(self, sobject: SObject, user: str) -> list[Field]:
        """Return the fields of an object that this user may see."""
        return [one for one in sobject.fields if not self._denied(f"{sobject.name}.{one.name}".lower(), user)]

    def field(self, sobject: SObject, name: str, user: str) -> Field | None:
        """Return a field that this user may see, or None."""
        found = sobject.field(name)
        return found if found and not self._denied(f"{sobject.name}.{found.name}".lower(), user) else None

    def relation(self, sobject: SObject, name: str, user: str) -> Field | None:
        """Return the field behind a relationship that this user may see, or None."""
        found = sobject.relation(name)
        return found if found and self.field(sobject, found.name, user) else None

    def may_write(self, sobject: SObject, field: Field, user: str) -> bool:
        """Whether this user may set a field."""
        what = f"{sobject.name}.{field.name}".lower()
        return field.writable and not {(what, user), (what, "")} & self._read_only

    def to_write(self, sobject: SObject, name: str, user: str) -> Field:
        """Return a field that this user may set; RefusedError for any other."""
        found = self.field(sobject, name, user)
        if found is None:
            words = f"No such column '{name}' on sobject of type {sobject.name}"
            raise RefusedError(400, "INVALID_FIELD", words)
        if not self.may_write(sobject, found, user):
            words = (
                f"Unable to create/update fields: {found.name}. Please check the security settings of this"
                " field and verify that it is read/write for your profile or permission set."
            )
            raise RefusedError(400, "INVALID_FIELD_FOR_INSERT_UPDATE", words, found.name)
        return found

    def _denied(self, what: str, user: str) -> bool:
        return (what, user) in self._hidden or (what, "") in self._hidden
