"""The ways out of the queue, from digit to disk. A digit acts once, on the item seen under the cursor.

Never drops a thing that undo could not bring back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from time import monotonic
from typing import Any

from msgspec import Struct

from screens.actions import BY_ID, shown_keys
from screens.asking.questions import Confirm
from screens.cells import say
from screens.day import Day
from screens.deciding.act_words import undone_words
from screens.paging import PagedScreen
from screens.queue.deliberate import DeliberateDigits
from screens.queue.items import QueueList
from screens.queue.lines import DROP, FOLLOW, KEEP, REDECIDE, RETRY, TAKE_BACK, Told, ways
from screens.sight import STANDS, UNSEEN
from screens.words import counted
from screens.writing import written
from triage.desk.results import Undone
from triage.domain.item import Item, State
from triage.domain.lead import LeadId

_DONE = {
    KEEP: "yours is sent with the next sync",
    DROP: "dropped",
    RETRY: "tried again with the next sync",
    TAKE_BACK: "taken back",
}


class _Errand(Struct, frozen=True):
    """The rep went from here to a lead, and comes back when it is decided."""

    lead_id: LeadId
    standing: str | None
    """The decision that stood on it when the rep left."""
    cursor: LeadId | None
    """Where the list behind the queue was."""
    settles: str | None = None
    """The item that is moot once the lead is decided."""


class SettlingScreen(PagedScreen, inherit_bindings=False):
    """A screen with a queue under a cursor; subclasses draw it and read it."""

    def __init__(self, day: Day, items: Sequence[Item]) -> None:
        super().__init__(day, day.inks.raised)
        self.queue = QueueList.of(items)
        self._digits = DeliberateDigits()
        self._errand: _Errand | None = None
        self._turned_at = 0.0
        """When news last gave the digits another meaning: another item under the cursor, or another state."""

    @property
    def item(self) -> Item | None:
        """The item under the cursor."""
        return self.queue.item

    def told(self, item: Item) -> Told:
        """Return an item with what the rep calls the people and leads around it."""
        raise NotImplementedError

    def name_of(self, lead_id: LeadId) -> str:
        """Return what the rep calls a lead."""
        raise NotImplementedError

    async def reload(self, *, follow: bool = True) -> None:
        """Read the queue afresh; the cursor follows its item, or stays where it is."""
        raise NotImplementedError

    async def chord(self, key: str) -> bool:
        """Take note of every key: another one says that the rep goes on."""
        self._digits.heard(key)
        return await super().chord(key)

    async def action_choose(self, digit: str) -> None:
        """Take the way out that the digit stands for on the item's line, once that can have been read."""
        pressed_at = self.day.pressed_at
        if not await self.pane.painted(pressed_at):
            self.say(UNSEEN, bad=True)
            return
        is_meant, item = self._digits.is_meant(digit, pressed_at), self.item
        way = ways(self.told(item)).get(digit) if item is not None else None
        if item is None or way is None:
            self.refuse(f"{digit} chooses nothing here.")
            return
        if not is_meant:
            self.say(
                f"{digit} counts once: press another key, or rest a second.", f"{self._key('undo')} undoes"
            )
        elif pressed_at < self._turned_at + STANDS:
            self.say("The queue changed under the key: nothing was done.", bad=True)
        else:
            self._digits.acted(digit, pressed_at)
            await self._take(way, item)

    async def _take(self, way: str, item: Item) -> None:
        if way == REDECIDE:
            await self._go_to(item.lead_id, settles=None)
        elif way == FOLLOW and item.theirs is not None and item.theirs.merged_into:
            await self._go_to(LeadId(item.theirs.merged_into), settles=item.id)
        elif way == KEEP and self._final_words(item):
            await self.day.asking.run(self._keep_for_good(item))
        elif way in _DONE:
            await self._took(way, item, await written(self.day, self._write(way, item)))
        else:
            await self.desktop.sync_now()

    async def _keep_for_good(self, item: Item) -> None:
        """Keep what the CRM cannot take back, once the rep has said so of the lead as it is now."""
        if await self.day.ask(
            Confirm(f"Keep yours: {self.name_of(item.lead_id)}?", [self._final_words(item)])
        ):
            await self._took(KEEP, item, await written(self.day, self._write(KEEP, item)))

    def _final_words(self, item: Item) -> str:
        decision = item.decision
        return say(self.day.rulebook.provided.final_words(decision.act)) if decision is not None else ""

    def _write(self, way: str, item: Item) -> Awaitable[Any]:
        """Return the call that takes a way out."""
        desk, call = self.day.session.desk, self.day.session.call
        calls: Mapping[str, Callable[[], Awaitable[Any]]] = {
            KEEP: partial(call, desk.keep_mine, item.id),
            DROP: partial(call, desk.drop, [item.id]),
            TAKE_BACK: partial(call, desk.undo, item.id),
            RETRY: partial(call, desk.retry, [item.id]),
        }
        return calls[way]()

    async def _took(self, way: str, item: Item, answer: Any) -> None:
        if answer is None:
            await self.reload()
            return
        await self.desktop.reread([item.lead_id])
        await self.reload(follow=False)
        self._follow_up()
        done = (
            undone_words(answer)
            if isinstance(answer, Undone)
            else f"{self.name_of(item.lead_id)}: {_DONE[way]}"
        )
        self.say(done, f"{self._key('undo')} brings it back" if way == DROP else "")

    async def action_undo(self) -> None:
        """Undo the last act, a drop too."""
        await self.day.asking.run(self._undo())

    async def _undo(self) -> None:
        before = frozenset(item.id for item in self.queue.items)
        await self.day.acts.undo()
        await self.reload()
        come = next((item for item in self.queue.items if item.id not in before), None)
        if come is not None:
            self.queue = self.queue.at(come.id)
            self.show()
        self._follow_up()

    async def action_retry_all(self) -> None:
        """Try everything again that was refused or waits, after a look at what that is."""
        await self.day.asking.run(self._retry_all())

    async def _retry_all(self) -> None:
        chosen = [item.id for item in self.queue.items if is_retried(item)]
        if not chosen:
            self.say("Nothing was refused, and nothing waits for another try.")
            return
        if not await self.day.ask(Confirm("Try all again?", preview_lines(self.queue.items))):
            return
        count = await written(self.day, self.day.session.call(self.day.session.desk.retry, chosen))
        if count is None:
            return
        await self.desktop.reread([])
        await self.reload()
        self._follow_up()
        self.app.call_later(self._sync_all, count)

    async def _sync_all(self, count: int) -> None:
        await self.desktop.sync_now()
        self.day.answer(f"{counted(count, 'item')} tried again: syncing …")

    def _follow_up(self) -> None:
        """Let status and supervisor follow what was done."""
        self.day.stale = True
        self.desktop.look_again()

    async def _go_to(self, lead_id: LeadId, *, settles: str | None) -> None:
        """Go to a lead, to decide it and come back."""
        self._errand = _Errand(lead_id, self._standing_on(lead_id), self.day.tray.cursor, settles)
        await self.desktop.decide_again(lead_id)

    async def come_back(self) -> None:
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
            self.say(f"{self.name_of(errand.lead_id)}: decided anew. It waits here; 3 drops it.")

    @property
    def has_errand(self) -> bool:
        """Whether the rep has gone from here to a lead."""
        return self._errand is not None

    def turned(self, before: tuple[str, State] | None) -> None:
        """Note that news came; `before` is what the digits meant until then."""
        if self.meant != before:
            self._turned_at = monotonic()

    @property
    def meant(self) -> tuple[str, State] | None:
        """What decides which way a digit takes."""
        return (self.item.id, self.item.state) if self.item is not None else None

    def _standing_on(self, lead_id: LeadId) -> str | None:
        entry = self.day.tray.inbox.entries.get(lead_id)
        return entry.decision.id if entry is not None and entry.decision is not None else None

    def _key(self, action: str) -> str:
        return say(shown_keys(BY_ID[action], self.day.keymap)[0])


def is_retried(item: Item) -> bool:
    """Whether "try all" is about an item: it was refused, or was tried and waits to be tried again."""
    return item.state is State.REFUSED or (item.state is State.QUEUED and item.attempts > 0)


def preview_lines(items: Sequence[Item]) -> list[str]:
    """Say what "try all" would do, and what it leaves alone."""
    states = Counter(item.state for item in items)
    waiting = sum(is_retried(item) for item in items) - states[State.REFUSED]
    held = states[State.QUEUED] - waiting
    asked = states[State.UNKNOWN] + states[State.SENDING]
    said = (
        (states[State.REFUSED], "refused: sent again as they are"),
        (waiting, "waiting for another try: sent at once"),
        (held, "queued and never tried: sent too, before their hold is over"),
        (asked, "of unknown outcome: the CRM is asked first"),
        (states[State.CONFLICT], "in conflict: left alone, only you can say how they go on"),
    )
    return [f"{count:,} {words}" for count, words in said if count]
