"""One group: its items, and the lead of each as the rep saw it when deciding."""

from __future__ import annotations

from typing import ClassVar

from screens.actions import REVIEW_GROUP
from screens.bindings import bindings
from screens.cells import Line, say
from screens.day import Day
from screens.ink import Ink
from screens.review.board import Board
from screens.review.listed import ListedScreen
from screens.review.saw import item_row, seen_lines
from triage.domain.review_groups import Group
from triage.domain.reviewing import Matter


class GroupScreen(ListedScreen, inherit_bindings=False):
    """The items of a group, which stay on the list when they are answered."""

    CONTEXT = REVIEW_GROUP
    BINDINGS: ClassVar = bindings(REVIEW_GROUP)

    def __init__(self, day: Day, board: Board, group: Group) -> None:
        super().__init__(day, board)
        self._ids = tuple(one.id for one in group.matters)
        self._words = board.words(group.matters[0])

    @property
    def matters(self) -> list[Matter]:
        """The items as they are now; those that are gone from the CRM are left out."""
        known = self.board.by_id
        return [known[one] for one in self._ids if one in known]

    @property
    def length(self) -> int:
        """The items there are."""
        return len(self._ids)

    def show(self) -> None:
        """Draw everything."""
        super().show()
        ink = self.day.inks.raised
        line = Line(f" {len(self._ids):,} × ", ink.accent).add(say(self._words, 300), ink.strong)
        self.title_bar.say(line)

    def row(self, index: int, width: int, ink: Ink) -> Line:
        """Return an item."""
        matter = self._matter(index)
        if matter is None:
            return Line("gone", ink.dim)
        return item_row(matter, self.board, self.day.clock(), width, ink)

    def beneath(self, index: int, width: int, ink: Ink) -> list[Line]:
        """Return what the rep saw, and the answers so far."""
        matter = self._matter(index)
        if matter is None:
            return []
        return seen_lines(matter, self.board, self.day.clock(), width, ink)

    def nothing(self) -> list[str]:
        """Say that there is none."""
        return ["Nothing is left of this group."]

    def meant(self) -> tuple[Matter, ...]:
        """Return the item under the cursor."""
        matter = self._matter(self._index)
        return (matter,) if matter is not None else ()

    def _matter(self, index: int) -> Matter | None:
        return self.board.by_id.get(self._ids[index])

    async def action_drill(self) -> None:
        """Show all of the item, or the list again."""
        self.turn_whole()
