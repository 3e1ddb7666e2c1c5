"""The queue: everything that is unsent, unknown, refused or in conflict, with its cause and its way out."""

from __future__ import annotations

from collections.abc import Sequence
from time import monotonic
from typing import ClassVar

from textual.timer import Timer

from screens.actions import QUEUE
from screens.asking.pointing import digit_at
from screens.bindings import bindings
from screens.cells import Line, say
from screens.day import Day
from screens.queue.conflict import YOU
from screens.queue.lines import Told, choices
from screens.queue.page import Page
from screens.queue.report import report
from screens.queue.rows import title
from screens.queue.settling import SettlingScreen
from screens.terminal.clipboard import copied
from screens.writing import written
from triage.domain.item import Item, State
from triage.domain.lead import LeadId

TICKS_EVERY = 1.0
"""Seconds between two looks at when what waits is sent."""
READS_EVERY = 0.25
"""Seconds between two readings while a sync delivers: of a long queue, three times what a reading takes."""


class QueueScreen(SettlingScreen, inherit_bindings=False):
    """One item after the other; digits act on the one under the cursor."""

    CONTEXT = QUEUE
    BINDINGS: ClassVar = bindings(QUEUE)

    def __init__(self, day: Day, items: Sequence[Item]) -> None:
        super().__init__(day, items)
        self._is_whole = False
        self._top = self._details_turned = 0
        self._read_at = self._read_for = 0.0
        self._reads_later: Timer | None = None

    @property
    def length(self) -> int:
        """The items there are."""
        return len(self.queue.items)

    @property
    def page(self) -> int:
        """A screenful of items, less what lies open under the cursor."""
        return self._page().room

    def on_mount(self) -> None:
        """Let what counts down count."""
        self.set_interval(TICKS_EVERY, self._tick)

    def on_screen_resume(self) -> None:
        """Show what became of the lead that the rep went to."""
        super().on_screen_resume()
        if self.has_errand:
            self.app.call_later(self.come_back)

    async def take_news(self) -> None:
        """Read the queue afresh: an item was delivered. Many at once are read together."""
        pause = self._read_at + max(READS_EVERY, 3 * self._read_for) - monotonic()
        if pause <= 0:
            await self._read_news()
        elif self._reads_later is None:
            self._reads_later = self.set_timer(pause, self._read_news)

    async def _read_news(self) -> None:
        self._reads_later, before = None, self.meant
        await self.reload()
        self.turned(before)

    async def reload(self, *, follow: bool = True) -> None:
        """Read the queue afresh; the cursor follows its item, or stays where it is."""
        session, started = self.day.session, monotonic()
        items: tuple[Item, ...] | None = await written(self.day, session.call(session.desk.queue))
        self._read_at = monotonic()
        self._read_for = self._read_at - started
        if items is not None:
            self.queue = self.queue.renewed(items, follow=follow)
            self.show()

    def show(self) -> None:
        """Draw the queue."""
        self._draw()
        self.title_bar.say(
            title(self.queue.counts, self.day.clock(), self.app.size.width, self.day.inks.raised)
        )
        super().show()

    def move(self, by: int) -> None:
        """Move the cursor by so many items."""
        self.queue, self._details_turned = self.queue.moved(by), 0
        self._draw()

    def pointed(self, column: int, line: int, *, twice: bool) -> None:  # noqa: ARG002 - one click is enough
        """Move to the item that was clicked; a click on a way out is its digit."""
        item, index = self.item, self._page().item_at(line)
        if item is not None and (digit := digit_at(self.pane.said(line), choices(self.told(item)), column)):
            self.press(digit)
        elif index is not None:
            self.move(index - self.queue.index)

    def _draw(self) -> None:
        if self.queue.item is None:
            self._is_whole = False
            ink = self.day.inks.plain
            self.pane.put([Line(), Line("   Nothing is waiting: all you decided is at the CRM.", ink.strong)])
            return
        lines, self._top = self._page().lines()
        self.pane.put(lines)

    def _page(self) -> Page:
        return Page(
            self.queue,
            self.told,
            self.day.clock(),
            self.pane.extent,
            self.day.inks,
            self._is_whole,
            self._top,
            self._details_turned,
        )

    def _tick(self) -> None:
        """Draw anew what says when it goes."""
        if self.is_current and self.queue.counts.get(State.QUEUED):
            self._draw()

    def targets(self) -> tuple[LeadId, ...]:
        """Return the lead of the item."""
        return (self.item.lead_id,) if self.item is not None else ()

    def action_details(self) -> None:
        """Show all that is known of the item, or less again."""
        self._is_whole, self._details_turned = not self._is_whole, 0
        self._draw()

    def action_page_down(self) -> None:
        """Move down a page, or turn on the details that are shown."""
        if self._is_whole:
            self._turn(self.pane.extent.height - 2)
        else:
            super().action_page_down()

    def action_page_up(self) -> None:
        """Move up a page, or turn back the details that are shown."""
        if self._is_whole:
            self._turn(2 - self.pane.extent.height)
        else:
            super().action_page_up()

    def _turn(self, lines: int) -> None:
        self._details_turned = max(0, min(self._details_turned + lines, self._page().longest_turn()))
        self._draw()

    def action_quit(self) -> None:
        """Go one step back: from the details to the queue, from the queue to where the rep came from."""
        if self._is_whole:
            self.action_details()
        else:
            super().action_quit()

    async def action_copy_report(self) -> None:
        """Copy all that is known of the item, as text."""
        if self.item is None:
            self.refuse("There is no item here.")
            return
        self.say(f"{await copied(self.app, 'report of the item', report(self.item))}.")

    async def action_sync(self) -> None:
        """Send everything now, and fetch."""
        await self.desktop.sync_now()

    async def action_help(self) -> None:
        """Show the keys of this screen."""
        await self.desktop.show_help(self.CONTEXT)

    async def action_palette(self) -> None:
        """Open the command palette."""
        await self.desktop.show_palette(self.CONTEXT)

    def name_of(self, lead_id: LeadId) -> str:
        """Return what the rep calls a lead; its id where it is not known any more."""
        return self.day.name_of(lead_id)

    def told(self, item: Item) -> Told:
        """Return an item with what the rep calls the people and leads around it."""
        status = self.day.status
        earliest = status.next_due if status is not None else None
        name, survivor = self.name_of(item.lead_id), self._survivor(item)
        return Told(item, name, self._person, survivor, self._waits(item), earliest)

    def _person(self, user_id: str) -> str:
        if user_id == self.day.session.rep.user_id:
            return YOU
        return say(self.day.rulebook.person(user_id))

    def _survivor(self, item: Item) -> str:
        """Return the name of the lead that took the place of a merged one, if it is on the rep's list."""
        merged_into = item.theirs.merged_into if item.theirs is not None else None
        entry = self.day.tray.inbox.entries.get(LeadId(merged_into)) if merged_into else None
        return self.name_of(entry.lead_id) if entry is not None and not entry.gone else ""

    def _waits(self, item: Item) -> str:
        """Say what a queued item waits for, other than its time."""
        if item.state is not State.QUEUED:
            return ""
        if item.id in self.queue.behind:
            return "Waits behind your earlier decision on this lead."
        if self.day.status is not None and self.day.status.offline:
            return "You work offline: 1 sends all that waits."
        return ""
