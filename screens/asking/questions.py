"""What the app may ask at the bottom of a screen, as values that take keys and draw themselves as lines.

They know no widget and write nothing: an answer is handed to whoever asked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, Protocol

from msgspec import Struct
from textual.geometry import Size

from screens.actions import CHOICE, TEXT, default_keys
from screens.asking.draft import LONGEST, Draft
from screens.asking.ways_out import says
from screens.cells import Line, crop, width_of
from screens.ink import Ink

AS_SHIPPED: Mapping[str, str] = default_keys()
"""The keys of a question that nobody asks: what is asked has the rep's own."""
_TWO_COLUMNS = 74
"""Cells from which choices stand in two columns."""
_GAP = 2
_PART = " · "
FULL = f"That is all a text can hold: what is beyond {LONGEST:,} characters is left out."
_LEAST_DETAIL = 5
"""Cells of which a longer detail says something; a sign is said in one."""
_LEAST_LABEL = 12
"""Cells that a label keeps, whatever stands behind it."""


class Press(Struct, frozen=True):
    """A key, and the action it means while the question is open (empty: none)."""

    key: str
    character: str | None = None
    action: str = ""
    writes: bool = False
    """Whether the key would write at once on the screen behind the question."""
    at: float = 0.0
    """When it was pressed, in the seconds of `time.monotonic`."""


class Given(Struct, frozen=True):
    """An answer; None as its value: the rep left without one."""

    value: Any


class Passed:
    """The key is none of the question's: it closes, and the key does what it does elsewhere."""


PASSED = Passed()
LEFT = Given(None)
Reply = Given | Passed | None
"""None: still open, draw it again."""


class Question(Protocol):
    """Something to answer at the bottom of the screen."""

    context: ClassVar[str]
    keymap: Mapping[str, str]
    """Action id → keys, as the rep has them: whoever asks gives them to the question."""

    def press(self, press: Press) -> Reply:
        """Take a key."""

    def paste(self, text: str) -> None:
        """Take a pasted text."""

    def lines(self, size: Size, ink: Ink) -> list[Line]:
        """Return how it looks in so many cells and at most so many lines."""


class Option(Struct, frozen=True):
    """One line of a choice."""

    key: str
    """The digit or letter that chooses it, by the toolkit's name."""
    label: str
    value: Any
    detail: str = ""
    """Paler, behind the label: what was filled in."""
    sign: str = ""
    """How the key is shown; empty: as it is."""


