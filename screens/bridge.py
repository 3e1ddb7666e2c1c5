"""The sync supervisor: one worker that delivers and fetches, says how that goes, and never ends silently.

Owns when a sync runs. Touches no widget: it tells the app. Nothing in here reaches the keyring or the network
before the cached inbox has been painted.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Protocol

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

LONGEST_PAUSE = 900.0
"""Seconds that failures in a row can stretch the interval to."""
LEAST_PAUSE = 0.2
"""Seconds between two rounds, whatever the clock says."""
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

    def __init__(self, session: Session, listener: Listener, clock: Clock, interval: float) -> None:
        self._session = session
        self._listener = listener
        self._clock = clock
        self._interval = interval
        self._wake = asyncio.Event()
        self._asked = False
        self._status: Status | None = None
        self._confirmed = False
        self.asks: FetchAsks | None = None
        """What the last fetch asked: whether it may replace almost all leads."""
        self._failures = 0
        self._tried_at: datetime | None = None
        self.connection = Connection()
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
        except TriageError as error:
            self._down(error.message)
        except Exception as error:  # noqa: BLE001 - the boundary: a supervisor must not die silently
            _log.exception("sync stopped")
            self._down(f"sync stopped: {type(error).__name__}")
        else:
            return status
        return None

    def _is_due(self, status: Status | None) -> bool:
        if status is None or status.offline:
            return False
        now = self._clock()
        if status.next_due is not None and status.next_due <= now and self._failures == 0:
            return True
        last = self._tried_at
        return last is None or (now - last).total_seconds() >= self._stretched

    @property
    def _stretched(self) -> float:
        return min(self._interval * 2.0**self._failures, max(LONGEST_PAUSE, self._interval))

    def _pause(self, status: Status | None) -> float:
        """Return the seconds until the next sync is due."""
        now, pause = self._clock(), self._stretched
        if self._tried_at is not None:
            pause -= (now - self._tried_at).total_seconds()
        if status is not None and status.next_due is not None and not self._failures and not status.offline:
            pause = min(pause, (status.next_due - now).total_seconds())
        return max(pause, LEAST_PAUSE)

    async def _sync(self, *, everything: bool) -> None:
        self._tried_at = self._clock()
        confirmed, self._confirmed, self.asks = self._confirmed, False, None
        self._say(replace(self.connection, syncing="syncing"))
        try:
            async for event in self._session.sync(everything=everything, confirmed=confirmed):
                await self._heard(event, asked=everything)
        finally:
            if self.connection.syncing:
                self._say(replace(self.connection, syncing=""))

    async def _heard(self, event: Event, *, asked: bool) -> None:
        if isinstance(event, Delivered):
            await self._listener.leads_changed([event.item.lead_id])
        elif isinstance(event, RulesChanged):
            await self._listener.leads_changed(None)
        elif isinstance(event, Fetched):
            if event.count or event.gone:
                await self._listener.leads_changed(None)
        elif isinstance(event, Progress):
            total = f" of {event.total}" if event.total else ""
            self._say(replace(self.connection, syncing=f"{event.text} {event.done}{total}"))
        elif isinstance(event, FetchAsks):
            self.asks = event
            words = f"The CRM gives {event.new} leads, {event.old} are here: nothing was replaced."
            self._listener.sync_told(f"{words} S asks about it.", bad=True)
        else:
            self._ended(event, asked=asked)

    def _ended(self, event: Event, *, asked: bool) -> None:
        """Take how a sync ended; say it only to a rep who asked for one."""
        words, bad = "", False
        if isinstance(event, SyncFinished):
            self._up()
            words = finished_words(event)
        elif isinstance(event, SyncStopped):
            self._down(event.error.message)
            words, bad = f"{event.error.message} {event.error.hint}", True
        elif isinstance(event, AnotherSyncs):
            words = f"Another triage is syncing (process {event.pid})."
        if asked and words and self.asks is None:
            self._listener.sync_told(words, bad=bad)

    def _up(self) -> None:
        self._failures = 0
        self._say(Connection())

    def _down(self, reason: str) -> None:
        self._failures += 1
        since = self.connection.down_since or self._clock()
        self._say(Connection(down_since=since, reason=reason))

    def _say(self, connection: Connection) -> None:
        self.connection = connection
        self._listener.connection_changed(connection)


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
