"""The terminal's output for as long as there is a terminal: a mode that is entered once and left once.

Must never end the thread that writes: without it the event loop stops as soon as thirty texts wait.
"""

from __future__ import annotations

import contextlib
import sys
from typing import Any, TextIO, cast

from textual.driver import Driver

from screens.terminal.ending import OrderlyApp

if sys.platform == "win32":
    LinuxDriver = Driver
else:
    from textual.drivers.linux_driver import LinuxDriver


class Forgiving:
    """A terminal to write to, also when it is gone: then nobody misses what is written."""

    def __init__(self, terminal: TextIO) -> None:
        self._terminal = terminal

    def fileno(self) -> int:
        """Return the terminal's own handle."""
        return self._terminal.fileno()

    def write(self, text: str) -> None:
        """Write, if there is still someone to see it."""
        with contextlib.suppress(OSError):
            self._terminal.write(text)

    def flush(self) -> None:
        """Hand over what was written."""
        with contextlib.suppress(OSError):
            self._terminal.flush()


class OrderlyDriver(LinuxDriver):
    """The toolkit's driver, which enters its mode once, however often it is told to go on.

    A SIGCONT comes without a stop too: a dropped connection sends one, and whoever ends services sends one
    behind each SIGTERM.
    """

    def __init__(self, app: OrderlyApp[Any], **options: Any) -> None:
        super().__init__(app, **options)
        self._file = cast("Any", Forgiving(cast("TextIO", self._file)))
        self._is_on = self._was_on = False

    def write(self, data: str) -> None:
        """Write to the terminal while it is ours: an editor may have it, and then nobody takes what waits."""
        if self._is_on:
            super().write(data)

    def start_application_mode(self) -> None:
        """Take the terminal; afresh if it was taken already, and not at all on the way out."""
        if self._was_on and cast("OrderlyApp[Any]", self._app).is_leaving:
            return
        if self._is_on:
            self.suspend_application_mode()
        self._is_on = self._was_on = True
        super().start_application_mode()  # type: ignore[no-untyped-call]  # the toolkit's is not annotated

    def stop_application_mode(self) -> None:
        """Give the terminal back."""
        super().stop_application_mode()
        self._is_on = False
