"""The queue: everything that is unsent, unknown, refused or in conflict, with its cause and its way out."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, ClassVar

from textual.app import ComposeResult

from screens.act_words import undone_words
from screens.actions import QUEUE
from screens.acts import written
from screens.arrangement import BARS
from screens.bindings import bindings
from screens.cells import Line, say
from screens.day import Day
from screens.queue_lines import DROP, KEEP, REDECIDE, RETRY, WAYS, Told, in_order, item_lines
from screens.room import TriageScreen
from screens.widgets.bars import Bar
from screens.widgets.line_pane import LinePane
from triage.domain.item import Item, State
from triage.domain.lead import LeadId


class QueueScreen(TriageScreen, inherit_bindings=False):
    """One item after the other; digits act on the one under the cursor."""

    CONTEXT = QUEUE
    BINDINGS: ClassVar = bindings(QUEUE)

    def __init__(self, day: Day, items: tuple[Item, ...]) -> None:
        super().__init__(day)
        self.title_bar = Bar(day.inks.raised, id="title")
        self.pane = LinePane(day.inks.plain, id="queue")
        self._items = in_order(items)
        self._index = 0

    @property
    def item(self) -> Item | None:
        """The item under the cursor."""
        return self._items[self._index] if self._index < len(self._items) else None

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

    async def take_news(self) -> None:
        """Read the queue afresh: an item was delivered."""
        await self.reload()

    async def reload(self) -> None:
        """Read the queue afresh; the cursor stays on its item."""
        session = self.day.session
        items: tuple[Item, ...] | None = await written(self.day, session.call(session.desk.queue))
        if items is None:
            return
        here = self.item
        self._items = in_order(items)
        ids = [item.id for item in self._items]
        self._index = ids.index(here.id) if here is not None and here.id in ids else 0
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

    def move(self, items: int) -> None:
        """Move the cursor by so many items."""
        self._index = max(0, min(self._index + items, len(self._items) - 1))
        self.show()

    def targets(self) -> tuple[LeadId, ...]:
        """Return the lead of the item."""
        return (self.item.lead_id,) if self.item is not None else ()

    async def action_choose(self, digit: str) -> None:
        """Take the way out that the digit stands for on the item's line."""
        item = self.item
        way = WAYS.get(item.state, {}).get(digit) if item is not None else None
        if item is None or way is None:
            return
        desk, call = self.day.session.desk, self.day.session.call
        ways: Mapping[str, Callable[[], Awaitable[Any]]] = {
            KEEP: lambda: call(desk.keep_mine, item.id),
            DROP: lambda: (
                call(desk.undo, item.id) if item.state is State.QUEUED else call(desk.drop, [item.id])
            ),
            RETRY: lambda: call(desk.retry, [item.id]),
        }
        if way == REDECIDE:
            await self.desktop.decide_again(item.lead_id)
        elif way in ways:
            await self._took(way, item, await written(self.day, ways[way]()))
        else:
            await self.desktop.sync_now()

    async def _took(self, way: str, item: Item, answer: Any) -> None:
        if answer is None:
            return
        await self.desktop.reread([item.lead_id])
        await self.reload()
        words = (
            undone_words(answer)
            if way == DROP and item.state is State.QUEUED
            else f"{self._who(item)}: {_DONE[way]}"
        )
        self.say(words)

    def _who(self, item: Item) -> str:
        entry = self.day.tray.inbox.entries.get(item.lead_id)
        return (say(entry.lead.name) if entry is not None else "") or say(item.lead_id)

    def _told(self, item: Item) -> Told:
        seen = item.base or (item.decision.snapshot.seen if item.decision else None)
        if seen is None:
            return Told(item, self._who(item))
        mine = seen.owner_id == self.day.session.rep.user_id
        return Told(
            item,
            self._who(item),
            "yours" if mine else f"owner {say(self.day.rulebook.person(seen.owner_id))}",
        )

    def _title(self) -> Line:
        ink = self.day.inks.raised
        stuck = sum(item.state in (State.CONFLICT, State.REFUSED) for item in self._items)
        unsent = sum(item.state in (State.QUEUED, State.SENDING, State.UNKNOWN) for item in self._items)
        line = Line(" Queue", ink.accent).add(f"  {stuck} need you", ink.bad if stuck else ink.dim)
        return line.add(f" · {unsent} unsent · the rest was sent in the last days", ink.dim)

    def action_down(self) -> None:
        """Move down."""
        self.move(1)

    def action_up(self) -> None:
        """Move up."""
        self.move(-1)

    def action_page_down(self) -> None:
        """Move down a page."""
        self.move(max(self.pane.extent.height // 4, 1))

    def action_page_up(self) -> None:
        """Move up a page."""
        self.move(-max(self.pane.extent.height // 4, 1))

    def action_top(self) -> None:
        """Go to the first item."""
        self.move(-len(self._items))

    def action_bottom(self) -> None:
        """Go to the last item."""
        self.move(len(self._items))

    async def action_sync(self) -> None:
        """Send everything now, and fetch."""
        await self.desktop.sync_now()

    async def action_help(self) -> None:
        """Show the keys of this screen."""
        await self.desktop.show_help(self.CONTEXT)

    def action_palette(self) -> None:
        """Open the command palette."""
        self.app.action_command_palette()

    def action_back(self) -> None:
        """Go back."""
        self.action_quit()

    def action_quit(self) -> None:
        """Go back."""
        if self.is_current:
            self.app.pop_screen()


_DONE = {KEEP: "yours is sent with the next sync", DROP: "dropped", RETRY: "tried again with the next sync"}
