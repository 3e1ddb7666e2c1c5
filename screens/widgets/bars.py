"""The one-line bars: views over the list, headings, keys or a message below it, and the status."""

from __future__ import annotations

from collections.abc import Callable

from textual import events
from textual.strip import Strip

from screens.cells import Line
from screens.ink import Ink
from screens.widgets.drawn import Drawn

Zone = tuple[int, int, Callable[[], object]]
"""First column, column after the last, what a click there does."""


class Bar(Drawn):
    """One line, repainted only when it says something else. `zones` are its clickable stretches."""

    DEFAULT_CSS = "Bar { height: 1; }"

    def __init__(self, ink: Ink, *, id: str | None = None) -> None:  # noqa: A002 - the toolkit's own name
        super().__init__(id=id)
        self.ink = ink
        self._width = 1
        self._strip: Strip | None = None
        self._zones: list[Zone] = []

    def fit(self, width: int) -> None:
        """Take a width in cells."""
        if width != self._width:
            self._width = width
            self._strip = None
            self.styles.width = width

    def redraw(self, ink: Ink) -> None:
        """Forget what was painted: the theme changed."""
        self.ink, self._strip = ink, None
        self.refresh()

    def say(self, line: Line, zones: list[Zone] | None = None) -> None:
        """Show a line; a click between two columns calls what stands there."""
        self._zones = zones or []
        strip = line.strip(self._width, self.ink.text)
        if strip != self._strip:
            self._strip = strip
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """Return the line, as the toolkit asks for it."""
        strip = self._strip if y == 0 else None
        return strip or Strip.blank(self._width, self.ink.text)

    def on_click(self, event: events.Click) -> None:
        """Do what the clicked stretch says; a double click is one: its second would meet the next lead."""
        if event.chain > 1:
            return
        for start, end, call in self._zones:
            if start <= event.x < end:
                call()
                event.stop()
                return
