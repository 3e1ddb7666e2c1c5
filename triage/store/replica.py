"""What a journal's records add up to in memory, and the quiet in which it is loaded."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Protocol, Self

from triage.store.replay import Change


class Replica(Protocol):
    """What the records add up to, in memory. Applying a change twice in a row gives the same as once."""

    def fresh(self) -> Self:
        """Return an empty one of the same kind: what an empty file gives."""

    def become(self, other: Self) -> None:
        """Hold what the other one holds."""

    def apply(self, change: Change) -> None:
        """Take one change in."""

    def snapshot(self) -> Iterable[Change]:
        """Return changes that, applied to an empty replica, give this one."""

    def __len__(self) -> int:
        """Count what a snapshot keeps."""


@contextmanager
def collector_paused() -> Iterator[None]:
    """Keep the garbage collector from walking, again and again, what is being loaded."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
