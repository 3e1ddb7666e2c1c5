"""The shape of a screen that is read: a title, a pane of lines, and a cursor that moves among them."""

from __future__ import annotations

from textual.app import ComposeResult

from screens.day import Day
from screens.inbox.arrangement import BARS
from screens.ink import Ink
from screens.room import TriageScreen
from screens.widgets.bars import Bar
from screens.widgets.line_pane import LinePane


class PagedScreen(TriageScreen, inherit_bindings=False):
    """Title over pane over bars; subclasses say what is moved through, and how far a page goes."""

    def __init__(self, day: Day, title_ink: Ink) -> None:
        super().__init__(day)
        self.title_bar = Bar(title_ink, id="title")
        self.pane = LinePane(day.inks.plain, id=self.CONTEXT)

    @property
    def length(self) -> int:
        """How many lines or items the cursor can be on."""
        raise NotImplementedError

    @property
    def page(self) -> int:
        """How many of them a page moves by."""
        raise NotImplementedError

    def move(self, by: int) -> None:
        """Move the cursor by so many."""
        raise NotImplementedError

    def compose(self) -> ComposeResult:
        """Yield title, pane and bars."""
        yield self.title_bar
        yield self.pane
        yield from self.compose_bars()

    def lay_out(self) -> None:
        """Give the pane all there is."""
        super().lay_out()
        width, height = self.app.size
        self.title_bar.fit(width)
        self.pane.fit(width, max(height - BARS, 1))

    def action_down(self) -> None:
        """Move down."""
        self.move(1)

    def action_up(self) -> None:
        """Move up."""
        self.move(-1)

    def action_page_down(self) -> None:
        """Move down a page."""
        self.move(max(self.page, 1))

    def action_page_up(self) -> None:
        """Move up a page."""
        self.move(-max(self.page, 1))

    def action_top(self) -> None:
        """Go to the first."""
        self.move(-self.length)

    def action_bottom(self) -> None:
        """Go to the last."""
        self.move(self.length)

    def action_back(self) -> None:
        """Go back."""
        self.action_quit()

    def action_quit(self) -> None:
        """Go back."""
        if self.is_current:
            self.app.pop_screen()
