"""The terminal app: opens the day, passes keys on one at a time, and leaves the terminal whole.

Owns the order of keys and the way out. Must never reach the network before the cached inbox is painted.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from rich.segment import Segments
from rich.traceback import Traceback
from textual import events
from textual.app import App, ScreenStackError, SystemCommand
from textual.screen import Screen

from screens.bindings import remapped
from screens.bridge import Bridge
from screens.cells import say
from screens.day import Day
from screens.foot import Connection
from screens.help import HelpScreen
from screens.inbox import InboxScreen
from screens.ink import Inks
from screens.lead import LeadScreen
from screens.pace import Pace
from screens.palette import TriageCommands
from screens.queue import QueueScreen
from screens.room import TriageScreen
from screens.rulebook import Rulebook
from screens.themes import LOOKS, chosen, theme_of
from triage.clock import Clock, utc_now
from triage.desk.desk import Desk
from triage.desk.results import Status
from triage.desk.session import Session
from triage.domain.inbox import Entry, View
from triage.domain.lead import LeadId
from triage.errors import TriageError

_SIGNALS = (signal.SIGTERM, signal.SIGHUP)
PREPARED_AT_ONCE = 1000
"""Leads made ready for the filter in one pause."""
LOOK_EVERY = 1.0
"""Seconds between two looks for what another process wrote, and for a pause to collect garbage in."""


@dataclass(frozen=True, slots=True)
class _Opened:
    """What the first paint needs, read in one go on the store's thread."""

    entries: tuple[Entry, ...]
    rulebook: Rulebook
    status: Status

    @classmethod
    def read(cls, desk: Desk) -> _Opened:
        """Read it."""
        return cls(desk.entries(), Rulebook.read(desk), desk.status())


