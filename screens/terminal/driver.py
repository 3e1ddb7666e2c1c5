"""The terminal's output for as long as there is a terminal: a mode that is entered once and left once.

Must never end the thread that writes: without it the event loop stops as soon as thirty texts wait.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, TextIO, cast

from textual.driver import Driver

from screens.terminal.ending import OrderlyApp
from screens.terminal.outlet import Outlet

if sys.platform == "win32":
    LinuxDriver = Driver
else:
    from textual.drivers.linux_driver import LinuxDriver


class OrderlyDriver(LinuxDriver):
    """The toolkit's driver, which enters its mode once, however often it is told to go on.

    A SIGCONT comes without a stop too: a dropped connection sends one, and whoever ends services sends one
    behind each SIGTERM.
    """

    def __init__(self, app: OrderlyApp[Any], **options: Any) -> None:
        super().__init__(app, **options)
        self._encoding = getattr(self._file, "encoding", None) or "utf-8"
        self._outlet = Outlet(cast("TextIO", self._file).fileno())
        self._file = cast("Any", self._outlet)
        self._is_on = self._was_on = False

    def write(self, data: str) -> None:
        """Write to the terminal while it is ours: an editor may have it, and then nobody takes what waits."""
        if self._is_on:
            later = cast("Callable[[bytes], object]", super().write)  # its thread passes on what it is given
            self._outlet.send(data.encode(self._encoding, "replace"), later)

    def start_application_mode(self) -> None:
        """Take the terminal; afresh if it was taken already, and not at all on the way out."""
        if self._was_on and cast("OrderlyApp[Any]", self._app).is_leaving:
            return
        if self._is_on:
            self.suspend_application_mode()
        self._is_on = self._was_on = True
        self._outlet.open()
        super().start_application_mode()  # type: ignore[no-untyped-call]  # the toolkit's is not annotated

    def stop_application_mode(self) -> None:
        """Give the terminal back."""
        super().stop_application_mode()
        self._is_on = False

    def close(self) -> None:
        """Let what waits be written, and end the thread."""
        super().close()
        self._outlet.close()
