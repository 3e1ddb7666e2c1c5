"""What every step of a sync works with: the two stores on their thread, the clock, a place to stop."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from triage.clock import Clock
from triage.domain.definition import Definition
from triage.store.leads import Leads
from triage.store.outbox import Outbox
from triage.store.thread import StoreThread

ACCESS_ENDS = "access_ends"
"""The cache's note of when the CRM stops taking the token; empty where it does not say."""
CLOCK_SKEW = "clock_skew"
"""The cache's note of how many seconds the CRM's clock was ahead of this machine's."""


def _go_on(_step: str) -> None:
    """Do nothing: only tests stop at a step."""


def _nothing_agreed() -> None:
    """Return no definition."""


class SyncRoom(Struct, frozen=True):
    """The stores may only be touched through `thread`."""

    outbox: Outbox
    leads: Leads
    thread: StoreThread
    clock: Clock
    step: Callable[[str], None] = _go_on
    """Told the name of each step; what it raises ends the sync there, as a crash would."""
    definition: Callable[[], Definition | None] = _nothing_agreed
    """Returns the definition in force, on the store's thread."""
