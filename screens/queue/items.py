"""The queue as a value: its items in three groups, a cursor, and which item stands on which line.

Knows no widget and draws nothing. A move of the cursor costs the same for ten items and for ten thousand.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping
from enum import Enum

from msgspec import Struct, field
from msgspec.structs import replace

from triage.domain.item import BLOCKS_LATER, EFFECTIVE, UNDELIVERED, Item, State


class Group(Enum):
    """What the rep has to do with an item."""

    NEEDS_YOU = "needs you"
    WAITING = "on its way"
    SENT = "sent in the last days"


GROUP_OF: Mapping[State, Group] = {
    State.CONFLICT: Group.NEEDS_YOU,
    State.REFUSED: Group.NEEDS_YOU,
    State.UNKNOWN: Group.NEEDS_YOU,
    State.SENDING: Group.WAITING,
    State.QUEUED: Group.WAITING,
    State.APPLIED: Group.SENT,
    State.REVIEWED: Group.SENT,
}
"""The states that are shown, in the order in which they are."""
_RANK = {state: rank for rank, state in enumerate(GROUP_OF)}


def in_order(items: Iterable[Item]) -> list[Item]:
    """Return what needs the rep, then what is unsent, then what was sent of late; each the latest first."""
    shown = [item for item in items if item.state in UNDELIVERED | EFFECTIVE]
    shown.sort(key=lambda item: (item.made_at, item.seq), reverse=True)
    return sorted(shown, key=lambda item: _RANK[item.state])


class QueueList(Struct, frozen=True):
    """Items in order, one of them under the cursor. Every change returns a new one."""

    items: tuple[Item, ...] = ()
    index: int = 0
    counts: Mapping[State, int] = field(default_factory=dict)
    behind: frozenset[str] = frozenset()
    """The ids of what waits for an earlier decision on the same lead."""
    starts: tuple[int, ...] = ()
    """The items before which a line names their group; the first group needs none."""

    @classmethod
    def of(cls, items: Iterable[Item]) -> QueueList:
        """Make a list of what the desk gave."""
        ordered = tuple(in_order(items))
        groups = [GROUP_OF[item.state] for item in ordered]
        starts = [index for index in range(1, len(groups)) if groups[index] is not groups[index - 1]]
        counts = Counter(item.state for item in ordered)
        return cls(ordered, 0, counts, _behind(ordered), tuple(starts))

    @property
    def item(self) -> Item | None:
        """The item under the cursor."""
        return self.items[self.index] if self.index < len(self.items) else None

    @property
    def lines(self) -> int:
        """The lines that all items take, one each, with those that name a group."""
        return len(self.items) + len(self.starts)

    def moved(self, by: int) -> QueueList:
        """Return it with the cursor so many items further down."""
        return replace(self, index=max(0, min(self.index + by, len(self.items) - 1)))

    def at(self, item_id: str) -> QueueList:
        """Return it with the cursor on an item; where it is not there, the cursor stays."""
        index = next((place for place, item in enumerate(self.items) if item.id == item_id), self.index)
        return replace(self, index=index)

    def renewed(self, items: Iterable[Item], *, follow: bool = True) -> QueueList:
        """Return other items under the same cursor.

        It stays on its item; where that is gone, or is not to be followed, on what came in its place.
        """
        fresh = replace(QueueList.of(items), index=self.index).moved(0)
        return fresh.at(self.item.id) if follow and self.item is not None else fresh

    def line_of(self, index: int) -> int:
        """Return the line of an item, from 0."""
        return index + bisect_right(self.starts, index)

    def on_line(self, line: int) -> int | Group:
        """Return the item of a line by its index, or the group that the line names."""
        passed = 0
        for start in self.starts:
            if line < start + passed:
                break
            if line == start + passed:
                return GROUP_OF[self.items[start].state]
            passed += 1
        return line - passed

    def group_count(self, group: Group) -> int:
        """Return how many items a group holds."""
        return sum(count for state, count in self.counts.items() if GROUP_OF[state] is group)


def _behind(items: Iterable[Item]) -> frozenset[str]:
    """Return the queued decisions that are not sent before an earlier one of their lead is settled."""
    decisions = [item for item in items if item.decision is not None]
    first: dict[str, int] = {}
    for item in decisions:
        if item.state in BLOCKS_LATER:
            first[item.lead_id] = min(item.seq, first.get(item.lead_id, item.seq))
    queued = (item for item in decisions if item.state is State.QUEUED)
    return frozenset(item.id for item in queued if first.get(item.lead_id, item.seq) < item.seq)
