"""The review: what waits for marketing in groups, the overdue and the largest first."""

from __future__ import annotations

from typing import ClassVar

from screens.actions import REVIEW, first_key
from screens.asking.pick import Pick, narrowing
from screens.asking.questions import Choose, Option
from screens.bindings import bindings
from screens.cells import Line, crop, say, width_of
from screens.day import Day
from screens.ink import Ink
from screens.review.board import Board
from screens.review.group import GroupScreen
from screens.review.listed import ListedScreen
from screens.review.rows import group_row, narrowed, under_group
from screens.rules.banner import news_said
from screens.rules.book import Rulebook
from screens.rules.proposed import asks
from screens.words import counted, why_not
from triage.desk import agreement
from triage.desk.online import reached
from triage.desk.reviewing import last_visit, note_visit, read
from triage.domain.proposals import Proposal
from triage.domain.review_groups import Facet, Group
from triage.domain.review_words import reason_label
from triage.domain.reviewing import Matter
from triage.errors import StoreError, TriageError

REDRAWN_EVERY = 0.3
"""Seconds between two looks at how far the reading is."""
NOT_KNOWN = "(not known)"


class ReviewScreen(ListedScreen, inherit_bindings=False):
    """Groups of what says the same; a digit answers all of one."""

    BINDINGS: ClassVar = bindings(REVIEW)
    BENEATH = (5, 11)

    def __init__(self, day: Day, board: Board) -> None:
        super().__init__(day, board)
        self._problem = ""
        self._proposed: tuple[Proposal, ...] = ()

    @property
    def length(self) -> int:
        """The groups there are."""
        return len(self.board.groups)

    def on_mount(self) -> None:
        """Begin to read, and let it be seen how far it is."""
        self.read_again()
        self.set_interval(REDRAWN_EVERY, self._tick)

    def _tick(self) -> None:
        if self.reading is not None and self.is_current:
            self.show()

    def read_again(self) -> None:
        """Read everything from the CRM, unless that is being done."""
        if self.reading is None:
            self.reading, self._problem = 0, ""
            self.run_worker(self._read(), group="review")
            self.changed()

    async def _read(self) -> None:
        session = self.day.session
        try:
            if self.board.last_visit is None:
                self.board.last_visit = await session.call(last_visit, session)
            desk = session.desk
            definition, reasons = await session.call(desk.definition), await session.call(desk.reasons)
            async with reached(session) as crm:
                found = await read(crm, definition, reasons, self.day.clock(), self._came)
                await agreement.bring(session, crm)
            await self._know()
            await self.board.take(found)
        except TriageError as error:
            self._problem = why_not(error)
            self.day.say(f"Not read: {say(self._problem, 300)}", bad=True)
        finally:
            self.reading = None
        for screen in self.app.screen_stack:
            if isinstance(screen, ListedScreen):
                screen.changed()

    async def _know(self) -> None:
        """Take in what both teams agreed on, and what waits for a word."""
        session = self.day.session
        self.day.rulebook = await session.call(Rulebook.read, session.desk)
        self._proposed = (await session.call(agreement.proposals, session.desk)).waiting

    def rule(self, width: int, ink: Ink) -> Line:
        """Return the line beneath the list; it asks what both teams are to agree on."""
        asked = self._asked()
        if not asked:
            return super().rule(width, ink)
        key = f" · {first_key('rules', self.day.keymap)} shows "
        line = Line("─ ", ink.faint).add(crop(asked, width - width_of(key) - 2), ink.accent)
        return line.add(key, ink.text).add("─" * max(width - line.width, 0), ink.faint)

    def _asked(self) -> str:
        book, me = self.day.rulebook, self.day.session.rep.name
        if self._proposed:
            mine = sum(asks(one, book.definition, me) for one in self._proposed)
            told = f"{counted(len(self._proposed), 'proposal')} for another MQL definition"
            return f"{told}, {'your word is asked for' if mine else 'waiting for a word'}"
        news = book.agreement.news
        return news_said(news, self.day.clock(), book.agreement.disputes) if news is not None else ""

    def _came(self, count: int) -> None:
        self.reading = count

    async def on_unmount(self) -> None:
        """Remember up to when this was seen, however the screen is left."""
        if self.board.read is None:
            return
        session = self.day.session
        try:
            await session.call(note_visit, session, self.board.read.at)
        except StoreError:  # the next visit shows more as new than it had to: nothing is lost
            return

    def row(self, index: int, width: int, ink: Ink) -> Line:
        """Return a group."""
        return group_row(self.board.groups[index], self.board, self.day.clock(), width, ink)

    def beneath(self, index: int, width: int, ink: Ink) -> list[Line]:
        """Return what there is to know of a group."""
        return under_group(self.board.groups[index], self.board, self.day.clock(), width, ink)

    def nothing(self) -> list[str]:
        """Say that nothing waits, or was read, or is left by what it was narrowed to."""
        if self.reading is not None and self.board.read is None:
            return ["Reading from the CRM …"]
        if self._problem and self.board.read is None:
            again = first_key("sync", self.day.keymap)
            return ["Nothing could be read from the CRM.", self._problem, f"{again} tries again."]
        if narrowed(self.board):
            widen = first_key("widen", self.day.keymap)
            return [f"Nothing is left of it: {', '.join(narrowed(self.board))}.", f"{widen} widens."]
        if self.board.sieve.wanted.value in ("open", "overdue"):
            return ["Nothing waits for an answer.", "Tab shows what was answered."]
        return ["Sales has told nothing yet."]

    def group(self) -> Group | None:
        """Return the group under the cursor."""
        groups = self.board.groups
        return groups[self._index] if self._index < len(groups) else None

    def meant(self) -> tuple[Matter, ...]:
        """Return what waits in the group under the cursor; all of it where nothing does."""
        group = self.group()
        return (group.unanswered or group.matters) if group is not None else ()

    async def action_drill(self) -> None:
        """Open the group."""
        group = self.group()
        if group is None:
            self.refuse("There is no group here.")
        else:
            await self.app.push_screen(GroupScreen(self.day, self.board, group))

    def action_standing(self) -> None:
        """Show what is open, overdue, answered, or all."""
        self.board.turn()
        self._from_the_top()

    def action_only_mine(self) -> None:
        """Show what is of my campaigns or routed to me, or all again."""
        self.board.toggle_mine()
        self._from_the_top()

    def action_only_new(self) -> None:
        """Show what is new or changed since the last visit, or all again."""
        if self.board.last_visit is None:
            self.refuse("This is your first visit: everything is new.")
            return
        self.board.toggle_new()
        self._from_the_top()

    def action_widen(self) -> None:
        """Show everything again."""
        self.board.widen()
        self._from_the_top()

    async def action_narrow(self) -> None:
        """Narrow by a facet."""
        await self.day.asking.run(self._narrow())

    async def _narrow(self) -> None:
        options = [
            Option(str(number), facet.value, facet, say(self.board.sieve.facets.get(facet, "")))
            for number, facet in enumerate(Facet, 1)
        ]
        facet = await self.day.ask(Choose("Narrow by", options))
        if not isinstance(facet, Facet):
            return
        values = [
            Option("", self._value(facet, one), (one.key,), f"{one.count:,}")
            for one in self.board.values(facet)
        ]
        every = Option("", "all", (), "not narrowed by it")
        found = await self.day.ask(
            Pick(f"Narrow by {facet}", narrowing([*values, every]), nothing="Nothing is called so.")
        )
        if found is not None:
            self.board.narrow(facet, found[0] if found else None)
            self._from_the_top()

    def _value(self, facet: Facet, group: Group) -> str:
        """Return a value as it may be drawn: a reason by its label."""
        if facet is Facet.REASON and self.board.read is not None:
            label = reason_label(group.matters[0], self.board.read.reasons)
            return say(label or group.key) or NOT_KNOWN
        return say(group.key) or NOT_KNOWN

    def _from_the_top(self) -> None:
        self._index = self._top = 0
        self.show()

    def action_back(self) -> None:
        """Take back what it was narrowed to; leave nothing: a key too many would end the review."""
        if narrowed(self.board):
            self.action_widen()
        else:
            self.refuse(f"{first_key('quit', self.day.keymap)} leaves the review.")

    def action_quit(self) -> None:
        """Leave the review."""
        if self.is_current:
            self.app.exit()
