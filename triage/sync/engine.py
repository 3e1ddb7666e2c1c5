"""One sync: take the turn, deliver, fetch. A generator of events; each tells of what is durable already."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from math import ceil
from pathlib import Path

from triage.crm.port import Crm, skew_of
from triage.domain.people import Rep
from triage.errors import RateLimited, StoreError, TriageError
from triage.sync.claim import keep_pause, paused_until
from triage.sync.deliver import Delivery, pause_of
from triage.sync.events import AnotherSyncs, Event, SyncFinished, SyncStarted, SyncStopped
from triage.sync.fetch import Fetch
from triage.sync.identity import check_who
from triage.sync.room import ACCESS_ENDS, CLOCK_SKEW, SyncRoom
from triage.sync.seen import tell_seen
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
    who: Rep | None = None,
) -> AsyncIterator[Event]:
    """Deliver and fetch once. Ends with SyncFinished, SyncStopped or AnotherSyncs; raises only on a bug.

    `everything` ignores the hold and our own backoff, never a pause that the CRM asked for. Nothing is sent
    or fetched with a token of anyone but `who`.
    """
    tally = Tally()
    try:
        with turn(lock, room.clock()) as holder:
            if holder is not None:
                yield AnotherSyncs(holder.pid, holder.since)
                return
            yield SyncStarted()
            await room.thread.acall(_catch_up, room)
            crm = await connect()
            try:
                me = await check_who(room, crm, who) if who is not None else None
                delivery = Delivery(room, crm, tally, everything=everything)
                if deliver:
                    async for event in delivery.run():
                        yield event
                fetch = Fetch(room, crm, tally, confirmed=confirmed, asked=everything)
                async for event in fetch.run():
                    yield event
                await tell_seen(room, crm)
            finally:
                await crm.aclose()
            if delivery.held_up is not None:
                raise delivery.held_up
            question = tally.asked.words if tally.asked else ""
            await room.thread.acall(_note_end, room, question, skew_of(crm), me)
    except TriageError as error:
        await room.thread.acall(_note_stop, room, error)
        yield SyncStopped(error, tally.report())
        return
    yield SyncFinished(tally.report())


def _catch_up(room: SyncRoom) -> None:
    """Take in what other processes wrote; RateLimited while a pause lasts that the CRM asked for.

    CorruptJournal while only a part of the outbox can be read: nobody knows what may be sent, or taken away.
    """
    room.outbox.db.refresh()
    room.outbox.db.check_whole()
    room.leads.db.refresh()
    now = room.clock()
    until = paused_until(room.outbox, now)
    if until is not None:
        left = (until - now).total_seconds()
        raise RateLimited(f"The CRM asked for a pause: {ceil(left)} s more.", retry_after=left)


def _note_end(room: SyncRoom, question: str, skew: timedelta | None, me: Rep | None) -> None:
    ended: dict[str, object] = {"synced_at": room.clock().isoformat(), "sync_error": question}
    if me is not None:
        ended[ACCESS_ENDS] = me.access_ends.isoformat() if me.access_ends is not None else ""
    if skew is not None:
        ended[CLOCK_SKEW] = skew.total_seconds()
    room.leads.remember_rules(ended)


def _note_stop(room: SyncRoom, error: TriageError) -> None:
    """Keep why it stopped, so that the status bar says so after a restart too; and a pause, for every run."""
    with suppress(StoreError):  # the error that stopped it is the one to be told
        keep_pause(room.outbox, pause_of(error), room.clock())
        room.leads.remember("sync_error", error.message)
