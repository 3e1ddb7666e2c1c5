"""Which leads that an account names the rep has here too: colleagues, and the same person once more."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from triage.domain.account import Account
from triage.domain.entry import Entry
from triage.domain.lead import LeadId

MOST = 50
"""Colleagues that are looked for: an account of more is no account."""


def related_ids(account: Account) -> tuple[LeadId, ...]:
    """Return the leads that an account names."""
    twin = account.duplicate_of
    if twin is None and not account.siblings:
        return ()
    siblings = (LeadId(one.lead_id) for one in account.siblings[:MOST])
    return (*siblings, LeadId(twin.lead_id)) if twin is not None else tuple(siblings)


def related(account: Account, entries: Mapping[LeadId, Entry], now: datetime) -> dict[str, bool]:
    """Return which leads that an account names are on the rep's list, and whether each is open."""
    found = ((lead_id, entries.get(lead_id)) for lead_id in related_ids(account))
    return {lead_id: one.is_open(now) for lead_id, one in found if one is not None and not one.gone}
