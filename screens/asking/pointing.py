"""What the mouse does: on an open question it presses the key that stands under it, elsewhere it moves.

Never acts by itself: a click becomes a key that waits its turn among the others, so that what guards a key
guards a click as well.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from inspect import isawaitable

from textual import events

from screens.actions import BY_ID
from screens.asking.pick import Pick
from screens.asking.questions import Choose, Question
from screens.asking.ways_out import clickable
from screens.cells import Line, width_of
from screens.day import Day
from screens.inbox.filter_field import FilterField
from screens.widgets.at_once import PaintingScreen
from screens.widgets.line_pane import LinePane
from screens.widgets.touched import Touched

CURSOR = "▌"
_BETWEEN = "   "
"""What parts the ways out on a line of the queue."""
_FIELD_LINE = 1
"""The line of a pick on which its text is typed."""


class PointedScreen(PaintingScreen, inherit_bindings=False):
    """A screen that can be used with the mouse."""

    day: Day
    pane: LinePane

    def move(self, by: int) -> None:
        """Move the cursor by so many; a screen without one stays as it is."""

    def pointed(self, column: int, line: int, *, twice: bool) -> None:
        """Take a click on the pane, in the cells that are seen; a screen with lines to choose moves there."""

    def on_touched_pointed(self, message: Touched.Pointed) -> None:
        """Take a click."""
        self.clicked(message.column, message.line, twice=message.twice)

    def on_touched_wheeled(self, message: Touched.Wheeled) -> None:
        """Take a turn of the wheel."""
        self.wheeled(message.lines)

    def clicked(self, column: int, line: int, *, twice: bool) -> None:
        """Press the key of the open question that stands there, or hand the click on."""
        question = self.day.asking.question
        if question is None:
            self.in_turn(lambda: self.pointed(column, line, twice=twice))
            return
        height = self.pane.extent.height
        lines = question.lines(self.pane.extent, self.day.inks.raised)[-max(height, 1) :]
        key = key_at(question, lines, line - (height - len(lines)), column, self.day.keymap)
        if key:
            self.press(key)

    def wheeled(self, lines: int) -> None:
        """Move by the wheel; in a question that has a list the arrows do that."""
        question = self.day.asking.question
        if question is None:
            self.in_turn(lambda: self.move(lines))
        elif isinstance(question, FilterField | Pick):
            for _line in range(abs(lines)):
                self.press("down" if lines > 0 else "up")

    def press(self, key: str) -> None:
        """Press a key in the rep's place."""
        self.app.post_message(events.Key(key, key if len(key) == 1 else None))

    def in_turn(self, call: Callable[[], object]) -> None:
        """Do something in the app's own order, after the keys that came before it.

        Not while something is asked that is about what the rep sees now; a filter follows the list anyway.
        """
        self.app.call_later(self._unless_asked, call)

    async def _unless_asked(self, call: Callable[[], object]) -> None:
        question = self.day.asking.question
        if question is None or isinstance(question, FilterField):
            done = call()
            if isawaitable(done):
                await done

    def open_in_turn(self, call: Callable[[], object]) -> None:
        """Open what was clicked twice; a filter that is being typed is kept first."""
        if isinstance(self.day.asking.question, FilterField):
            self.press(key_of("keep", self.day.keymap))
        self.in_turn(call)


def key_at(
    question: Question, lines: Sequence[Line], row: int, column: int, keymap: Mapping[str, str]
) -> str:
    """Return the key that stands at a place among a question's lines; empty: none.

    Found in what is drawn, so that a question may arrange its lines as it likes. A pick moves there first.
    """
    if not 0 <= row < len(lines):
        return ""
    if isinstance(question, Choose) and (key := _option_at(question, lines[row], column)):
        return key
    if isinstance(question, Pick) and _picked(question, lines, row):
        return key_of("keep", keymap)
    return _said_at(question.context, lines[row], column, keymap)


def _option_at(question: Choose, line: Line, column: int) -> str:
    """Return the key of the option whose sign stands at the column or next before it."""
    signs = {f"{option.sign or option.key} ": option.key for option in question.options}
    at, key = 0, ""
    for text, _style, _control in line.segments:
        if at > column:
            break
        key = signs.get(text, key)
        at += width_of(text)
    return key


def _picked(question: Pick, lines: Sequence[Line], row: int) -> bool:
    """Put a pick's cursor on a line; False if that is none of its options."""
    rows = [at for at, line in enumerate(lines) if line.text.startswith(CURSOR)]
    index = question.index + row - rows[0] if rows else -1
    if not 0 <= index < len(question.found) or row <= _FIELD_LINE:
        return False
    question.index = index
    return True


def _said_at(context: str, line: Line, column: int, keymap: Mapping[str, str]) -> str:
    text = line.text
    for words, action in clickable(context, keymap):
        at = text.find(words)
        if at >= 0 and 0 <= column - width_of(text[:at]) < width_of(words):
            return key_of(action, keymap)
    return ""


def key_of(action: str, keymap: Mapping[str, str]) -> str:
    """Return the first key of an action, by the toolkit's name."""
    return keymap.get(action, BY_ID[action].default_keys).split(",")[0]


def digit_at(text: str, choices: str, column: int) -> str:
    """Return the digit of the choice at a column of a line that holds "1 retry   3 drop"; empty: none."""
    start = text.find(choices) if choices else -1
    if start < 0:
        return ""
    at = width_of(text[:start])
    for choice in choices.split(_BETWEEN):
        if at <= column < at + width_of(choice):
            return choice[0]
        at += width_of(choice + _BETWEEN)
    return ""
