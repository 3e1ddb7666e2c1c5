"""What triage asks of a CRM. An adapter says honestly what its CRM can and cannot give."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import timedelta
from typing import Protocol

from msgspec import Struct, field

from triage.domain.content import ContentAsset, ContentRequest
from triage.domain.definition import Definition
from triage.domain.item import Item
from triage.domain.lead import Lead, LeadId
from triage.domain.outcome import Outcome, Verdict
from triage.domain.people import Person, Rep
from triage.domain.reasons import ReasonBook
from triage.domain.review import Reply, ReviewedDecision, ReviewedFeedback, SourceStatistics
from triage.domain.stages import StageChange


class Capabilities(Struct, frozen=True):
    """What a CRM gives; the screen names what it does not, instead of an empty panel."""

    name: str
    batch: int = 1
    """Items per write."""
    reasons: str = "none"
    """weights, order or none: what is said about why a lead is scored as it is."""
    timeline: bool = False
    replies: bool = False
    conditional_write: bool = False
    idempotency: bool = False
    people: bool = False
    statistics: bool = False


class LeadPage(Struct, frozen=True):
    """One page of a fetch. The cursor is good for going on, now or at the next fetch."""

    leads: tuple[Lead, ...]
    gone: tuple[LeadId, ...]
    """Leads that are no longer the rep's."""
    cursor: str
    more: bool
    unread: Mapping[str, int] = field(default_factory=dict)
    """Fields that could not be read, with how often: kept apart, never guessed."""


class ReplyPage(Struct, frozen=True):
    """One page of marketing's answers."""

    replies: tuple[Reply, ...]
    cursor: str
    more: bool


class OutcomePage(Struct, frozen=True):
    """One page of what became of leads."""

    changes: tuple[StageChange, ...]
    cursor: str
    more: bool


class Crm(Protocol):
    """The port. Every method may raise `CrmError`; `push` and `verify` answer for each item instead.

    An adapter is opened and closed in one event loop and never retries a write: the outbox does.
    """

    async def whoami(self) -> Rep:
        """Return who the token belongs to; NotSignedIn when the CRM does not take it."""

    async def capabilities(self) -> Capabilities:
        """Return what this CRM gives."""

    def fetch(self, cursor: str | None) -> AsyncIterator[LeadPage]:
        """Yield the rep's assigned and working leads: all without a cursor, else what changed since."""

    async def push(self, items: Sequence[Item]) -> Mapping[str, Outcome]:
        """Write items, at most `Capabilities.batch` of one kind; an id missing in the answer is unknown.

        Raises what concerns no item but all: NotSignedIn, NotPermitted, RateLimited (nothing was written),
        and AnswerLost with a pause (all are unknown). A `RetryLater` with seconds holds back its item alone.
        """

    async def verify(self, item: Item) -> Verdict:
        """Ask whether an item of unknown outcome took effect. Raises CrmError if that cannot be told now."""

    def replies(self, cursor: str | None) -> AsyncIterator[ReplyPage]:
        """Yield marketing's answers to the rep's own items since the cursor."""

    async def reply(self, reply: Reply) -> None:
        """Record marketing's answer; idempotent by its id."""

    def decisions(self, *, team: bool = False) -> AsyncIterator[ReviewedDecision]:
        """Yield the decisions that the token may see, the oldest first: marketing's are those of all reps.

        `team`: a rep's too, so that both sides count the same; colleagues' come without words and names.
        """

    def feedback(self, *, team: bool = False) -> AsyncIterator[ReviewedFeedback]:
        """Yield the feedback that the token may see, the oldest first; `team` as for decisions."""

    def outcomes(self, cursor: str | None) -> AsyncIterator[OutcomePage]:
        """Yield what became of all reps' leads, as the CRM learned it; nothing where it does not keep it."""

    async def people(self) -> tuple[Person, ...]:
        """Return the users and queues a lead may go to."""

    async def definition(self) -> Definition | None:
        """Return the CRM's MQL definition, or None where it holds none."""

    async def reasons(self) -> ReasonBook | None:
        """Return the CRM's reason codes, or None where it holds none."""

    async def statistics(self) -> tuple[SourceStatistics, ...]:
        """Return acceptance by source; empty where the CRM does not count."""

    async def assets(self) -> tuple[ContentAsset, ...]:
        """Return what marketing has to give to leads; empty where the CRM keeps no list."""

    async def content_requests(self) -> tuple[ContentRequest, ...]:
        """Return what reps have asked marketing for; empty where the CRM keeps no list."""

    @property
    def skew(self) -> timedelta | None:
        """How far the CRM's clock was ahead of this machine's at its last answer; None: unknown."""

    async def aclose(self) -> None:
        """Close the connections."""


def skew_of(crm: Crm) -> timedelta | None:
    """Return the skew of any adapter: one that has no such word does not tell, and all else still works."""
    told: timedelta | None = getattr(crm, "skew", None)
    return told
