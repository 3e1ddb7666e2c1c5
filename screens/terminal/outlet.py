"""A terminal's output, in order: out at once as far as the terminal takes it at once, the rest by a thread.

The toolkit gives every frame to a thread, which has to get its turn first: a tenth of a key's whole time, and
more where other threads are busy. A terminal that does not keep up still blocks nobody but that thread,
and an end waits neither for what nobody will see nor for a terminal that takes nothing.
Must never change the terminal's own handle: a shell that uses it after us relies on its waiting.
"""

from __future__ import annotations

import contextlib
import os
import select
import threading
from collections.abc import Callable
from time import monotonic, sleep

PATIENCE = 0.002
"""Seconds in which a terminal that is full may make room: a frame is larger than what a pty holds."""
DEAF = 1.0
"""Seconds after which, at the end, a terminal that took nothing is not waited for: nobody reads it."""
_LOOK_EVERY = 0.1


class Outlet:
    """What a terminal is sent. When the terminal is gone, nobody misses what is written."""

    def __init__(
        self,
        handle: int,
        is_over: Callable[[], bool] = lambda: False,
        caught_up: Callable[[], object] = lambda: None,
    ) -> None:
        """`is_over` says whether the app ends: what waits by then is shown to nobody.

        `caught_up` is called by the thread whenever nothing waits any more.
        """
        self._handle = handle
        self._is_over = is_over
        self._caught_up = caught_up
        self._again: int | None = None
        """The same terminal, opened in such a way that no write waits."""
        self._left = 0
        """How many texts were left to the thread."""
        self._written = 0
        """How many of them it is done with."""
        self._begun = 0
        """Which of them was begun at once, and is a rest."""
        self._forgotten: int | None = None
        """How many of them need not come any more, once the screen is left."""
        self._is_deaf = False
        self._order = threading.Lock()  # keys are read by a thread of its own, which writes too

    def open(self) -> None:
        """Begin to write at once, where the terminal can be opened once more."""
        self._again, self._forgotten, self._is_deaf = _opened_again(self._handle), None, False

    def forget(self) -> None:
        """Let what still waits go: it is of a screen that is left now. What is sent from here on is not."""
        self._forgotten = self._left

    def close(self) -> None:
        """Give back what was opened; harmless when done already."""
        if self._again is not None:
            os.close(self._again)
            self._again = None

    @property
    def is_behind(self) -> bool:
        """Whether something waits that the terminal has not taken."""
        return self._left != self._written

    def send(self, data: bytes, later: Callable[[bytes], object]) -> None:
        """Write what is taken at once; `later` is given the rest, for `write`. Nothing overtakes it."""
        with self._order:
            rest = self._taken_at_once(data) if not self.is_behind else data
            if rest:
                self._left += 1
                if len(rest) < len(data):
                    self._begun = self._left
                later(rest)

    def _taken_at_once(self, data: bytes) -> bytes:
        """Write for as long as the terminal takes it and patience lasts, and return the rest."""
        until = monotonic() + PATIENCE
        while data and self._again is not None:
            try:
                data = data[os.write(self._again, data) :]
            except BlockingIOError:
                wait = until - monotonic()
                if wait <= 0 or not select.select([], [self._again], [], wait)[1]:
                    break
            except OSError:
                return b""
        return data

    # What the thread sees: a file.

    def fileno(self) -> int:
        """Return the terminal's own handle."""
        return self._handle

    def write(self, data: bytes) -> None:
        """Write, however long that takes, if there is still someone to see it.

        A text is forgotten whole or not at all: a sequence that was cut would swallow what follows.
        """
        if not self._is_forgotten():
            self._write_all(data, self._handle if self._again is None else self._again)
        self._written += 1
        if not self.is_behind:
            self._caught_up()

    def _is_forgotten(self) -> bool:
        """Whether the text that comes now need not: the app ends, or it is of a screen that was left."""
        if self._is_deaf or self._written + 1 == self._begun:
            return self._is_deaf
        return self._is_over() if self._forgotten is None else self._written < self._forgotten

    def _write_all(self, data: bytes, handle: int) -> None:
        while data:
            try:
                data = data[os.write(handle, data) :]
            except BlockingIOError:  # ours, or whoever started us has left the terminal in that mode
                if not self._makes_room(handle):
                    break
            except OSError:
                break

    def _makes_room(self, handle: int) -> bool:
        """Wait until there is room; False at the end, where nobody reads."""
        sleep(PATIENCE)  # there may be room for one byte, and none for the two that a new line becomes
        waited = 0.0
        while not select.select([], [handle], [], _LOOK_EVERY)[1]:
            waited = waited + _LOOK_EVERY if self._is_over() else 0.0
            if waited >= DEAF:
                self._is_deaf = True
                return False
        return True

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
