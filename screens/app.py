"""The terminal app: opens the day, passes keys on one at a time, and leaves the terminal whole.

Owns the order of keys and the way out. Must never reach the network before the cached inbox is painted.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import ClassVar

from textual import events
from textual.app import ScreenStackError, SystemCommand
from textual.binding import Binding, BindingType
from textual.screen import Screen

from screens.actions import BY_ID, shown_keys
from screens.bindings import remapped
from screens.bridge import Bridge
from screens.day import Day
from screens.ending import OrderlyApp, run_to_end
from screens.help import HelpScreen
from screens.inbox import InboxScreen
from screens.ink import Inks
from screens.keyboard import driver_class
from screens.lead import LeadScreen
from screens.news import News
from screens.pace import Pace
from screens.palette import TriageCommands
from screens.questions import Confirm
from screens.queue import QueueScreen
from screens.room import TriageScreen
from screens.themes import LOOKS, chosen, theme_of
from triage.clock import Clock, utc_now
from triage.desk.events import FetchAsks
from triage.desk.session import Session
from triage.domain.inbox import View
from triage.domain.lead import LeadId

PREPARED_AT_ONCE = 1000
"""Leads made ready for the filter in one pause."""
LOOK_EVERY = 1.0
"""Seconds between two looks for what another process wrote, and for a pause to collect garbage in."""


class TriageApp(OrderlyApp[None]):
    """Leads in, decisions out."""

    TITLE = "triage"
    COMMANDS: ClassVar = {TriageCommands}
    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+z", "suspend_process", show=False, system=True)]

    def __init__(
        self,
        session: Session,
        *,
        clock: Clock = utc_now,
        keymap: Mapping[str, str] | None = None,
        theme: str = "",
        interval: float = 60.0,
    ) -> None:
        super().__init__(driver_class=driver_class())
        self.animation_level = "none"
        self.day = Day(session, clock, keymap)
        self.pace = Pace()
        self.news = News(self.day, self.pace, lambda: self.front)
        self.bridge = Bridge(session, self.news, clock, interval)
        for look in LOOKS.values():
            self.register_theme(theme_of(look))
        self.theme = chosen(theme, os.environ)
        self.day.inks = Inks.of(LOOKS[self.theme])
        self.set_keymap(remapped(self.day.keymap))
        self._inbox = InboxScreen(self.day)
        self._leaving = False
        """Whether the rep quits as soon as all is sent."""

    async def on_mount(self) -> None:
        """Read the cached inbox, show it, and only then think of the network."""
        await self.news.open()
        await self.push_screen(self._inbox)
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        """Start what works beside the keys."""
        self.pace.hold()
        self.pace.loaded()
        self.run_worker(self.bridge.run(), group="sync")
        self.set_interval(LOOK_EVERY, self._between_keys)

    async def on_event(self, event: events.Event) -> None:
        """Give each key to the open question first; the next key waits until it is done with."""
        if isinstance(event, events.Key) and not event.is_forwarded:
            self.pace.key()
            self.day.pressed_at = event.time
            screen = self.front
            if screen is not None and await self._took(screen, event):
                return
        if isinstance(event, events.Paste) and self._pasted(event.text):
            return
        await super().on_event(event)

    async def _took(self, screen: TriageScreen, event: events.Key) -> bool:
        """Return whether the key is done with before the screen's own keys are looked at."""
        screen.forget_prefix(event.key)
        if not screen.quits(event.key):
            self._stay()
            if screen.is_too_small:
                return True  # nothing but quitting is done unseen
        return self.day.asking.question is not None and await self._answered(screen, event)

    async def _answered(self, screen: TriageScreen, event: events.Key) -> bool:
        taken = await self.day.asking.press(screen.press_of(event.key, event.character))
        self.look_again()
        return taken

    def _pasted(self, text: str) -> bool:
        return self.front is not None and self.day.asking.paste(text)

    @property
    def front(self) -> TriageScreen | None:
        """Our screen in front; None under the palette, and while the app begins or ends."""
        try:
            screen = self.screen
        except ScreenStackError:
            return None
        return screen if isinstance(screen, TriageScreen) and screen.is_mounted else None

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:  # noqa: ARG002 - the toolkit's signature
        """Offer none of the toolkit's own commands."""
        return ()

    async def show_lead(self) -> None:
        """Show the lead under the cursor in full."""
        await self.push_screen(LeadScreen(self.day))

    async def show_queue(self) -> None:
        """Show the queue."""
        session = self.day.session
        await self.push_screen(QueueScreen(self.day, await session.call(session.desk.queue)))

    async def show_help(self, context: str) -> None:
        """Show the keys of a screen."""
        screen = HelpScreen(self.day, context)
        await self.push_screen(screen)
        self.day.room = screen
        await self.day.asking.run(screen.flow())

    async def decide_again(self, lead_id: LeadId) -> None:
        """Go from the queue to a lead, to decide it once more and come back."""
        if self.day.tray.visit(lead_id):
            await self.push_screen(LeadScreen(self.day, only=lead_id))
        else:
            self.day.say("That lead is no longer here.", bad=True)

    async def visit(self, lead_id: LeadId) -> None:
        """Show a lead in full, whatever the view and the filter."""
        if self.day.tray.visit(lead_id):
            await self.show_lead()
        else:
            self.day.say("That lead is no longer here.", bad=True)

    async def reread(self, lead_ids: Iterable[LeadId]) -> None:
        """Read leads again from the disk, and how things stand."""
        await self.news.reload_leads(lead_ids)
        await self.news.refresh_status()

    def look_at(self, view: View) -> None:
        """Show a view of the inbox."""
        self._inbox.look_at(view)

    async def sync_now(self) -> None:
        """Send everything now, and fetch; first answer what the last fetch asked."""
        asks = self.bridge.asks
        if asks is not None:
            await self.day.asking.run(self._replace(asks))
        else:
            self._sync()

    def _sync(self, *, confirmed: bool = False) -> None:
        self.day.answer("Syncing …")
        self.bridge.now(confirmed=confirmed)

    async def _replace(self, asks: FetchAsks) -> None:
        """Ask before almost all leads go."""
        lines = [f"The CRM gives {asks.new} leads, {asks.old} are here.", "Enter takes those of the CRM."]
        if await self.day.ask(Confirm("Replace the leads here?", lines)):
            self._sync(confirmed=True)

    async def leave(self) -> None:
        """Quit; with unsent items, say so and send them first. A second time leaves them queued."""
        status = await self.news.refresh_status()
        if self._leaving or status is None or not status.unsent or status.offline:
            self.exit()
            return
        self._leaving = True
        self.day.say(f"{status.unsent} unsent: sending now, then quitting.", "q again leaves them queued")
        self.bridge.now()
        self.run_worker(self._quit_when_sent(), group="leave", exclusive=True)

    def action_help_quit(self) -> None:
        """Say how to quit to a rep who pressed ctrl+c by habit."""
        self.day.say(f"{' or '.join(shown_keys(BY_ID['quit'], self.day.keymap))} quits, ctrl+q at once.")

    def _stay(self) -> None:
        """Do not quit under a rep who goes on working."""
        if self._leaving:
            self._leaving = False
            self.workers.cancel_group(self, "leave")
            if self.front is not None:
                self.front.unsay()

    async def _quit_when_sent(self) -> None:
        await self.bridge.idle.wait()
        status = await self.news.refresh_status()
        if status is not None and not status.unsent:
            self.exit()
        elif status is not None:
            self.day.say(f"{status.unsent} could not be sent.", "q again leaves them queued", bad=True)

    async def set_offline(self, offline: bool) -> None:  # noqa: FBT001 - the choice itself
        """Work offline, or go online; remembered."""
        session = self.day.session
        await session.call(session.desk.set_offline, offline)
        self.bridge.look(await self.news.refresh_status())
        self.day.say(
            "Working offline: decisions stay here until you go online." if offline else "Online again."
        )
        if not offline:
            self.bridge.now()

    def choose_theme(self, name: str) -> None:
        """Change the colours."""
        self.theme = name
        self.day.inks = Inks.of(LOOKS[name])
        for screen in self.screen_stack:
            if isinstance(screen, TriageScreen):
                screen.recolour()

    def look_again(self) -> None:
        """Let status and supervisor follow what was decided."""
        if self.day.stale:
            self.day.stale = False
            self.screen.call_after_refresh(self._follow)  # the store's thread must not keep the paint waiting

    async def _follow(self) -> None:
        self.bridge.look(await self.news.refresh_status())

    async def _between_keys(self) -> None:
        """Use a pause: garbage, what another process wrote, what a filter needs, counts."""
        day = self.day
        self.pace.rest()
        await self.news.look_elsewhere()
        day.tray.prepare(PREPARED_AT_ONCE)
        if day.counts_are_old and self.pace.is_quiet:
            day.recount()
            if self.front is self._inbox:
                self._inbox.show()


def run(
    session: Session,
    *,
    clock: Clock = utc_now,
    keymap: Mapping[str, str] | None = None,
    theme: str = "",
    interval: float = 60.0,
) -> int:
    """Run the app until it ends and close the session; returns the process's exit code.

    Raises what broke the app, once the terminal is whole again.
    """
    app = TriageApp(session, clock=clock, keymap=keymap, theme=theme, interval=interval)
    try:
        return run_to_end(app)
    finally:
        app.pace.release()
        session.close()
