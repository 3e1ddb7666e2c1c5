"""An app that leaves the terminal whole, however it ends, and shows no traceback: its values may be leads.

Owns the toolkit's ways to fail (two private seams, each with a test). Must never swallow an error: what broke
the app is raised once the terminal is whole again.
"""

from __future__ import annotations

import asyncio
import sys
from typing import Generic, TypeVar

from rich.console import RenderableType
from textual.app import App
from textual.driver import Driver

from screens.sight import Sight
from screens.terminal.signals import HUNG_UP, WayOut, forget_terminal

T = TypeVar("T")


class InputFailed(Exception):
    """The toolkit's thread that reads keys ended by an error of its own."""


class OrderlyApp(App[T], Generic[T]):
    """An app that can be run to an end in order."""

    def __init__(self, driver_class: type[Driver] | None = None) -> None:
        super().__init__(driver_class)
        self.output = Sight(always=True)
        """Whether the terminal has taken all that was painted: on a slow line it comes later."""
        self.way_out: WayOut | None = None
        """None where there is no terminal to leave: in tests."""
        self.broken: BaseException | None = None
        """The first error that nothing took."""
        self._is_ending = False

    @property
    def is_leaving(self) -> bool:
        """Whether the end has begun."""
        asked = self.way_out is not None and self.way_out.code is not None
        return asked or self._is_ending or self.broken is not None

    async def on_load(self) -> None:
        """Take over the signals, before the terminal is changed."""
        if self.way_out is not None:
            self.way_out.open(asyncio.get_running_loop(), lambda code: self.exit(return_code=code))

    def exit(
        self, result: T | None = None, return_code: int = 0, message: RenderableType | None = None
    ) -> None:
        """End the app; from now on its end is timed."""
        self._is_ending = True
        super().exit(result, return_code, message)
        if self.way_out is not None:
            self.way_out.began(return_code)

    def panic(self, *renderables: RenderableType) -> None:  # noqa: ARG002 - what they show may hold leads
        """End the app by an error; nothing of it is shown."""
        self._break(InputFailed("the keys could not be read"))

    def _fatal_error(self) -> None:
        """End the app by an error; nothing of it is shown."""
        self._break(RuntimeError("an error without a trace"))

    def _break(self, otherwise: Exception) -> None:
        if self.broken is None:
            self.broken = sys.exception() or otherwise
        if self.way_out is not None:
            self.way_out.began(1)
        self._close_messages_no_wait()


def run_to_end(app: OrderlyApp[T]) -> int:
    """Run an app until the terminal is whole again and return the exit code; raises what broke the app."""
    with WayOut() as way_out:
        app.way_out = way_out
        app.run()
    if way_out.code == HUNG_UP:
        forget_terminal()
    if way_out.code is not None:
        return way_out.code
    if app.broken is not None:
        raise app.broken
    return app.return_code or 0
