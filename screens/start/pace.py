"""When the garbage collector may run: never while a key is being answered. Owns the process's collector.

A full collection takes 35 to 60 ms with ten thousand leads, and comes every 40 to 80 keys.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from typing import Protocol, cast

IDLE_AFTER = 1.0
"""Seconds without a key after which collecting disturbs nobody."""
AT_LEAST_EVERY = 30.0
"""Seconds after which it runs even between keys: a key leaves 90 kB of cycles, which must not pile up."""


class Collector(Protocol):
    """What is asked of the collector: as the module `gc` has it."""

    def enable(self) -> None:
        """Let it run by itself."""

    def disable(self) -> None:
        """Let it run only when it is told to."""

    def collect(self) -> int:
        """Look through all that is not frozen."""

    def freeze(self) -> None:
        """Leave what lives now out of every later collection."""

    def unfreeze(self) -> None:
        """Take it in again."""


_OURS = cast("Collector", gc)


class Pace:
    """Collects in the pauses."""

    def __init__(self, collector: Collector = _OURS, ticks: Callable[[], float] = time.monotonic) -> None:
        """`ticks` are seconds that no one sets back."""
        self._collector = collector
        self._ticks = ticks
        self._key_at = self._collected_at = ticks()
        self._touched = False
        self._has_loaded = False

    def hold(self) -> None:
        """Let the collector run only when it is told to, and never look at what the start has made.

        To look at it once would hold up the first key for longer than the start's few cycles are worth.
        """
        self._collector.disable()
        self._collector.freeze()
        self._collected_at, self._has_loaded = self._ticks(), False

    def release(self) -> None:
        """Give the collector back."""
        self._collector.unfreeze()
        self._collector.enable()

    def loaded(self) -> None:
        """Note that much was loaded, such as ten thousand leads: after the next collection it is left out."""
        self._has_loaded = True

    def key(self) -> None:
        """Note that a key was pressed."""
        self._key_at = self._ticks()
        self._touched = True

    def rest(self) -> None:
        """Collect, if there is reason to, and this is a pause or the last time is too long ago."""
        now = self._ticks()
        late = now - self._collected_at >= AT_LEAST_EVERY
        if not (self._touched or self._has_loaded) or not (self.is_quiet or late):
            return
        self._collector.collect()
        if self._has_loaded:
            self._collector.freeze()
        self._collected_at, self._touched, self._has_loaded = now, False, False

    @property
    def is_quiet(self) -> bool:
        """Whether no key was pressed for a while."""
        return self._ticks() - self._key_at >= IDLE_AFTER
