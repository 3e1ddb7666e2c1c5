"""The face of an adapter whose work is in rooms beside it: each word of the port goes to its room.

An adapter that has the same rooms subclasses `Face`, or `PlainFace` where no account is set up, sets them in
its `__init__`, and writes only the words that are its own: `whoami`, `capabilities`, `people`.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from datetime import timedelta
from typing import Protocol, TypeVar

from triage.crm.bare import Bare
from triage.crm.port import LeadPage, OutcomePage, ReplyPage
from triage.crm.setup import Check, Step
from triage.domain.item import Item
from triage.domain.outcome import Outcome, Verdict
from triage.domain.review import Reply, ReviewedDecision, ReviewedFeedback
from triage.errors import CrmError

PageT_co = TypeVar("PageT_co", covariant=True)


class Connected(Protocol):
    """The room that talks to the CRM."""

    @property
    def skew(self) -> timedelta | None:
        """How far the CRM's clock was ahead at its last answer."""

    async def aclose(self) -> None:
        """Close the connections."""


class Fetches(Protocol):
    """The room that reads leads."""

    def pages(self, cursor: str | None) -> AsyncGenerator[LeadPage]:
        """Yield pages of the rep's leads, all or what changed since the cursor."""


class Paged(Protocol[PageT_co]):
    """A room that reads something else in pages."""

    def pages(self, cursor: str | None) -> AsyncIterator[PageT_co]:
        """Yield pages of what came since the cursor."""


class Delivers(Protocol):
    """The room that writes items, and looks for them again."""

    async def push(self, items: Sequence[Item]) -> Mapping[str, Outcome]:
        """Write items of either kind."""

    async def verify(self, item: Item) -> Verdict:
        """Ask whether an item took effect."""


class Answers(Protocol):
    """The room that records what marketing answers."""

    async def reply_all(self, replies: Sequence[Reply]) -> Mapping[str, str]:
        """Record answers; returns by reply id why one is not recorded, or an empty text."""


class Reviews(Protocol):
    """The room that reads back what reps have said."""

    async def decisions(self, *, team: bool = False) -> list[ReviewedDecision]:
        """Return the decisions that the role may see."""

    async def feedback(self, *, team: bool = False) -> list[ReviewedFeedback]:
        """Return the feedback that the role may see."""


class SetsUp(Protocol):
    """The room that knows what an account needs."""

    async def plan(self) -> tuple[Step, ...]:
        """Return what the account needs."""

    async def make(self, step: Step) -> None:
        """Make one step of it."""


class Examines(Protocol):
    """The room that looks at an account as a doctor does."""

    async def checks(self) -> tuple[Check, ...]:
        """Return what is found, by reading alone."""


class PlainFace(Bare):
    """The words of the port, each in its room, of a CRM in which nothing is set up. Raises CrmError."""

    _api: Connected
    _fetching: Fetches
    _delivery: Delivers
    _answers: Answers
    _replies: Paged[ReplyPage]
    _review: Reviews
    _outcomes: Paged[OutcomePage]

    async def fetch(self, cursor: str | None) -> AsyncIterator[LeadPage]:
        """Yield pages of the rep's leads, all or what changed since the cursor."""
        async with aclosing(self._fetching.pages(cursor)) as pages:
            async for page in pages:
                yield page

    async def push(self, items: Sequence[Item]) -> Mapping[str, Outcome]:
        """Write items of either kind. NotSignedIn and NotPermitted: nothing was written."""
        return await self._delivery.push(items)

    async def verify(self, item: Item) -> Verdict:
        """Look for what the item left at the CRM; where only a part of that is missing, write it."""
        return await self._delivery.verify(item)

    async def replies(self, cursor: str | None) -> AsyncIterator[ReplyPage]:
        """Yield pages of marketing's answers: recorded ones, and what was typed into the CRM."""
        async for page in self._replies.pages(cursor):
            yield page

    async def reply(self, reply: Reply) -> None:
        """Record marketing's answer; CrmError says why not."""
        why = (await self._answers.reply_all([reply]))[reply.reply_id]
        if why:
            raise CrmError(why)

    async def reply_all(self, replies: Sequence[Reply]) -> Mapping[str, str]:
        """Record marketing's answers; returns by reply id why one is not recorded, or an empty text."""
        return await self._answers.reply_all(replies)

    async def decisions(self, *, team: bool = False) -> AsyncIterator[ReviewedDecision]:
        """Yield the decisions that the role may see; `team`: of a rep's colleagues too."""
        for decision in await self._review.decisions(team=team):
            yield decision

    async def feedback(self, *, team: bool = False) -> AsyncIterator[ReviewedFeedback]:
        """Yield the feedback that the role may see; `team` as for decisions."""
        for told in await self._review.feedback(team=team):
            yield told

    async def outcomes(self, cursor: str | None) -> AsyncIterator[OutcomePage]:
        """Yield pages of what became of leads."""
        async for page in self._outcomes.pages(cursor):
            yield page

    @property
    def skew(self) -> timedelta | None:
        """How far the CRM's clock was ahead at its last answer."""
        return self._api.skew

    async def aclose(self) -> None:
        """Close the connections."""
        await self._api.aclose()


class Face(PlainFace):
    """The same of a CRM whose accounts are set up for triage, and looked at by a doctor."""

    _setup: SetsUp
    _examination: Examines

    async def setup_plan(self) -> tuple[Step, ...]:
        """Return what the account needs for triage, in the order in which it is made."""
        return await self._setup.plan()

    async def set_up(self, step: Step) -> None:
        """Make one step of the plan. CrmError says why not; what is there already is no error."""
        await self._setup.make(step)

    async def examine(self) -> tuple[Check, ...]:
        """Return what a doctor finds in the account, by reading alone."""
        return await self._examination.checks()
