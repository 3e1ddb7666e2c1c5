"""Fetching the rep's leads: all of them, or what changed since a place. Reads only.

All: pages by id. What changed: the rep's rows that were written, leads on which somebody wrote a message, and
the ids of the rep's list: what of those held is not in it is gone (deleted, merged, lost, reassigned), what
is in it and not held is new, though no moment says so.

Not confirmed against a live account: that hidden records are left out of a search and not refused.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncGenerator, Collection, Sequence
from contextlib import aclosing
from datetime import datetime, timedelta
from typing import Any

from msgspec.structs import replace

from triage.clock import Clock
from triage.crm.odoo.account import LEADS, Account
from triage.crm.odoo.api import Api, Row
from triage.crm.odoo.chatter import MESSAGES
from triage.crm.odoo.reading.cursor import OVERLAP, Place, mark_of, read_place
from triage.crm.odoo.reading.gathering import Gathering
from triage.crm.odoo.reading.leads import Here
from triage.crm.odoo.rows import moment_of, text_of
from triage.crm.port import LeadPage
from triage.domain.lead import LeadId
from triage.errors import BadAnswer

PAGE = 200
_ALL = {"active_test": False}
"""Lost records are archived: without this they are not seen at all."""
_AHEAD = timedelta(minutes=5)
"""A change that lies further ahead is a clock's mistake, and no place to go on from."""
_MOST_MESSAGES = 2_000


class Fetching:
    """Fetches for one account."""

    def __init__(self, api: Api, account: Account, clock: Clock) -> None:
        self._api = api
        self._account = account
        self._clock = clock
        self._gathering = Gathering(api, account, clock)

    async def pages(self, cursor: str | None) -> AsyncGenerator[LeadPage]:
        """Yield pages of leads; the last one is what is gone. StaleCursor: all has to be fetched again."""
        here = await self._gathering.here()
        whose = f"{here.me.account_id} {here.me.user_id} {here.statuses.kind}"
        now = self._clock()
        place = Place(whose, now, now) if cursor is None else read_place(cursor, whose, now)
        latest = now + (self._api.skew or timedelta(0)) + _AHEAD
        if place.since is None and not place.above:
            newest, message = await self._newest_change(latest), await self._newest_message()
            place = replace(place, newest=newest, message=message)
        run = _Run(self._api, self._account, self._gathering, here, place, latest=latest)
        async with aclosing(run.pages()) as pages:
            async for page in pages:
                yield page

    async def _newest_change(self, latest: datetime) -> datetime:
        """Return when any record was written last: Odoo's own clock, as far as we need it."""
        rows = await self._api.search_read(
            LEADS, [], ["write_date"], order="write_date desc, id desc", limit=1, context=_ALL
        )
        return _newest(rows, latest) or latest - _AHEAD

    async def _newest_message(self) -> int:
        rows = await self._gathering.if_there.rows(
            MESSAGES, [["model", "=", LEADS]], ["res_id"], order="id desc", limit=1
        )
        return int(rows[0]["id"]) if rows else 0


