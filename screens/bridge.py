"""The sync supervisor: one worker that delivers and fetches, says how that goes, and never ends silently.

Owns when a sync runs. Touches no widget: it tells the app. Nothing in here reaches the keyring or the network
before the cached inbox has been painted.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import time
from collections.abc import Callable, Iterable
from typing import Protocol

from msgspec.structs import replace

from screens.breaker import Breaker
from screens.foot import Connection
from screens.words import counted
from triage.clock import Clock
from triage.desk.events import (
    AnotherSyncs,
    Delivered,
    Event,
    FetchAsks,
    Fetched,
    Progress,
    RulesChanged,
    SyncFinished,
    SyncStopped,
)
from triage.desk.results import Status
from triage.desk.session import Session
from triage.domain.lead import LeadId
from triage.errors import TriageError

LEAST_PAUSE = 0.2
"""Seconds between two rounds, whatever the clock says."""
SHOWN_EVERY = 0.1
"""Seconds between two showings of how far a sync is: a flood of news collapses, its last is always shown."""
_log = logging.getLogger(__name__)


class Listener(Protocol):
    """Who hears how a sync goes."""

    def connection_changed(self, connection: Connection) -> None:
        """Take note of how the way to the CRM is now."""

    async def leads_changed(self, lead_ids: Iterable[LeadId] | None) -> None:
        """Read the leads that changed on the disk; None: perhaps all of them."""

    async def refresh_status(self) -> Status | None:
        """Read how things stand on the disk, and return it."""

    def sync_told(self, text: str, *, bad: bool = False) -> None:
        """Say something to the rep who asked for a sync."""


class Bridge:
    """Runs syncs for as long as the app does."""

    def __init__(
        self,
        session: Session,
        listener: Listener,
        clock: Clock,
        interval: float,
        *,
        ticks: Callable[[], float] = time.monotonic,
        dice: Callable[[], float] = random.random,
    ) -> None:
        """`ticks` are seconds that no one sets back: they space the runs; `clock` says what is due."""
        self._session = session
        self._listener = listener
        self._clock = clock
        self._ticks = ticks
        self._dice = dice
        self._breaker = Breaker(interval)
        self._wake = asyncio.Event()
        self._asked = False
        self._status: Status | None = None
        self._confirmed = False
        self.asks: FetchAsks | None = None
        """What the last fetch asked: whether it may replace almost all leads."""
        self._ran_at: float | None = None
        self._ended_well = True
        self.connection = Connection()
        self._shown_at = -SHOWN_EVERY
        self._to_show: asyncio.TimerHandle | None = None
        self._delivered: dict[LeadId, None] = {}
        """Leads of which the CRM has said something, not shown yet."""
        self.idle = asyncio.Event()
        """Set while no sync runs and none was asked for."""

    def now(self, *, confirmed: bool = False) -> None:
        """Ask for a sync of everything, at once; `confirmed`: the rep said yes to what a fetch asked."""
        self._asked, self._confirmed = True, confirmed
        self.idle.clear()
        self._wake.set()

    def look(self, status: Status | None) -> None:
        """Look again at when the next sync is due: something was decided, or the choice changed."""
        self._status = status
        self._wake.set()

    async def run(self) -> None:
        """Supervise until cancelled."""
        while True:
            status = await self._round()
            if not self._asked:
                self.idle.set()
                self._wake.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), self._pause(status))

    async def _round(self) -> Status | None:
        """Run one sync if one is due or asked for; return how things stand. What goes wrong in it is said."""
        asked, self._asked = self._asked, False
        known, self._status = self._status, None
        try:
            status = known or await self._listener.refresh_status()
            if asked or self._is_due(status):
                await self._sync(everything=asked)
                status = await self._listener.refresh_status()
                if self._ended_well:
                    self._breaker = self._breaker.finished(left_due=self._has_due(status))
        except TriageError as error:
            self._down(error.message, error)
        except Exception as error:  # noqa: BLE001 - the boundary: a supervisor must not die silently
            _log.exception("sync stopped")
            self._down(f"sync stopped: {type(error).__name__}", None)
        else:
            return status
        return None

    def _is_due(self, status: Status | None) -> bool:
        if status is None or status.offline:
            return False
        if self._has_due(status) and not self._breaker.holds_back:
            return True
        return self._wait() <= 0

    def _has_due(self, status: Status | None) -> bool:
        return status is not None and status.next_due is not None and status.next_due <= self._clock()

    def _wait(self) -> float:
        """Return the seconds until the next look, whatever is due."""
        if self._ran_at is None:
            return 0.0
        return self._breaker.wait - (self._ticks() - self._ran_at)

    def _pause(self, status: Status | None) -> float:
        """Return the seconds until the next sync is due."""
        if status is None and not self._breaker.failures:
            return self._breaker.interval  # the disk could not be read, and the rep was told
        if status is not None and status.offline:
            return self._breaker.interval
        pause = self._wait()
        if status is not None and status.next_due is not None and not self._breaker.holds_back:
            pause = min(pause, (status.next_due - self._clock()).total_seconds())
        return max(pause, LEAST_PAUSE)

    async def _sync(self, *, everything: bool) -> None:
        self._ran_at, self._ended_well = self._ticks(), True
        confirmed, self._confirmed, self.asks = self._confirmed, False, None
        self._say(replace(self.connection, syncing="syncing"))
        try:
            async for event in self._session.sync(everything=everything, confirmed=confirmed):
                await self._heard(event, asked=everything)
            await self._show_delivered()
        finally:
            if self.connection.syncing:
                self._say(replace(self.connection, syncing=""))

    async def _heard(self, event: Event, *, asked: bool) -> None:
        if isinstance(event, Delivered):
            self._delivered[event.item.lead_id] = None
            if asyncio.get_running_loop().time() - self._shown_at >= SHOWN_EVERY:
                await self._show_delivered()
            return
        await self._show_delivered()
        if isinstance(event, RulesChanged):
            await self._listener.leads_changed(None)
        elif isinstance(event, Fetched):
            if event.count or event.gone:
                await self._listener.leads_changed(None)
        elif isinstance(event, Progress):
            self._say_soon(replace(self.connection, syncing=progress_words(event)))
        elif isinstance(event, FetchAsks):
            self.asks = event
            words = f"The CRM gives {counted(event.new, 'lead')}, {event.old} are here: nothing was replaced."
            self._listener.sync_told(f"{words} S asks about it.", bad=True)
        else:
            if isinstance(event, SyncFinished | SyncStopped) and event.report.replies:
                await self._listener.leads_changed(None)  # they come after the leads
            self._ended(event, asked=asked)

    def _ended(self, event: Event, *, asked: bool) -> None:
        """Take how a sync ended; say it only to a rep who asked for one."""
        words, bad = "", False
        if isinstance(event, SyncFinished):
            self._say(Connection())
            words = finished_words(event)
        elif isinstance(event, SyncStopped):
            self._down(event.error.message, event.error)
            words, bad = f"{event.error.message} {event.error.hint}", True
        elif isinstance(event, AnotherSyncs):
            words = f"Another triage is syncing (process {event.pid})."
        if asked and words and self.asks is None:
            self._listener.sync_told(words, bad=bad)

    def _down(self, reason: str, error: TriageError | None) -> None:
        self._breaker = self._breaker.failed(error, self._dice)
        self._ran_at, self._ended_well = self._ticks(), False
        since = self.connection.down_since or self._clock()
        self._say(Connection(down_since=since, reason=reason))

    async def _show_delivered(self) -> None:
        """Show what became of decisions since the last time."""
        lead_ids = tuple(self._delivered)
        self._delivered.clear()
        if lead_ids:
            await self._listener.leads_changed(lead_ids)
            self._shown_at = asyncio.get_running_loop().time()

    def _say(self, connection: Connection) -> None:
        self.connection = connection
        if self._to_show is not None:
            self._to_show.cancel()
            self._to_show = None
        self._listener.connection_changed(connection)

    def _say_soon(self, connection: Connection) -> None:
        """Say how far it is once what was said before has stood for a moment; the last one said counts."""
        self.connection = connection
        if self._to_show is None:
            self._to_show = asyncio.get_running_loop().call_later(SHOWN_EVERY, self._say_now)

    def _say_now(self) -> None:
        self._to_show = None
        self._listener.connection_changed(self.connection)


def progress_words(event: Progress) -> str:
    """Say how far a step is: "sending 300 of 1,200"."""
    total = f" of {event.total:,}" if event.total else ""
    return f"{event.text} {event.done:,}{total}"


def finished_words(event: SyncFinished) -> str:
    """Say what a sync did: "3 sent · 2 leads fetched"."""
    report = event.report
    sent = report.applied + report.already
    parts = [
        (sent, counted(sent, "decision") + " sent"),
        (report.feedback, counted(report.feedback, "piece", "pieces") + " of feedback sent"),
        (report.conflict, f"{report.conflict} in conflict: Q"),
        (report.refused, f"{report.refused} refused: Q"),
        (report.retry, f"{report.retry} to be tried again"),
        (report.unknown, f"{report.unknown} of unknown outcome"),
        (report.fetched, counted(report.fetched, "lead") + " fetched"),
        (report.gone, counted(report.gone, "lead") + " gone"),
        (report.replies, counted(report.replies, "reply", "replies")),
    ]
    said = [words for count, words in parts if count]
    return f"Synced: {' · '.join(said)}" if said else "Synced: nothing new."
