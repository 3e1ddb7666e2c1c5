"""The first run: no profile yet. A small app of its own that returns the rep's choice."""

from __future__ import annotations

import os
from typing import ClassVar, Literal

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.strip import Strip

from screens.cells import Line, wrap
from screens.ink import Ink, Inks
from screens.terminal.ending import OrderlyApp, run_to_end
from screens.terminal.keyboard import driver_class
from screens.themes import LOOKS, chosen, theme_of
from screens.widgets.drawn import Drawn

Choice = Literal["demo", "sign in"]
_WIDEST = 56
_TOLD = (
    "See why each lead was sent to you, and decide with one key. Every decision is on disk before the screen"
    " says so, and reaches your CRM exactly once."
)
_CHOICES = (
    ("d", "Try the demo", "believable leads, no account", "choose('demo')"),
    ("s", "Sign in to your CRM", "HubSpot, Salesforce or others", "choose('sign in')"),
    ("q", "Quit", "", "quit"),
)


class Greeting(Drawn):
    """A few lines in the middle of the window; each choice can be clicked."""

    def __init__(self, ink: Ink) -> None:
        super().__init__()
        self._ink = ink

    def render_line(self, y: int) -> Strip:
        """Return one line, as the toolkit asks for it."""
        lines, above = self._placed(self.size)
        line = Line().to(self._left(self.size), self._ink.text)
        if 0 <= y - above < len(lines):
            line.join(lines[y - above][0])
        return line.strip(self.size.width, self._ink.text)

    async def on_click(self, event: events.Click) -> None:
        """Choose what was clicked."""
        lines, above = self._placed(self.size)
        if 0 <= event.y - above < len(lines) and (action := lines[event.y - above][1]):
            await self.app.run_action(action)

    def _placed(self, size: Size) -> tuple[list[tuple[Line, str]], int]:
        """Return the lines with what a click on them does, and the blank lines above them."""
        ink, width = self._ink, min(_WIDEST, size.width - self._left(size))
        lines = [(Line("triage", ink.strong), ""), (Line(), "")]
        lines += [(Line(text, ink.dim), "") for text in wrap(_TOLD, width)]
        lines.append((Line(), ""))
        for key, name, about, action in _CHOICES:
            line = Line(f"{key}   ", ink.accent).add(name, ink.text)
            lines.append((line.add(f"  {about}", ink.dim) if about else line, action))
        return lines, max((size.height - len(lines)) // 2, 0)

    @staticmethod
    def _left(size: Size) -> int:
        return max((size.width - _WIDEST) // 2, 1)


class WelcomeApp(OrderlyApp[Choice]):
    """Demo, sign in, or leave."""

    ENABLE_COMMAND_PALETTE = False
    CSS = "Greeting { width: 100%; height: 100%; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("d", "choose('demo')"),
        Binding("s", "choose('sign in')"),
        Binding("q,escape,backspace", "quit"),
    ]

    def __init__(self, theme: str = "") -> None:
        super().__init__(driver_class=driver_class())
        look = LOOKS[chosen(theme, os.environ)]
        self._inks = Inks.of(look)
        self.register_theme(theme_of(look))
        self.theme = look.name

    def compose(self) -> ComposeResult:
        """Yield the greeting."""
        yield Greeting(self._inks.plain)

    def action_choose(self, choice: Choice) -> None:
        """Leave with a choice."""
        self.exit(choice)


def choose(theme: str = "") -> Choice | None:
    """Run the welcome screen; None: the rep left. SystemExit with the exit code if a signal ended it."""
    app = WelcomeApp(theme)
    code = run_to_end(app)
    if code:
        raise SystemExit(code)
    return app.return_value
