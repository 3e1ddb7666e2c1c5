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
from screens.writing import written
from triage.desk import agreement
from triage.domain.lead import LeadId
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

    async def reload(self) -> None:
        """Read the versions that were seen here."""
        session = self.day.session
        history = await written(self.day, session.call(agreement.history, session.desk))
        if history is None:
            return
        self._history = history
        if self.is_current:
            self.show()

    def heading(self) -> Line:
        """Return how much is new, and the key that puts it away."""
        ink, news = self.day.inks.raised, self.day.rulebook.agreement.news
        line = Line(" What changed", ink.accent)
        key = f" · {first_key('put_away', self.day.keymap)} dismisses" if news is not None else ""
        return line.add(crop(f"  {news_words(news)}{key}", self.app.size.width - line.width), ink.dim)

    def nothing(self) -> str:
        """Say that nothing is known yet."""
        return "No definition was agreed on."

    def blocks(self, width: int) -> list[Block]:
        """Return each change and each rule."""
        news, now = self.day.rulebook.agreement.news, self.day.clock()
        return rule_blocks(news, self._history, now, min(width, WIDEST), self.day.inks.plain)

    def leads_at(self, index: int) -> tuple[LeadId, ...]:  # noqa: ARG002 - as of any screen that is read
        """Return no lead: rules are about all of them."""
        return ()

    async def action_put_away(self) -> None:
        """Put the news away."""
        await dismiss(self.day)
        self.show()
