"""A screen that is one question: a field in the foot, and over it the lines that what is typed leaves.

Help and palette are made of it. Writes nothing, and leaves every act to the screen below.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.geometry import Size

from screens.actions import TEXT, first_key
from screens.asking.draft import Draft
from screens.asking.questions import AS_SHIPPED, LEFT, Given, Press, Question, Reply
from screens.asking.ways_out import says
from screens.cells import Line, crop, width_of
from screens.day import Day
from screens.inbox.arrangement import BARS
from screens.ink import Ink
from screens.room import TriageScreen
from screens.widgets.line_pane import LinePane

_LEAST_FIELD = 12


class Field:
    """One line of text that narrows a list; the arrows go through the list."""

    context: ClassVar[str] = TEXT
    keymap: Mapping[str, str] = AS_SHIPPED

    def __init__(self, title: str, invitation: str, hint: str, *, takes: bool = False) -> None:
        """`hint` says what the arrows do; `takes`: the key that keeps takes the line reached."""
        self.title = title
        self.invitation = invitation
        """What may be typed: shown while nothing is."""
        self._hint = hint
        self._takes = takes
        self.draft = Draft()
        self.index = 0
        """The line of the list that the arrows have reached."""
        self.last = 0
        """The last one that they can reach; the screen says it whenever the list or the window changed."""
        self.page = 1

    @property
    def here(self) -> int:
        """The line reached, in the list as it is now."""
        return min(self.index, self.last)

    @property
    def hint(self) -> str:
        """What the keys do, in the rep's own."""
        takes = f" · {first_key('keep', self.keymap)}" if self._takes else ""
        return f"{self._hint}{takes} · {says('leave_text', 'leaves', self.keymap)}"

    def move(self, by: int) -> None:
        """Go so many lines up or down the list."""
        self.index = max(0, min(self.here + by, self.last))

    def press(self, press: Press) -> Reply:
        """Type, move, take, or leave."""
        by = {"up": -1, "down": 1, "pageup": -self.page, "pagedown": self.page}.get(press.key)
        if by is not None:
            self.move(by)
            return None
        if press.action == "leave_text" or (press.key == "backspace" and not self.draft.text):
            return LEFT
        if press.action == "keep":
            return self.taken()
        changed = Draft() if press.action == "clear" else self.draft.press(press.key, press.character)
        if changed is not None:
            self._change(changed)
        return None

    def taken(self) -> Reply:
        """Return what Enter answers: the line reached."""
        return Given(self.here)

    def paste(self, text: str) -> None:
        """Narrow by a pasted text."""
        self._change(self.draft.insert(text))

    def _change(self, draft: Draft) -> None:
        if draft.text != self.draft.text:
            self.index = 0
        self.draft = draft

    def lines(self, size: Size, ink: Ink) -> list[Line]:
        """Return the field on one line; the hint gives way to what is typed."""
        width = size.width
        line = Line(f" {self.title}  ", ink.accent)
        hint = self.hint
        hint = hint if width - line.width - width_of(hint) - 2 >= _LEAST_FIELD else ""
        room = width - line.width - width_of(hint) - 2
        line.join(self.draft.line(room, ink))
        if not self.draft.text:
            line.add(crop(self.invitation, room - 1), ink.dim)
        return [line.to(width - width_of(hint) - 1, ink.text).add(hint, ink.dim)]


class FieldScreen(TriageScreen, inherit_bindings=False):
    """Lines over a field; subclasses say which lines, and what an answer does."""

    def __init__(self, day: Day, field: Field, name: str) -> None:
        super().__init__(day)
        self.field = field
        self.pane = LinePane(day.inks.plain, id=name)

    def body(self) -> Sequence[Line]:
        """Return the lines that what is typed leaves; called whenever it or the window changed."""
        raise NotImplementedError

    def top(self) -> int:
        """Return the first line that is shown."""
        raise NotImplementedError

    def compose(self) -> ComposeResult:
        """Yield the pane and the bars."""
        yield self.pane
        yield from self.compose_bars()

    def lay_out(self) -> None:
        """Give the pane all there is."""
        super().lay_out()
        width, height = self.app.size
        self.pane.fit(width, max(height - BARS + 1, 1))
        self.draw()

    def show_question(self, question: Question | None) -> None:
        """Draw the field in the foot and what it leaves in the pane."""
        if question is self.field:
            self.draw()

    def draw(self) -> None:
        """Draw pane and foot."""
        self.field.page = max(self.pane.extent.height - 1, 1)
        lines = self.body()
        self.pane.put(lines, self.top())
        self.show_foot()

    def show_foot(self) -> None:
        """Draw the field as long as it is asked: no message covers it."""
        if self.day.asking.question is self.field:
            self.foot.say(self.field.lines(self.app.size, self.day.inks.raised)[0])

    def recolour(self) -> None:
        """Draw everything in the day's new colours."""
        super().recolour()
        self.draw()

    def move(self, by: int) -> None:
        """Go through the lines, as the wheel does."""
        self.field.move(by)
        self.draw()

    def wheeled(self, lines: int) -> None:
        """Go through the lines."""
        self.move(lines)

    async def flow(self) -> None:
        """Be asked until the rep leaves, and go with the answer."""
        answer = await self.day.ask(self.field)
        if self.is_current:
            self.app.pop_screen()
        self.answered(answer)

    def answered(self, answer: Any) -> None:
        """Take what the rep chose, None if nothing; this screen is gone by then."""