class Choose:
    """Choose one line by its key. With `editable`, Tab opens what was filled in before the digit decides."""

    context: ClassVar[str] = CHOICE
    keymap: Mapping[str, str] = AS_SHIPPED

    def __init__(
        self, title: str, options: Sequence[Option], *, hint: str = "", editable: bool = False, tab: str = ""
    ) -> None:
        self.title = title
        self.options = tuple(options)
        self.hint = hint
        self.editable = editable
        self.tab = tab
        """Where Tab leads, if it answers with `TAB`."""
        self.editing = False

    def press(self, press: Press) -> Reply:
        """Return the option's value; with `editing`, the caller asks for its parameter first."""
        for option in self.options:
            if press.key == option.key:
                return Given(option.value)
        if press.action == "leave":
            return LEFT
        if press.action == "edit" and self.tab:
            return Given(TAB)
        if press.action == "edit" and self.editable:
            self.editing = not self.editing
            return None
        # A slip must not decide: neither a digit that stands for nothing here, nor a key that acts at once.
        return None if press.key.isdigit() or press.action == "confirm" or press.writes else PASSED

    def paste(self, text: str) -> None:
        """Take nothing: there is no field."""

    def lines(self, size: Size, ink: Ink) -> list[Line]:
        """Return title, options in one or two columns, and the hint."""
        width, height = size
        crowded = len(self.options) > (height // 2 if width >= _TWO_COLUMNS else height - 1)
        columns = 2 if crowded else 1
        rows = -(-len(self.options) // columns)
        cells = (width - 2 - _GAP * (columns - 1)) // columns
        lines = [self._head(width, ink)]
        for row in range(min(rows, max(height - 1, 1))):
            line = Line(" ", ink.text)
            for column in range(columns):
                index = row + column * rows
                if index < len(self.options):
                    line.to(1 + column * (cells + _GAP), ink.text)
                    line.join(self._option(self.options[index], cells, ink))
            lines.append(line)
        return lines

    def _head(self, width: int, ink: Ink) -> Line:
        hints = [self.hint]
        if self.editable:
            edits = says("edit", "edits", self.keymap)
            hints.append("digit: edit, then decide" if self.editing else edits)
        if self.tab:
            hints.append(says("edit", self.tab, self.keymap))
        hints.append(says("leave", "leaves", self.keymap))
        return head(self.title, " · ".join(hint for hint in hints if hint), width, ink)

    def _option(self, option: Option, cells: int, ink: Ink) -> Line:
        line = Line(f"{option.sign or option.key} ", ink.accent)
        room = cells - line.width
        # What would be filled in is what the rep cannot know: the label gives way to it, but by half at most.
        least = max(_LEAST_LABEL, room // 2)
        kept = max(room - width_of(option.detail) - 1, min(least, room)) if option.detail else room
        line.add(crop(option.label, kept), ink.text)
        room = cells - line.width - 1
        if option.detail and room >= min(width_of(option.detail), _LEAST_DETAIL):
            style = ink.accent if self.editing else ink.dim
            line.add(" ", ink.text).add(crop(option.detail, room), style)
        return line


TAB = object()
"""The answer of a question that was left by Tab."""


def head(title: str, hint: str, width: int, ink: Ink) -> Line:
    """Return the rule over a question: its title, and what the keys do."""
    # A long name gives way to what the keys do, down to half of the line.
    longest = max(width // 2, width - width_of(hint) - 8)
    line = Line("━ ", ink.accent).add(crop(title, min(longest, width - 4)), ink.strong).add(" ", ink.accent)
    room = width - line.width - 3
    tail = _fitting(hint, room) if room > 8 else ""  # noqa: PLR2004 - a hint that is cut to a stump says nothing
    line.add("━" * (width - line.width - (width_of(tail) + 2 if tail else 0)), ink.accent)
    return line.add(f" {tail} ", ink.dim) if tail else line


def _fitting(hint: str, room: int) -> str:
    """Return as much of a hint as fits: what its last keys do is left out before anything is cut."""
    while width_of(hint) > room and _PART in hint:
        hint = hint.rpartition(_PART)[0]
    return crop(hint, room)


class Type:
    """Ask for one line of text."""

    context: ClassVar[str] = TEXT
    keymap: Mapping[str, str] = AS_SHIPPED

    def __init__(
        self,
        title: str,
        *,
        text: str = "",
        hint: str = "",
        problem: Callable[[str], str] | None = None,
        tab: str = "",
        lead_in: Sequence[str] = (),
        is_chosen: bool = False,
        asks: bool = False,
    ) -> None:
        """`is_chosen`: the text gives way to what is typed; `asks`: Enter confirms what the lead-in says."""
        self.title = title
        self.draft = Draft.of(text, is_chosen=is_chosen)
        self.asks = asks
        self.hint = hint
        self.tab = tab
        self.lead_in = lead_in
        """Lines above the field."""
        self.wrong = ""
        self._problem = problem

    def press(self, press: Press) -> Reply:
        """Return the text on Enter, if nothing is wrong with it."""
        if press.action == "leave_text" or (press.key == "backspace" and not self.draft.text):
            return LEFT
        if press.action == "keep":
            self.wrong = self._problem(self.draft.text.strip()) if self._problem else ""
            return None if self.wrong else Given(self.draft.text.strip())
        if press.action == "complete" and self.tab:
            return Given(TAB)
        if press.action == "clear":
            self._change(Draft())
        elif (changed := self.draft.press(press.key, press.character)) is not None:
            self._change(changed)
        return None

    def paste(self, text: str) -> None:
        """Insert at the caret."""
        self._change(self.draft.insert(text))

    def rewrite(self, text: str) -> None:
        """Take a text in the place of what was typed: what comes back from an editor."""
        self._change(Draft().insert(text.strip()))

    def _change(self, draft: Draft) -> None:
        self.draft, self.wrong = draft, FULL if len(draft.text) >= LONGEST else ""

    def lines(self, size: Size, ink: Ink) -> list[Line]:
        """Return title, field, and what is wrong with it, or else what may be typed."""
        width = size.width
        lines = [head(self.title, self._keys, width, ink)]
        lines.extend(Line(" ", ink.text).add(crop(text, width - 2), ink.dim) for text in self.lead_in)
        lines.append(Line(" › ", ink.accent).join(self.draft.line(width - 4, ink)))
        told, style = (self.wrong, ink.bad) if self.wrong else (self.hint, ink.dim)
        lines.append(Line("   ", ink.text).add(crop(told, width - 4), style))
        return lines[-max(size.height, 1) :]

    @property
    def _keys(self) -> str:
        keymap = self.keymap
        keeps = says("keep", "confirms" if self.asks else "keeps", keymap)
        ends = f"{keeps} · {says('leave_text', 'leaves', keymap)}"
        return f"{says('complete', self.tab, keymap)} · {ends}" if self.tab else ends


class Confirm:
    """Say what would happen; Enter does it."""

    context: ClassVar[str] = CHOICE
    asks: ClassVar[bool] = True
    keymap: Mapping[str, str] = AS_SHIPPED

    def __init__(self, title: str, lead_in: Sequence[str]) -> None:
        self.title = title
        self.lead_in = lead_in

    def press(self, press: Press) -> Reply:
        """Take Enter; every other key leaves, for a confirmation must not be met by chance."""
        if press.action == "confirm":
            return Given(value=True)
        return LEFT if press.action == "leave" else None

    def paste(self, text: str) -> None:
        """Take nothing: there is no field."""

    def lines(self, size: Size, ink: Ink) -> list[Line]:
        """Return the title and what would happen."""
        width, height = size
        body = [Line("  ", ink.text).add(crop(text, width - 3), ink.text) for text in self.lead_in]
        keys = f"{says('confirm', 'confirms', self.keymap)} · {says('leave', 'leaves', self.keymap)}"
        return [head(self.title, keys, width, ink), *body[: max(height - 1, 1)]]
