"""The first run: no profile yet. A small app of its own that returns the rep's choice."""

from __future__ import annotations

import os
from typing import ClassVar, Literal

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.strip import Strip

from screens.cells import Line
from screens.ending import OrderlyApp, run_to_end
from screens.ink import Ink, Inks
from screens.keyboard import driver_class
from screens.themes import LOOKS, chosen, theme_of
from screens.widgets.drawn import Drawn

Choice = Literal["demo", "sign in"]
_NAME = "triage"
_LINES: tuple[tuple[str, str], ...] = (
    ("", "See why each lead was sent to you. Decide with one key."),
    ("", "Every decision is on disk before the screen says so,"),
    ("", "and reaches your CRM exactly once."),
    ("", ""),
    ("d", "Try the demo: believable leads, no account"),
    ("s", "Sign in to your CRM"),
    ("q", "Quit"),
)


class Greeting(Drawn):
    """A few lines in the middle of the window."""

    def __init__(self, ink: Ink) -> None:
        super().__init__()
        self._ink = ink

    def render_line(self, y: int) -> Strip:
        """Return one line, as the toolkit asks for it."""
        width, height = self.size
        lines = [Line(_NAME, self._ink.strong), Line(), *(self._told(key, text) for key, text in _LINES)]
        index = y - max((height - len(lines)) // 2, 0)
        left = max((width - 56) // 2, 1)
        line = Line().to(left, self._ink.text)
        if 0 <= index < len(lines):
            line.join(lines[index])
        return line.strip(width, self._ink.text)

    def _told(self, key: str, text: str) -> Line:
        line = Line(f"{key}   ", self._ink.accent) if key else Line()
        return line.add(text, self._ink.text if key else self._ink.dim)


class WelcomeApp(OrderlyApp[Choice]):
    """Demo, sign in, or leave."""

    ENABLE_COMMAND_PALETTE = False
    CSS = "Greeting { width: 100%; height: 100%; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("d", "choose('demo')"),
        Binding("s", "choose('sign in')"),
        Binding("q,escape,backspace", "quit"),
    ]

    def __init__(self) -> None:
        super().__init__(driver_class=driver_class())
        look = LOOKS[chosen("", os.environ)]
        self._inks = Inks.of(look)
        self.register_theme(theme_of(look))
        self.theme = look.name

    def compose(self) -> ComposeResult:
        """Yield the greeting."""
        yield Greeting(self._inks.plain)

    def action_choose(self, choice: Choice) -> None:
        """Leave with a choice."""
        self.exit(choice)


def choose() -> Choice | None:
    """Run the welcome screen; None: the rep left. SystemExit with the exit code if a signal ended it."""
    app = WelcomeApp()
    code = run_to_end(app)
    if code:
        raise SystemExit(code)
    return app.return_value
