"""Parts of the adapter without the whole: calls, an account and a fetch on the stand-in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from tests.odoo.server import Odoo
from tests.tempo import FastTempo
from triage.clock import Clock, utc_now
from triage.crm.dialect import Dialect
from triage.crm.odoo.account import Account
from triage.crm.odoo.api import Api
from triage.crm.odoo.reading.fetching import Fetching
from triage.crm.port import LeadPage
from triage.domain.lead import Lead


class Reader:
    """One rep who reads."""

    def __init__(self, api: Api, account: Account, clock: Clock) -> None:
        self.api = api
        self.account = account
        self.fetching = Fetching(api, account, clock)

    async def pages(self, cursor: str | None = None) -> list[LeadPage]:
        return [page async for page in self.fetching.pages(cursor)]

    async def leads(self, cursor: str | None = None) -> dict[str, Lead]:
        """The leads of a fetch, by their ids."""
        return {lead.lead_id: lead for page in await self.pages(cursor) for lead in page.leads}


@asynccontextmanager
async def reading(
    url: str,
    odoo: Odoo,
    *,
    key: str = "",
    clock: Clock = utc_now,
    dialect: Dialect | None = None,
    **more: Any,
) -> AsyncIterator[Reader]:
    """Sign in as the rep, or with another key."""
    tempo = odoo.tempo or FastTempo()
    api = Api(url, key or odoo.key, database=odoo.database, login=odoo.login, tempo=tempo)
    account = Account(api, url, database=odoo.database, dialect=dialect, **more)
    try:
        yield Reader(api, account, clock)
    finally:
        await api.aclose()
