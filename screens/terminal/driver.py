"""The terminal's output for as long as there is a terminal: a mode that is entered once and left once.

Must never end the thread that writes: without it the event loop stops as soon as thirty texts wait.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Callable
from typing import Any, TextIO, cast

from textual.driver import Driver

from screens.terminal.ending import OrderlyApp
from screens.terminal.outlet import Outlet
from screens.terminal.stand_ins import AS_WIDE

if sys.platform == "win32":
    LinuxDriver = Driver
else:
    from textual.drivers.linux_driver import LinuxDriver

_FRAME_ENDS = "\x1b[?2026l"


class OrderlyDriver(LinuxDriver):
    """The toolkit's driver, which enters its mode once, however often it is told to go on.

    A SIGCONT comes without a stop too: a dropped connection sends one, and whoever ends services sends one
    behind each SIGTERM.
    """

    def __init__(self, app: OrderlyApp[Any], **options: Any) -> None:
        super().__init__(app, **options)
        self._encoding = getattr(self._file, "encoding", None) or "utf-8"
        self._outlet = Outlet(cast("TextIO", self._file).fileno(), lambda: app.is_leaving, self._tell)
        self._file = cast("Any", self._outlet)
        self._output = app.output
        self._is_on = self._was_on = False
        self._asked: Callable[[], object] | None = None

    def write(self, data: str) -> None:
        """Write to the terminal while it is ours: an editor may have it, and then nobody takes what waits."""
        if self._is_on:
            later = cast("Callable[[bytes], object]", super().write)  # its thread passes on what it is given
            self._outlet.send(data.encode(self._encoding, AS_WIDE), later)
            if self._outlet.is_behind:
                self._output.hide()

    def _tell(self) -> None:
        """Have the loop look whether the terminal has taken everything; the thread asks for it."""
        with contextlib.suppress(RuntimeError):  # the loop is closed
            self._loop.call_soon_threadsafe(self._look)

    def _look(self) -> None:
        if not self._outlet.is_behind:
            self._output.show()

    def start_application_mode(self) -> None:
        """Take the terminal; afresh if it was taken already, and not at all on the way out."""
        if self._was_on and cast("OrderlyApp[Any]", self._app).is_leaving:
            return
        if self._is_on:
            self.suspend_application_mode()
        self._is_on = self._was_on = True
        self._outlet.open()
        before = self._writer_thread
        super().start_application_mode()  # type: ignore[no-untyped-call]  # the toolkit's is not annotated
        if self._writer_thread is before:  # a shell still has the terminal: a SIGCONT comes once it is ours
            self._is_on = False
            self._outlet.close()

    def stop_application_mode(self) -> None:
        """Give the terminal back; what it has not taken by now of our screen is left out."""
        self._outlet.forget()
        self.write(_FRAME_ENDS)
        super().stop_application_mode()
        self._is_on = False

    def close(self) -> None:
        """Let what waits be written, and end the thread."""
        super().close()
        self._outlet.close()

    def _sigtstp_application(self, *_about: Any) -> None:
        self._ask(self._stop)

    def _sigcont_application(self, *_about: Any) -> None:
        self._ask(super()._sigcont_application)

    def _ask(self, act: Callable[[], object]) -> None:
        """Have the loop do what a signal asks for: the last one counts, as it does without us.

        At once it could come into a write or into another change of mode, and would wait for what that holds.
        """
        self._asked = act
        try:
            self._loop.call_soon_threadsafe(self._do_asked)
        except RuntimeError:  # the loop is closed, and the process asks for a token on a plain line
            self._do_asked()

    def _do_asked(self) -> None:
        act, self._asked = self._asked, None
        if act is not None:
            act()

    def _stop(self) -> None:
        """Stop as a job of a shell does; not if it was told to go on while the terminal was given back."""
        if self._auto_restart:
            self.suspend_application_mode()
            self._must_signal_resume = True
        if self._asked is None:
            os.kill(os.getpid(), signal.SIGSTOP)
