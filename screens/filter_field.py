"""The filter as it is typed: the list follows each letter, and what cannot be read is said in place."""

from __future__ import annotations

from typing import ClassVar, Protocol

from textual.geometry import Size

from screens.actions import TEXT
from screens.cells import Line, crop, width_of
from screens.draft import Draft
from screens.ink import Ink
from screens.questions import LEFT, Given, Press, Reply
from triage.domain.query import BadFilter


class Filtered(Protocol):
    """A list that can be filtered."""

    @property
    def length(self) -> int:
        """The lines that are shown."""

    def filter(self, text: str) -> None:
        """Show what a filter leaves; BadFilter if it cannot be read."""

    def move(self, rows: int) -> None:
        """Move the cursor."""


class FilterField:
    """The filter as it is typed: the list follows each letter."""

    context: ClassVar[str] = TEXT

    def __init__(self, screen: Filtered, text: str) -> None:
        self.draft = Draft.of(text)
        self._screen = screen
        self._wrong = ""

    def press(self, press: Press) -> Reply:
        """Enter keeps the filter, Esc clears it."""
        if press.action == "keep":
            return Given(self.draft.text) if not self._wrong else None
        if press.action == "leave_text" or (press.key == "backspace" and not self.draft.text):
            self._change(Draft())
            return LEFT
        if press.action == "clear":
            self._change(Draft())
        elif press.key in ("up", "down"):
            self._screen.move(1 if press.key == "down" else -1)
        elif (changed := self.draft.press(press.key, press.character)) is not None:
            self._change(changed)
        return None

    def paste(self, text: str) -> None:
        """Filter by a pasted text."""
        self._change(self.draft.insert(text))

    def _change(self, draft: Draft) -> None:
        moved_only = draft.text == self.draft.text
        self.draft = draft
        if moved_only:
            return
        try:
            self._screen.filter(draft.text)
            self._wrong = ""
        except BadFilter as error:
            self._wrong = f"at {error.position + 1}: {error.message} {error.hint}"

    def lines(self, size: Size, ink: Ink) -> list[Line]:
        """Return the field on one line, with what it leaves or what is wrong with it."""
        width = size.width
        right = self._wrong or f"{self._screen.length} shown · Enter keeps · Esc clears"
        field = max(min(width_of(self.draft.text) + 2, width // 2), width - width_of(right) - 6)
        line = Line(" / ", ink.accent).join(self.draft.line(field, ink)).to(field + 4, ink.text)
        return [line.add(crop(right, width - line.width), ink.bad if self._wrong else ink.dim)]
