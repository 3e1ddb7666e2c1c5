"""The list of leads: only rows on the screen are drawn, and only those that differ are drawn again.

Says which lead it has painted under the cursor: an act waits for that, so that it never meets a lead unseen.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import ClassVar

from textual import events
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip

from screens.cells import Line
from screens.inbox.table import row
from screens.inbox.tray import Tray
from screens.ink import Inks
from screens.sight import Sight
from screens.widgets.drawn import Drawn
from triage.domain.inbox import Entry
from triage.domain.lead import LeadId

_Row = tuple[Entry | None, bool, bool]
"""What a line shows: whose row, under the cursor, marked."""
_AGES_CHANGE = timedelta(minutes=1)
KEPT_ROWS = 400
"""Strips kept ready, of some four kilobytes each; more are made again when they come into sight."""
PREPARED_AT_ONCE = 12
"""Rows made ready in one pause between keys: less than a millisecond of work."""


class LeadList(Drawn):
    """One row a lead, marked or not; the cursor stays on a lead, not on a line."""

    MARGIN: ClassVar[int] = 1
    """Rows kept in sight beyond the cursor."""

    class Pointed(Message):
        """A row was clicked; `twice` asks to open it."""

        def __init__(self, index: int, *, twice: bool) -> None:
            super().__init__()
            self.index = index
            self.twice = twice

    class Wheeled(Message):
        """The wheel was turned by so many rows."""

        def __init__(self, rows: int) -> None:
            super().__init__()
            self.rows = rows

    def __init__(self, tray: Tray, inks: Inks, *, id: str | None = None) -> None:  # noqa: A002 - the toolkit's own name
        super().__init__(id=id)
        self._tray = tray
        self._inks = inks
        self.extent = Size(1, 1)
        """Cells and rows, as the screen arranged them."""
        self._now: datetime | None = None
        self._top = 0
        self._rows: list[_Row] = []
        self._empty: list[Strip] = []
        self._strips: dict[tuple[LeadId, bool, bool], tuple[Entry, Strip]] = {}
        self._seen: LeadId | None = None
        """Whose row was painted under the cursor last."""
        self._seen_entry: Entry | None = None
        self._sight = Sight()

    def fit(self, width: int, height: int) -> None:
        """Take a size in cells and rows."""
        if self.extent != (width, height):
            self.extent = Size(width, height)
            self.styles.width, self.styles.height = width, height
            self._strips.clear()
            self._rows = []

    @property
    def room(self) -> int:
        """The rows that can be seen."""
        return self.extent.height

    def show(self, now: datetime, empty: Sequence[Line] = ()) -> None:
        """Show the tray as it is, scrolled to the cursor; `empty` is what it says when it holds nothing."""
        empty = () if self._tray.shown else tuple(empty)
        strips = [line.strip(self.extent.width, self._inks.plain.text) for line in empty]
        if strips != self._empty:
            self._empty, self._rows = strips, []
        if self._now is None or now.minute != self._now.minute or now - self._now > _AGES_CHANGE:
            self._strips.clear()
            self._rows = []
        self._now = now
        self._scroll()
        rows = self._visible()
        if not any(entry is self._seen_entry for entry, under_cursor, _marked in rows if under_cursor):
            self._seen_entry = None
            self._sight.hide()
        before, self._rows = self._rows, rows
        if len(before) != len(rows):
            self.refresh()
            return
        self.refresh_rows(
            y for y, (new, old) in enumerate(zip(rows, before, strict=True)) if not _same(new, old)
        )

    def redraw(self, inks: Inks) -> None:
        """Forget every strip: size or theme changed."""
        self._inks = inks
        self._strips.clear()
        self._rows = []
        self.refresh()

    async def painted(self, pressed_at: float) -> bool:
        """Wait until a key pressed then may act on the lead under the cursor; False if it is not painted."""
        if self._tray.cursor is None:
            return True
        stood = await self.stood(self._sight, pressed_at)
        return stood and self._seen == self._tray.cursor

    def render_line(self, y: int) -> Strip:
        """Return one row, as the toolkit asks for it."""
        if y >= len(self._rows) or self._now is None:
            return Strip.blank(self.extent.width, self._inks.plain.text)
        entry, under_cursor, marked = self._rows[y]
        if entry is None:
            return (
                self._empty[y]
                if y < len(self._empty)
                else Strip.blank(self.extent.width, self._inks.plain.text)
            )
        if under_cursor:
            self._seen, self._seen_entry = entry.lead_id, entry
            self._sight.show()
        return self._strip(entry, self._now, under_cursor=under_cursor, marked=marked)

    def prepare(self) -> bool:
        """Make some rows beyond the edges ready, so that a page finds them; says whether more are missing."""
        if self._now is None:
            return False
        tray, room = self._tray, self.room
        entries, marks = tray.inbox.entries, tray.inbox.marks
        below = tray.shown[self._top + room : self._top + 2 * room]
        above = tray.shown[max(self._top - room, 0) : self._top]
        missing = [
            one for one in (*below, *above) if not self._is_kept(entries.get(one), marked=one in marks)
        ]
        for lead_id in missing[:PREPARED_AT_ONCE]:
            self._strip(entries[lead_id], self._now, under_cursor=False, marked=lead_id in marks)
        return len(missing) > PREPARED_AT_ONCE

    def _is_kept(self, entry: Entry | None, *, marked: bool) -> bool:
        """Whether a row is ready; one that has no entry needs none."""
        if entry is None:
            return True
        kept = self._strips.get((entry.lead_id, False, marked))
        return kept is not None and kept[0] is entry

    def _strip(self, entry: Entry, now: datetime, *, under_cursor: bool, marked: bool) -> Strip:
        """Return a row that is kept, or make it; the oldest of too many is forgotten."""
        key = (entry.lead_id, under_cursor, marked)
        kept = self._strips.get(key)
        if kept is not None and kept[0] is entry:
            return kept[1]
        strip = self._draw(entry, now, under_cursor=under_cursor, marked=marked)
        self._strips.pop(key, None)
        while len(self._strips) >= KEPT_ROWS:
            del self._strips[next(iter(self._strips))]
        self._strips[key] = (entry, strip)
        return strip

    def on_click(self, event: events.Click) -> None:
        """Tell which row was meant."""
        if event.y < len(self._rows) and self._rows[event.y][0] is not None:
            self.post_message(self.Pointed(self._top + event.y, twice=event.chain > 1))

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Tell that the wheel was turned."""
        event.stop()
        self.post_message(self.Wheeled(3))

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Tell that the wheel was turned back."""
        event.stop()
        self.post_message(self.Wheeled(-3))

    def _draw(self, entry: Entry, now: datetime, *, under_cursor: bool, marked: bool) -> Strip:
        ink = self._inks.cursor if under_cursor else self._inks.plain
        width = self.extent.width
        return row(entry, now, width, ink, under_cursor=under_cursor, marked=marked).strip(width, ink.text)

    def _scroll(self) -> None:
        """Bring the cursor into sight, with a margin, moving as little as possible."""
        room, index, length = self.room, self._tray.index, len(self._tray.shown)
        margin = min(self.MARGIN, max(room - 1, 0) // 2)
        highest, lowest = index - room + 1 + margin, index - margin
        self._top = max(highest, min(self._top, lowest))
        self._top = max(0, min(self._top, length - room))

    def _visible(self) -> list[_Row]:
        tray, top = self._tray, self._top
        entries, marks, index = tray.inbox.entries, tray.inbox.marks, tray.index
        ids = tray.shown[top : top + self.room]
        rows: list[_Row] = [
            (entries.get(one), here == index, one in marks) for here, one in enumerate(ids, top)
        ]
        return rows + [(None, False, False)] * (self.room - len(rows))


def _same(one: _Row, other: _Row) -> bool:
    """Whether two rows look the same. By identity: comparing whole leads would cost more than a repaint."""
    return one[0] is other[0] and one[1] == other[1] and one[2] == other[2]
