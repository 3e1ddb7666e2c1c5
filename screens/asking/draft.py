"""A line of text being typed, as a value: every change returns a new one. Knows no widget."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from msgspec import Struct
from msgspec.structs import replace
from rich.style import Style

from screens.cells import Line, crop, width_of
from screens.ink import Ink
from triage.text import clean

LONGEST = 2000
"""Characters kept of one answer."""


class Draft(Struct, frozen=True):
    """Text and caret, the caret counted in characters from 0."""

    text: str = ""
    caret: int = 0
    is_chosen: bool = False
    """Whether the whole text gives way to what is typed next; a key that moves or deletes lets it stay."""

    @classmethod
    def of(cls, text: str, *, is_chosen: bool = False) -> Draft:
        """Start with a text, the caret at its end."""
        return cls(text, len(text), is_chosen and bool(text))

    def press(self, key: str, character: str | None) -> Draft | None:
        """Return what a key makes of it, or None if it is no key of a text field."""
        edit = _EDITS.get(key)
        if edit is not None:
            return edit(self)
        if character is not None and character.isprintable() and len(key.split("+", maxsplit=1)[0]) > 0:
            return self.insert(character)
        return None

    def insert(self, text: str) -> Draft:
        """Put text at the caret: what was pasted becomes one line without control characters."""
        if self.is_chosen:
            return Draft().insert(text)
        kept = str(clean(" ".join(text.split("\n")), limit=LONGEST))[: max(LONGEST - len(self.text), 0)]
        return Draft(self.text[: self.caret] + kept + self.text[self.caret :], self.caret + len(kept))

    def at(self, caret: int) -> Draft:
        """Move the caret."""
        return replace(self, caret=max(0, min(caret, len(self.text))), is_chosen=False)

    def without(self, start: int, end: int) -> Draft:
        """Cut out the characters from start to end."""
        start = max(start, 0)
        return Draft(self.text[:start] + self.text[end:], start)

    @property
    def word_start(self) -> int:
        """Where the word before the caret begins."""
        head = self.text[: self.caret].rstrip()
        return head.rfind(" ") + 1

    def line(self, width: int, ink: Ink) -> Line:
        """Return it in `width` cells, scrolled so that the caret is seen."""
        before, after = self.text[: self.caret], self.text[self.caret :]
        marked = ink.text + Style(reverse=True)
        while before and width_of(before) > width - 2:
            before = before[max(len(before) // 4, 1) :]
        under, rest = (after[:1] or " "), after[1:]
        line = Line(before, marked if self.is_chosen else ink.text).add(under, marked)
        return line.add(crop(rest, width - line.width), ink.text)


_EDITS: Mapping[str, Callable[[Draft], Draft]] = {
    "left": lambda draft: draft.at(draft.caret - 1),
    "right": lambda draft: draft.at(draft.caret + 1),
    "home": lambda draft: draft.at(0),
    "end": lambda draft: draft.at(len(draft.text)),
    "ctrl+a": lambda draft: draft.at(0),
    "backspace": lambda draft: draft.without(draft.caret - 1, draft.caret) if draft.caret else draft,
    "delete": lambda draft: draft.without(draft.caret, draft.caret + 1),
    "ctrl+w": lambda draft: draft.without(draft.word_start, draft.caret),
    "ctrl+u": lambda _draft: Draft(),
}
