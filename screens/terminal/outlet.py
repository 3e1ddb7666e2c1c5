"""A terminal's output, in order: out at once as far as the terminal takes it at once, the rest by a thread.

The toolkit gives every frame to a thread, which has to get its turn first: a tenth of a key's whole time, and
more where other threads are busy. A terminal that does not keep up still blocks nobody but that thread.
Must never change the terminal's own handle: a shell that uses it after us relies on its waiting.
"""

from __future__ import annotations

import contextlib
import os
import select
import threading
from collections.abc import Callable
from time import monotonic

PATIENCE = 0.002
"""Seconds in which a terminal that is full may make room: a frame is larger than what a pty holds."""


class Outlet:
    """What a terminal is sent. When the terminal is gone, nobody misses what is written."""

    def __init__(self, handle: int) -> None:
        self._handle = handle
        self._again: int | None = None
        """The same terminal, opened in such a way that no write waits."""
        self._left = 0
        """How many texts were left to the thread."""
        self._written = 0
        """How many of them it has written."""
        self._order = threading.RLock()  # keys are read by a thread of its own, which writes too

    def open(self) -> None:
        """Begin to write at once, where the terminal can be opened once more."""
        self._again = _opened_again(self._handle)

    def close(self) -> None:
        """Give back what was opened; harmless when done already."""
        if self._again is not None:
            os.close(self._again)
            self._again = None

    def send(self, data: bytes, later: Callable[[bytes], object]) -> None:
        """Write what is taken at once; `later` is given the rest, for `write`. Nothing overtakes it."""
        with self._order:
            rest = self._taken_at_once(data) if self._left == self._written else data
            if rest:
                self._left += 1
                later(rest)

    def _taken_at_once(self, data: bytes) -> bytes:
        """Write for as long as the terminal takes it, and return the rest."""
        until = monotonic() + PATIENCE
        while data and self._again is not None:
            try:
                data = data[os.write(self._again, data) :]
            except BlockingIOError:
                if not select.select([], [self._again], [], max(until - monotonic(), 0))[1]:
                    break
            except OSError:
                return b""
        return data

    # What the thread sees: a file.

    def fileno(self) -> int:
        """Return the terminal's own handle."""
        return self._handle

    def write(self, data: bytes) -> None:
        """Write, however long that takes, if there is still someone to see it."""
        while data:
            try:
                data = data[os.write(self._handle, data) :]
            except BlockingIOError:  # whoever started us has left the terminal in that mode
                select.select([], [self._handle], [])
            except OSError:
                break
        self._written += 1

    def flush(self) -> None:
        """Do nothing: what was written is out."""


def _opened_again(handle: int) -> int | None:
    """Open a terminal once more; None where that cannot be, or leads to another one."""
    with contextlib.suppress(OSError):
        again = os.open(os.ttyname(handle), os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC)
        if os.path.sameopenfile(again, handle):
            return again
        os.close(again)
    return None
