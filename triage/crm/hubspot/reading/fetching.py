"""Fetching the rep's leads: all of them, or what changed since a place. Reads only.

Three searches find what changed: the rep's leads that were written, the rep's contacts that were (a score
moves while its lead stands still), and leads that went from the rep to somebody else. Archived, deleted and
merged ones are in no search: the daily whole fetch misses them.

What moved a score costs a request for each lead. A first fetch, for which somebody waits, asks for a few and
leaves the others to the fetches after it; the daily one, while the leads stay on the screen, asks for all: it
cannot know which of them have not changed.

Not confirmed against a live account: that `hubspot_owner_assigneddate` of leads can be searched, and that a
search for "another owner" leaves out what nobody owns, so that such a lead goes with the daily fetch.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import aclosing
from datetime import datetime, timedelta

from triage.clock import Clock
from triage.crm.hubspot import names
from triage.crm.hubspot.account import Account
from triage.crm.hubspot.api import PAGE, Api
from triage.crm.hubspot.delivering.history import versions_of
from triage.crm.hubspot.filters import Filter, is_equal, is_none_of, is_other, is_set, is_since
from triage.crm.hubspot.reading.cursor import OVERLAP, Place, begin
from triage.crm.hubspot.reading.gathering import ON_LIST, Gathering, Page
from triage.crm.hubspot.reading.leads import ASSIGNED_AT, Portal
from triage.crm.hubspot.reading.score import Histories
from triage.crm.hubspot.rows import Row
from triage.crm.hubspot.values import moment_of
from triage.crm.port import LeadPage
from triage.domain.lead import LeadId
from triage.errors import StaleCursor

AT_FIRST = 60
"""Histories that a first fetch asks for, and each later one of those that are owed: with all that goes with
it, no more than the 95 requests that may go out at once, unless contacts have many calls and mails."""


class Fetching:
    """Fetches for one account."""

    def __init__(self, api: Api, account: Account, clock: Clock) -> None:
        self._api = api
        self._clock = clock
        self._gathering = Gathering(api, account, clock)
        self._is_refresh = False
        """Whether all is fetched in the place of what is on the screen."""

    async def has_reasons(self) -> bool:
        """Whether the portal tells what moved a score."""
        return (await self._gathering.scores()).has_history

    async def pages(self, cursor: str | None) -> AsyncGenerator[LeadPage]:
        """Yield pages of leads; the last one is what is gone. StaleCursor: all has to be fetched again."""
        portal = await self._gathering.portal()
        try:
            place = begin(cursor, f"{portal.kind} {portal.me.user_id}", self._clock(), self._their_now())
        except StaleCursor:
            self._is_refresh = True
            raise
        is_first = place.since is None and not self._is_refresh
        histories = Histories(self._api, portal.scores, portal.labels, most=AT_FIRST if is_first else None)
        run = _Run(self._api, self._gathering, portal, place, histories)
        async with aclosing(run.pages()) as pages:
            async for page in pages:
                yield page

    def _their_now(self) -> datetime:
        """Return the time by HubSpot's clock, as it said with its last answer."""
        return self._clock() + (self._api.skew or timedelta(0))


