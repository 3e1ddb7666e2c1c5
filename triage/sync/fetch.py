"""Fetching: what changed since the cursor, page by page. It never destroys what it cannot replace."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from datetime import datetime, timedelta

from msgspec.structs import replace

from triage.crm.port import Crm, LeadPage
from triage.domain.item import State
from triage.domain.lead import Lead, LeadId
from triage.domain.review import REVIEWS
from triage.errors import StaleCursor
from triage.store.leads import Written
from triage.store.outbox import Move
from triage.sync.events import Asked, Event, FetchAsks, Fetched, Progress, RulesChanged
from triage.sync.room import SyncRoom
from triage.sync.tally import Tally

FEW_LEFT = 0.2
"""A fetch that leaves less than this share of the leads is asked about before it takes the others away."""
TOO_FEW_TO_ASK = 5
RULES_LAST_FOR = timedelta(hours=1)
RULES = ("definition", "reasons", "people", "statistics")


class Fetch:
    """One run of fetching."""

    def __init__(self, room: SyncRoom, crm: Crm, tally: Tally, *, confirmed: bool = False) -> None:
        self._room = room
        self._crm = crm
        self._tally = tally
        self._confirmed = confirmed
        """Whether someone has said yes to a fetch that leaves hardly any lead."""

    async def run(self) -> AsyncIterator[Event]:
        """Take in rules, leads and replies: a lead is judged by the rules of its day."""
        room = self._room
        async for event in self._rules():
            yield event
        cursor = await room.thread.acall(room.leads.note, "cursor")
        try:
            async for event in self._changes(cursor) if cursor else self._everything():
                yield event
        except StaleCursor:
            async for event in self._everything():
                yield event
        await self._replies()

    async def _everything(self) -> AsyncIterator[Event]:
        """Fetch all leads, and only then put them in the place of the old ones."""
        room = self._room
        started = room.clock()
        leads: list[Written] = []
        cursor = ""
        async for page in self._crm.fetch(None):
            leads += await room.thread.acall(_written, page, started)
            cursor = page.cursor
            self._tally.unread.update(page.unread)
            yield Progress("fetching", len(leads))
        room.step("fetched")
        old = await room.thread.acall(len, room.leads)
        if not self._confirmed and ((old and not leads) or _too_few(old, len(leads))):
            yield self._asks(old, len(leads))
            return
        await room.thread.acall(self._replace, leads, cursor, started)
        self._tally.fetched += len(leads)
        yield Fetched(len(leads), 0)

    def _replace(self, leads: list[Written], cursor: str, now: datetime) -> None:
        self._room.leads.replace_all(leads, self._keep(), cursor)
        self._room.leads.remember("fetched_at", now.isoformat())

    async def _changes(self, cursor: str) -> AsyncIterator[Event]:
        """Fetch what changed; each page and the cursor behind it are one record."""
        room = self._room
        started = room.clock()
        count = gone = 0
        old = left = await room.thread.acall(len, room.leads)
        async for page in self._crm.fetch(cursor):
            leads = _stamped(page, started)
            self._tally.unread.update(page.unread)
            left += await room.thread.acall(self._difference, page)
            if not self._confirmed and _too_few(old, left):
                yield self._asks(old, left)
                return
            await room.thread.acall(self._merge, leads, page, started)
            room.step("merged")
            count, gone = count + len(leads), gone + len(page.gone)
            yield Progress("fetching", count)
        self._tally.fetched += count
        self._tally.gone += gone
        yield Fetched(count, gone)

    def _merge(self, leads: Iterable[Lead], page: LeadPage, now: datetime) -> None:
        self._room.leads.merge(leads, page.gone, self._keep(), page.cursor)
        self._room.leads.remember("fetched_at", now.isoformat())

    def _difference(self, page: LeadPage) -> int:
        """Count what a page adds, less what it takes away without the rep having said a word about it."""
        keep = self._keep() if page.gone else frozenset()
        lost = sum(self._is_here(lead_id) for lead_id in page.gone if lead_id not in keep)
        return sum(not self._is_here(lead.lead_id) for lead in page.leads) - lost

    def _is_here(self, lead_id: LeadId) -> bool:
        cached = self._room.leads.find(lead_id)
        return cached is not None and not cached.gone

    def _asks(self, old: int, new: int) -> FetchAsks:
        self._tally.asked = Asked(old, new)
        return FetchAsks(old, new)

    def _keep(self) -> frozenset[LeadId]:
        """Return the leads that something of the rep's hangs on: no refresh removes them."""
        self._room.outbox.db.refresh()  # another process may have decided while pages came in
        return frozenset(item.lead_id for item in self._room.outbox.standing())

    async def _rules(self) -> AsyncIterator[Event]:
        """Fetch definition, reasons, people and statistics, if those here are old; says if they changed."""
        room = self._room
        known = await room.thread.acall(room.leads.note, "rules_at")
        now = room.clock()
        if known and abs(now - datetime.fromisoformat(known)) < RULES_LAST_FOR:  # a clock may go back
            return
        rules: dict[str, object] = {name: await getattr(self._crm, name)() for name in RULES}
        held = {name: value for name, value in rules.items() if value is not None}
        if await room.thread.acall(room.leads.remember_rules, held):
            yield RulesChanged()
        await room.thread.acall(room.leads.remember, "rules_at", now.isoformat())

    async def _replies(self) -> None:
        room = self._room
        cursor = await room.thread.acall(room.leads.note, "replies_cursor")
        async for page in self._crm.replies(cursor):
            added = await room.thread.acall(room.leads.add_replies, page.replies, page.cursor)
            self._tally.replies += added
            room.step("replies")
        await room.thread.acall(self._review)

    def _review(self) -> None:
        """Mark decisions that marketing has upheld, returned or overturned, in this run or an earlier one.

        The moment of their last change stays the CRM's taking them: a lead that marketing returns is newer.
        """
        outbox = self._room.outbox
        ends = dict.fromkeys(reply.of for reply in self._room.leads.replies() if reply.kind in REVIEWS)
        applied = [
            item for item in map(outbox.find, ends) if item is not None and item.state is State.APPLIED
        ]
        if applied:
            outbox.move(Move.to(State.REVIEWED, item.id, changed_at=item.changed_at) for item in applied)


def _too_few(old: int, new: int) -> bool:
    return old >= TOO_FEW_TO_ASK and new < old * FEW_LEFT


def _written(page: LeadPage, moment: datetime) -> list[Written]:
    return [Written.of(lead) for lead in _stamped(page, moment)]


def _stamped(page: LeadPage, moment: datetime) -> list[Lead]:
    return [replace(lead, fetched_at=moment) for lead in page.leads]
