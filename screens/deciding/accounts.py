"""Which of the rep's leads belong to one account. Made in pauses: no key waits for it, or relies on it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import islice

from triage.domain.entries import Entries
from triage.domain.inbox import Entry
from triage.domain.lead import LeadId
from triage.domain.outline import Outline

Key = tuple[str, str]
"""The account's id and name: both have to agree, for an act may follow from it."""
AT_ONCE = 5_000
"""Leads gone through in one pause: a few milliseconds."""
_Book = dict[Key, dict[LeadId, None]]


class Accounts:
    """Leads by account. One that has left may still be in it: whoever asks looks at the lead as it is now."""

    def __init__(self) -> None:
        self._leads: _Book = {}
        self._coming: _Book = {}
        self._seen: Entries | None = None
        self._base: object = None
        self._rest: Iterator[Entry] | None = None
        """Those that are still to be gone through."""

    def __len__(self) -> int:
        """Count the leads that an account is known of."""
        return sum(map(len, self._leads.values()))

    def prepare(self, entries: Entries) -> None:
        """Go through the leads that are others than the last time, some of many in each pause."""
        if entries is self._seen and self._rest is None:
            return
        base, changed = entries.apart()
        if base is not self._base:
            self._base, self._rest, self._coming = base, iter(base.values()), {}
        if self._rest is not None:
            part = list(islice(self._rest, AT_ONCE))
            for entry in part:
                _note(self._coming, entry)
            if len(part) < AT_ONCE:
                self._leads, self._rest, self._coming = self._coming, None, {}
        for entry in changed.values():
            _note(self._leads, entry)
        self._seen = entries

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


def _note(book: _Book, entry: Entry) -> None:
    key = account_key(entry.outline)
    if key is not None:
        book.setdefault(key, {})[entry.outline.lead_id] = None
