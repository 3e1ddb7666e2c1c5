"""Delivery: claim durably, send, record the answer durably, and ask before any second send."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import timedelta

from triage.crm.port import Crm
from triage.domain.item import Item, State
from triage.domain.outcome import Absent, Outcome, RetryLater, Unknown, Verdict
from triage.errors import (
    BadAnswer,
    CrmError,
    NotPermitted,
    NotSignedIn,
    RateLimited,
    TriageError,
    Unreachable,
)
from triage.store.outbox import Move
from triage.sync.claim import Claims, recover
from triage.sync.events import Delivered, Event, Progress
from triage.sync.policy import UNSAID_PAUSE
from triage.sync.record import record
from triage.sync.room import SyncRoom
from triage.sync.tally import Tally

GIVES_UP_AFTER = 2
"""So many whole batches in a row, or questions, without anything to show for it: the run sends no more."""

LINGERS = timedelta(minutes=1)
"""So long a request may still be at work in the CRM after nobody waits for its answer any more. Until then
"not here" is believed only of a CRM that knows a second send by its id."""


class Delivery:
    """One run of sending, for the process whose turn it is."""

    def __init__(self, room: SyncRoom, crm: Crm, tally: Tally, *, everything: bool) -> None:
        self._room = room
        self._crm = crm
        self._tally = tally
        self._claims = Claims(room.outbox, everything=everything)
        self._put_back = 0
        """How many whole batches in a row the CRM did nothing of."""
        self._settled = False
        """Whether the CRM took or answered anything in this run: then it can be reached."""
        self._is_idempotent = False
        self._lost: set[str] = set()
        """Items whose answer was lost in this run, whatever the clock was set to meanwhile."""
        self._unsaid = 0
        """How many questions of one round it could not answer."""
        self.held_up: CrmError | None = None
        """Why nothing at all could be delivered, though the CRM asked for no pause; None if some was."""

    async def run(self) -> AsyncIterator[Event]:
        """Deliver all that is due, in batches; raises CrmError when going on makes no sense."""
        room = self._room
        await room.thread.acall(recover, room.outbox)
        room.step("recovered")
        if not await room.thread.acall(self._claims.any_left, room.clock()):
            return
        can = await self._crm.capabilities()
        size, self._is_idempotent = can.batch, can.idempotency
        async for event in self._verify():
            yield event
        done, total = 0, await room.thread.acall(self._claims.count, room.clock())
        while self._put_back < GIVES_UP_AFTER and (
            batch := await room.thread.acall(self._claims.take, size, room.clock())
        ):
            room.step("claimed")
            async for event in self._send(batch):
                yield event
            done += len(batch)
            yield Progress("sending", done, max(done, total))
            async for event in self._verify():
                yield event

    async def _send(self, batch: Sequence[Item]) -> AsyncIterator[Event]:
        """Send one batch and record its answers; a pause that the CRM asks for ends the run."""
        answers = await self._push(batch)
        self._room.step("sent")
        later = self._weigh([answers.get(item.id) for item in batch])
        pause_for = _longest(later) if later and self._wants_nothing(len(batch)) else None
        for item in await self._record(batch, answers, pause_for=pause_for):
            yield Delivered(item)
        self._room.step("recorded")
        if pause_for is not None:
            raise RateLimited(later[0].why, retry_after=pause_for)

    def _weigh(self, answers: Sequence[Outcome | None]) -> list[RetryLater]:
        """See whether the CRM takes anything now; returns its answers if it put the whole batch back."""
        later = [answer for answer in answers if isinstance(answer, RetryLater)]
        if len(later) < len(answers):
            self._put_back, self._settled, self.held_up = 0, True, None
            return []
        self._put_back += 1
        if not self._settled:
            self.held_up = Unreachable(later[0].why)
        return later

    def _wants_nothing(self, size: int) -> bool:
        """Whether a pause asked for with a whole batch is the account's: one item's own holds up no other."""
        return size > 1 or (self._put_back >= GIVES_UP_AFTER and not self._settled)

    async def _push(self, batch: Sequence[Item]) -> dict[str, Outcome]:
        try:
            return dict(await self._crm.push(batch))
        except CrmError as error:
            answers = dict.fromkeys((item.id for item in batch), _after(error))
            await self._record(batch, answers, counted=False, pause_for=pause_of(error))
            raise

    async def _record(
        self,
        batch: Sequence[Item],
        answers: dict[str, Outcome],
        *,
        counted: bool = True,
        pause_for: float | None = None,
    ) -> tuple[Item, ...]:
        room = self._room
        moved = await room.thread.acall(
            record,
            room.outbox,
            room.leads,
            batch,
            answers,
            room.clock(),
            counted=counted,
            pause_for=pause_for,
        )
        self._lost.update(item.id for item in moved if item.state is State.UNKNOWN)
        self._tally.note(moved, answers)
        return moved

    async def _verify(self) -> AsyncIterator[Event]:
        """Ask the CRM about each item of unknown outcome, before anything else is sent."""
        room = self._room
        self._unsaid = 0
        for item in await room.thread.acall(self._claims.to_verify):
            room.step("verifying")
            verdict = await self._verdict(item)
            if verdict is None:
                continue
            if isinstance(verdict, Absent):
                back = Move.to(State.QUEUED, item.id, error="", not_before=None)
                moved = await room.thread.acall(room.outbox.move, [back])
                self._tally.note(moved, {})
            else:
                moved = await self._record([item], {item.id: verdict})
            for one in moved:
                yield Delivered(one)
            room.step("verified")

    async def _verdict(self, item: Item) -> Verdict | None:
        """Ask about one item; None while the CRM cannot say: it stays unknown and holds up no other lead."""
        try:
            verdict = await self._crm.verify(item)
        except (Unreachable, BadAnswer) as error:
            self._unsaid += 1
            if self._unsaid >= GIVES_UP_AFTER or pause_of(error) is not None:
                raise
            self._tally.note([item], {})
            return None
        if isinstance(verdict, Absent) and self._may_still_arrive(item):
            self._tally.note([item], {})
            return None
        return verdict

    def _may_still_arrive(self, item: Item) -> bool:
        if self._is_idempotent:
            return False
        lost_at = item.changed_at
        return item.id in self._lost or (lost_at is not None and abs(self._room.clock() - lost_at) < LINGERS)


def pause_of(error: TriageError) -> float | None:
    """Return the seconds in which the CRM wants nothing, by what was raised; None where it asks for none."""
    if isinstance(error, RateLimited) and error.retry_after is None:
        return UNSAID_PAUSE.total_seconds()
    return error.retry_after if isinstance(error, Unreachable) else None


def _longest(later: Sequence[RetryLater]) -> float | None:
    return max((answer.after for answer in later if answer.after is not None), default=None)


def _after(error: CrmError) -> Outcome:
    """Return what a failed push says of its items: certainly not done, or nobody knows."""
    if isinstance(error, RateLimited):
        return RetryLater(error.message, error.retry_after)
    if isinstance(error, NotSignedIn | NotPermitted):
        return RetryLater(error.message)
    return Unknown(error.message)
