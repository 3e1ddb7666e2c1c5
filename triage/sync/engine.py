"""One sync: take the turn, deliver, fetch. A generator of events; each tells of what is durable already."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

from triage.crm.port import Crm
from triage.errors import TriageError
from triage.sync.deliver import Delivery
from triage.sync.events import AnotherSyncs, Event, SyncFinished, SyncStarted, SyncStopped
from triage.sync.fetch import Fetch
from triage.sync.room import SyncRoom
from triage.sync.tally import Tally
from triage.sync.turn import turn

Connect = Callable[[], Awaitable[Crm]]
"""Opens the adapter in the running loop; may read the token, so it is never called before it is needed."""


async def sync(
    room: SyncRoom,
    connect: Connect,
    lock: Path,
    *,
    everything: bool = True,
    deliver: bool = True,
    confirmed: bool = False,
) -> AsyncIterator[Event]:
    """Deliver and fetch once. Ends with SyncFinished, SyncStopped or AnotherSyncs; raises only on a bug.

    `everything` ignores the hold and our own backoff, never a pause that the CRM asked for.
    """
    with turn(lock, room.clock()) as holder:
        if holder is not None:
            yield AnotherSyncs(holder.pid, holder.since)
            return
        yield SyncStarted()
        tally = Tally()
        try:
            crm = await connect()
            try:
                if deliver:
                    async for event in Delivery(room, crm, tally, everything=everything).run():
                        yield event
                async for event in Fetch(room, crm, tally, confirmed=confirmed).run():
                    yield event
            finally:
                await crm.aclose()
        except TriageError as error:
            await room.thread.acall(_note_stop, room, error)
            yield SyncStopped(error, tally.report())
            return
        await room.thread.acall(_note_end, room)
        yield SyncFinished(tally.report())


def _note_end(room: SyncRoom) -> None:
    room.leads.remember_rules({"synced_at": room.clock().isoformat(), "sync_error": ""})


def _note_stop(room: SyncRoom, error: TriageError) -> None:
    """Keep why it stopped, so that the status bar says so after a restart too."""
    room.leads.remember("sync_error", error.message)