class _Run:
    """One fetch."""

    def __init__(
        self, api: Api, gathering: Gathering, portal: Portal, place: Place, histories: Histories
    ) -> None:
        self._api = api
        self._gathering = gathering
        self._portal = portal
        self._place = place
        self._histories = histories
        self._given: set[str] = set()
        self._seen: dict[str, str] = {}

    async def pages(self) -> AsyncGenerator[LeadPage]:
        kind = self._portal.kind
        rows_of_leads = self._api.search(
            kind, self._filters(), self._portal.lead_properties, above=self._place.above
        )
        async with aclosing(rows_of_leads) as found:
            async for rows in found:
                yield await self._changed(rows)
        since = self._place.since
        if since is not None and kind == names.LEADS:
            async for page in self._of_changed_contacts(since):
                yield page
        if since is not None and self._place.owed:
            yield await self._owed()
        gone = await self._gone(since) if since is not None else ()
        newest_last = dict(sorted(self._seen.items(), key=lambda one: one[1]))
        yield LeadPage((), gone, self._place.ended(newest_last).text(), more=False)

    def _filters(self) -> list[Filter]:
        mine = is_equal(names.OWNER, self._portal.me.user_id)
        if self._place.since is not None:
            return [mine, is_since(names.MODIFIED[self._portal.kind], self._place.since)]
        if self._portal.kind == names.CONTACTS:
            return [mine, is_set(names.LEAD_STATUS)]
        closed = self._portal.stages.ids_but(ON_LIST)
        return [mine, is_none_of(names.STAGE, closed)] if closed else [mine]

    async def _changed(self, rows: Sequence[Row]) -> LeadPage:
        """Return the leads of a page of the rep's, but those that were given before as they are now."""
        if rows:
            self._place = self._place.after(rows[-1]["id"])
        modified = names.MODIFIED[self._portal.kind]
        fresh = [row for row in rows if self._is_news(row["id"], _text(row, modified))]
        return await self._page(fresh)

    async def _page(self, rows: Sequence[Row], *, tells_gone: bool = True) -> LeadPage:
        unread: Counter[str] = Counter()
        page = (
            await self._gathering.of(rows, self._portal, self._histories, unread)
            if rows
            else Page((), (), {})
        )
        for contact_id, version in page.contacts.items():
            self._is_news(f"c{contact_id}", version)
        given = {row["id"] for row in rows}
        self._given |= given
        still = (one for one in self._place.owed if one not in given)
        self._place = self._place.owing((*still, *page.owed))
        gone = page.off_list if tells_gone and self._place.since is not None else ()
        return LeadPage(page.leads, gone, self._place.text(), more=True, unread=dict(unread))

    async def _of_changed_contacts(self, since: datetime) -> AsyncGenerator[LeadPage]:
        """Yield the rep's leads that stand as they did, while their contacts changed."""
        modified = names.MODIFIED[names.CONTACTS]
        filters = [is_equal(names.OWNER, self._portal.me.user_id), is_since(modified, since)]
        changed = [
            row["id"]
            async for row in self._found(names.CONTACTS, filters, [modified])
            if self._is_news(f"c{row['id']}", _text(row, modified))
        ]
        linked = await self._api.associated(names.CONTACTS, names.LEADS, changed) if changed else {}
        ids = {link.id for links in linked.values() for link in links} - self._given
        found = await self._api.read_batch(names.LEADS, sorted(ids), self._portal.lead_properties)
        rows = list(found.rows.values())
        for start in range(0, len(rows), PAGE):
            yield await self._page(rows[start : start + PAGE], tells_gone=False)

    async def _owed(self) -> LeadPage:
        """Return some of the leads that came without their reasons, once more and with them."""
        asked, later = self._place.owed[:AT_FIRST], self._place.owed[AT_FIRST:]
        found = await self._api.read_batch(self._portal.kind, asked, self._portal.lead_properties)
        self._place = self._place.owing(later)
        return await self._page(list(found.rows.values()), tells_gone=False)

    async def _gone(self, since: datetime) -> tuple[LeadId, ...]:
        """Return the leads that went from the rep to somebody else."""
        kind = self._portal.kind
        filters = [is_other(names.OWNER, self._portal.me.user_id), is_since(ASSIGNED_AT, since)]
        moved = [
            row["id"]
            async for row in self._found(kind, filters, [ASSIGNED_AT])
            if self._is_news(f"g{row['id']}", _text(row, ASSIGNED_AT))
        ]
        if not moved:
            return ()
        found = await self._api.read_batch(kind, moved, [names.OWNER], history=[names.OWNER])
        return tuple(LeadId(row["id"]) for row in found.rows.values() if self._was_mine(row))

    def _was_mine(self, row: Row) -> bool:
        """Whether the rep had a lead before; one that does not say so may have been."""
        versions = versions_of(row.get("propertiesWithHistory"), names.OWNER)
        return not versions or any(one.value == self._portal.me.user_id for one in versions)

    async def _found(
        self, kind: str, filters: Sequence[Filter], wanted: Iterable[str]
    ) -> AsyncGenerator[Row]:
        async with aclosing(self._api.search(kind, filters, list(wanted))) as pages:
            async for rows in pages:
                for row in rows:
                    yield row

    def _is_news(self, name: str, version: str) -> bool:
        """Whether a record was not given in this state before; it is remembered for the next fetch."""
        is_news = not version or version not in (self._place.seen.get(name), self._seen.get(name))
        moment = moment_of(version)
        if moment is None or moment >= self._place.began - OVERLAP:
            self._seen[name] = version
        return is_news


def _text(row: Row, name: str) -> str:
    return str(row["properties"].get(name) or "")
