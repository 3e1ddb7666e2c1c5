"""What leaves next. Everything in here runs on the store's thread, between two requests."""

from __future__ import annotations

import random
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta

from triage.domain.item import BLOCKS_LATER, EFFECTIVE, IN_FLIGHT, Item, State
from triage.store.glimpses import Waiting
from triage.store.outbox import Move, Outbox
from triage.sync.policy import LONGEST_PAUSE, due, pause, sendable, spread

TRIES_PER_RUN = 3
"""So often one run sends, or asks about, the same item; the next run goes on."""
PAUSE = "pause_until"
"""The outbox's note of a pause the CRM asked for: kept by every run, in whichever process."""
ITEM_PAUSES = "item_pauses"
"""The outbox's note of the items that the CRM asked to bring later, each with its moment."""
_SAME = timedelta(seconds=1)


def recover(outbox: Outbox) -> None:
    """Call what a crash left in `sending` what it is: of unknown outcome."""
    left = outbox.in_states([State.SENDING])
    if left:
        outbox.move(Move.to(State.UNKNOWN, item.id, error="interrupted while sending") for item in left)


def paused_until(outbox: Outbox, now: datetime) -> datetime | None:
    """Return when the pause that the CRM asked for ends, or None; one far ahead is a clock set back."""
    noted = outbox.note(PAUSE)
    until = datetime.fromisoformat(noted) if noted else now
    return until if _runs(until, now) else None


def keep_pause(
    outbox: Outbox, seconds: float | None, now: datetime, dice: Callable[[], float] = random.random
) -> None:
    """Remember a pause that the CRM asks for, for every run in whichever process; a longer one stays."""
    asked = pause(seconds)
    running = paused_until(outbox, now)
    if asked and (running is None or now + asked > running + _SAME):
        outbox.remember(PAUSE, (now + spread(asked, dice)).isoformat())


def paused_items(outbox: Outbox, now: datetime) -> frozenset[str]:
    """Return the items that the CRM does not want yet, though it takes others."""
    return frozenset(_item_pauses(outbox, now))


def keep_item_pauses(outbox: Outbox, seconds: Mapping[str, float], now: datetime) -> None:
    """Remember how long the CRM does not want some items, for every run in whichever process."""
    asked = {item_id: (now + (pause(span) or timedelta())).isoformat() for item_id, span in seconds.items()}
    if asked:
        outbox.remember(ITEM_PAUSES, _item_pauses(outbox, now) | asked)


def _item_pauses(outbox: Outbox, now: datetime) -> dict[str, str]:
    noted: dict[str, str] = outbox.note(ITEM_PAUSES) or {}
    return {item_id: until for item_id, until in noted.items() if _runs(datetime.fromisoformat(until), now)}


def _runs(until: datetime, now: datetime) -> bool:
    """Whether a pause lasts; one far ahead is a clock set back."""
    return now < until <= now + LONGEST_PAUSE


def next_due(outbox: Outbox, now: datetime) -> datetime | None:
    """Return when the earliest queued item may be sent by itself, or None where none may."""
    free = sendable(outbox.waiting([State.QUEUED]), outbox.waiting(BLOCKS_LATER), now, everything=True)
    earliest = min((due(item, now) for item in free), default=None)
    until = paused_until(outbox, now)
    return max(earliest, until) if earliest is not None and until is not None else earliest


def original_of(outbox: Outbox, item: Item | Waiting) -> Item | None:
    """Return the item that this one takes back, or None when it takes nothing back."""
    return outbox.find(item.of) if item.of else None


