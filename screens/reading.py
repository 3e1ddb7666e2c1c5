"""A screen that is read: the newest first, a few lines each, and the lead of the one under the cursor."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

from msgspec import Struct
from textual.timer import Timer

from screens.cells import Line
from screens.day import Day
from screens.paging import PagedScreen
from triage.domain.lead import LeadId

MARGIN = 2
"""Cells before each line, for the cursor."""
READS_EVERY = 0.5
"""Seconds at least between two looks at the disk while news come."""


class Block(Struct, frozen=True):
    """One thing to read: its lines, and those that stand over it, where a new part of the list begins."""

    lines: tuple[Line, ...]
    over: tuple[Line, ...] = ()

    @property
    def height(self) -> int:
        """All its lines."""
        return len(self.over) + len(self.lines)


class ReadingScreen(PagedScreen, inherit_bindings=False):
    """Blocks under a cursor; only those in sight are drawn. Subclasses read them."""

    def __init__(self, day: Day) -> None:
        super().__init__(day, day.inks.raised)
        self._blocks: Sequence[Block] = ()
        self._ends: list[int] = []
        self._index = 0
        self._top = 0
        self._came_from = day.tray.cursor
        self._reads_later: Timer | None = None

    def heading(self) -> Line:
        """Return what stands over the list."""
        raise NotImplementedError

    def nothing(self) -> str:
        """Return the sentence for an empty list."""
        raise NotImplementedError

    def blocks(self, width: int) -> Sequence[Block]:
        """Return all there is to read, in so many cells."""
        raise NotImplementedError

    def leads_at(self, index: int) -> tuple[LeadId, ...]:
        """Return the leads that a block is about."""
        raise NotImplementedError

    async def reload(self) -> None:
        """Read the list afresh, and draw it."""
        raise NotImplementedError

    @property
    def length(self) -> int:
        """The blocks there are."""
        return len(self._blocks)

    @property
    def index(self) -> int:
        """Which block is under the cursor."""
        return self._index

    @property
    def page(self) -> int:
        """The blocks that fit, about."""
        return self.pane.extent.height * max(self.length, 1) // max(self._ends[-1] if self._ends else 1, 1)

    def on_screen_resume(self) -> None:
        """Show what became of it while the rep was at a lead."""
        super().on_screen_resume()
        self.app.call_later(self.reload)

    async def take_news(self) -> None:
        """Follow what was delivered, once for many."""
        if self._reads_later is None:
            self._reads_later = self.set_timer(READS_EVERY, self._read_news)

    async def _read_news(self) -> None:
        self._reads_later = None
        await self.reload()

    def show(self) -> None:
        """Draw everything."""
        self._blocks = self.blocks(self.pane.extent.width - MARGIN - 1)
        self._ends = list(accumulate(block.height for block in self._blocks))
        self._index = max(0, min(self._index, self.length - 1))
        self.title_bar.say(self.heading())
        self._draw()
        super().show()

    def move(self, by: int) -> None:
        """Move the cursor by so many blocks."""
        self._index = max(0, min(self._index + by, self.length - 1))
        self._draw()

    def targets(self) -> tuple[LeadId, ...]:
        """Return the leads of the block under the cursor."""
        return self.leads_at(self._index) if self._blocks else ()

    async def action_undo(self) -> None:
        """Undo the last act, whatever stands under the cursor."""
        await self.day.asking.run(self.day.acts.undo())
        await self.reload()
        self.desktop.look_again()

    async def action_sync(self) -> None:
        """Send everything now, and fetch."""
        await self.desktop.sync_now()

    async def action_help(self) -> None:
        """Show the keys of this screen."""
        await self.desktop.show_help(self.CONTEXT)

    async def action_palette(self) -> None:
        """Open the command palette."""
        await self.desktop.show_palette(self.CONTEXT)

    def action_quit(self) -> None:
        """Go back, to the lead that the rep came from."""
        if self.is_current and self._came_from is not None:
            self.day.tray.go_to(self._came_from)
        super().action_quit()

    def _draw(self) -> None:
        ink = self.day.inks.plain
        if not self._blocks:
            self.pane.put([Line(), Line(f"   {self.nothing()}", ink.strong)])
            return
        room, end = self.pane.extent.height, self._ends[self._index]
        start = end - self._blocks[self._index].height
        self._top = max(0, min(self._top, start, self._ends[-1] - room), end - room)
        lines: list[Line] = []
        first = bisect_right(self._ends, self._top)
        skipped = self._top - (self._ends[first - 1] if first else 0)
        for index in range(first, self.length):
            if len(lines) >= room + skipped:
                break
            lines += self._margined(index)
        self.pane.put(lines[skipped : skipped + room])

    def _margined(self, index: int) -> list[Line]:
        ink, block = self.day.inks.plain, self._blocks[index]
        sign = "▌ " if index == self._index else "  "
        over = [Line("  ", ink.text).join(line) for line in block.over]
        return [*over, *(Line(sign, ink.accent).join(line) for line in block.lines)]
