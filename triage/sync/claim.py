"""What leaves next. Everything in here runs on the store's thread, between two requests."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from triage.domain.item import BLOCKS_LATER, EFFECTIVE, IN_FLIGHT, Item, State
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
    free = sendable(outbox.in_states([State.QUEUED]), outbox.in_states(BLOCKS_LATER), now, everything=True)
    earliest = min((due(item, now) for item in free), default=None)
    until = paused_until(outbox, now)
    return max(earliest, until) if earliest is not None and until is not None else earliest


def original_of(outbox: Outbox, item: Item) -> Item | None:
    """Return the item that this one takes back, or None when it takes nothing back."""
    if item.decision is not None:
        return outbox.find(item.decision.of) if item.decision.of else None
    told = item.feedback
    return outbox.find(told.supersedes) if told is not None and told.supersedes else None


class Claims:
    """The choice of what is sent, for one run."""

    def __init__(self, outbox: Outbox, *, everything: bool) -> None:
        self._outbox = outbox
        self._everything = everything
        self._tries: Counter[str] = Counter()

    def any_left(self, now: datetime) -> bool:
        """Whether the CRM needs to be spoken to at all."""
        return bool(self._outbox.in_states([State.UNKNOWN]) or self._next(now))

    def take(self, size: int, now: datetime) -> tuple[Item, ...]:
        """Mark the next batch, all of one kind, as being sent: durably, before a byte of it leaves."""
        self._cancel_out()
        waiting = [item for item in self._next(now) if not self._waits_for_original(item)]
        if not waiting:
            return ()
        kind = waiting[0].kind
        # What was put back before goes last: one that the CRM will not take now must not hold up the others.
        fresh_first = sorted((item for item in waiting if item.kind == kind), key=lambda item: item.attempts)
        claimed = self._outbox.claim(fresh_first[:size])
        self._tries.update(item.id for item in claimed)
        return claimed

    def to_verify(self) -> tuple[Item, ...]:
        """Return the items of unknown outcome that this run has not asked about too often."""
        unknown = self._outbox.in_states([State.UNKNOWN])
        asked = tuple(item for item in unknown if self._tries["verify " + item.id] < TRIES_PER_RUN)
        self._tries.update("verify " + item.id for item in asked)
        return asked

    def _next(self, now: datetime) -> list[Item]:
        if paused_until(self._outbox, now) is not None:
            return []
        queued = self._outbox.in_states([State.QUEUED])
        chosen = sendable(queued, self._outbox.in_states(BLOCKS_LATER), now, everything=self._everything)
        later = paused_items(self._outbox, now)
        # Left out only now: an item that had its tries still holds back the later ones of its lead.
        return [item for item in chosen if self._tries[item.id] < TRIES_PER_RUN and item.id not in later]

    def _waits_for_original(self, item: Item) -> bool:
        original = original_of(self._outbox, item)
        return original is not None and original.state not in EFFECTIVE

    def _cancel_out(self) -> None:
        """Withdraw an item together with the one that takes it back, where the CRM has neither."""
        moves: list[Move] = []
        for item in self._outbox.in_states([State.QUEUED]):
            original = original_of(self._outbox, item)
            if original is None or original.state in EFFECTIVE | IN_FLIGHT:
                continue
            if original.may_become(State.WITHDRAWN):
                moves.append(Move.to(State.WITHDRAWN, original.id))
            moves.append(Move.to(State.WITHDRAWN, item.id))
        if moves:
            self._outbox.move(moves)
