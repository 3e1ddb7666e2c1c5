"""The words of the port as a CRM says them that can be read and written, and gives nothing besides.

An adapter subclasses `Bare` and writes the five words that are needed, and those for which its CRM has more.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

from triage.crm.port import Capabilities, ReplyPage
from triage.domain.definition import Definition
from triage.domain.people import Person
from triage.domain.reasons import ReasonBook
from triage.domain.review import Reply, ReviewedDecision, ReviewedFeedback, SourceStatistics
from triage.errors import CrmError


class Bare:
    """Nothing beyond leads and what is written to them: each word is empty, and only `reply` is refused."""

    async def capabilities(self) -> Capabilities:
        """Return that one item goes at a time, and that nothing more is given."""
        return Capabilities(name=type(self).__name__)

    async def replies(self, cursor: str | None) -> AsyncIterator[ReplyPage]:
        """Yield nothing: no answers of marketing are kept."""
        del cursor
        none: tuple[ReplyPage, ...] = ()
        for page in none:
            yield page

    async def reply(self, reply: Reply) -> None:
        """Refuse: there is no place for an answer."""
        del reply
        raise CrmError("This CRM has no place for marketing's answers.")

    async def decisions(self) -> AsyncIterator[ReviewedDecision]:
        """Yield nothing: decisions cannot be read back."""
        none: tuple[ReviewedDecision, ...] = ()
        for decision in none:
            yield decision

    async def feedback(self) -> AsyncIterator[ReviewedFeedback]:
        """Yield nothing: feedback cannot be read back."""
        none: tuple[ReviewedFeedback, ...] = ()
        for told in none:
            yield told

    async def people(self) -> tuple[Person, ...]:
        """Return nobody: it is not told whom a lead may go to."""
        return ()

    async def definition(self) -> Definition | None:
        """Return None: the profile's definition holds, or the shipped one."""
        return None

    async def reasons(self) -> ReasonBook | None:
        """Return None: the profile's reason codes hold, or the shipped ones."""
        return None

    async def statistics(self) -> tuple[SourceStatistics, ...]:
        """Return nothing: acceptance is not counted."""
        return ()
