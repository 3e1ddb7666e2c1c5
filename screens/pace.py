"""When the garbage collector may run: never while a key is being answered. Owns the process's collector.

A full collection takes 35 to 60 ms with ten thousand leads, and comes every 40 to 80 keys.
"""

from __future__ import annotations

import gc
import time

IDLE_AFTER = 1.0
"""Seconds without a key after which collecting disturbs nobody."""
AT_LEAST_EVERY = 30.0
"""Seconds after which it runs even between keys: cycles must not grow for ever."""


class Pace:
    """Collects in the pauses."""

    def __init__(self) -> None:
        self._key_at = self._collected_at = time.monotonic()
        self._touched = False

    def hold(self) -> None:
        """Let the collector run only when it is told to."""
        gc.disable()

    def release(self) -> None:
        """Give the collector back."""
        gc.unfreeze()
        gc.enable()

    def loaded(self) -> None:
        """Take all that lives now, such as ten thousand leads, out of every later collection."""
        gc.collect()
        gc.freeze()
        self._collected_at = time.monotonic()

    def key(self) -> None:
        """Note that a key was pressed."""
        self._key_at = time.monotonic()
        self._touched = True

    def rest(self) -> None:
        """Collect, if this is a pause or the last time is too long ago."""
        now = time.monotonic()
        late = now - self._collected_at >= AT_LEAST_EVERY
        if self._touched and (self.is_quiet or late):
            gc.collect()
            self._collected_at, self._touched = now, False

    @property
    def is_quiet(self) -> bool:
        """Whether no key was pressed for a while."""
        return time.monotonic() - self._key_at >= IDLE_AFTER
