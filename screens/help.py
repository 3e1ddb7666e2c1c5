"""The keys of the screen the rep comes from, made from the registry; typing filters them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar

from textual.app import ComposeResult
from textual.geometry import Size

from screens.actions import CHOICE, CONTEXTS, TEXT, Action, in_context, shown_keys
from screens.arrangement import BARS
from screens.cells import Line, crop, fit
from screens.day import Day
from screens.draft import Draft
from screens.ink import Ink
from screens.questions import LEFT, Press, Question, Reply
from screens.room import TriageScreen
from screens.widgets.line_pane import LinePane

_KEYS, _LABEL = 16, 18


def help_lines(context: str, keymap: Mapping[str, str], typed: str, width: int, ink: Ink) -> list[Line]:
    """Return the actions of a screen under their groups, those that hold every typed word."""
    lines: list[Line] = []
    words = typed.casefold().split()
    for heading, actions in _groups(context):
        found = [action for action in actions if _matches(action, keymap, words)]
        if not found:
            continue
        lines.extend([*([Line()] if lines else []), Line(f" {heading}", ink.accent)])
        lines.extend(_line(action, keymap, width, ink) for action in found)
    return lines or [Line(), Line(f" No key is about “{typed}”.", ink.strong)]


def _groups(context: str) -> Iterator[tuple[str, list[Action]]]:
    actions = list(in_context(context))
    for group in dict.fromkeys(action.group for action in actions):
        yield group, [action for action in actions if action.group == group]
    for other in (CHOICE, TEXT):
        yield CONTEXTS[other], list(in_context(other))


def _matches(action: Action, keymap: Mapping[str, str], words: list[str]) -> bool:
    # A key is looked for as it stands: “a” is not “A”.
    keys = shown_keys(action, keymap)
    text = f"{action.label} {action.help} {action.group}".casefold()
    return all(word in text for word in words) or (
        len(words) == 1 and words[0] in [key.casefold() for key in keys]
    )


def _line(action: Action, keymap: Mapping[str, str], width: int, ink: Ink) -> Line:
    keys = shown_keys(action, keymap)
    shown = f"{keys[0]} … {keys[-1]}" if len(keys) > 4 else " ".join(keys)  # noqa: PLR2004 - the ten digits
    line = Line(f"   {fit(shown, _KEYS)}", ink.strong).add(fit(action.label, _LABEL), ink.text)
    return line.add(crop(action.help, width - line.width - 1), ink.dim)


class HelpField:
    """The filter over the keys; scrolls with the arrows."""

    context: ClassVar[str] = TEXT

    def __init__(self) -> None:
        self.draft = Draft()
        self.top = 0

    def press(self, press: Press) -> Reply:
        """Type, scroll, or leave."""
        by = {"up": -1, "down": 1, "pageup": -10, "pagedown": 10}.get(press.key)
        if by is not None:
            self.top = max(0, self.top + by)
            return None
        if press.action in ("leave_text", "keep") or (press.key == "backspace" and not self.draft.text):
            return LEFT
        changed = Draft() if press.action == "clear" else self.draft.press(press.key, press.character)
        if changed is not None:
            self.draft, self.top = changed, 0
        return None

    def paste(self, text: str) -> None:
        """Filter by a pasted text."""
        self.draft, self.top = self.draft.insert(text), 0

    def lines(self, size: Size, ink: Ink) -> list[Line]:
        """Return the field on one line."""
        width = size.width
        line = Line(" Keys  ", ink.accent).add("type to find: ", ink.dim)
        return [
            line.join(self.draft.line(width - line.width - 28, ink)).add("  ↑↓ scroll · Esc leaves", ink.dim)
        ]


class HelpScreen(TriageScreen, inherit_bindings=False):
    """Keys and what they do."""

    def __init__(self, day: Day, context: str) -> None:
        super().__init__(day)
        self._keys_of = context
        self.pane = LinePane(day.inks.plain, id="help")

    def compose(self) -> ComposeResult:
        """Yield the pane and the bars."""
        yield self.pane
        yield from self.compose_bars()

    def lay_out(self) -> None:
        """Give the pane all there is."""
        super().lay_out()
        width, height = self.app.size
        self.pane.fit(width, max(height - BARS + 1, 1))
        self.show_question(self.day.asking.question)

    def show_question(self, question: Question | None) -> None:
        """Draw the field in the foot and what it leaves in the pane."""
        if not isinstance(question, HelpField):
            return
        width, height = self.pane.extent
        lines = help_lines(self._keys_of, self.day.keymap, question.draft.text, width, self.day.inks.plain)
        question.top = max(0, min(question.top, len(lines) - height))
        self.pane.put(lines, question.top)
        self.foot.say(question.lines(self.app.size, self.day.inks.raised)[0])

    def show_foot(self) -> None:
        """Leave the foot to the field."""

    async def flow(self) -> None:
        """Be asked until the rep leaves."""
        await self.day.ask(HelpField())
        if self.is_current:
            self.app.pop_screen()
