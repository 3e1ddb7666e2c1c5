"""A real desk on a folder of its own, with a CRM that does what a test says: what the app is given in tests."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from config import load
from screens.app import TriageApp
from tests.screens.sample import NOW, STATISTICS
from triage.desk.desk import Desk
from triage.desk.events import Event, SyncFinished, SyncReport, SyncStarted
from triage.desk.rules import DEFINITION, PEOPLE, REASONS, Rules
from triage.desk.rules import STATISTICS as STATISTICS_RULE
from triage.domain.lead import Lead
from triage.domain.people import Person, Rep
from triage.store.leads import Leads
from triage.store.outbox import Outbox
from triage.store.thread import StoreThread

RULES = Rules(load.reasons(None), load.definition(None))
PEOPLE_HERE = (
    Person("rep-1", "Robin Example", "user", "DE"),
    Person("rep-2", "Sam Elsewhere", "user", "FR,SE"),
    Person("rep-3", "Toni Overseas", "user", "US, JP"),
    Person("queue-1", "Partner queue", "queue", ""),
)


@dataclass
class StagedSession:
    """The session of a test: the desk is real, the sync is what `events` says."""

    desk: Desk
    thread: StoreThread
    profile: str = "demo"
    crm_name: str = "rest"
    url: str = "https://crm.example/app"
    rep: Rep = field(default_factory=lambda: Rep("rep-1", "Robin Example"))
    demo: Any = None
    syncs: list[bool] = field(default_factory=list)
    """`everything` of each sync that ran."""
    confirmed: list[bool] = field(default_factory=list)
    during: Callable[[], Iterable[Event]] | None = None
    """What a sync does and tells; by default nothing."""
    refuse: Exception | None = None
    """Raised by the next write."""

    async def call(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        if self.refuse is not None and getattr(fn, "__name__", "") in ("decide", "feedback", "undo"):
            error, self.refuse = self.refuse, None
            raise error
        return await self.thread.acall(fn, *args, **kwargs)

    def wait(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        return self.thread.call(fn, *args, **kwargs)

    async def sync(
        self, *, everything: bool, deliver: bool = True, confirmed: bool = False
    ) -> AsyncIterator[Event]:
        self.syncs.append(everything)
        self.confirmed.append(confirmed)
        yield SyncStarted()
        for event in self.during() if self.during else [SyncFinished(SyncReport())]:
            yield event

    def close(self) -> None:
        self.thread.call(self.desk.outbox.close)
        self.thread.call(self.desk.leads.close)
        self.thread.close()


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **span: float) -> None:
        self.now += timedelta(**span)


@contextmanager
def session_with(
    folder: Path, leads: Iterable[Lead], clock: Callable[[], datetime] = lambda: NOW, *, fetched: bool = True
):
    """Open a desk that holds these leads; `fetched`: as if they had come from the CRM two minutes ago."""
    thread = StoreThread()

    def opened() -> Desk:
        outbox, cache = Outbox(folder / "outbox.journal", clock), Leads(folder / "leads.journal")
        cache.replace_all(leads, (), "c1")
        if fetched:
            cache.remember("fetched_at", (NOW - timedelta(minutes=2)).isoformat())
        cache.remember_rules(
            {
                DEFINITION: RULES.definition,
                REASONS: RULES.reasons,
                PEOPLE: PEOPLE_HERE,
                STATISTICS_RULE: STATISTICS,
            }
        )
        return Desk(outbox, cache, rules=lambda: RULES, clock=clock, hold=timedelta(seconds=30))

    session = StagedSession(thread.call(opened), thread)
    try:
        yield session
    finally:
        session.close()


def app_on(session: StagedSession, clock: Callable[[], datetime] = lambda: NOW, **options: Any) -> TriageApp:
    """Return the app on a session."""
    return TriageApp(session, clock=clock, **options)  # type: ignore[arg-type]