class Claims:
    """The choice of what is sent, for one run.

    The queue is gone through when the run begins and when the choice runs out. In between each item is looked
    at by itself, with all that its lead has in the outbox by then.
    """

    def __init__(self, outbox: Outbox, *, everything: bool) -> None:
        self._outbox = outbox
        self._everything = everything
        self._tries: Counter[str] = Counter()
        self._chosen: deque[Waiting] = deque()
        """What goes next, all of one kind."""

    def any_left(self, now: datetime) -> bool:
        """Whether the CRM needs to be spoken to at all."""
        return bool(self._outbox.waiting([State.UNKNOWN]) or self._next(now))

    def count(self, now: datetime) -> int:
        """Count what this run would send by now."""
        return len(self._next(now))

    def take(self, size: int, now: datetime) -> tuple[Item, ...]:
        """Mark the next batch, all of one kind, as being sent: durably, before a byte of it leaves."""
        batch = self._ready(size, now)
        if len(batch) < size:
            self._choose(now)
            batch = self._ready(size, now)
        claimed = self._outbox.claim(batch) if batch else ()
        self._tries.update(item.id for item in claimed)
        return claimed

    def to_verify(self) -> tuple[Item, ...]:
        """Return the items of unknown outcome that this run has not asked about too often."""
        unknown = self._outbox.in_states([State.UNKNOWN])
        asked = tuple(item for item in unknown if self._tries["verify " + item.id] < TRIES_PER_RUN)
        self._tries.update("verify " + item.id for item in asked)
        return asked

    def _choose(self, now: datetime) -> None:
        """Go through the whole queue."""
        self._cancel_out()
        waiting = [one for one in self._next(now) if not self._waits_for_original(one)]
        of_a_kind = [one for one in waiting if one.kind == waiting[0].kind]
        # What was put back before goes last: one that the CRM will not take now must not hold up the others.
        self._chosen = deque(sorted(of_a_kind, key=lambda one: one.attempts))

    def _ready(self, size: int, now: datetime) -> list[Waiting]:
        """Take from the choice what may still leave, as things are now."""
        ready: list[Waiting] = []
        if paused_until(self._outbox, now) is not None:
            self._chosen.clear()
        later = paused_items(self._outbox, now)
        while self._chosen and len(ready) < size:
            one = self._chosen.popleft()
            if one.id not in later and self._may_leave(one, now):
                ready.append(one)
        return ready

    def _may_leave(self, one: Waiting, now: datetime) -> bool:
        # Alone there is nothing to wait behind; what became of it meanwhile is looked at when it is claimed.
        if not one.of and self._outbox.is_alone(one.lead_id):
            return True
        of_lead = self._outbox.waiting_of_lead(one.lead_id)
        chosen = self._sendable(of_lead, of_lead, now)
        return any(it.id == one.id for it in chosen) and not self._waits_for_original(one)

    def _next(self, now: datetime) -> list[Waiting]:
        if paused_until(self._outbox, now) is not None:
            return []
        later = paused_items(self._outbox, now)
        chosen = self._sendable(self._outbox.waiting([State.QUEUED]), self._outbox.waiting(BLOCKS_LATER), now)
        return [one for one in chosen if one.id not in later]

    def _sendable(
        self, items: Iterable[Waiting], standing: Iterable[Waiting], now: datetime
    ) -> list[Waiting]:
        queued = (one for one in items if one.state is State.QUEUED)
        chosen = sendable(queued, standing, now, everything=self._everything)
        # Left out only now: an item that had its tries still holds back the later ones of its lead.
        return [one for one in chosen if self._tries[one.id] < TRIES_PER_RUN]

    def _waits_for_original(self, one: Waiting) -> bool:
        original = original_of(self._outbox, one)
        return original is not None and original.state not in EFFECTIVE

    def _cancel_out(self) -> None:
        """Withdraw an item together with the one that takes it back, where the CRM has neither."""
        moves: list[Move] = []
        for one in self._outbox.waiting([State.QUEUED]):
            original = original_of(self._outbox, one)
            if original is None or original.state in EFFECTIVE | IN_FLIGHT:
                continue
            if original.may_become(State.WITHDRAWN):
                moves.append(Move.to(State.WITHDRAWN, original.id))
            moves.append(Move.to(State.WITHDRAWN, one.id))
        if moves:
            self._outbox.move(moves)
