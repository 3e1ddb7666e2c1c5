"""What both teams agreed on: what changed since the rep last looked, what is in force, what was before."""

from __future__ import annotations

from typing import ClassVar

from screens.actions import RULES, first_key
from screens.bindings import bindings
from screens.cells import Line, crop
from screens.day import Day
from screens.reading import Block, ReadingScreen
from screens.rules.dismissing import dismiss
from screens.rules.lines import news_words, rule_blocks
from screens.rules.proposed import Space, asks, proposal_block
from screens.rules.voting import WORDS, asked_for_word, give_word
from screens.words import counted
from screens.writing import written
from triage.desk import agreement
from triage.domain.lead import LeadId
from triage.domain.proposals import Proposal
from triage.domain.rule_history import RuleHistory

WIDEST = 120
"""Cells a line takes at most."""


class RulesScreen(ReadingScreen, inherit_bindings=False):
    """A sentence for each change and each rule."""

    CONTEXT = RULES
    BINDINGS: ClassVar = bindings(RULES)

    def __init__(self, day: Day) -> None:
        super().__init__(day)
        self._history = RuleHistory()
        self._waiting: tuple[Proposal, ...] = ()
        """The proposals that wait for a word, as they stand at the top."""

    async def reload(self) -> None:
        """Read the versions that were seen here, and what is proposed."""
        session = self.day.session
        history = await written(self.day, session.call(agreement.history, session.desk))
        if history is None:
            return
        self._history = history
        self._waiting = (await session.call(agreement.proposals, session.desk)).waiting
        if self.is_current:
            self.show()

    def heading(self) -> Line:
        """Return how much is new, and the key that puts it away."""
        ink, news = self.day.inks.raised, self.day.rulebook.agreement.news
        line = Line(" What changed", ink.accent)
        key = f" · {first_key('put_away', self.day.keymap)} dismisses" if news is not None else ""
        waiting = f"{counted(len(self._waiting), 'proposal')} · " if self._waiting else ""
        told = f"  {waiting}{news_words(news)}{key}"
        return line.add(crop(told, self.app.size.width - line.width), ink.dim)

    def nothing(self) -> str:
        """Say that nothing is known yet."""
        return "No definition was agreed on."

    def blocks(self, width: int) -> list[Block]:
        """Return each change and each rule."""
        book, now, ink = self.day.rulebook, self.day.clock(), self.day.inks.plain
        width, me = min(width, WIDEST), self.day.session.rep.name
        proposed = [proposal_block(one, book.definition, me, now, Space(width, ink)) for one in self._waiting]
        agreed = book.agreement
        return proposed + rule_blocks(agreed.news, self._history, now, width, ink, disputes=agreed.disputes)

    def leads_at(self, index: int) -> tuple[LeadId, ...]:  # noqa: ARG002 - as of any screen that is read
        """Return no lead: rules are about all of them."""
        return ()

    async def action_choose(self, digit: str) -> None:
        """Say yes or no to the proposal under the cursor, where the rep's word is asked for."""
        chosen = self._waiting[self.index] if self.index < len(self._waiting) else None
        me = self.day.session.rep.name
        if chosen is None or digit not in WORDS or not asks(chosen, self.day.rulebook.definition, me):
            self.day.refuse(f"{digit} chooses nothing here.")
            return
        await self.day.asking.run(self._give_word(chosen, agrees=WORDS[digit]))

    async def _give_word(self, proposal: Proposal, *, agrees: bool) -> None:
        why = await asked_for_word(self.day, proposal, agrees=agrees)
        if why is not None:
            self.day.answer("Asking the CRM …")
            self.run_worker(self._voted(proposal, agrees=agrees, why=why), group="vote", exclusive=True)

    async def _voted(self, proposal: Proposal, *, agrees: bool, why: str) -> None:
        await give_word(self.day, proposal, agrees=agrees, why=why)
        await self.reload()

    async def action_put_away(self) -> None:
        """Put the news away."""
        await dismiss(self.day)
        self.show()
