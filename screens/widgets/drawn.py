"""The base of our widgets: ready strips go to the screen as they are, with all that was cached on them.

The toolkit would wrap each strip anew on every repaint (borders, padding, tint), and so lose the rendered
text that a strip remembers. None of ours has a border or padding.
"""

from __future__ import annotations

from typing import Self

from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget


class Drawn(Widget):
    """A widget that knows its lines."""

    ALLOW_SELECT = False

    def refresh(
        self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False
    ) -> Self:
        """Ask for a repaint, and tell the screen at once.

        The toolkit tells it only when the widget's own queue has been idle: with several widgets the screen
        would paint the first of them and leave the others to a second frame.
        """
        super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)
        self._check_refresh()  # private in textual 8.2.8: a test counts the frames of a key
        return self

    def render_lines(self, crop: Region) -> list[Strip]:
        """Return the lines of a region, as the toolkit asks for them."""
        strips = [self.render_line(y) for y in crop.line_range]
        for line_filter in self.get_line_filters():
            background = self.background_colors[1]
            strips = [strip.apply_filter(line_filter, background) for strip in strips]
        start, end = crop.column_span
        if (start, end) == (0, self.size.width):
            return strips
        return [strip.crop(start, end) for strip in strips]
