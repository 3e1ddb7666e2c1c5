"""All entries of a rep as a value: changing a few of fifty thousand copies those few, not all of them."""

from __future__ import annotations

from collections.abc import ItemsView, Iterable, Iterator, Mapping, ValuesView
from typing import Any, overload

from triage.domain.entry import Entry
from triage.domain.lead import LeadId

_KEPT_APART = 1_000
"""Changed entries up to which the others are shared; copying fifty thousand takes a millisecond or two."""


class Entries(Mapping[LeadId, Entry]):
    """Entries by the ids of their leads, in the order in which they came. Never changes."""

    __slots__ = ("_added", "_base", "_changed", "_whole")

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        self._base = {entry.outline.lead_id: entry for entry in entries}
        self._changed: dict[LeadId, Entry] = {}
        self._added = 0
        self._whole: dict[LeadId, Entry] | None = self._base
        """All in one table, made when somebody goes through all of them."""

    def changed(self, fresh: Mapping[LeadId, Entry]) -> Entries:
        """Return them with some changed or added."""
        made = Entries()
        changed = {**self._changed, **fresh}
        if len(changed) > _KEPT_APART:
            made._base = made._whole = {**self._base, **changed}
            return made
        made._base, made._changed = self._base, changed
        made._whole = None if changed else self._base
        made._added = sum(lead_id not in self._base for lead_id in changed)
        return made

    def apart(self) -> tuple[Mapping[LeadId, Entry], Mapping[LeadId, Entry]]:
        """Return the table that most changes leave as it is, always the same one, and what was changed."""
        return self._base, self._changed

    def _table(self) -> dict[LeadId, Entry]:
        if self._whole is None:
            self._whole = {**self._base, **self._changed}
        return self._whole

    def __getitem__(self, lead_id: LeadId) -> Entry:
        found = self._changed.get(lead_id)
        return found if found is not None else self._base[lead_id]

    @overload
    def get(self, lead_id: LeadId) -> Entry | None: ...
    @overload
    def get(self, lead_id: LeadId, default: Any) -> Any: ...
    def get(self, lead_id: LeadId, default: Any = None) -> Any:
        """Return an entry, or the default."""
        found = self._changed.get(lead_id)
        return found if found is not None else self._base.get(lead_id, default)

    def __contains__(self, lead_id: object) -> bool:
        return lead_id in self._base or lead_id in self._changed

    def __iter__(self) -> Iterator[LeadId]:
        return iter(self._table())

    def __len__(self) -> int:
        return len(self._base) + self._added

    def values(self) -> ValuesView[Entry]:
        """Return all entries."""
        return self._table().values()

    def items(self) -> ItemsView[LeadId, Entry]:
        """Return all entries with their ids."""
        return self._table().items()