class TriageApp(App[None]):
    """Leads in, decisions out."""

    TITLE = "triage"
    COMMANDS: ClassVar = {TriageCommands}
    ENABLE_COMMAND_PALETTE = True

    def __init__(
        self,
        session: Session,
        *,
        clock: Clock = utc_now,
        keymap: Mapping[str, str] | None = None,
        theme: str = "",
        interval: float = 60.0,
    ) -> None:
        super().__init__()
        self.animation_level = "none"
        self.day = Day(session, clock, keymap)
        self.bridge = Bridge(session, self, clock, interval)
        self.pace = Pace()
        for look in LOOKS.values():
            self.register_theme(theme_of(look))
        self.theme = chosen(theme, os.environ)
        self.day.inks = Inks.of(LOOKS[self.theme])
        self.set_keymap(remapped(self.day.keymap))
        self._inbox = InboxScreen(self.day)

    async def on_mount(self) -> None:
        """Read the cached inbox, show it, and only then think of the network."""
        session = self.day.session
        opened = await session.call(_Opened.read, session.desk)
        self.day.rulebook, self.day.status = opened.rulebook, opened.status
        self.day.tray.load(opened.entries)
        self.day.decided_before = any(entry.decision for entry in opened.entries)
        self.day.recount()
        await self.push_screen(self._inbox)
        self._take_signals()
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        """Start what works beside the keys."""
        self.pace.hold()
        self.pace.loaded()
        self.run_worker(self.bridge.run(), group="sync", exit_on_error=False)
        self.set_interval(LOOK_EVERY, self._between_keys)

    async def on_event(self, event: events.Event) -> None:
        """Give each key to the open question first; the next key waits until it is done with."""
        if isinstance(event, events.Key) and not event.is_forwarded:
            self.pace.key()
            screen = self.front
            if screen is not None:
                screen.forget_prefix(event.key)
                if self.day.asking.question is not None and await self._answered(screen, event):
                    return
        if isinstance(event, events.Paste) and self._pasted(event.text):
            return
        await super().on_event(event)

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

    # -- what screens ask for --------------------------------------------------------------------

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
        """Go from the queue to a lead, to decide it once more."""
        self.pop_screen()
        await self.visit(lead_id)

    async def visit(self, lead_id: LeadId) -> None:
        """Show a lead in full, whatever the view and the filter."""
        if self.day.tray.visit(lead_id):
            await self.show_lead()
        else:
            self.day.say("That lead is no longer here.", bad=True)

    def look_at(self, view: View) -> None:
        """Show a view of the inbox."""
        self._inbox.look_at(view)

    def sync_now(self) -> None:
        """Send everything now, and fetch."""
        self.bridge.now()
        self.day.say("Syncing …")

    def send_and_quit(self) -> None:
        """Send what is unsent, then leave; stay if something could not be sent."""
        self.bridge.now()
        self.run_worker(self._quit_when_sent(), group="leave", exclusive=True)

    async def _quit_when_sent(self) -> None:
        await self.bridge.idle.wait()
        status = await self.refresh_status()
        if status is not None and not status.unsent:
            self.exit()
        elif status is not None:
            self.day.say(f"{status.unsent} could not be sent.", "q again leaves them queued", bad=True)

    async def set_offline(self, offline: bool) -> None:  # noqa: FBT001 - the choice itself
        """Work offline, or go online; remembered."""
        session = self.day.session
        await session.call(session.desk.set_offline, offline)
        self.bridge.look(await self.refresh_status())
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

    async def stage(self, what: str) -> None:
        """Let the world do something, in a demo."""
        demo, cursor = self.day.session.demo, self.day.tray.cursor
        if demo is None:
            return
        try:
            if what == "pull":
                await demo.pull_the_plug()
                words = "The plug is pulled: the CRM cannot be reached."
            elif what == "plug":
                await demo.plug_in()
                words = "Plugged in again."
            elif what == "answer":
                words = await demo.marketing_answers()
            else:
                name = await demo.another_rep_takes(cursor) if cursor is not None else ""
                words = f"{say(name)} took this lead at the CRM." if name else "There is no lead to take."
        except TriageError as error:
            self.day.say(f"{say(error.message)} {say(error.hint)}", bad=True)
        else:
            self.day.say(words)

    # -- what the bridge tells -------------------------------------------------------------------

    def connection_changed(self, connection: Connection) -> None:
        """Show how the way to the CRM is."""
        self.day.connection = connection
        self._front(lambda screen: screen.show_status())

    async def leads_changed(self, lead_ids: Iterable[LeadId] | None) -> None:
        """Read leads again and show them; the cursor does not move by it."""
        await self.reload_leads(lead_ids)
        self._front(lambda screen: screen.show())

    async def reload_leads(self, lead_ids: Iterable[LeadId] | None = None) -> None:
        """Read leads again from the disk, all of them when none are named."""
        session, tray = self.day.session, self.day.tray
        if lead_ids is None:
            opened = await session.call(_Opened.read, session.desk)
            self.day.rulebook, self.day.status = opened.rulebook, opened.status
            tray.load(opened.entries)
        else:
            tray.absorb(await session.call(session.desk.entries_of, tuple(lead_ids)))
        if lead_ids is None or self.pace.is_quiet:
            self.day.recount()

    async def refresh_status(self) -> Status | None:
        """Read how things stand; None, and said, if that cannot be read."""
        session = self.day.session
        try:
            self.day.status = await session.call(session.desk.status)
        except TriageError as error:
            self.day.say(f"{say(error.message)} {say(error.hint)}", bad=True)
            return None
        self._front(lambda screen: screen.show_status())
        return self.day.status

    def sync_told(self, text: str, *, bad: bool = False) -> None:
        """Say what a sync did that the rep asked for."""
        self.day.say(say(text), bad=bad)

    def look_again(self) -> None:
        """Let status and supervisor follow what was decided."""
        if self.day.stale:
            self.day.stale = False
            self.call_later(self._follow)

    async def _follow(self) -> None:
        self.bridge.look(await self.refresh_status())

    async def _between_keys(self) -> None:
        """Use a pause: counts, garbage, what another process wrote."""
        self.pace.rest()
        self.day.tray.prepare(PREPARED_AT_ONCE)
        session = self.day.session
        try:
            if await session.call(session.desk.changed_elsewhere):
                await self.leads_changed(None)
        except TriageError:
            return  # busy: the next look comes in a second
        if self.day.counts_are_old and self.pace.is_quiet:
            self.day.recount()
            if self.front is self._inbox:
                self._inbox.show()

    def _front(self, draw: Callable[[TriageScreen], None]) -> None:
        front = self.front
        if front is not None:
            draw(front)

    # -- how it ends -----------------------------------------------------------------------------

    def _take_signals(self) -> None:
        """Leave in order when asked to by a signal: the terminal is restored, the code is 128 + n."""
        loop = asyncio.get_running_loop()
        for number in _SIGNALS:
            loop.add_signal_handler(number, partial(self.exit, return_code=128 + number))

    def _fatal_error(self) -> None:
        """Show a traceback without the values of variables: they hold leads and perhaps a token."""
        self.bell()
        traceback = Traceback(show_locals=False, width=None)
        self._exit_renderables.append(Segments(self.console.render(traceback, self.console.options)))
        self._close_messages_no_wait()


def run(
    session: Session,
    *,
    clock: Clock = utc_now,
    keymap: Mapping[str, str] | None = None,
    theme: str = "",
    interval: float = 60.0,
) -> int:
    """Run the app until it ends and close the session; returns the process's exit code."""
    app = TriageApp(session, clock=clock, keymap=keymap, theme=theme, interval=interval)
    try:
        app.run()
    finally:
        app.pace.release()
        session.close()
    return app.return_code or 0
