"""What is sent now, and when it is tried again. Pure: the clock and the dice are arguments."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from triage.domain.item import BLOCKS_LATER, State
from triage.domain.lead import LeadId

BASE = timedelta(seconds=1)
CAP = timedelta(minutes=15)
LONGEST_PAUSE = timedelta(hours=1)
"""A CRM that asks for more is asked again after this."""
UNSAID_PAUSE = timedelta(minutes=1)
"""For a CRM that asks for a pause and does not say how long, or not so that anyone could read it."""
SPREAD = 0.2
"""A pause lasts up to so much longer, by chance: reps who were stopped together come back one by one."""
_DECISION = "decision"


class Sendable(Protocol):
    """As much of an item as tells whether it may leave."""

    @property
    def id(self) -> str:
        """The id of the item."""

    @property
    def kind(self) -> str:
        """Either decision or feedback."""

    @property
    def lead_id(self) -> LeadId:
        """The lead it is about."""

    @property
    def state(self) -> State:
        """Where it is on its way."""

    @property
    def due_at(self) -> datetime:
        """When its hold ends."""

    @property
    def not_before(self) -> datetime | None:
        """When its backoff ends."""

    @property
    def replaces(self) -> str | None:
        """The decision that this one takes the place of."""


_S = TypeVar("_S", bound=Sendable)


def backoff(attempts: int, dice: Callable[[], float]) -> timedelta:
    """Return a random part of base · 2^attempts, at most the cap ("full jitter"); `dice` gives [0, 1)."""
    longest: timedelta = min(CAP, BASE * 2 ** min(attempts, 20))
    return longest * dice()


def pause(seconds: float | None) -> timedelta | None:
    """Return the pause a CRM asked for, within [0, 1 h]; None when it asked for none."""
    if seconds is None or math.isnan(seconds):
        return None
    return timedelta(seconds=min(max(seconds, 0.0), LONGEST_PAUSE.total_seconds()))


def spread(asked: timedelta, dice: Callable[[], float]) -> timedelta:
    """Return a pause a little longer than the one asked for, at most 1 h; `dice` gives [0, 1)."""
    return min(asked * (1 + SPREAD * dice()), max(asked, LONGEST_PAUSE))


def sendable(
    queued: Iterable[_S], standing: Iterable[Sendable], now: datetime, *, everything: bool
) -> list[_S]:
    """Return the items that may leave now, in order.

    One decision of a lead at a time, in the order in which the rep made them; a decision waits behind
    one of its lead that is under way or in conflict; other leads never wait. `everything` ignores the
    hold and our own backoff.
    """
    blocked: dict[LeadId, Sendable] = _blocked(standing)
    chosen: list[_S] = []
    for item in queued:
        if item.kind == _DECISION:
            if item.lead_id in blocked and not _follows_conflict(item, blocked[item.lead_id]):
                continue
            blocked.setdefault(item.lead_id, item)
        if everything or _is_due(item, now):
            chosen.append(item)
    return chosen


def due(item: Sendable, now: datetime) -> datetime:
    """Return when hold and backoff are over; a moment far in the future is a clock that was set back."""
    hold = item.due_at if item.due_at <= now + LONGEST_PAUSE else now
    wait = item.not_before
    return max(hold, wait) if wait is not None and wait <= now + CAP + LONGEST_PAUSE else hold


def _blocked(standing: Iterable[Sendable]) -> dict[LeadId, Sendable]:
    """Return, per lead, a decision behind which later ones wait."""
    return {item.lead_id: item for item in standing if item.kind == _DECISION and item.state in BLOCKS_LATER}


def _follows_conflict(item: Sendable, blocking: Sendable) -> bool:
    return item.replaces == blocking.id


def _is_due(item: Sendable, now: datetime) -> bool:
    return due(item, now) <= now