class _Run:
    """One fetch."""

    def __init__(
        self,
        api: Api,
        account: Account,
        gathering: Gathering,
        here: Here,
        place: Place,
        *,
        latest: datetime,
    ) -> None:
        """`latest`: no change is believed to be later than that."""
        self._api = api
        self._account = account
        self._gathering = gathering
        self._here = here
        self._place = place
        self._latest = latest
        self._held = set(place.ids)
        self._given: set[int] = set()
        self._seen = dict(place.seen) if place.above else {}

    async def pages(self) -> AsyncGenerator[LeadPage]:
        since = self._place.since
        spoken_of = await self._spoken_of()
        domain = await self._account.mine() if since is None else self._written(since)
        async with aclosing(self._rows(domain, self._place.above)) as pages:
            async for rows in pages:
                self._go_on(rows)
                yield await self._page([row for row in rows if not self._place.knows(row)], rows)
        gone: set[int] = set()
        if since is not None:
            mine = await self._ids(await self._account.mine())
            gone = self._held - mine
            async with aclosing(self._others(mine, spoken_of)) as pages:
                async for rows in pages:
                    yield await self._page(rows, rows)
            self._held -= gone
        ended = self._place.ended(self._seen).holding(self._held)
        yield LeadPage((), _lead_ids(gone), ended.text(), more=False)

    def _go_on(self, rows: Sequence[Row]) -> None:
        """Note how far the pages are; the first of what changed says how new all of it is."""
        newest = self._place.newest
        if self._place.since is not None and not self._place.above:
            newest = max(newest, _newest(rows, self._latest) or newest)
        self._place = replace(self._place, above=rows[-1]["id"], newest=newest)

    async def _others(self, mine: set[int], spoken_of: set[int]) -> AsyncGenerator[list[Row]]:
        """Yield the rep's rows that no moment tells of: those not held yet, and those written about."""
        wanted = (mine - self._held | spoken_of & mine) - self._given
        if wanted:
            async with aclosing(self._rows([["id", "in", sorted(wanted)]])) as pages:
                async for rows in pages:
                    yield rows

    def _written(self, since: datetime) -> list[Any]:
        mine = [["user_id", "=", int(self._here.me.user_id)], ["write_date", ">=", text_of(since)]]
        return [*mine, *self._account.of_kind(self._here.statuses)]

    async def _page(self, fresh: Sequence[Row], rows: Sequence[Row]) -> LeadPage:
        """Return the leads of the fresh ones among rows."""
        unread: Counter[str] = Counter()
        leads = await self._gathering.of(fresh, self._here, unread)
        for row in rows:
            self._note(row)
        self._given |= {row["id"] for row in fresh}
        shown = {int(lead.lead_id) for lead in leads}
        gone = {row["id"] for row in fresh} & self._held - shown
        self._held = self._held - gone | shown
        return LeadPage(leads, _lead_ids(gone), self._reached(), more=True, unread=dict(unread))

    async def _spoken_of(self) -> set[int]:
        """Return the leads on which somebody wrote something: their own rows do not say so."""
        after = self._place.since_message
        if self._place.since is None or not self._held:
            return set()
        domain = [["model", "=", LEADS], ["res_id", "in", sorted(self._held)], ["id", ">", after]]
        rows = await self._gathering.if_there.rows(MESSAGES, domain, ["res_id"], limit=_MOST_MESSAGES) or []
        self._place = replace(self._place, message=max([after, *(row["id"] for row in rows)]))
        return {row["res_id"] for row in rows if type(row.get("res_id")) is int}

    async def _rows(self, domain: Sequence[Any], above: int = 0) -> AsyncGenerator[list[Row]]:
        """Yield rows page by page, by their ids."""
        while True:
            asked = [["id", ">", above], *domain]
            rows = await self._api.search_read(LEADS, asked, self._here.fields, limit=PAGE, context=_ALL)
            if rows:
                yield rows
            if len(rows) < PAGE:
                return
            if rows[-1]["id"] <= above:
                raise BadAnswer("Odoo says that there are more leads, but its pages do not move on.")
            above = rows[-1]["id"]

    async def _ids(self, domain: Sequence[Any]) -> set[int]:
        found = await self._api.call(LEADS, "search", domain=list(domain), context=_ALL)
        if not isinstance(found, list):
            raise BadAnswer("Odoo sent an answer of another shape (no list of ids).")
        return {one for one in found if type(one) is int}

    def _note(self, row: Row) -> None:
        """Remember a row for the next fetch, which asks for the last minutes again."""
        written = moment_of(row.get("write_date"))
        if written is None or written >= self._place.newest - OVERLAP:
            self._seen[str(row["id"])] = mark_of(row)

    def _reached(self) -> str:
        """Return the cursor after a page: what was seen so far is known to who goes on from here."""
        return replace(self._place, seen=self._place.seen | self._seen).holding(self._held).text()


def _newest(rows: Sequence[Row], latest: datetime) -> datetime | None:
    """Return the newest change among rows, no later than what a clock may say; None where none says it."""
    moments = [at for row in rows if (at := moment_of(row.get("write_date"))) is not None]
    return min(max(moments), latest) if moments else None


def _lead_ids(ids: Collection[int]) -> tuple[LeadId, ...]:
    return tuple(LeadId(str(one)) for one in sorted(ids))
