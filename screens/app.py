"""The terminal app: opens the day, passes keys on one at a time, and leaves the terminal whole.

Owns the order of keys and the way out. Must never reach the network before the cached inbox is painted.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from textual import events, work
from textual.app import ScreenStackError, SystemCommand
from textual.binding import Binding, BindingType
from textual.screen import Screen

from screens.actions import BY_ID, first_key, shown_keys
from screens.bindings import remapped
from screens.day import Day, silence
from screens.habits import AS_SHIPPED, Habits
from screens.inbox.ahead import PAUSE
from screens.inbox.screen import InboxScreen
from screens.ink import Inks
from screens.news import News
from screens.room import TriageScreen
from screens.start.opening import Opened
from screens.start.pace import Pace
from screens.start.warming import warm
from screens.terminal.ending import OrderlyApp, run_to_end
from screens.terminal.keyboard import driver_class
from screens.themes import LOOKS, chosen, theme_of, theme_words
from triage.clock import Clock, utc_now
from triage.desk.session import Session
from triage.domain.inbox import View
from triage.domain.lead import LeadId

if TYPE_CHECKING:  # what the first paint does not need is loaded after it
    from screens.bridge import Bridge
    from screens.start.doors import Doors
    from triage.desk.events import FetchAsks

PREPARED_AT_ONCE = 1000
"""Leads made ready for the filter in one pause."""
LOOK_EVERY = 1.0
"""Seconds between two looks for what another process wrote, and for a pause to collect garbage in."""


class TriageApp(OrderlyApp[None]):
    """Leads in, decisions out."""

    TITLE = "triage"
    ENABLE_COMMAND_PALETTE = False
    has_inbox = True
    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+z", "suspend_process", show=False, system=True)]

    def __init__(
        self,
        session: Session,
        *,
        clock: Clock = utc_now,
        keymap: Mapping[str, str] | None = None,
        theme: str = "",
        habits: Habits = AS_SHIPPED,
        interval: float = 60.0,
        ahead: Future[Opened] | None = None,
    ) -> None:
        """`ahead` is the cached inbox, where someone is reading it already."""
        super().__init__(driver_class=driver_class())
        self._ahead = ahead
        self.animation_level = "none"
        self.day = Day(session, clock, keymap, habits.views)
        self.pace = Pace()
        self.day.asking.editor = self._edited
        self.day.asking.output = self.output
        self.news = News(self.day, self.pace, lambda: self.front)
        self._interval = interval
        for look in LOOKS.values():
            self.register_theme(theme_of(look))
        self.theme = chosen(theme, os.environ)
        self.day.inks = Inks.of(LOOKS[self.theme])
        self._habits = habits
        self._hint_kept = self.day.decided_before = habits.hint_seen
        self.day.ring = self.bell if habits.bell else silence
        self.set_keymap(remapped(self.day.keymap))
        self._inbox = InboxScreen(self.day)
        self._was_sized = False
        self._leaving = False
        """Whether the rep quits as soon as all is sent."""

    async def on_load(self) -> None:
        """Take the cached inbox before the terminal is changed: the first frame shows it."""
        await self.news.open(self._ahead)

    def get_default_screen(self) -> Screen[Any]:
        """Return the inbox: no other screen is drawn before it."""
        return self._inbox

    def on_mount(self) -> None:
        """Think of the network only once the inbox is shown."""
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        """Start what works beside the keys."""
        self.pace.hold()
        self.run_worker(self._supervise(), group="sync")
        self.set_interval(LOOK_EVERY, self._between_keys)

    async def _supervise(self) -> None:
        """Load what the first paint did without, then sync for as long as the app runs."""
        await asyncio.to_thread(warm)
        self.pace.loaded()  # else the first collection while keys are pressed goes through it all
        await self.bridge.run()

    async def on_event(self, event: events.Event) -> None:
        """Give each key to the open question first; the next key waits until it is done with."""
        if isinstance(event, events.Key) and not event.is_forwarded:
            self.pace.key()
            self.day.pressed_at = event.time
            screen = self.front
            if screen is not None and await self._took(screen, event):
                self._paint()
                return
        if isinstance(event, events.Paste):
            self._pasted(event.text)
            return  # passed on, one without a field would come back, into a field that was opened since
        await super().on_event(event)
        if isinstance(event, events.Resize):
            if self._was_sized:
                self.refresh()  # after `fg` too, of the same size: nothing is shown of what was
            self._was_sized = True
        if isinstance(event, events.Key):
            self._paint()

    def _paint(self) -> None:
        """Paint what a key changed; where keys wait already, what the last of them leaves is soon enough."""
        if self.front is not None and not self.message_queue_size:
            self.front.paint()

    async def _took(self, screen: TriageScreen, event: events.Key) -> bool:
        """Return whether the key is done with before the screen's own keys are looked at."""
        if not screen.quits(event.key):
            self._stay()
            if screen.is_too_small:
                return True  # nothing but quitting is done unseen
        if self.day.asking.question is not None:
            screen.forget_prefix()
            if await self._answered(screen, event):
                return True
        return await screen.chord(event.key)

    async def _answered(self, screen: TriageScreen, event: events.Key) -> bool:
        taken = await self.day.asking.press(screen.press_of(event.key, event.character))
        self.look_again()
        return taken

    def _pasted(self, text: str) -> None:
        if self.front is not None:
            self.day.asking.paste(text)

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

    @cached_property
    def bridge(self) -> Bridge:
        """What syncs in the background; first asked for once the inbox is painted."""
        from screens.bridge import Bridge  # noqa: PLC0415 - the first paint does without

        return Bridge(self.day.session, self.news, self.day.clock, self._interval)

    @cached_property
    def doors(self) -> Doors:
        """The ways to the other screens; first asked for once the inbox is painted."""
        from screens.start.doors import Doors  # noqa: PLC0415 - the first paint does without

        return Doors(self, self.day)

    async def show_lead(self) -> None:
        """Show the lead under the cursor in full."""
        await self.doors.show_lead()

    async def show_queue(self) -> None:
        """Show the queue."""
        await self.doors.show_queue()

    async def show_history(self) -> None:
        """Show what was decided today."""
        await self.doors.show_history()

    async def show_replies(self) -> None:
        """Show marketing's replies."""
        await self.doors.show_replies()

    async def show_rules(self) -> None:
        """Show what changed in the rules, and what is in force."""
        await self.doors.show_rules()

    async def show_insights(self) -> None:
        """Show the numbers for both teams."""
        await self.doors.show_insights()

    async def synced(self) -> None:
        """Wait until no sync runs."""
        await self.bridge.idle.wait()

    async def show_help(self, context: str) -> None:
        """Show the keys of a screen."""
        await self.doors.show_help(context)

    async def show_palette(self, context: str) -> None:
        """Show what can be done on a screen, and everywhere."""
        await self.doors.show_palette(context)

    async def decide_again(self, lead_id: LeadId) -> None:
        """Go from the queue to a lead, to decide it once more and come back."""
        await self.doors.decide_again(lead_id)

    async def visit(self, lead_id: LeadId) -> None:
        """Show a lead in full, whatever the view and the filter."""
        await self.doors.visit(lead_id)

    async def _edited(self, text: str) -> str | None:
        return await self.doors.edited(text)

    async def reread(self, lead_ids: Iterable[LeadId]) -> None:
        """Read leads again from the disk, and how things stand."""
        await self.news.reload_leads(lead_ids)
        await self.news.refresh_status()

    def look_at(self, view: View) -> None:
        """Show a view of the inbox, from wherever the rep is."""
        while self.front is not self._inbox and isinstance(self.screen, TriageScreen):
            self.pop_screen()
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
        if await self.doors.may_replace(asks):
            self._sync(confirmed=True)

    async def leave(self) -> None:
        """Quit; with unsent items, say so and send them first. A second time leaves them queued."""
        status = await self.news.refresh_status()
        if self._leaving or status is None or not status.unsent or status.offline:
            self.exit()
            return
        self._leaving = True
        self.day.say(f"{status.unsent} unsent: sending now, then quitting.", self._leaves_queued)
        self.bridge.now()
        self._quit_when_sent()

    @property
    def _leaves_queued(self) -> str:
        return f"{first_key('quit', self.day.keymap)} again leaves them queued"

    def action_suspend_process(self) -> None:
        """Stop, where a shell of the same session can let the app go on."""
        if os.getsid(0) == os.getpid():
            self.day.say("No shell waits here: stopped, triage could not go on.", bad=True)
        else:
            super().action_suspend_process()

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

    @work(group="leave", exclusive=True)
    async def _quit_when_sent(self) -> None:
        await self.bridge.idle.wait()
        status = await self.news.refresh_status()
        if status is not None and not status.unsent:
            self.exit()
        elif status is not None:
            self.day.say(f"{status.unsent} could not be sent.", self._leaves_queued, bad=True)

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

    async def choose_theme(self, name: str) -> None:
        """Change the colours, and remember it."""
        self.theme = chosen(name, os.environ)
        self.day.inks = Inks.of(LOOKS[self.theme])
        for screen in self.screen_stack:
            if isinstance(screen, TriageScreen):
                screen.recolour()
        problem = await self._habits.remember("ui.theme", name)
        self.day.say(theme_words(name, self.theme, problem), bad=bool(problem))

    def look_again(self) -> None:
        """Let status and supervisor follow what was decided."""
        if self.day.stale:
            self.day.stale = False
            # The store's thread must keep neither the paint waiting nor the thread that sends it.
            asyncio.get_running_loop().call_later(PAUSE, self.call_later, self._follow)

    async def _follow(self) -> None:
        self.bridge.look(await self.news.refresh_status())

    async def _between_keys(self) -> None:
        """Use a pause: garbage, what another process wrote, what a filter needs, counts."""
        day = self.day
        self.pace.rest()
        await self.news.look_elsewhere()
        await self.news.note_rules()
        if day.decided_before and not self._hint_kept:
            self._hint_kept = True  # tried once: a file that cannot be written is no reason to ask again
            await self._habits.remember("ui.hint_seen", value=True)
        day.tray.prepare(PREPARED_AT_ONCE)
        if self.pace.is_quiet:
            day.acts.accounts.prepare(day.tray.inbox.entries)
            if day.counts_are_old:
                day.recount()
                if self.front is self._inbox:
                    self._inbox.show()


def say_nothing(_began_at: datetime) -> None:
    """End without a word."""


def run(
    session: Session,
    *,
    clock: Clock = utc_now,
    keymap: Mapping[str, str] | None = None,
    theme: str = "",
    habits: Habits = AS_SHIPPED,
    interval: float = 60.0,
    ahead: Future[Opened] | None = None,
    ended: Callable[[datetime], None] = say_nothing,
) -> int:
    """Run the app until it ends and close the session; returns the process's exit code.

    Raises what broke the app, once the terminal is whole again. After an end in order `ended` is told when
    the session began.
    """
    app = TriageApp(
        session, clock=clock, keymap=keymap, theme=theme, habits=habits, interval=interval, ahead=ahead
    )
    try:
        code = run_to_end(app)
        if code == 0:
            ended(app.day.began_at)
        return code
    finally:
        app.pace.release()
        session.close()
