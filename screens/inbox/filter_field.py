"""The filter as it is typed: the list follows each letter, Tab completes, what is wrong is shown in place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, Protocol

from rich.style import Style
from textual.geometry import Size

from screens.actions import TEXT
from screens.asking.draft import Draft
from screens.asking.questions import AS_SHIPPED, LEFT, Given, Press, Reply
from screens.asking.ways_out import says
from screens.cells import Line, crop, say, width_of
from screens.ink import Ink
from triage.domain.completing import Candidate, begun
from triage.domain.query import BadFilter, Query

_LEAD_IN = " / "
_COMPLETES = {"complete": 1, "complete_back": -1}


class Filtered(Protocol):
    """A list that can be filtered."""

    @property
    def length(self) -> int:
        """The lines that are shown."""

    def filter(self, text: str) -> None:
        """Show what a filter leaves; BadFilter if it cannot be read."""

    def read(self, text: str) -> Query:
        """Read a filter that is typed to its end; BadFilter if it cannot be read."""

    def complete(self, text: str, caret: int) -> tuple[Candidate, ...]:
        """Return how it may go on at the caret."""

    def move(self, rows: int) -> None:
        """Move the cursor."""


class FilterField:
    """The filter as it is typed: the list follows each letter."""

    context: ClassVar[str] = TEXT
    keymap: Mapping[str, str] = AS_SHIPPED

    def __init__(self, screen: Filtered, text: str) -> None:
        self.draft = Draft.of(text)
        self._screen = screen
        self._wrong: BadFilter | None = None
        self._candidates: tuple[Candidate, ...] = ()
        self._chosen = -1
        """The candidate that Tab has put in."""

    def press(self, press: Press) -> Reply:
        """Enter keeps the filter, Esc clears it, Tab goes on to the next completion."""
        if press.action == "keep":
            return self._keep()
        if press.action == "leave_text" or (press.key == "backspace" and not self.draft.text):
            self._change(Draft())
            return LEFT
        if press.action in _COMPLETES:
            self._complete(_COMPLETES[press.action])
        elif press.action == "clear":
            self._change(Draft())
        elif press.key in ("up", "down"):
            self._screen.move(1 if press.key == "down" else -1)
        elif (changed := self.draft.press(press.key, press.character)) is not None:
            self._change(changed)
        return None

    def paste(self, text: str) -> None:
        """Filter by a pasted text."""
        self._change(self.draft.insert(text))

    def _keep(self) -> Reply:
        try:
            self._screen.read(self.draft.text)
        except BadFilter as error:
            self._wrong = error
            return None
        return Given(self.draft.text)

    def _complete(self, by: int) -> None:
        if not self._candidates:
            self._candidates = self._screen.complete(self.draft.text, self.draft.caret)
            self._chosen = -1 if by > 0 else 0
        if not self._candidates:
            return
        candidates, self._chosen = self._candidates, (self._chosen + by) % len(self._candidates)
        chosen = candidates[self._chosen]
        self._change(Draft(chosen.text, chosen.caret))
        # A single candidate is taken: Tab then goes on from what it has made.
        self._candidates = candidates if len(candidates) > 1 else ()

    def _change(self, draft: Draft) -> None:
        moved_only = draft.text == self.draft.text
        self.draft, self._candidates = draft, ()
        if moved_only:
            return
        try:
            self._screen.filter(draft.text)
            self._wrong = None
        except BadFilter as error:
            self._wrong = error

    def lines(self, size: Size, ink: Ink) -> list[Line]:
        """Return the field with what it leaves, and a line under it where there is something to say."""
        width = size.width
        keeps, clears = says("keep", "keeps", self.keymap), says("leave_text", "clears", self.keymap)
        tail = f"{self._screen.length} shown · {keeps} · {clears}"
        field = max(width - width_of(tail) - 5, min(width_of(self.draft.text) + 2, width - 5))
        line = Line(_LEAD_IN, ink.accent).join(self._field(field, ink)).to(field + 4, ink.text)
        line.add(crop(tail, max(width - line.width, 0)), ink.dim)
        told = self._told(width, ink)
        return [line, told] if told is not None else [line]

    def _field(self, width: int, ink: Ink) -> Line:
        """Return text and caret in `width` cells, what cannot be read underlined."""
        if self._wrong is None:
            return self.draft.line(width, ink)
        text, caret = self.draft.text + " ", self.draft.caret
        first = 0
        while width_of(text[first:caret]) > width - 2:
            first += max((caret - first) // 4, 1)
        bad = range(self._wrong.position, self._wrong.end)
        line = Line()
        for at in range(first, len(text)):
            if line.width + width_of(text[at]) > width:
                break
            style = ink.bad + Style(underline=True) if at in bad else ink.text
            line.add(text[at], style + Style(reverse=True) if at == caret else style)
        return line

    def _told(self, width: int, ink: Ink) -> Line | None:
        """Return what is wrong, the completions, or what the field means that is being typed."""
        wrong = self._wrong
        if wrong is not None:
            words = f" ✗ column {wrong.position + 1}: {say(wrong.message)} {say(wrong.hint)}"
            return Line(crop(words, width), ink.bad)
        if self._candidates:
            turns = says("complete", "next", self.keymap)
            return _offered(self._candidates, self._chosen, turns, width, ink)
        at_caret = begun(self.draft.text, self.draft.caret)
        if at_caret is None or at_caret.field is None:
            return None
        field = at_caret.field
        completes = says("complete", "completes", self.keymap)
        return Line(crop(f" {field.name}: {field.meaning} {field.example} · {completes}", width), ink.dim)


def _offered(candidates: Sequence[Candidate], chosen: int, turns: str, width: int, ink: Ink) -> Line:
    """Return the completions with what each leaves, the chosen one in sight and in brackets."""
    words = [_words(one) for one in candidates]
    tail = f" {turns} "
    room = width - width_of(tail) - 2
    first = 0
    while sum(width_of(one) + 2 for one in words[first : chosen + 1]) > room and first < chosen:
        first += 1
    line = Line("‹" if first else " ", ink.dim)
    for index in range(first, len(words)):
        word = crop(words[index], room)
        if line.width + width_of(word) + 2 > room and index > first:
            line.add("›", ink.dim)
            break
        line.add(f"[{word}]" if index == chosen else f" {word} ", ink.accent if index == chosen else ink.text)
    return line.to(width - width_of(tail), ink.dim).add(tail, ink.dim)


def _words(candidate: Candidate) -> str:
    count = "" if candidate.count is None else f" {candidate.count:,}"
    return f"{say(candidate.label)}{count}"
