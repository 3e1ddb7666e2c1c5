"""What every step of a sync works with: the two stores on their thread, the clock, a place to stop."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from triage.clock import Clock
from triage.store.leads import Leads
from triage.store.outbox import Outbox
from triage.store.thread import StoreThread


def _go_on(_step: str) -> None:
    """Do nothing: only tests stop at a step."""


class SyncRoom(Struct, frozen=True):
    """The stores may only be touched through `thread`."""

    outbox: Outbox
    leads: Leads
    thread: StoreThread
    clock: Clock
    step: Callable[[str], None] = _go_on
    """Told the name of each step; what it raises ends the sync there, as a crash would."""
