"""From rows of crm.lead to leads: chatter, mailings and programmes of a page at once, never one by one.

Costs a page of 200 leads a call each for the chatter and, where installed, mailings, programmes and their
next step; one more for the notes of those that are snoozed.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime

from msgspec.structs import replace

from triage.clock import Clock
from triage.crm.odoo.account import Account
from triage.crm.odoo.api import Api, Row
from triage.crm.odoo.chatter import marks_on
from triage.crm.odoo.reading.chatter import read_chatter
from triage.crm.odoo.reading.if_there import IfThere
from triage.crm.odoo.reading.leads import Around, Here, lead_of
from triage.crm.odoo.reading.mailings import read_mailings, read_programmes
from triage.crm.odoo.rows import id_of
from triage.crm.odoo.statuses import SHOWN
from triage.crm.records.mark import Mark
from triage.domain.act import Act
from triage.domain.lead import Lead, LeadStatus
from triage.errors import NotPermitted

_AT_ONCE = 50
"""Leads that are made before a screen may draw."""


class Gathering:
    """Makes leads of rows for one account."""

    def __init__(self, api: Api, account: Account, clock: Clock) -> None:
        self._api = api
        self._account = account
        self._clock = clock
        self.if_there = IfThere(api)

    async def here(self) -> Here:
        """Return what is the same for all leads of a fetch."""
        account = self._account
        return Here(await account.me(), await account.statuses(), account.dialect, self._clock())

    async def of(self, rows: Sequence[Row], here: Here, unread: Counter[str]) -> tuple[Lead, ...]:
        """Return the leads of those rows that are on the rep's list."""
        listed = [row for row in rows if is_on_list(row, here)]
        if not listed:
            return ()
        around = await self._around(listed, here)
        here = replace(here, countries=await self._account.countries(), users=await self._account.users())
        leads: list[Lead] = []
        for start in range(0, len(listed), _AT_ONCE):
            leads += [lead_of(row, here, around, unread) for row in listed[start : start + _AT_ONCE]]
            await asyncio.sleep(0)
        return tuple(leads)

    async def _around(self, rows: Sequence[Row], here: Here) -> Around:
        ids = [row["id"] for row in rows]
        snoozed = [row["id"] for row in rows if here.statuses.of(row) is LeadStatus.SNOOZED]
        return Around(
            await read_chatter(self.if_there, self._account, ids),
            await read_mailings(self.if_there, ids),
            await read_programmes(self.if_there, ids),
            await self._snoozed_until(snoozed),
        )

    async def _snoozed_until(self, ids: Sequence[int]) -> dict[int, datetime]:
        """Return until when leads sleep, by our own notes."""
        if not ids:
            return {}
        try:
            marks = await marks_on(self._api, map(str, ids))
        except NotPermitted:
            return {}
        found = {int(lead_id): _until(written) for lead_id, written in marks.items()}
        return {lead_id: until for lead_id, until in found.items() if until is not None}


def is_on_list(row: Row, here: Here) -> bool:
    """Whether a row is on the rep's list."""
    is_mine = id_of(row.get("user_id")) == int(here.me.user_id)
    return (
        is_mine and row.get("active") is not False and _is_lead(row, here) and here.statuses.of(row) in SHOWN
    )


def _is_lead(row: Row, here: Here) -> bool:
    """Whether a row is of the kind that is a lead here; one that triage accepted stays one."""
    kind, type_ = here.statuses.kind, row.get("type")
    return kind in ("both", type_) or LeadStatus.ACCEPTED in here.statuses.tagged(row)


def _until(marks: Sequence[Mark]) -> datetime | None:
    """Return when the newest snooze ends; None where it does not say."""
    snoozes = [mark for mark in marks if mark.word == Act.SNOOZE and not mark.is_answer]
    until = snoozes[-1].item.plain("params").get("until") if snoozes else None
    if not isinstance(until, str):
        return None
    try:
        moment = datetime.fromisoformat(until)
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
