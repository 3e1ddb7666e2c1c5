"""A session: one profile at work. The terminal app and the commands are given the same one."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec, Protocol, TypeVar, cast

from msgspec import Struct

from triage.desk.desk import Desk
from triage.desk.keeping import Keeping
from triage.domain.lead import LeadId
from triage.domain.people import Rep
from triage.store.thread import StoreThread

if TYPE_CHECKING:  # loaded with the first sync
    from triage.desk.events import Event
    from triage.sync.engine import Connect

P = ParamSpec("P")
T = TypeVar("T")


class DemoControls(Protocol):
    """What only a demo can do: stage what the world would do to the rep."""

    @property
    def plugged(self) -> bool:
        """Whether the CRM can be reached."""

    async def pull_the_plug(self) -> None:
        """End the CRM."""

    async def plug_in(self) -> None:
        """Start it again where it was."""

    async def another_rep_takes(self, lead_id: LeadId) -> str:
        """Give the lead to a colleague at the CRM; returns the colleague's name."""

    async def someone_removes(self, lead_id: LeadId, into: LeadId | None = None) -> None:
        """Delete the lead at the CRM, or merge it into another."""

    async def marketing_answers(self) -> str:
        """Let marketing answer what waits; returns what it did, in words."""


class Session(Struct, frozen=True):
    """The desk of a profile, the thread it may be used on, and the way to its CRM."""

    desk: Desk
    thread: StoreThread
    connect: Connect
    lock: Path
    profile: str
    crm_name: str
    url: str
    rep: Rep
    demo: DemoControls | None = None
    keeping: Keeping | None = None
    """What is kept for how long; None keeps everything."""

    async def call(self, fn: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a method of the desk where it may run; the event loop goes on."""
        return await self.thread.acall(fn, *args, **kwargs)

    def wait(self, fn: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a method of the desk where it may run, and wait for it."""
        return self.thread.call(fn, *args, **kwargs)

    async def sync(
        self, *, everything: bool, deliver: bool = True, confirmed: bool = False
    ) -> AsyncIterator[Event]:
        """Deliver and fetch once, then put away what is old; see `triage.sync.engine.sync`."""
        from triage.desk.syncing import sync_of  # noqa: PLC0415 - nothing of a sync before the inbox is painted

        events = sync_of(self, everything=everything, deliver=deliver, confirmed=confirmed)
        async with aclosing(cast("AsyncGenerator[Event, None]", events)):
            async for event in events:
                yield event

    def close(self) -> None:
        """Close the files and end the thread; what was asked for is finished first."""
        self.thread.call(self._close_files)
        self.thread.close()

    async def aclose(self) -> None:
        """Close without holding up the event loop for the files."""
        await self.thread.acall(self._close_files)
        self.thread.close()

    def _close_files(self) -> None:
        self.desk.outbox.close()
        self.desk.leads.close()
