"""A widget that tells its screen what the mouse did on it. Does nothing by itself."""

from __future__ import annotations

from textual import events
from textual.message import Message

from screens.widgets.drawn import Drawn

WHEELED = 3
"""Lines that one notch of the wheel moves by."""


class Touched(Drawn):
    """Lines that can be clicked, and over which the wheel can be turned."""

    class Pointed(Message):
        """A cell was clicked, counted from the upper left one; `twice` asks to open."""

        def __init__(self, column: int, line: int, *, twice: bool) -> None:
            super().__init__()
            self.column = column
            self.line = line
            self.twice = twice

    class Wheeled(Message):
        """The wheel was turned, by so many lines."""

        def __init__(self, lines: int) -> None:
            super().__init__()
            self.lines = lines

    def on_click(self, event: events.Click) -> None:
        """Tell where it was clicked."""
        event.stop()
        self.post_message(self.Pointed(event.x, event.y, twice=event.chain > 1))

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Tell that the wheel was turned."""
        event.stop()
        self.post_message(self.Wheeled(WHEELED))

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Tell that the wheel was turned back."""
        event.stop()
        self.post_message(self.Wheeled(-WHEELED))
