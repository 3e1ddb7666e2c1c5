"""The smallest Textual app whose one key changes something: the floor of what the toolkit can do."""

from __future__ import annotations

from typing import ClassVar

from textual.app import App, ComposeResult
from textual.widgets import Static


class Hello(App[None]):
    """Counts presses."""

    BINDINGS: ClassVar = [("j", "count", "Count")]
    pressed = 0

    def compose(self) -> ComposeResult:
        """Yield the one line."""
        yield Static("pressed 0 times")

    def action_count(self) -> None:
        """Show one more."""
        self.pressed += 1
        self.query_one(Static).update(f"pressed {self.pressed} times")


if __name__ == "__main__":
    Hello().run()
