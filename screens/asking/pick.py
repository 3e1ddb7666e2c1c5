"""Picking one of many by typing: a question as a value, like the others. Owns no list of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from textual.geometry import Size

from screens.actions import TEXT, first_key
from screens.asking.draft import Draft
from screens.asking.questions import AS_SHIPPED, LEFT, Given, Option, Press, Reply, head
from screens.asking.ways_out import says
from screens.cells import Line, crop, fit, width_of
from screens.ink import Ink

DIGITS = "1234567890"
"""The keys of the first ten lines."""
Find = Callable[[str], Sequence[Option]]
"""Returns what a typed text leaves, the best first; an empty text leaves what is likely."""


class Pick:
    """Pick one: typing narrows, a digit or Enter takes, the arrows move.

    A digit that goes on with what was typed, so that something is still left, is typed and takes nothing.
    """

    context: ClassVar[str] = TEXT
    keymap: Mapping[str, str] = AS_SHIPPED

    def __init__(
        self, title: str, find: Find, *, nothing: str, otherwise: Callable[[str], Any] | None = None
    ) -> None:
        """`nothing` is said where nothing is left; `otherwise` then makes an answer of the text, or None."""
        self.title = title
        self.draft = Draft()
        self.index = 0
        self.found = tuple(find(""))
        self._find = find
        self._nothing = nothing
        self._otherwise = otherwise

    def press(self, press: Press) -> Reply:
        """Take a line, move, or narrow."""
        if press.action == "leave_text" or (press.key == "backspace" and not self.draft.text):
            return LEFT
        if press.action == "keep":
            return self._taken(self.index)
        if press.key in ("up", "down"):
            self.index = (self.index + (1 if press.key == "down" else -1)) % max(len(self.found), 1)
            return None
        if press.key in DIGITS and self._is_a_choice(press.key):
            return self._taken(DIGITS.index(press.key))
        self._change(Draft() if press.action == "clear" else self.draft.press(press.key, press.character))
        return None

    def paste(self, text: str) -> None:
        """Narrow by a pasted text."""
        self._change(self.draft.insert(text))

    def _is_a_choice(self, digit: str) -> bool:
        if DIGITS.index(digit) >= len(self.found):
            return False
        return not self.draft.text or not self._find(self.draft.insert(digit).text)

    def _taken(self, index: int) -> Reply:
        if index < len(self.found):
            return Given(self.found[index].value)
        answer = self._otherwise(self.draft.text.strip()) if self._otherwise else None
        return None if answer is None else Given(answer)

    def _change(self, draft: Draft | None) -> None:
        if draft is None:
            return
        if draft.text != self.draft.text:
            self.found, self.index = tuple(self._find(draft.text)), 0
        self.draft = draft

    def lines(self, size: Size, ink: Ink) -> list[Line]:
        """Return title, field, and the options around the one that Enter takes."""
        width, height = size
        takes, leaves = says("keep", "takes", self.keymap), first_key("leave_text", self.keymap)
        lines = [head(self.title, f"type to find · digit or {takes} · {leaves}", width, ink)]
        lines.append(Line(" › ", ink.accent).join(self.draft.line(width - 4, ink)))
        room = max(height - len(lines), 1)
        start = max(0, min(self.index - room // 2, len(self.found) - room))
        shown = range(start, min(start + room, len(self.found)))
        label = max((width_of(self.found[index].label) for index in shown), default=0) + 1
        lines += [self._line(index, min(label, width // 2), width, ink) for index in shown]
        if not self.found:
            lines.append(Line("  ", ink.dim).add(crop(self._nothing, width - 3), ink.dim))
        return lines

    def _line(self, index: int, label: int, width: int, ink: Ink) -> Line:
        option, here = self.found[index], index == self.index
        line = Line("▌" if here else " ", ink.accent)
        line.add(f"{DIGITS[index]} " if index < len(DIGITS) else "  ", ink.accent)
        line.add(fit(option.label, label), ink.strong if here else ink.text)
        return line.add(" ", ink.text).add(crop(option.detail, width - line.width - 2), ink.dim)


def narrowing(options: Sequence[Option]) -> Find:
    """Return a search among options: those that hold every typed word, in the order given."""
    told = [(f"{option.label} {option.detail}".casefold(), option) for option in options]

    def find(text: str) -> Sequence[Option]:
        words = text.casefold().split()
        return [option for told_as, option in told if all(word in told_as for word in words)]

    return find
