"""What the queue's screen shows at a size: list and details under, beside or instead of each other.

Draws only the lines that are in sight. Pure; knows no widget.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from msgspec import Struct
from textual.geometry import Size

from screens.cells import Line, crop, fit, wrap
from screens.inbox.arrangement import SIDE_BY_SIDE
from screens.ink import Ink, Inks
from screens.queue.conflict import INDENT
from screens.queue.items import Group, QueueList
from screens.queue.lines import Told, details, what
from screens.queue.report import Fact, facts, here
from screens.queue.rows import item_row, rule
from triage.domain.item import Item

_LABEL = 14
_MARGIN = 2
_NARROW = 72
"""Cells below which details do not stand under the name, but under the sign."""


class Page(Struct, frozen=True):
    """The queue at a size and a moment."""

    queue: QueueList
    tell: Callable[[Item], Told]
    now: datetime
    size: Size
    inks: Inks
    is_whole: bool = False
    """Whether all that is known of the item under the cursor is shown."""
    top: int = 0
    """The first line of the list in sight, as it was drawn last."""
    turned: int = 0
    """The lines by which long details were turned on."""

    def lines(self) -> tuple[list[Line], int]:
        """Return the lines in sight, and the first line of the list among them."""
        if self.size.width >= SIDE_BY_SIDE:
            return self._beside()
        return self._whole() if self.is_whole else self._under()

    @property
    def room(self) -> int:
        """The items that can be seen at once."""
        return max(self.size.height - (0 if self.size.width >= SIDE_BY_SIDE else len(self._details())), 1)

    def _under(self) -> tuple[list[Line], int]:
        """Return the list, opened under the cursor."""
        queue, height = self.queue, self.size.height
        below = self._details()
        first, last = queue.line_of(queue.index), queue.line_of(queue.index) + len(below)
        top = self._scrolled(first, last, queue.lines + len(below))
        lines = []
        for line in range(top, min(top + height, queue.lines + len(below))):
            if first < line <= last:
                lines.append(below[line - first - 1])
            else:
                lines.append(self._row(line if line <= first else line - len(below), self.size.width))
        return lines, top

    def _beside(self) -> tuple[list[Line], int]:
        """Return the list, and beside it the item under the cursor."""
        width, height = self.size
        queue, left = self.queue, list_width(width)
        here_line = queue.line_of(queue.index)
        top = self._scrolled(here_line, here_line, queue.lines)
        panel = self._panel(width - left - _MARGIN)[self.turned :]
        lines = []
        for y in range(height):
            inside = top + y < queue.lines
            line = self._row(top + y, left) if inside else Line().to(left, self.inks.plain.text)
            line.add("│ ", self.inks.plain.faint)
            lines.append(line.join(panel[y]) if y < len(panel) else line)
        return lines, top

    def _whole(self) -> tuple[list[Line], int]:
        """Return the item under the cursor alone, with all that is known of it."""
        head = self._row(self.queue.line_of(self.queue.index), self.size.width)
        return [head, *self._whole_lines()[self.turned :]][: self.size.height], self.top

    def longest_turn(self) -> int:
        """Return by how many lines the details can be turned on before their last line is the first."""
        if self.queue.item is None:
            return 0
        width = self.size.width
        beside = width >= SIDE_BY_SIDE
        known = self._panel(width - list_width(width) - _MARGIN) if beside else self._whole_lines()
        return max(len(known) - self.size.height + (0 if beside else 1), 0)

    def _whole_lines(self) -> list[Line]:
        margin, facts = self.inks.plain.text, self._facts(self.size.width - _MARGIN)
        return [*self._details(), Line(), *(Line(" " * _MARGIN, margin).join(line) for line in facts)]

    def _panel(self, width: int) -> list[Line]:
        """Return the item under the cursor, for a place beside the list."""
        item, ink = self.queue.item, self.inks.plain
        if item is None:
            return []
        told = self.tell(item)
        lines = [
            Line(crop(f"{told.name}: {what(item)}", width - 1), ink.strong),
            *details(told, self.now, width, ink, indent=0),
        ]
        return [*lines, Line(), *self._facts(width)] if self.is_whole else lines

    def _details(self) -> list[Line]:
        item = self.queue.item
        if item is None:
            return []
        indent = _MARGIN if self.size.width < _NARROW else INDENT
        return details(self.tell(item), self.now, self.size.width, self.inks.plain, indent)

    def _facts(self, width: int) -> list[Line]:
        item, ink = self.queue.item, self.inks.plain
        known = facts(item, here) if item is not None else []
        return [line for fact in known for line in _fact_lines(fact, width, ink)]

    def item_at(self, y: int) -> int | None:
        """Return the index of the item at a line in sight, or of the one that lies open there."""
        queue, line = self.queue, self.top + y
        if self.size.width < SIDE_BY_SIDE:
            first = queue.line_of(queue.index)
            line = (
                first if self.is_whole else line if line <= first else max(line - len(self._details()), first)
            )
        found = queue.on_line(line) if line < queue.lines else None
        return found if isinstance(found, int) else None

    def _row(self, line: int, width: int) -> Line:
        found = self.queue.on_line(line)
        if isinstance(found, Group):
            return rule(found, self.queue.group_count(found), width, self.inks.plain)
        is_here = found == self.queue.index
        ink = self.inks.cursor if is_here else self.inks.plain
        return item_row(self.tell(self.queue.items[found]), self.now, width, ink, under_cursor=is_here)

    def _scrolled(self, first: int, last: int, length: int) -> int:
        """Return the top line that has the cursor's lines in sight, moving as little as possible."""
        top = min(first, max(self.top, last + 1 - self.size.height))
        return max(0, min(top, length - self.size.height))


def list_width(width: int) -> int:
    """Return the cells of the list where the details stand beside it."""
    return width - min(max(width * 44 // 100, 62), 84)


def _fact_lines(fact: Fact, width: int, ink: Ink) -> list[Line]:
    label, value = fact
    pieces = wrap(value, max(width - _LABEL - 1, 8))
    first = Line(fit(label, _LABEL), ink.dim).add(pieces[0], ink.text)
    return [first, *(Line(" " * _LABEL, ink.dim).add(piece, ink.text) for piece in pieces[1:])]
