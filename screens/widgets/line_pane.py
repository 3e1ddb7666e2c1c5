"""A pane of ready lines: repaints only lines that differ, scrolls, and can carry a choice over its lower end.

Owns no content. Draws by the Line API alone: no markup, layout or message stands between a key and its paint.
"""

from __future__ import annotations

from collections.abc import Sequence

from textual.geometry import Size
from textual.strip import Strip

from screens.cells import Line
from screens.ink import Ink
from screens.sight import Sight
from screens.widgets.touched import Touched


class LinePane(Touched):
    """Shows lines from `top` on; `lay` covers the last of them as long as it is there."""

    def __init__(self, ink: Ink, *, id: str | None = None) -> None:  # noqa: A002 - the toolkit's own name
        super().__init__(id=id)
        self.ink = ink
        self.top = 0
        self.extent = Size(1, 1)
        """Cells and lines, as the screen arranged them."""
        self._lines: list[Strip] = []
        self._choice: list[Strip] = []
        self._painted: list[Strip | None] = []
        self._sight = Sight()

    def fit(self, width: int, height: int) -> None:
        """Take a size in cells and lines; what is shown has to be put again."""
        if self.extent != (width, height):
            self.extent = Size(width, height)
            self.styles.width, self.styles.height = width, height
            self._lines, self._choice, self._painted = [], [], []

    @property
    def length(self) -> int:
        """The lines there are."""
        return len(self._lines)

    def put(self, lines: Sequence[Line], top: int = 0) -> None:
        """Show lines, from the `top`th on."""
        self.put_strips(self.drawn(lines), top)

    def drawn(self, lines: Sequence[Line]) -> list[Strip]:
        """Return lines as strips of the pane's width; a line that comes twice is made once."""
        width, ground = self.extent.width, self.ink.text
        made: dict[int, Strip] = {}
        for line in lines:
            if id(line) not in made:
                made[id(line)] = line.strip(width, ground)
        return [made[id(line)] for line in lines]

    def put_strips(self, strips: list[Strip], top: int = 0) -> None:
        """Show strips of the pane's width."""
        self._lines = strips
        self.top = max(0, min(top, len(strips) - 1))
        self._repaint()

    def lay(self, lines: Sequence[Line], ink: Ink) -> None:
        """Lay lines over the lower end; none takes them away."""
        if not lines and not self._choice:
            return
        width = self.extent.width
        self._choice = [line.strip(width, ink.text) for line in lines][-max(self.extent.height, 1) :]
        self._repaint()

    async def painted(self, pressed_at: float) -> bool:
        """Wait until the lines can have been seen when a key was pressed; False if they are not painted."""
        return await self.stood(self._sight, pressed_at)

    def said(self, y: int) -> str:
        """Return what a line in sight says."""
        strip = self._painted[y] if y < len(self._painted) else None
        return strip.text if strip is not None else ""

    def turn(self) -> None:
        """Wait for a paint of what is put next, though its lines may be those that stand here already."""
        self._painted = []

    def redraw(self, ink: Ink) -> None:
        """Forget what was painted: size or theme changed."""
        self.ink = ink
        self._painted = []
        self.refresh()

    def _shown(self) -> list[Strip | None]:
        height = self.extent.height
        body: list[Strip | None] = list(self._lines[self.top : self.top + height])
        body += [None] * (height - len(body))
        if self._choice:
            body[height - len(self._choice) :] = self._choice[-height:] if height else []
        return body

    def _repaint(self) -> None:
        """Ask for a repaint of the lines that are not what they were."""
        shown = self._shown()
        before = self._painted
        if len(before) != len(shown):
            self._painted = shown
            self._sight.hide()
            self.refresh()
            return
        changed = [y for y, strip in enumerate(shown) if not _same(strip, before[y])]
        self._painted = shown
        if changed:
            self._sight.hide()
            self.refresh_rows(changed)

    def render_line(self, y: int) -> Strip:
        """Return one line, as the toolkit asks for it."""
        painted = self._painted
        self._sight.show()
        strip = painted[y] if y < len(painted) else None
        return strip or Strip.blank(self.extent.width, self.ink.text)


def _same(one: Strip | None, other: Strip | None) -> bool:
    """Whether two lines look the same: the same segments in the same styles."""
    if one is other:
        return True
    if one is None or other is None:
        return False
    return one == other
