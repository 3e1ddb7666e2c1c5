"""Fetching leads: everything of the rep and their queues, or what changed since a place, page by page."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import aclosing
from datetime import datetime, timedelta

from msgspec.structs import replace

from triage.clock import Clock
from triage.crm.port import LeadPage
from triage.crm.salesforce import soql
from triage.crm.salesforce.account import Account
from triage.crm.salesforce.api import Api, NoSuchField, Page, Row
from triage.crm.salesforce.describe import select
from triage.crm.salesforce.reading.activities import tracked_since
from triage.crm.salesforce.reading.around import look_around
from triage.crm.salesforce.reading.changes import ORDER, changed, deleted, is_ours, newest, sorted_out
from triage.crm.salesforce.reading.leads import Reader
from triage.crm.salesforce.reading.place import SWEEP_AFTER, Place, changed_at, read_place, seen_in, whose
from triage.crm.salesforce.selects import select_from
from triage.crm.salesforce.statuses import SHOWN
from triage.domain.lead import Lead, LeadId

_AT_ONCE = 50
"""Leads read before the event loop has its turn."""
_AHEAD = timedelta(days=1)
"""A change so far ahead of Salesforce's own clock is none to go on from: all others would be passed over."""


class Fetching:
    """One fetch of an adapter. `place` is the org's address, for links to a lead's page."""

    def __init__(self, account: Account, clock: Clock, place: str) -> None:
        self._account = account
        self._api: Api = account.api
        self._clock = clock
        self._place = place.rstrip("/")
        self._tracked_since: datetime | None = None
        """Since when changes of owners are kept, as far as any lead's history has shown it."""

    async def pages(self, cursor: str | None) -> AsyncGenerator[LeadPage]:
        """Yield all leads in view, or what changed. StaleCursor where only everything will do."""
        owners = await self._account.owners()
        pages = self._everything(owners) if cursor is None else self._since(cursor, owners)
        async with aclosing(pages):
            async for page in pages:
                yield page

    async def _everything(self, owners: Sequence[str]) -> AsyncGenerator[LeadPage]:
        started, asked_at = self._clock(), self._their_now()
        base = min(await newest(self._api) or self._their_now(), self._their_now() + _AHEAD)
        place = Place(base, started, started, base, whose=whose(owners))
        reader = await self._reader()
        unread: Counter[str] = Counter({"queue": len(await self._account.unknown_queues())})
        seen: list[Row] = []
        async with aclosing(self._pages(await self._in_view(owners))) as pages:
            async for page in pages:
                seen += page.rows
                leads = await self._read(reader, page.rows, unread)
                place = replace(
                    place,
                    seen=seen_in(seen, base, asked_at),
                    owners_tracked_since=self._tracked_since,
                )
                reached = place if not page.more else replace(place, since=min(base, _last(page.rows, base)))
                yield LeadPage(leads, (), reached.text, page.more, _taken(unread))

    async def _since(self, cursor: str, owners: Sequence[str]) -> AsyncGenerator[LeadPage]:
        place = read_place(cursor, whose(owners), self._clock())
        self._tracked_since = place.owners_tracked_since
        asked_at = self._their_now()
        rows = await changed(self._api, place.asks_from)
        fresh = [row for row in rows if not place.knows(row)]
        gone: tuple[LeadId, ...] = ()
        if self._clock() - place.swept_at >= SWEEP_AFTER:
            lost = await deleted(self._api, place.swept_to, asked_at)
            gone = tuple(map(LeadId, lost.ids))
            place = replace(place, swept_at=self._clock(), swept_to=lost.up_to)
        parts = list(soql.split(fresh)) or [[]]
        for part in parts[:-1]:
            leads, others, unread = await self._of_changed(part, owners)
            reached = replace(place, since=max(place.since, _last(part, place.since)))
            yield LeadPage(leads, others, reached.text, more=True, unread=unread)
        leads, others, unread = await self._of_changed(parts[-1], owners)
        since = min(max(place.since, _last(rows, place.since)), asked_at + _AHEAD)
        place = replace(place, since=since, seen=seen_in(rows, since, asked_at))
        yield LeadPage(leads, (*others, *gone), place.text, more=False, unread=unread)

    async def _of_changed(
        self, rows: Sequence[Row], owners: Sequence[str]
    ) -> tuple[tuple[Lead, ...], tuple[LeadId, ...], dict[str, int]]:
        """Return the leads in view among what changed, and the ids of the others."""
        unread: Counter[str] = Counter()
        ids = [str(row["Id"]) for row in rows if row.get("Id")]
        if not any(is_ours(row, owners) for row in rows):
            return (), tuple(map(LeadId, ids)), {}
        closed = (await self._account.statuses()).out_of_view
        ours, _ = sorted_out(rows, owners, closed)
        leads: tuple[Lead, ...] = ()
        if ours:
            reader = await self._reader()
            wanted = [str(row["Id"]) for row in ours]
            whole = [row async for page in self._pages(f"Id IN {soql.ids(wanted)}") for row in page.rows]
            still, _ = sorted_out(whole, owners, closed)
            leads = await self._read(reader, still, unread)
        shown = {lead.lead_id for lead in leads}
        return leads, tuple(LeadId(one) for one in ids if one not in shown), dict(unread)

    async def _pages(self, where: str) -> AsyncGenerator[Page]:
        """Yield pages of whole rows; asks once more where a field vanished since it was described."""
        first = True
        try:
            async for page in self._api.pages(await self._question(where), background=True):
                first = False
                yield page
        except NoSuchField:
            if not first:
                raise
            self._api.forget("Lead")
        else:
            return
        async for page in self._api.pages(await self._question(where), background=True):
            yield page

    async def _question(self, where: str) -> str:
        reader = await self._reader()
        return select_from("Lead", select(reader.wanted(), reader.described), where, ORDER)

    async def _in_view(self, owners: Sequence[str]) -> str:
        closed = (await self._account.statuses()).out_of_view
        where = f"OwnerId IN {soql.ids(owners)} AND IsConverted = false"
        return f"{where} AND Status NOT IN {soql.ids(closed)}" if closed else where

    async def _reader(self) -> Reader:
        described = await self._account.lead()
        return Reader(described, await self._account.statuses(), self._account.dialect, self._place)

    async def _read(self, reader: Reader, rows: Sequence[Row], unread: Counter[str]) -> tuple[Lead, ...]:
        """Return the leads in view of a page, and let a screen draw in between."""
        ids = [str(row["Id"]) for row in rows if row.get("Id")]
        if not ids:
            return ()
        around = await look_around(self._account, ids)
        self._tracked_since = tracked_since(around.changes.values(), self._tracked_since)
        reader = replace(reader, tracked_since=self._tracked_since)
        leads: list[Lead] = []
        for part in soql.split(rows, _AT_ONCE):
            read = (reader.read(row, around, unread, self._clock()) for row in part)
            leads += [lead for lead in read if lead is not None and lead.status in SHOWN]
            await asyncio.sleep(0)
        return tuple(leads)

    def _their_now(self) -> datetime:
        """Return the moment by Salesforce's clock, as far as it is known."""
        return self._clock() + (self._api.http.skew or timedelta())


def _last(rows: Iterable[Row], other: datetime) -> datetime:
    return max((at for row in rows if (at := changed_at(row)) is not None), default=other)


def _taken(unread: Counter[str]) -> dict[str, int]:
    """Return what a page could not read, and begin the next one's count."""
    told = {name: count for name, count in unread.items() if count}
    unread.clear()
    return told
