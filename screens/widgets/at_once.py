"""Painting at once: where only our own lines changed, they go out in the handler that changed them.

The toolkit paints in a tick of its own, a turn of the event loop later, and composes the whole screen for it.
Whatever is not this simple (a layout, something laid over, another screen in front) is left to that tick.
The seams used here are private in textual 8.2.8: tests count the frames of a key and read them as a terminal.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.console import Console, ConsoleOptions, RenderResult
from rich.segment import Segment
from textual._compositor import CompositorUpdate
from textual.containers import Container
from textual.geometry import Region
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget

_Places = Mapping[Widget, tuple[Region, Region]]
"""Where each widget stands, and what of it can be seen."""


class Lined(Widget):
    """A widget whose lines are ready when they are asked for."""

    def take_lines(self) -> list[tuple[int, Strip]]:
        """Return the lines that wait for a repaint, by their number, and let them wait no longer."""
        raise NotImplementedError


class ReadyLines(CompositorUpdate):
    """Lines with their places on the screen: column, row, strip."""

    def __init__(self, lines: Sequence[tuple[int, int, Strip]]) -> None:
        self.lines = lines

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the lines one under the other, for whoever prints them."""
        for _x, _y, strip in self.lines:
            yield from strip
            yield Segment.line()

    def render_segments(self, console: Console) -> str:
        """Return what the terminal is sent."""
        return "".join(f"\x1b[{y + 1};{x + 1}H{strip.render(console)}" for x, y, strip in self.lines)


class PaintingScreen(Screen[None], inherit_bindings=False):
    """A screen that can paint without waiting."""

    _places: _Places | None = None
    _is_bare = False
    """Whether nothing but our own widgets is seen, at those places."""

    def expect(self, widget: Lined) -> None:
        """Note that lines of a widget wait."""
        if not self._dirty_widgets:
            self.check_idle()
        self._dirty_widgets.add(widget)

    def paint(self) -> None:
        """Paint what waits, if that is lines of ours and nothing else."""
        dirty = self._dirty_widgets
        if not dirty or not self._is_calm or not all(isinstance(widget, Lined) for widget in dirty):
            return
        places = self._compositor.visible_widgets
        if not self._is_uncovered(places):
            return
        lines = [
            (region.x, region.y + y, strip)
            for widget, (region, _clip) in places.items()
            if widget in dirty and isinstance(widget, Lined)
            for y, strip in widget.take_lines()
            if y < region.height
        ]
        dirty.clear()
        if lines:
            lines.sort(key=lambda line: (line[1], line[0]))
            self.app._display(self, ReadyLines(lines))  # noqa: SLF001 - see above

    @property
    def _is_calm(self) -> bool:
        """Whether this screen is in front and nothing has to be placed anew."""
        return self.is_current and not (
            self._layout_required
            or self._scroll_required
            or self._repaint_required
            or self._recompose_required
        )

    def _is_uncovered(self, places: _Places) -> bool:
        """Whether our widgets are seen whole, with nothing over them; looked at once for each layout."""
        if places is not self._places:
            self._places = places
            self._is_bare = all(
                isinstance(widget, Container | Screen)
                or (isinstance(widget, Lined) and clip.contains_region(region))
                for widget, (region, clip) in places.items()
            )
        return self._is_bare
