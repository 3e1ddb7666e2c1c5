"""The ways out that no key opens: signals, a terminal that is gone, and an end that takes too long.

Owns the ending signals while an app runs, and the exit code 128 + n. Must never touch the store: what is in
it survives any end.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys
import threading
from collections.abc import Callable
from functools import partial
from types import FrameType, TracebackType
from typing import Protocol, Self

from screens.terminal.restore import attributes_of, restore

ENDING = (
    signal.SIGTERM,
    signal.SIGHUP,
    signal.SIGQUIT,
    signal.SIGINT,
    signal.SIGUSR1,
    signal.SIGUSR2,
)
"""Each would leave the terminal raw by default. SIGHUP also comes when an ssh connection drops."""
HUNG_UP = 128 + signal.SIGHUP
PATIENCE = 5.0
"""Seconds an end in order may take: a dead DNS or keyring must not hold a rep at the door."""
_KEYBOARD, _SCREEN = 0, 2


class Loop(Protocol):
    """The app's event loop, as far as a signal may use it."""

    def call_soon_threadsafe(self, callback: Callable[[], object], /) -> object:
        """Call something in the loop; RuntimeError once it is closed."""


class WayOut:
    """Lets one app leave in order, and leaves without it if that takes too long. Use it in a `with` block."""

    def __init__(self, patience: float = PATIENCE) -> None:
        self.code: int | None = None
        """The exit code, once a signal, or a terminal that went, asked for the end: the first one counts."""
        self._patience = patience
        self._attributes = attributes_of(_KEYBOARD)
        self._before = {number: signal.getsignal(number) for number in ENDING}
        self._loop: Loop | None = None
        self._leave: Callable[[int], object] | None = None
        self._at_end = 0
        self._over = False
        # A pipe, because a signal may come while any lock is held: it holds a byte once the end has begun,
        # and its write end is closed when that is over.
        self._ending, self._begin = os.pipe()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            restore(_SCREEN, self._attributes)
        self._over = True
        if self.code is None:
            self._give_back()
        os.close(self._begin)
        if self._loop is None:
            os.close(self._ending)

    def open(self, loop: Loop, leave: Callable[[int], object]) -> None:
        """Take over the signals, before the terminal is changed: `leave(code)` will be called in the loop."""
        self._loop, self._leave = loop, leave
        for number in ENDING:
            # One that was ignored stays so: nohup, or a job in the background.
            if self._before[number] is not signal.SIG_IGN:
                signal.signal(number, self._on_signal)
        threading.Thread(target=self._watch, name="way out", daemon=True).start()

    def began(self, code: int) -> None:
        """Note that the end has begun, however it came about: from here on it is timed."""
        self._at_end = code
        if not self._over:
            os.write(self._begin, b".")

    def _give_back(self) -> None:
        """Let signals do what they did before: the process may go on, for example to ask for a token."""
        for number, before in self._before.items():
            if self._loop is not None and before is not None:
                signal.signal(number, before)

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        self._ask(128 + number)

    def _ask(self, code: int) -> None:
        if self.code is not None or self._over:
            return
        self.code = code
        # The loop itself may be stuck, for example in a write to a terminal that takes nothing.
        self.began(code)
        if self._loop is not None and self._leave is not None:
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(partial(self._leave, code))

    def _watch(self) -> None:
        """Wait for the end, then for its end."""
        try:
            self._await_end()
            over = select.poll()
            over.register(self._ending, 0)
            if not over.poll(self._patience * 1000) and not self._over:
                self._go()
        finally:
            os.close(self._ending)

    def _await_end(self) -> None:
        """Sleep until the end begins, or the terminal is gone: no signal need come with that.

        Reading would not tell: a terminal that hung up gives an empty text, at once and for ever.
        """
        poll = select.poll()
        poll.register(self._ending, select.POLLIN)
        if os.isatty(_KEYBOARD):
            poll.register(_KEYBOARD, 0)
        while self._ending not in (events := dict(poll.poll())):
            if events[_KEYBOARD] & (select.POLLHUP | select.POLLERR) and not self._over:
                forget_terminal()
                self._ask(HUNG_UP)
            poll.unregister(_KEYBOARD)  # it is gone, or a system that cannot watch terminals like this

    def _go(self) -> None:
        """End the process here and now: every acknowledged decision is on the disk."""
        restore(_SCREEN, self._attributes)
        os._exit(self.code if self.code is not None else self._at_end)


def forget_terminal() -> None:
    """Let everything that is still said go nowhere: a terminal that is gone fails each write, at exit too."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (sys.__stdin__, sys.__stdout__, sys.__stderr__):
        if stream is not None:
            with contextlib.suppress(OSError, ValueError):
                os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
