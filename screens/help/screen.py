"""Help for where the rep is: keys from the registry, signs, order, filter, mouse; typing narrows it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest

from msgspec import Struct

from screens.actions import CHOICE, CONTEXTS, TEXT, Action, in_context, shown_keys
from screens.asking.field_screen import Field, FieldScreen
from screens.asking.questions import LEFT, Reply
from screens.cells import Line, crop, fit, width_of, wrap
from screens.day import Day
from screens.help.guide import guide
from screens.ink import Ink

SIDE_BY_SIDE = 120
"""Cells from which keys and signs stand beside each other."""
_MARGIN, _LEAST_TEXT = 2, 16
_KEYS, _LABEL, _SIGN = 14, 15, 17
"""Cells of the columns; what does not fit into them is cut."""
_MANY = 4
"""Keys of an action from which only the first and the last are named."""


class Row(Struct, frozen=True):
    """One line of help: what is pressed or seen, its name, and a sentence about it."""

    sign: str
    label: str
    text: str
    names: frozenset[str] = frozenset()
    """What finds it when it is typed as it stands: its keys and its id."""

    def holds(self, words: Sequence[str]) -> bool:
        """Whether it is about every typed word."""
        about = f"{self.sign} {self.label} {self.text}".casefold()
        return all(word in about for word in words) or (len(words) == 1 and words[0] in self.names)


Group = tuple[str, list[Row]]


def help_lines(context: str, keymap: Mapping[str, str], typed: str, width: int, ink: Ink) -> list[Line]:
    """Return what there is to know on a screen under its headings: what holds every typed word."""
    words = typed.casefold().split()
    keys = list(_holding(_keys(context, keymap), words))
    rest = list(_holding(_guide(keymap), words))
    if not keys and not rest:
        return [Line(), Line(f" Nothing here is about “{typed}”.", ink.strong)]
    if width < SIDE_BY_SIDE or not keys or not rest:
        return _lines([*keys, *rest], width, ink)
    half = width // 2
    return list(_beside(_lines(keys, half - 1, ink), _lines(rest, width - half, ink), half, ink))


def _keys(context: str, keymap: Mapping[str, str]) -> Iterator[Group]:
    actions = list(in_context(context))
    for group in dict.fromkeys(action.group for action in actions):
        yield group, [_row(action, keymap) for action in actions if action.group == group]
    for other in (CHOICE, TEXT):
        yield CONTEXTS[other], [_row(action, keymap) for action in in_context(other)]


def _row(action: Action, keymap: Mapping[str, str]) -> Row:
    keys = shown_keys(action, keymap)
    shown = f"{keys[0]} … {keys[-1]}" if len(keys) > _MANY else " ".join(keys)
    # A key is looked for as it stands: “gg” finds one, and so does the action's id.
    return Row(shown, action.label, action.help, frozenset({action.id, *(key.casefold() for key in keys)}))


def _guide(keymap: Mapping[str, str]) -> Iterator[Group]:
    for part in guide(keymap):
        yield part.heading, [Row(sign, "", text) for sign, text in part.rows]


def _holding(groups: Iterator[Group], words: Sequence[str]) -> Iterator[Group]:
    """Yield what is left of the groups; a group whose heading was typed stays whole."""
    for heading, rows in groups:
        whole = bool(words) and all(word in heading.casefold() for word in words)
        left = rows if whole else [row for row in rows if row.holds(words)]
        if left:
            yield heading, left


def _lines(groups: Sequence[Group], width: int, ink: Ink) -> list[Line]:
    lines: list[Line] = []
    for heading, rows in groups:
        lines.extend([*([Line()] if lines else []), Line(f" {heading}", ink.accent)])
        for row in rows:
            lines.extend(_wrapped(row, width, ink))
    return lines


def _wrapped(row: Row, width: int, ink: Ink) -> Iterator[Line]:
    """Yield a row, its sentence in as many lines as it needs."""
    line = Line(" " * _MARGIN, ink.text)
    if row.label:
        line.add(fit(row.sign, _KEYS), ink.strong).add(fit(row.label, _LABEL), ink.text)
    else:
        line.add(fit(row.sign, max(_SIGN, min(width_of(row.sign) + 1, width // 3))), ink.strong)
    left = line.width
    first, *more = wrap(row.text, max(width - left - 1, _LEAST_TEXT)) or [""]
    yield line.add(crop(first, width - left), ink.dim)
    for text in more:
        yield Line().to(left, ink.text).add(crop(text, width - left), ink.dim)


def _beside(left: list[Line], right: list[Line], column: int, ink: Ink) -> Iterator[Line]:
    for one, other in zip_longest(left, right):
        yield (one or Line()).to(column, ink.text).join(other or Line())


class HelpField(Field):
    """The filter over the help; the arrows scroll."""

    def __init__(self) -> None:
        super().__init__("Help", "type to find", "↑↓ PgDn scroll")

    def taken(self) -> Reply:
        """Leave: there is nothing to take."""
        return LEFT


class HelpScreen(FieldScreen, inherit_bindings=False):
    """Keys and what they do, signs and what they mean."""

    def __init__(self, day: Day, context: str) -> None:
        super().__init__(day, HelpField(), "help")
        self._keys_of = context

    def body(self) -> list[Line]:
        """Return what the typed words leave."""
        width, height = self.pane.extent
        typed = self.field.draft.text
        lines = help_lines(self._keys_of, self.day.keymap, typed, width, self.day.inks.plain)
        self.field.last = max(len(lines) - height, 0)
        return lines

    def top(self) -> int:
        """Return the line scrolled to."""
        return self.field.here
