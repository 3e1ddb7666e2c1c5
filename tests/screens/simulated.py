"""Ten minutes in a blink: an event loop whose time passes only while nobody has anything to do, and a CRM on it."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Self

from screens.bridge import Bridge
from screens.foot import Connection
from tests.fakes import ME, NOW, FakeCrm, Office, SameThread
from triage.desk.events import Event
from triage.desk.results import Status
from triage.domain.lead import LeadId
from triage.domain.people import Rep
from triage.errors import Unreachable
from triage.sync.engine import sync
from triage.sync.room import SyncRoom

INTERVAL = 60.0
"""Seconds between two fetches, as shipped."""


class _Skipping(selectors.SelectSelector):
    """Waits for nothing: what a timeout would have lasted is added to the time."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def select(self, timeout: float | None = None) -> Any:
        ready = super().select(0 if timeout else timeout)
        if not ready and timeout:
            self.now += timeout
        return ready


class _SimulatedLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._skipping = _Skipping()
        super().__init__(self._skipping)

    def time(self) -> float:
        return self._skipping.now


def simulated(work: Coroutine[Any, Any, Any]) -> None:
    """Run a coroutine to its end on simulated time."""
    with asyncio.Runner(loop_factory=_SimulatedLoop) as runner:
        runner.run(work)


@dataclass
class CountedCrm(FakeCrm):
    """Counts each request, and is down when `weather` says so of the seconds that have passed."""

    weather: Callable[[float], bool] = lambda _seconds: False
    requests: list[float] = field(default_factory=list)
    """When each came."""
    refuses_token: Exception | None = None

    def _reach(self) -> None:
        seconds = asyncio.get_running_loop().time() if _in_loop() else 0.0
        self.requests.append(seconds)
        if self.weather(seconds):
            raise Unreachable("connection refused")
        if self.refuses_token is not None:
            raise self.refuses_token

    async def whoami(self) -> Rep:
        self._reach()
        return Rep(ME.user_id, ME.name)

    async def capabilities(self) -> Any:
        self._reach()
        return await super().capabilities()

    async def push(self, items: Sequence[Any]) -> Any:
        self._reach()
        return await super().push(items)

    def between(self, start: float, end: float) -> int:
        return sum(start <= moment < end for moment in self.requests)


def _in_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


class Wall:
    """The wall clock of the simulated machine; someone may set it."""

    def __init__(self) -> None:
        self.set_by = timedelta()

    def __call__(self) -> datetime:
        seconds = asyncio.get_running_loop().time() if _in_loop() else 0.0
        return NOW + self.set_by + timedelta(seconds=seconds)


class Desktop:
    """An office with the app's supervisor running in it, and no app: it is the listener itself."""

    def __init__(self, folder: Path, leads: int, **more: Any) -> None:
        self.clock = Wall()
        self.crm = CountedCrm.with_leads(self.clock, leads, **more)
        assert isinstance(self.crm, CountedCrm)
        folder.mkdir(exist_ok=True)
        self.office = Office(folder, self.crm, self.clock)  # type: ignore[arg-type]  # a clock that cannot go()
        self.office.synced()
        self.crm.requests.clear()
        self.told: list[Connection] = []
        self.bridge: Bridge

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self.bridge = Bridge(self, self, self.clock, INTERVAL, ticks=loop.time, dice=lambda: 0.5)  # type: ignore[arg-type]
        self._running = asyncio.ensure_future(self.bridge.run())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._running.cancel()
        await asyncio.gather(self._running, return_exceptions=True)
        self.office.close()

    # What the bridge needs of a session and of a listener

    def sync(
        self, *, everything: bool, deliver: bool = True, confirmed: bool = False
    ) -> AsyncIterator[Event]:
        desk = self.office.desk
        room = SyncRoom(desk.outbox, desk.leads, SameThread(), self.clock)
        who = Rep(ME.user_id, ME.name)
        lock = self.office.folder / "sync.lock"
        return sync(room, self.crm.connect, lock, everything=everything, who=who)

    def connection_changed(self, connection: Connection) -> None:
        self.told.append(connection)

    async def leads_changed(self, lead_ids: Iterable[LeadId] | None) -> None:
        """Paint nothing."""

    async def refresh_status(self) -> Status:
        return self.office.desk.status()

    def sync_told(self, text: str, *, bad: bool = False) -> None:
        """Say it to nobody."""
