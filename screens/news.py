"""What changed on the disk or on the way to the CRM, brought to the screen in front. Moves no cursor."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from concurrent.futures import Future

from msgspec.structs import replace

from screens.cells import say
from screens.day import Day
from screens.foot import Connection
from screens.room import TriageScreen
from screens.start.opening import Opened
from screens.start.pace import Pace
from triage.desk import agreement
from triage.desk.results import Status
from triage.domain.entry import Entry
from triage.domain.lead import LeadId
from triage.errors import TriageError

_FREED_AT_ONCE = 250
_BREATH = 0.005
"""Seconds between."""


class News:
    """Listens to the bridge, and reads what the disk has."""

    def __init__(self, day: Day, pace: Pace, front: Callable[[], TriageScreen | None]) -> None:
        self._day = day
        self._pace = pace
        self._front = front
        self._missed = False
        """Whether what another process wrote was noticed, and could not be read yet."""

    async def open(self, ahead: Future[Opened] | None = None) -> None:
        """Take the cached inbox, as it was read `ahead` or is read now."""
        if ahead is None:
            await self.reload_leads()
        else:
            self._take(await asyncio.wrap_future(ahead))
        self._day.decided_before |= any(entry.decision for entry in self._day.tray.inbox.entries.values())

    def connection_changed(self, connection: Connection) -> None:
        """Show how the way to the CRM is."""
        self._day.connection = connection
        self._show_status()

    async def leads_changed(self, lead_ids: Iterable[LeadId] | None) -> None:
        """Read leads again and show them, with a ring for new ones; the cursor does not move by it."""
        known = frozenset(self._day.tray.inbox.entries)
        await self.reload_leads(lead_ids)
        if lead_ids is None and not known.issuperset(self._day.tray.inbox.entries):
            self._day.ring()
        front = self._front()
        if front is not None:
            await front.take_news()

    async def reload_leads(self, lead_ids: Iterable[LeadId] | None = None) -> None:
        """Read leads again from the disk, all of them and the rules when none are named."""
        day, session = self._day, self._day.session
        if lead_ids is None:
            old = list(day.tray.inbox.entries.values())
            self._take(await session.call(Opened.read, session.desk, day.tray.arranging()))
            let_go(old)
            return
        day.tray.absorb(await session.call(session.desk.entries_of, tuple(lead_ids)))
        if self._pace.is_quiet:
            day.recount()

    async def refresh_status(self) -> Status | None:
        """Read how things stand; None, and said, if that cannot be read."""
        day, session = self._day, self._day.session
        try:
            day.status = await session.call(session.desk.status)
        except TriageError as error:
            day.say(f"{say(error.message)} {say(error.hint)}", bad=True)
            return None
        self._show_status()
        return day.status

    async def look_elsewhere(self) -> None:
        """Take in what another process wrote."""
        session = self._day.session
        try:
            self._missed = await session.call(session.desk.changed_elsewhere) or self._missed
            if self._missed:
                await self.leads_changed(None)
                self._missed = False
        except TriageError:
            return  # busy: the next look comes soon

    async def note_rules(self) -> None:
        """Write down the rules that were met, in a pause: the next change is told against them."""
        day, session = self._day, self._day.session
        if day.rulebook.agreement.is_noted or not self._pace.is_quiet:
            return
        # tried once: a full disk is said elsewhere
        day.know(replace(day.rulebook.agreement, is_noted=True))
        try:
            await session.call(agreement.take_note, session.desk)
        except TriageError:
            return

    def sync_told(self, text: str, *, bad: bool = False) -> None:
        """Say what a sync did that the rep asked for."""
        self._day.tell(say(text), bad=bad)

    def _take(self, opened: Opened) -> None:
        day = self._day
        day.rulebook, day.status = opened.rulebook, opened.status
        day.tray.load(opened.entries, opened.arranged)
        day.recount()
        self._pace.loaded()

    def _show_status(self) -> None:
        front = self._front()
        if front is not None:
            front.show_status()


def let_go(old: list[Entry]) -> None:
    """Free what nobody shows any more, a few at a time: ten thousand at once hold up a key for 60 ms."""
    del old[-_FREED_AT_ONCE:]
    if old:
        asyncio.get_running_loop().call_later(_BREATH, let_go, old)
