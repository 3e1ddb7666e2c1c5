"""One sync of a session, and after it what is old is put away. Loaded with the first sync, never before."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import aclosing, suppress
from typing import cast

from triage.desk.events import AnotherSyncs, Event
from triage.desk.keeping import Keeping
from triage.desk.session import Session
from triage.errors import StoreError
from triage.sync import log
from triage.sync.engine import sync
from triage.sync.room import SyncRoom
from triage.sync.turn import turn


async def sync_of(
    session: Session, *, everything: bool, deliver: bool, confirmed: bool
) -> AsyncIterator[Event]:
    """Deliver and fetch once, log it, and put away what is old; ends as `triage.sync.engine.sync` does."""
    desk = session.desk
    events = sync(
        SyncRoom(desk.outbox, desk.leads, session.thread, desk.clock, definition=desk.definition),
        session.connect,
        session.lock,
        everything=everything,
        deliver=deliver,
        confirmed=confirmed,
        who=session.rep if session.demo is None else None,
    )
    event: Event | None = None
    async with aclosing(cast("AsyncGenerator[Event, None]", events)):
        async for event in events:
            log.note(event)
            yield event
    await session.call(desk.leads.db.note_down)
    if session.keeping is not None and not isinstance(event, AnotherSyncs):
        await _put_away(session, session.keeping)


async def _put_away(session: Session, keeping: Keeping) -> None:
    """Do one step after the other, so that a key press waits for one of them at most.

    In our turn: nobody purges meanwhile what is on its way to the archive.
    """
    steps = keeping.steps()
    with suppress(StoreError), turn(session.lock, session.desk.clock()) as holder:  # the sync has said it
        while holder is None and await session.call(_is_left, steps):
            pass


def _is_left(steps: Iterator[None]) -> bool:
    """Take the next step; returns whether there was one."""
    return next(steps, False) is None
