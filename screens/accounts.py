"""Which of the rep's leads belong to one account. Made in pauses: no key waits for it, or relies on it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from triage.domain.inbox import Entry
from triage.domain.lead import LeadId
from triage.domain.outline import Outline

Key = tuple[str, str]
"""The account's id and name: both have to agree, for an act may follow from it."""


class Accounts:
    """Leads by account."""

    def __init__(self) -> None:
        self._leads: dict[Key, list[LeadId]] = {}
        self._size = -1

    def prepare(self, entries: Mapping[LeadId, Entry]) -> None:
        """Go through the leads, if there are others than the last time."""
        if len(entries) == self._size:
            return
        self._leads, self._size = {}, len(entries)
        for entry in entries.values():
            key = account_key(entry.outline)
            if key is not None:
                self._leads.setdefault(key, []).append(entry.lead_id)

    def others(self, outline: Outline, entries: Mapping[LeadId, Entry], now: datetime) -> tuple[LeadId, ...]:
        """Return the open leads of the same account, other than this one, as things stand now."""
        key = account_key(outline)
        if key is None:
            return ()
        siblings = (LeadId(one.lead_id) for one in outline.account.siblings)
        likely = dict.fromkeys([*self._leads.get(key, ()), *siblings])
        found = (entries.get(lead_id) for lead_id in likely if lead_id != outline.lead_id)
        return tuple(
            entry.lead_id
            for entry in found
            if entry is not None and entry.is_open(now) and account_key(entry.outline) == key
        )


def account_key(outline: Outline) -> Key | None:
    """Return what two leads of one account have in common; None where nothing is known of it."""
    account = outline.account
    name = (account.name or outline.company).strip().casefold()
    return (account.account_id, name) if name else None
