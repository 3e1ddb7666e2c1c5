"""The ways from the inbox to the other screens and back. Loaded once the inbox is painted, not before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.app import App

from screens.asking.questions import Confirm
from screens.asking.ways_out import says
from screens.day import Day
from screens.help.screen import HelpScreen
from screens.history.screen import HistoryScreen
from screens.lead.screen import LeadScreen
from screens.palette.screen import PaletteScreen
from screens.queue.screen import QueueScreen
from screens.replies.screen import RepliesScreen
from screens.rules.screen import RulesScreen
from screens.terminal.editor import edited
from screens.words import counted
from screens.writing import written
from triage.desk.events import FetchAsks
from triage.domain.lead import LeadId

if TYPE_CHECKING:
    from screens.insights.numbers import Numbers

GONE = "That lead is no longer here."


class Doors:
    """Opens screens over the inbox."""

    def __init__(self, app: App[None], day: Day) -> None:
        self._app = app
        self._day = day
        self._numbers: Numbers | None = None

    async def show_lead(self) -> None:
        """Show the lead under the cursor in full."""
        await self._app.push_screen(LeadScreen(self._day))

    async def show_queue(self) -> None:
        """Show the queue."""
        session = self._day.session
        await self._app.push_screen(QueueScreen(self._day, await session.call(session.desk.queue)))

    async def show_history(self) -> None:
        """Show what was decided today."""
        await self._app.push_screen(HistoryScreen(self._day))

    async def show_replies(self) -> None:
        """Show marketing's replies."""
        await self._app.push_screen(RepliesScreen(self._day))

    async def show_rules(self) -> None:
        """Show what changed in the rules, and what is in force."""
        await self._app.push_screen(RulesScreen(self._day))

    async def show_insights(self) -> None:
        """Show the numbers for both teams; they are kept for the session."""
        from screens.insights.numbers import Numbers  # noqa: PLC0415 - no rep pays for them before they are asked for
        from screens.insights.screen import InsightsScreen  # noqa: PLC0415 - likewise

        self._numbers = self._numbers or Numbers(self._day)
        await self._app.push_screen(InsightsScreen(self._day, self._numbers))

    async def show_help(self, context: str) -> None:
        """Show the keys of a screen."""
        await self._show_asking(HelpScreen(self._day, context))

    async def show_palette(self, context: str) -> None:
        """Show what can be done on a screen, and everywhere."""
        await self._show_asking(PaletteScreen(self._day, context))

    async def _show_asking(self, screen: HelpScreen | PaletteScreen) -> None:
        """Show a screen that is one question."""
        await self._app.push_screen(screen)
        self._day.room = screen
        await self._day.asking.run(screen.flow())

    async def decide_again(self, lead_id: LeadId) -> None:
        """Go from the queue to a lead, to decide it once more and come back."""
        if self._day.tray.visit(lead_id):
            await self._app.push_screen(LeadScreen(self._day, only=lead_id))
        else:
            self._day.say(GONE, bad=True)

    async def visit(self, lead_id: LeadId) -> None:
        """Show a lead in full, whatever the view and the filter."""
        if self._day.tray.visit(lead_id):
            await self.show_lead()
        else:
            self._day.say(GONE, bad=True)

    async def edited(self, text: str) -> str | None:
        """Return a text as the rep's editor left it; None where it is unchanged, or there is no editor."""
        return await written(self._day, edited(self._app, text))

    async def may_replace(self, asks: FetchAsks) -> bool:
        """Ask before almost all leads go; returns whether the rep said yes."""
        takes = says("confirm", "takes those of the CRM.", self._day.keymap)
        lines = [f"The CRM gives {counted(asks.new, 'lead')}, {asks.old} are here.", takes]
        return bool(await self._day.ask(Confirm("Replace the leads here?", lines)))
