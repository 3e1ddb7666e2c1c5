"""The screen of one lead in full: a line cursor, and the keys that decide. Owns no line of what it says."""

from __future__ import annotations

from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from screens.actions import LEAD, first_key
from screens.bindings import bindings
from screens.cells import Line
from screens.day import Day
from screens.deciding.screen import DecidingScreen
from screens.inbox.arrangement import SMALLEST
from screens.lead.brief import title_line
from screens.lead.page import BETWEEN, Row, lead_page
from screens.paging import PagedScreen
from screens.replies.reading import Reading
from triage.domain.inbox import Entry
from triage.domain.lead import LeadId

GONE = "That lead is no longer here."
MARGIN = 2
"""Cells before each line, for the line cursor."""


class LeadScreen(PagedScreen, DecidingScreen, inherit_bindings=False):
    """A lead in full. The keys that decide work here too; then the next lead comes."""

    CONTEXT = LEAD
    BINDINGS: ClassVar = bindings(LEAD)

    def __init__(self, day: Day, *, only: LeadId | None = None) -> None:
        """`only`: the rep came for this lead, and goes back as soon as it is decided."""
        super().__init__(day, day.inks.plain)
        self._only = only
        self._stood = _standing(day.tray.entry) if only is not None else None
        self._line = 0
        self._reading = Reading(self)
        self._of: LeadId | None = None
        self._left: list[LeadId] = []
        """The leads that the rep went on from, to others of their account."""
        self._visited: LeadId | None = None
        self._stood_there: str | None = None
        """The one that they went on to, and what was decided about it then."""
        self._page: list[Row] = []
        self._column = 0
        """Cells of the column that the line cursor is in."""
        self._unlit: list[Strip] = []
        """The page without the line cursor: moving it makes one line only."""

    @property
    def length(self) -> int:
        """The lines there are."""
        return len(self._page)

    @property
    def page(self) -> int:
        """A screenful, less two lines."""
        return self.pane.extent.height - 2

    def show(self) -> None:
        """Draw the lead under the inbox's cursor; with none left, go back."""
        entry = self._back_from_decided(self.day.tray.entry)
        if entry is None or self._is_done_with(entry):
            self._left.clear()
            self.app.call_later(self.action_quit)
            return
        if entry.lead_id != self._of:
            self._of, self._line = entry.lead_id, 0
            self.pane.turn()  # another lead may differ in its name alone, which stands in the title
        self.day.saw(entry.lead_id)
        self._reading.front(entry.answers.unread if entry.answers is not None else (), entry.lead_id)
        width = max(self.pane.extent.width, SMALLEST[0])  # in a smaller window nothing of it is shown
        glance = self.day.glance(entry, width, self.day.clock())
        self._page, self._column = lead_page(glance.narrowed(width - MARGIN - 1), self._dispute_key)
        self._unlit = self.pane.drawn([self._margined(row) for row in self._page])
        self.title_bar.say(title_line(glance, with_badges=False))
        self._draw()
        super().show()

    def _is_done_with(self, entry: Entry) -> bool:
        """Whether the lead that the rep came for has been decided."""
        if self._only is None or self._left:
            return False
        return entry.lead_id != self._only or _standing(entry) != self._stood

    async def painted(self) -> bool:
        """Wait until the lead that is shown was painted."""
        return not self.is_too_small and await self.pane.painted(self.day.pressed_at)

    def targets(self) -> tuple[LeadId, ...]:
        """Return the lead that is shown, whatever is marked in the list."""
        cursor = self.day.tray.cursor
        return (cursor,) if cursor is not None else ()

    def move(self, by: int) -> None:
        """Move the line cursor."""
        self._line = max(0, min(self._line + by, len(self._page) - 1))
        self._draw()

    def action_page_down(self) -> None:
        """Turn a page down: what is below comes up at once, the line cursor with it."""
        self._turn(self.page)

    def action_page_up(self) -> None:
        """Turn a page up."""
        self._turn(-self.page)

    def pointed(self, column: int, line: int, *, twice: bool) -> None:  # noqa: ARG002 - a line is one thing
        """Move to the line that was clicked; a second click is Enter."""
        self.move(self.pane.top + line - self._line)
        if twice:
            self.open_in_turn(self.action_dispute)

    def _turn(self, by: int) -> None:
        last = max(len(self._page) - self.pane.extent.height, 0)
        top = max(0, min(self.pane.top + by, last))
        if top == self.pane.top:
            self.move(by)  # there is no more to come up: the cursor goes to the end
            return
        self._line = max(0, min(self._line + top - self.pane.top, len(self._page) - 1))
        self._draw(top)

    def _draw(self, top: int | None = None) -> None:
        room = self.pane.extent.height
        top = max(0, min(self.pane.top if top is None else top, self._line - 1))
        top = max(top, self._line - room + 2)
        top = max(0, min(top, len(self._page) - room))
        strips = list(self._unlit)
        if self._line < len(strips):
            strips[self._line : self._line + 1] = self.pane.drawn([self._lit(self._page[self._line])])
        self.pane.put_strips(strips, top)

    def _margined(self, row: Row) -> Line:
        return self._with_second(Line(" " * MARGIN, self.day.inks.plain.text).join(row.line), row)

    def _lit(self, row: Row) -> Line:
        """Return a line under the cursor, lit as wide as its column."""
        ink = self.day.inks.plain
        line = Line("▌".ljust(MARGIN), ink.accent).join(row.line).to(MARGIN + self._column, ink.text)
        under, lit = self.day.inks.cursor.text, Line()
        ground = Style(bgcolor=under.bgcolor, reverse=under.reverse, dim=False if under.reverse else None)
        lit.segments = [Segment(text, (style or ink.text) + ground) for text, style, _ in line.segments]
        lit.width = line.width
        return self._with_second(lit, row)

    def _with_second(self, line: Line, row: Row) -> Line:
        if row.beside is None:
            return line
        return line.to(MARGIN + self._column + BETWEEN, self.day.inks.plain.text).join(row.beside)

    async def action_dispute(self) -> None:
        """Dispute the contribution under the cursor."""
        row = self._page[self._line] if self._line < len(self._page) else Row(Line())
        if row.opens:
            self._go_on_to(LeadId(row.opens))
        elif row.label:
            await self._run(self.day.telling.dispute(row.label))
        else:
            self.say(f"Move to a line of the score: {self._dispute_key} disputes it.")

    def action_quit(self) -> None:
        """Go back: to the lead that the rep came from, else from this screen."""
        if self._left and self.is_current and self.day.tray.visit(self._left.pop()):
            self._arrive()
        else:
            super().action_quit()

    def _go_on_to(self, lead_id: LeadId) -> None:
        """Show another lead of the account; one step back comes back to this one."""
        here = self.day.tray.cursor
        if here is None or not self.day.tray.visit(lead_id):
            self.say(GONE, bad=True)
            return
        self._left.append(here)
        self._arrive()

    def _arrive(self) -> None:
        self._visited, self._stood_there = self.day.tray.cursor, _standing(self.day.tray.entry)
        self.show()

    def _back_from_decided(self, entry: Entry | None) -> Entry | None:
        """Return the entry to show: once the lead gone on to is decided, the one that the rep came from."""
        tray = self.day.tray
        is_there = entry is not None and entry.lead_id == self._visited
        if not self._left or is_there or self._visited is None:
            return entry
        decided = _standing(tray.inbox.entries.get(self._visited)) != self._stood_there
        if decided and tray.visit(self._left.pop()):
            self._visited, self._stood_there = tray.cursor, _standing(tray.entry)
        else:
            self._left.clear()
        return tray.entry

    @property
    def _dispute_key(self) -> str:
        return first_key("dispute", self.day.keymap)


def _standing(entry: Entry | None) -> str | None:
    """Return the id of the decision that stands on a lead."""
    return entry.decision.id if entry is not None and entry.decision is not None else None
