"""Fetching the rep's leads: the whole list each time, of which what has not changed is left out. Reads only.

One request for 300 leads. A lead that is closed, recycled, converted, given to another or deleted is
on the list no more, or with a status that is none of the rep's: it is gone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncGenerator, Iterable, Mapping
from contextlib import aclosing
from typing import Any
from uuid import UUID

from triage.clock import Clock
from triage.crm.bottlecrm.account import Account
from triage.crm.bottlecrm.api import Api
from triage.crm.bottlecrm.reading.cursor import Held, begin, fingerprint, text, uuid_of
from triage.crm.bottlecrm.reading.leads import Reader
from triage.crm.bottlecrm.statuses import Statuses
from triage.crm.port import LeadPage
from triage.domain.lead import IN_WORK, UNDECIDED, Lead, LeadId, LeadStatus

ON_LIST = UNDECIDED | IN_WORK | {LeadStatus.UNKNOWN}


class Fetching:
    """Fetches for one account."""

    def __init__(self, api: Api, account: Account, clock: Clock) -> None:
        self._api = api
        self._account = account
        self._clock = clock

    async def pages(self, cursor: str | None) -> AsyncGenerator[LeadPage]:
        """Yield pages of leads; the last one is what is gone. StaleCursor: all has to be fetched again."""
        me = await self._account.me()
        run = _Run(begin(cursor, me.user_id), Reader(me, Statuses(self._account.dialect), self._clock()))
        mine = {"assigned_to": me.user_id, "open": "true"}
        async with aclosing(self._api.leads(mine)) as pages:
            async for page in pages:
                yield run.page(page.open)
        yield run.end()


class _Run:
    """One fetch."""

    def __init__(self, held: Held, reader: Reader) -> None:
        self._held = held
        """What the rep has by now."""
        self._reader = reader
        self._listed: set[UUID] = set()

    def page(self, rows: Iterable[Mapping[str, Any]]) -> LeadPage:
        """Return the leads of a page that are news."""
        unread: Counter[str] = Counter()
        news = tuple(self._news(rows, unread))
        return LeadPage(news, (), self._cursor, more=True, unread=dict(unread))

    def end(self) -> LeadPage:
        """Return what is gone."""
        gone = [lead_id for lead_id in self._held if lead_id not in self._listed]
        for lead_id in gone:
            del self._held[lead_id]
        return LeadPage((), tuple(LeadId(str(one)) for one in gone), self._cursor, more=False)

    @property
    def _cursor(self) -> str:
        return text(self._held, self._reader.me.user_id)

    def _news(self, rows: Iterable[Mapping[str, Any]], unread: Counter[str]) -> Iterable[Lead]:
        for row in rows:
            lead = self._reader.read(row, unread)
            lead_id = uuid_of(lead.lead_id) if lead is not None else None
            if lead is None or not self._is_mine(lead):
                continue
            if lead_id is None:
                unread["id"] += 1
                continue
            self._listed.add(lead_id)
            print_ = fingerprint(lead)
            if self._held.get(lead_id) != print_:
                self._held[lead_id] = print_
                yield lead

    def _is_mine(self, lead: Lead) -> bool:
        """Whether it is the rep's to decide: a filter that BottleCRM does not know is ignored by it."""
        return lead.status in ON_LIST and lead.owner.user_id == self._reader.me.user_id
