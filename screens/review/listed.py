"""The shape of both review screens: a list under a cursor, beneath it what there is to know, then the digits.

Only the lines in sight are made: with thousands of items a key takes no longer.
"""

from __future__ import annotations

from typing import ClassVar

from screens.actions import REVIEW
from screens.cells import Line, say, width_of
from screens.day import Day
from screens.foot import marketer_line
from screens.ink import Ink
from screens.paging import PagedScreen
from screens.review.answering import Answering
from screens.review.board import Board
from screens.review.kinds import KINDS, choice_lines, digit_at
from screens.review.rows import title
from screens.words import ago
from triage.domain.lead import LeadId
from triage.domain.reviewing import Matter

NOT_YOURS = "This is a rep's profile: it is marketing that answers."
_MARGIN = 2
_LEAST_LIST = 3


class ListedScreen(PagedScreen, inherit_bindings=False):
    """A list of groups or of items; subclasses say what stands on a line and beneath."""

    CONTEXT = REVIEW
    BENEATH: ClassVar[tuple[int, int]] = (6, 100)
    """Tenths of the pane, and lines at most, for what there is to know of the line under the cursor."""

    def __init__(self, day: Day, board: Board) -> None:
        super().__init__(day, day.inks.raised)
        self.board = board
        self._index = 0
        self._top = 0
        self._is_whole = False
        self._turned = 0
        self.reading: int | None = None
        """How many items have come so far, while everything is read; None: it is not."""

    def row(self, index: int, width: int, ink: Ink) -> Line:
        """Return a line of the list."""
        raise NotImplementedError

    def beneath(self, index: int, width: int, ink: Ink) -> list[Line]:
        """Return all there is to know of the line under the cursor."""
        raise NotImplementedError

    def nothing(self) -> list[str]:
        """Say why the list is empty."""
        raise NotImplementedError

    def rule(self, width: int, ink: Ink) -> Line:
        """Return the line between the list and what is beneath it."""
        return Line("─" * width, ink.faint)

    def meant(self) -> tuple[Matter, ...]:
        """Return what an answer goes to."""
        raise NotImplementedError

    @property
    def page(self) -> int:
        """The lines of the list in sight."""
        return max(self.pane.extent.height - self._beneath_height, 1)

    @property
    def _beneath_height(self) -> int:
        height = self.pane.extent.height
        share, most = self.BENEATH
        return min(max(height * share // 10, 8), most, max(height - _LEAST_LIST, 1))

    @property
    def is_marketing(self) -> bool:
        """Whether whoever looks may answer."""
        return bool(self.day.session.rep.role == "marketing")

    def targets(self) -> tuple[LeadId, ...]:
        """Return no lead: none of them is on this list to be decided."""
        return ()

    def show(self) -> None:
        """Draw everything."""
        self._index = max(0, min(self._index, self.length - 1))
        self.title_bar.say(title(self.board, self.reading, self.app.size.width, self.day.inks.raised))
        self.draw()
        super().show()

    def changed(self) -> None:
        """Draw what the board holds now."""
        if self.is_current:
            self.show()

    def move(self, by: int) -> None:
        """Move the cursor by so many lines; in what is shown whole, turn its lines."""
        if self._is_whole:
            self._turned = max(0, self._turned + by)
        else:
            self._index = max(0, min(self._index + by, self.length - 1))
        self.draw()

    def turn_whole(self) -> None:
        """Show all of what is under the cursor, or the list again."""
        self._is_whole, self._turned = not self._is_whole and self.length > 0, 0
        self.draw()

    def draw(self) -> None:
        """Draw the lines in sight."""
        ink = self.day.inks.plain
        if not self.length:
            self._is_whole = False
            self.pane.put(
                [Line(), *(Line("   ", ink.text).add(say(one, 500), ink.strong) for one in self.nothing())]
            )
            return
        self.pane.put(self._whole(ink) if self._is_whole else self._listed(ink))

    def _listed(self, ink: Ink) -> list[Line]:
        width, room = self.pane.extent.width, self.page
        self._top = max(0, min(self._top, self._index), self._index - room + 1)
        self._top = max(0, min(self._top, self.length - room))
        lines = [
            self._margined(index, width) for index in range(self._top, min(self._top + room, self.length))
        ]
        lines += [Line()] * (room - len(lines))
        below = self._beneath_height
        choices = choice_lines(width, ink) if self.is_marketing else []
        told = self.beneath(self._index, width, ink)
        room = max(below - 1 - len(choices), 0)
        lines.append(self.rule(width, ink))
        lines += told[:room]
        lines += [Line()] * (room - len(told[:room]))
        return lines + choices

    def _margined(self, index: int, width: int) -> Line:
        here = index == self._index
        ink = self.day.inks.cursor if here else self.day.inks.plain
        line = Line("▌ " if here else "  ", ink.accent).join(self.row(index, width - _MARGIN, ink))
        return line.to(width, ink.text)

    def _whole(self, ink: Ink) -> list[Line]:
        width, height = self.pane.extent
        told = self.beneath(self._index, width, ink)
        choices = choice_lines(width, ink) if self.is_marketing else []
        room = max(height - 2 - len(choices), 1)
        self._turned = max(0, min(self._turned, len(told) - room))
        shown = told[self._turned : self._turned + room]
        rest = len(told) - self._turned - len(shown)
        more = f" … {rest} more lines: PgDn" if rest else ""
        pad = [Line()] * (room - len(shown))
        return [self._margined(self._index, width), *shown, *pad, Line(more, ink.dim), *choices]

    def show_status(self) -> None:
        """Draw whose review it is, how old what is shown is, and that it is read only to a rep."""
        day, ink = self.day, self.day.inks.raised
        session, read = day.session, self.board.read
        who = session.rep.name or session.rep.user_id or session.profile
        age = f"read {ago(read.at, day.clock())}" if read is not None else "not read yet"
        width = self.app.size.width
        if self.is_marketing:
            self.status.say(marketer_line(who, session.profile, width, ink, age))
            return
        line = Line(" ", ink.text).add(f"{say(who, 60)}: your own items, read only", ink.warn)
        right = f"{age} · {say(session.profile, 16)} "
        self.status.say(line.to(width - width_of(right), ink.dim).add(right, ink.dim))

    def pointed(self, column: int, line: int, *, twice: bool) -> None:
        """Move to the line that was clicked; a click on an answer is its digit, a second one opens."""
        if self.is_marketing and (digit := digit_at(self.pane.said(line), column)):
            self.press(digit)
        elif not self._is_whole and line < self.page and self._top + line < self.length:
            self.move(self._top + line - self._index)
            if twice:
                self.press("enter")

    async def action_choose(self, key: str) -> None:
        """Answer what is under the cursor."""
        if key not in KINDS:
            self.refuse(f"{key} chooses nothing here.")
            return
        if not self.is_marketing:
            self.refuse(NOT_YOURS)
        elif not await self.pane.painted(self.day.pressed_at) or not (meant := self.meant()):
            self.refuse("There is nothing to answer here.")
        else:
            await self.day.asking.run(self._answering.flow(meant, *KINDS[key]))

    @property
    def _answering(self) -> Answering:
        return Answering(self.day, self.board, self.app)

    async def action_help(self) -> None:
        """Show the keys of this screen."""
        await self.desktop.show_help(self.CONTEXT)

    async def action_palette(self) -> None:
        """Open the command palette."""
        await self.desktop.show_palette(self.CONTEXT)

    async def action_read_again(self) -> None:
        """Read everything again."""
        await self.desktop.sync_now()

    async def action_rules(self) -> None:
        """Show what both teams agreed on, and what is proposed."""
        await self.desktop.show_rules()

    async def action_insights(self) -> None:
        """Show the insights."""
        await self.desktop.show_insights()

    def action_quit(self) -> None:
        """Go one step back: from all of one to the list, from the list to where it was opened."""
        if self._is_whole:
            self.turn_whole()
        else:
            super().action_quit()
