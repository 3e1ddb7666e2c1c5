"""What screens and the palette may ask of the app: they do not import it, so nothing imports in a circle."""

from __future__ import annotations

from collections.abc import Awaitable, Iterable
from typing import Protocol

from screens.day import Day
from triage.domain.inbox import View
from triage.domain.lead import LeadId


class Desktop(Protocol):
    """The app, as its screens see it."""

    day: Day
    has_inbox: bool
    """Whether leads are decided and synced here: without it there are no views, and nothing is offline."""

    def run_action(self, action: str) -> Awaitable[object]:
        """Run an action by its name."""

    async def show_lead(self) -> None:
        """Show the lead under the cursor in full."""

    async def show_queue(self) -> None:
        """Show the queue."""

    async def show_help(self, context: str) -> None:
        """Show the keys of a screen."""

    async def show_palette(self, context: str) -> None:
        """Show what can be done on a screen, and everywhere."""

    async def show_history(self) -> None:
        """Show what was decided today."""

    async def show_replies(self) -> None:
        """Show marketing's replies."""

    async def show_rules(self) -> None:
        """Show what changed in the rules, and what is in force."""

    async def show_insights(self) -> None:
        """Show the numbers for both teams."""

    async def synced(self) -> None:
        """Wait until no sync runs."""

    async def visit(self, lead_id: LeadId) -> None:
        """Show a lead in full, whatever the view and the filter."""

    async def decide_again(self, lead_id: LeadId) -> None:
        """Go from the queue to a lead, to decide it once more."""

    async def reread(self, lead_ids: Iterable[LeadId]) -> None:
        """Read leads again from the disk, and how things stand."""

    async def sync_now(self) -> None:
        """Send everything now, and fetch."""

    async def set_offline(self, offline: bool) -> None:  # noqa: FBT001 - the choice itself
        """Work offline, or go online."""

    async def leave(self) -> None:
        """Quit; with unsent items, say so and send them first."""

    def look_at(self, view: View) -> None:
        """Show a view of the inbox."""

    def look_again(self) -> None:
        """Let status and supervisor follow what was decided."""

    async def choose_theme(self, name: str) -> None:
        """Change the colours, and remember it."""
