"""Delivery: claim durably, send, record the answer durably, and ask before any second send."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from triage.crm.port import Crm
from triage.domain.item import Item, State
from triage.domain.outcome import Absent, Outcome, RetryLater
from triage.errors import CrmError, RateLimited, Unreachable
from triage.store.outbox import Move
from triage.sync.claim import Claims, recover
from triage.sync.events import Delivered, Event, Progress
from triage.sync.record import record
from triage.sync.room import SyncRoom
from triage.sync.tally import Tally


class Delivery:
    """One run of sending, for the process whose turn it is."""

    def __init__(self, room: SyncRoom, crm: Crm, tally: Tally, *, everything: bool) -> None:
        self._room = room
        self._crm = crm
        self._tally = tally
        self._claims = Claims(room.outbox, everything=everything)

    async def run(self) -> AsyncIterator[Event]:
        """Deliver all that is due, in batches; raises CrmError when going on makes no sense."""
        room = self._room
        await room.thread.acall(recover, room.outbox)
        room.step("recovered")
        if not await room.thread.acall(self._claims.any_left, room.clock()):
            return
        size = (await self._crm.capabilities()).batch
        async for event in self._verify():
            yield event
        done = 0
        while batch := await room.thread.acall(self._claims.take, size, room.clock()):
            room.step("claimed")
            async for event in self._send(batch):
                yield event
            done += len(batch)
            yield Progress("sending", done)
            async for event in self._verify():
                yield event

    async def _send(self, batch: Sequence[Item]) -> AsyncIterator[Event]:
        """Send one batch and record its answers; a CRM that does none of it ends the run."""
        answers = await self._push(batch)
        self._room.step("sent")
        for item in await self._record(batch, answers):
            yield Delivered(item)
        self._room.step("recorded")
        later = [answer for answer in answers.values() if isinstance(answer, RetryLater)]
        if len(later) == len(batch):
            raise _not_now(later[0])

    async def _push(self, batch: Sequence[Item]) -> dict[str, Outcome]:
        try:
            return dict(await self._crm.push(batch))
        except CrmError as error:
            after = error.retry_after if isinstance(error, RateLimited) else None
            put_back: dict[str, Outcome] = {item.id: RetryLater(error.message, after) for item in batch}
            await self._record(batch, put_back, counted=False)
            raise

    async def _record(
        self, batch: Sequence[Item], answers: dict[str, Outcome], *, counted: bool = True
    ) -> tuple[Item, ...]:
        room = self._room
        moved = await room.thread.acall(
            record, room.outbox, room.leads, batch, answers, room.clock(), counted=counted
        )
        self._tally.note(moved, answers)
        return moved

    async def _verify(self) -> AsyncIterator[Event]:
        """Ask the CRM about each item of unknown outcome; while it cannot say, the item stays unknown."""
        room = self._room
        for item in await room.thread.acall(self._claims.to_verify):
            room.step("verifying")
            verdict = await self._crm.verify(item)
            if isinstance(verdict, Absent):
                back = Move.to(State.QUEUED, item.id, error="", not_before=None)
                moved = await room.thread.acall(room.outbox.move, [back])
                self._tally.note(moved, {})
            else:
                moved = await self._record([item], {item.id: verdict})
            for one in moved:
                yield Delivered(one)
            room.step("verified")


def _not_now(answer: RetryLater) -> Unreachable:
    if answer.after is not None:
        return RateLimited(answer.why, retry_after=answer.after)
    return Unreachable(answer.why)
