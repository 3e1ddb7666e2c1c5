"""Fetching: what changed since the cursor, page by page. It never destroys what it cannot replace."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from datetime import datetime, timedelta

from msgspec.structs import replace

from triage.crm.port import Capabilities, Crm, LeadPage
from triage.domain.item import State
from triage.domain.lead import Lead, LeadId
from triage.domain.provided import Provided
from triage.domain.review import REVIEWS
from triage.domain.score import Reasons, Score
from triage.errors import BadAnswer, StaleCursor
from triage.store import rule_history
from triage.store.leads import Written
from triage.store.outbox import Move
from triage.sync.deadlines import COUNTED_BY, Deadlines
from triage.sync.events import Asked, Event, FetchAsks, Fetched, Progress, RulesChanged
from triage.sync.models import ModelWatch
from triage.sync.room import SyncRoom
from triage.sync.tally import Tally
from triage.sync.twins import Twins

FEW_LEFT = 0.2
"""A fetch that leaves less than this share of the leads is asked about before it takes the others away."""
TOO_FEW_TO_ASK = 5
RULES_LAST_FOR = timedelta(hours=1)
RULES_LAST_WHEN_ASKED = timedelta(seconds=5)
"""Whoever asks for a sync wants to see what marketing has just changed; a key that bounces asks once."""
RULES = ("definition", "reasons", "people", "statistics")
LISTS = ("assets", "content_requests", "proposals", "bands")
"""What an adapter may not know of: it was written before the port had them."""
PROVIDED = "provided"
"""What the CRM gives is kept with them: the screens name what it does not."""


class Fetch:
    """One run of fetching."""

    def __init__(
        self, room: SyncRoom, crm: Crm, tally: Tally, *, confirmed: bool = False, asked: bool = False
    ) -> None:
        """`asked`: a person or a command wants it now, not the clock."""
        self._room = room
        self._crm = crm
        self._tally = tally
        self._rules_last_for = RULES_LAST_WHEN_ASKED if asked else RULES_LAST_FOR
        self._confirmed = confirmed
        """Whether someone has said yes to a fetch that leaves hardly any lead."""
        self._models = ModelWatch(room.leads)
        self._twins = Twins(room)
        self._deadlines = Deadlines(None)
        self._asks_for_reasons = False
        """Whether this CRM tells the reasons of a score only when someone asks for them."""

    async def run(self) -> AsyncIterator[Event]:
        """Take in rules, leads and replies: a lead is judged by the rules of its day."""
        room = self._room
        async for event in self._rules():
            yield event
        self._deadlines = Deadlines(await room.thread.acall(room.definition))
        given = await room.thread.acall(room.leads.rule, PROVIDED, Provided)
        self._asks_for_reasons = given is not None and given.explains
        cursor = await room.thread.acall(self._cursor)
        try:
            async for event in self._changes(cursor) if cursor else self._everything():
                yield event
        except StaleCursor:
            async for event in self._everything():
                yield event
        await self._replies()

    def _cursor(self) -> str | None:
        """Return where the last fetch ended; None where its deadlines were counted by other rules."""
        leads = self._room.leads
        same = leads.note(COUNTED_BY) == self._deadlines.mark
        cursor: str | None = leads.note("cursor") if same else None
        return cursor

    async def _everything(self) -> AsyncIterator[Event]:
        """Fetch all leads, and only then put them in the place of the old ones."""
        room = self._room
        started = room.clock()
        leads: list[Written] = []
        cursor = ""
        async for page in self._crm.fetch(None):
            leads += await room.thread.acall(self._written, page, started)
            cursor = page.cursor
            self._tally.unread.update(page.unread)
            yield Progress("fetching", len(leads))
        room.step("fetched")
        old = await room.thread.acall(len, room.leads)
        if not self._confirmed and ((old and not leads) or _too_few(old, len(leads))):
            yield self._asks(old, len(leads))
            return
        leads = await self._twins.among(leads)
        await room.thread.acall(self._replace, leads, cursor, started)
        self._tally.fetched += len(leads)
        yield Fetched(len(leads), 0)

    def _written(self, page: LeadPage, moment: datetime) -> list[Written]:
        self._models.see(page.leads)
        return self._twins.written(self._explained(self._stamped(page, moment)))

    def _replace(self, leads: list[Written], cursor: str, now: datetime) -> None:
        self._room.leads.replace_all(leads, self._keep(), cursor)
        if self._room.leads.note(COUNTED_BY) != self._deadlines.mark:
            self._room.leads.remember(COUNTED_BY, self._deadlines.mark)
        self._models.keep(now)
        self._room.leads.remember("fetched_at", now.isoformat())

    async def _changes(self, cursor: str) -> AsyncIterator[Event]:
        """Fetch what changed; each page and the cursor behind it are one record."""
        room = self._room
        started = room.clock()
        count = gone = 0
        old = left = await room.thread.acall(len, room.leads)
        async for page in self._crm.fetch(cursor):
            leads = self._stamped(page, started)
            self._tally.unread.update(page.unread)
            left += await room.thread.acall(self._difference, page)
            if not self._confirmed and _too_few(old, left):
                yield self._asks(old, left)
                return
            marked = await self._twins.around(leads, page.gone)
            await room.thread.acall(self._merge, marked, page, started)
            room.step("merged")
            count, gone = count + len(leads), gone + len(page.gone)
            yield Progress("fetching", count)
        self._tally.fetched += count
        self._tally.gone += gone
        yield Fetched(count, gone)

    def _merge(self, leads: Iterable[Lead], page: LeadPage, now: datetime) -> None:
        leads = self._explained(leads)
        self._models.see(leads)
        self._room.leads.merge(leads, page.gone, self._keep(), page.cursor)
        self._models.keep(now)
        self._room.leads.remember("fetched_at", now.isoformat())

    def _stamped(self, page: LeadPage, moment: datetime) -> list[Lead]:
        """Return leads as they are kept: with the moment, and a deadline where the CRM tells none."""
        return [replace(lead, fetched_at=moment) for lead in self._deadlines.given_to(page.leads)]

    def _explained(self, leads: Iterable[Lead]) -> list[Lead]:
        """Return leads with the reasons that the rep asked for, where a fetch brings none of its own."""
        if not self._asks_for_reasons:
            return list(leads)
        return [replace(lead, score=self._with_reasons(lead)) for lead in leads]

    def _with_reasons(self, lead: Lead) -> Score | None:
        known = self._room.leads.find(lead.lead_id) if lead.score is not None else None
        return lead.score.with_reasons_of(known.lead.score) if lead.score and known else lead.score

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
        """Fetch the rules and the lists that go with them, if those here are old; says if they changed."""
        room = self._room
        known = await room.thread.acall(room.leads.note, "rules_at")
        now = room.clock()
        if known and abs(now - datetime.fromisoformat(known)) < self._rules_last_for:  # a clock may go back
            return
        rules: dict[str, object] = {name: await getattr(self._crm, name)() for name in RULES}
        rules |= {name: await self._list(name) for name in LISTS}
        rules[PROVIDED] = provided_by(await self._crm.capabilities())
        self._tally.unread.update(getattr(self._crm, "troubles", ()))  # of rules that are kept elsewhere
        held = {name: value for name, value in rules.items() if value is not None}
        if await room.thread.acall(rule_history.remember, room.leads, held, now):
            yield RulesChanged()
        await room.thread.acall(room.leads.remember, "rules_at", now.isoformat())

    async def _list(self, name: str) -> object:
        """Return a list that the rep can do without; None, and counted, where it cannot be read."""
        ask = getattr(self._crm, name, None)
        try:
            return None if ask is None else await ask()
        except BadAnswer:  # the leads come all the same, and the list that is here stays
            self._tally.unread[name] += 1
            return None

    async def _replies(self) -> None:
        cursor = await self._room.thread.acall(self._room.leads.note, "replies_cursor")
        try:
            await self._replies_since(cursor)
        except StaleCursor:  # from the start: what is here already is not taken twice
            await self._replies_since(None)
        await self._room.thread.acall(self._review)

    async def _replies_since(self, cursor: str | None) -> None:
        room = self._room
        async for page in self._crm.replies(cursor):
            added = await room.thread.acall(room.leads.add_replies, page.replies, page.cursor)
            self._tally.replies += added
            room.step("replies")

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


def provided_by(can: Capabilities) -> Provided:
    """Return what a CRM gives, as far as a screen has to know; an unknown word for reasons is none."""
    reasons = Reasons(can.reasons) if can.reasons in list(Reasons) else Reasons.NONE
    return Provided(
        can.name,
        reasons,
        can.timeline,
        can.replies,
        can.people,
        can.statistics,
        explains=can.explains,
        final=can.final,
    )


def _too_few(old: int, new: int) -> bool:
    return old >= TOO_FEW_TO_ASK and new < old * FEW_LEFT
