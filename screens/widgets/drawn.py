"""The base of our widgets: ready strips go to the screen as they are, with all that was cached on them.

The toolkit would wrap each strip anew on every repaint (borders, padding, tint), and so lose the rendered
text that a strip remembers. None of ours has a border or padding.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Self

from textual.dom import NoScreen
from textual.filter import ANSIToTruecolor, LineFilter
from textual.geometry import Region
from textual.strip import Strip

from screens.sight import Sight
from screens.widgets.at_once import Lined, PaintingScreen


class Drawn(Lined):
    """A widget that knows its lines."""

    ALLOW_SELECT = False

    def refresh(
        self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False
    ) -> Self:
        """Ask for a repaint, and tell the screen at once.

        The toolkit tells it only when the widget's own queue has been idle: with several widgets the screen
        would paint the first of them and leave the others to a second frame.
        """
        screen = self._screen_to_paint()
        if screen is not None and repaint and not (layout or recompose):
            self._repaint_regions.update(regions or [self.size.region])
            screen.expect(self)
            return self
        super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)
        self._check_refresh()  # private in textual 8.2.8: a test counts the frames of a key
        return self

    def refresh_rows(self, rows: Iterable[int]) -> None:
        """Ask for a repaint of some lines, given in their order; lines that touch are asked for together."""
        runs: list[list[int]] = []
        for y in rows:
            if runs and runs[-1][1] == y:
                runs[-1][1] += 1
            else:
                runs.append([y, y + 1])
        if runs:
            self.refresh(*(Region(0, start, self.size.width, end - start) for start, end in runs))

    async def stood(self, sight: Sight, pressed_at: float) -> bool:
        """Wait until a key of that moment may act on what a sight is of; False where it is not shown in time.

        What was painted has not been seen as long as the terminal has not taken it.
        """
        output: Sight | None = getattr(self.app, "output", None)
        return await sight.stood(pressed_at) and (output is None or await output.stood(pressed_at))

    def _screen_to_paint(self) -> PaintingScreen | None:
        """Return the screen it is painted on, if that paints at once."""
        if not (self.is_attached and self.display):
            return None
        try:
            screen = self.screen
        except NoScreen:
            return None
        return screen if isinstance(screen, PaintingScreen) and screen.is_mounted else None

    def take_lines(self) -> list[tuple[int, Strip]]:
        """Return the lines that wait for a repaint, as wide as the widget."""
        width, whole = self.size.width, self.size.region
        lines: dict[int, Strip] = {}
        for waiting in self._exchange_repaint_regions():
            region = Region(0, waiting.y, width, waiting.height).intersection(whole)
            lines.update(zip(region.line_range, self.render_lines(region), strict=True))
        return [
            (y, strip if strip.cell_length == width else strip.crop_extend(0, width, None))
            for y, strip in lines.items()
        ]

    def render_lines(self, crop: Region) -> list[Strip]:
        """Return the lines of a region, as the toolkit asks for them."""
        strips = self._filtered([self.render_line(y) for y in crop.line_range])
        start, end = crop.column_span
        if (start, end) == (0, self.size.width):
            return strips
        return [strip.crop(start, end) for strip in strips]

    def _filtered(self, strips: list[Strip]) -> list[Strip]:
        """Return strips as the terminal may show them: without colour where that is asked for."""
        filters = _in_force(self.get_line_filters())
        if not filters:
            return strips
        background = self.background_colors[1]
        for line_filter in filters:
            strips = [strip.apply_filter(line_filter, background) for strip in strips]
        return strips


def _in_force(filters: Sequence[LineFilter]) -> list[LineFilter]:
    """Return the filters that change anything: our inks are full colours already."""
    return [one for one in filters if not isinstance(one, ANSIToTruecolor)]
