"""The queue: everything that is unsent, unknown, refused or in conflict, with its cause and its way out."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from time import monotonic
from typing import Any, ClassVar

from screens.act_words import undone_words
from screens.actions import QUEUE
from screens.acts import written
from screens.bindings import bindings
from screens.cells import Line, say
from screens.conflict_lines import YOU
from screens.day import Day
from screens.paging import PagedScreen
from screens.queue_lines import (
    DROP,
    FOLLOW,
    KEEP,
    REDECIDE,
    RETRY,
    TAKE_BACK,
    Told,
    in_order,
    item_lines,
    ways,
)
from screens.sight import STANDS, UNSEEN
from triage.desk.results import Undone
from triage.domain.item import BLOCKS_LATER, Item, State
from triage.domain.lead import LeadId


@dataclass(frozen=True, slots=True)
class _Errand:
    """The rep went from here to a lead, and comes back when it is decided."""

    lead_id: LeadId
    standing: str | None
    """The decision that stood on it when the rep left."""
    cursor: LeadId | None
    """Where the list behind the queue was."""
    settles: str | None = None
    """The item that is moot once the lead is decided."""


class QueueScreen(PagedScreen, inherit_bindings=False):
    """One item after the other; digits act on the one under the cursor."""

    CONTEXT = QUEUE
    BINDINGS: ClassVar = bindings(QUEUE)

    def __init__(self, day: Day, items: tuple[Item, ...]) -> None:
        super().__init__(day, day.inks.raised)
        self._items = in_order(items)
        self._index = 0
        self._errand: _Errand | None = None
        self._turned_at = 0.0
        """When news last gave the digits another meaning: another item under the cursor, or another state."""

    @property
    def item(self) -> Item | None:
        """The item under the cursor."""
        return self._items[self._index] if self._index < len(self._items) else None

    @property
    def length(self) -> int:
        """The items there are."""
        return len(self._items)

    @property
    def page(self) -> int:
        """An item takes about four lines."""
        return self.pane.extent.height // 4

    def on_screen_resume(self) -> None:
        """Show what became of the lead that the rep went to."""
        super().on_screen_resume()
        if self._errand is not None:
            self.app.call_later(self._come_back)

    async def take_news(self) -> None:
        """Read the queue afresh: an item was delivered."""
        before = _meant(self.item)
        await self.reload()
        if _meant(self.item) != before:
            self._turned_at = monotonic()

    async def reload(self) -> None:
        """Read the queue afresh; the cursor stays on its item."""
        session = self.day.session
        items: tuple[Item, ...] | None = await written(self.day, session.call(session.desk.queue))
        if items is None:
            return
        here = self.item
        self._items = in_order(items)
        ids = [item.id for item in self._items]
        if here is not None and here.id in ids:
            self._index = ids.index(here.id)
        else:  # what came after it is in its place
            self._index = max(min(self._index, len(ids) - 1), 0)
        self.show()

    def show(self) -> None:
        """Draw the queue."""
        ink, width, now = self.day.inks.plain, self.pane.extent.width, self.day.clock()
        lines: list[Line] = []
        start = end = 0
        for index, item in enumerate(self._items):
            here = index == self._index
            start = len(lines) if here else start
            lines.extend(item_lines(self._told(item), now, width, ink, under_cursor=here))
            end = len(lines) if here else end
        if not self._items:
            lines = [Line(), Line("   Nothing is waiting: all you decided is at the CRM.", ink.strong)]
        top = min(start, max(self.pane.top, end - self.pane.extent.height))
        self.pane.put(lines, top)
        self.title_bar.say(self._title())
        super().show()

    def move(self, by: int) -> None:
        """Move the cursor by so many items."""
        self._index = max(0, min(self._index + by, len(self._items) - 1))
        self.show()

    def targets(self) -> tuple[LeadId, ...]:
        """Return the lead of the item."""
        return (self.item.lead_id,) if self.item is not None else ()

    async def action_choose(self, digit: str) -> None:
        """Take the way out that the digit stands for on the item's line, once that can have been read."""
        if not await self.pane.painted(self.day.pressed_at):
            self.say(UNSEEN, bad=True)
            return
        item = self.item
        way = ways(self._told(item)).get(digit) if item is not None else None
        if item is None or way is None:
            return
        if self.day.pressed_at < self._turned_at + STANDS:
            self.say("The queue changed under the key: nothing was done.", bad=True)
            return
        if way == REDECIDE:
            await self._go_to(item.lead_id, settles=None)
        elif way == FOLLOW and item.theirs is not None and item.theirs.merged_into:
            await self._go_to(LeadId(item.theirs.merged_into), settles=item.id)
        elif way in _DONE:
            await self._took(way, item, await written(self.day, self._write(way, item)))
        else:
            await self.desktop.sync_now()

    def _write(self, way: str, item: Item) -> Awaitable[Any]:
        """Return the call that takes a way out."""
        desk, call = self.day.session.desk, self.day.session.call
        drops = desk.undo if item.state is State.QUEUED and not item.takes_back else None
        calls: Mapping[str, Callable[[], Awaitable[Any]]] = {
            KEEP: partial(call, desk.keep_mine, item.id),
            DROP: partial(call, drops, item.id) if drops else partial(call, desk.drop, [item.id]),
            TAKE_BACK: partial(call, desk.undo, item.id),
            RETRY: partial(call, desk.retry, [item.id]),
        }
        return calls[way]()

    async def _took(self, way: str, item: Item, answer: Any) -> None:
        if answer is None:
            return
        await self.desktop.reread([item.lead_id])
        await self.reload()
        self.desktop.look_again()
        done = undone_words(answer) if isinstance(answer, Undone) else f"{self._who(item)}: {_DONE[way]}"
        self.say(done)

    async def _go_to(self, lead_id: LeadId, *, settles: str | None) -> None:
        """Go to a lead, to decide it and come back."""
        tray = self.day.tray
        self._errand = _Errand(lead_id, self._standing_on(lead_id), tray.cursor, settles)
        await self.desktop.decide_again(lead_id)

    async def _come_back(self) -> None:
        """Take up the queue where the rep left it; what the errand made moot goes."""
        errand, self._errand = self._errand, None
        if errand is None:
            return
        if errand.cursor is not None:
            self.day.tray.go_to(errand.cursor)
        standing = self._standing_on(errand.lead_id)
        decided = standing is not None and standing != errand.standing
        if decided and errand.settles is not None:
            desk, call = self.day.session.desk, self.day.session.call
            await written(self.day, call(desk.drop, [errand.settles]))
        await self.reload()
        if decided:
            self.say(f"{self._name_of(errand.lead_id)}: decided anew. It waits here; 3 drops it.")

    def _standing_on(self, lead_id: LeadId) -> str | None:
        entry = self.day.tray.inbox.entries.get(lead_id)
        return entry.decision.id if entry is not None and entry.decision is not None else None

    def _who(self, item: Item) -> str:
        return self._name_of(item.lead_id)

    def _name_of(self, lead_id: LeadId) -> str:
        entry = self.day.tray.inbox.entries.get(lead_id)
        return (say(entry.lead.name) if entry is not None else "") or say(lead_id)

    def _told(self, item: Item) -> Told:
        status = self.day.status
        return Told(
            item,
            self._who(item),
            self._person,
            self._survivor(item),
            self._waits(item),
            status.next_due if status is not None else None,
        )

    def _person(self, user_id: str) -> str:
        if user_id == self.day.session.rep.user_id:
            return YOU
        return say(self.day.rulebook.person(user_id))

    def _survivor(self, item: Item) -> str:
        """Return the name of the lead that took the place of a merged one, if it is on the rep's list."""
        merged_into = item.theirs.merged_into if item.theirs is not None else None
        entry = self.day.tray.inbox.entries.get(LeadId(merged_into)) if merged_into else None
        return self._name_of(entry.lead_id) if entry is not None and not entry.gone else ""

    def _waits(self, item: Item) -> str:
        """Say what a queued item waits for, other than its time."""
        if item.state is not State.QUEUED:
            return ""
        before = (one for one in self._items if one.lead_id == item.lead_id and one.seq < item.seq)
        if item.decision is not None and any(one.decision and one.state in BLOCKS_LATER for one in before):
            return "Waits behind your earlier decision on this lead."
        if self.day.status is not None and self.day.status.offline:
            return "You work offline: 1 sends all that waits."
        return ""

    def _title(self) -> Line:
        ink = self.day.inks.raised
        stuck = sum(item.state in (State.CONFLICT, State.REFUSED) for item in self._items)
        unsent = sum(item.state in (State.QUEUED, State.SENDING, State.UNKNOWN) for item in self._items)
        line = Line(" Queue", ink.accent).add(f"  {stuck} need you", ink.bad if stuck else ink.dim)
        return line.add(f" · {unsent} unsent · the rest was sent in the last days", ink.dim)

    async def action_sync(self) -> None:
        """Send everything now, and fetch."""
        await self.desktop.sync_now()

    async def action_help(self) -> None:
        """Show the keys of this screen."""
        await self.desktop.show_help(self.CONTEXT)

    def action_palette(self) -> None:
        """Open the command palette."""
        self.app.action_command_palette()


_DONE = {
    KEEP: "yours is sent with the next sync",
    DROP: "dropped",
    RETRY: "tried again with the next sync",
    TAKE_BACK: "taken back",
}


def _meant(item: Item | None) -> tuple[str, State] | None:
    """Return what decides which way a digit takes."""
    return (item.id, item.state) if item is not None else None
