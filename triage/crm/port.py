"""What triage asks of a CRM. An adapter says honestly what its CRM can and cannot give."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import timedelta
from inspect import signature
from typing import Protocol

from msgspec import Struct, field

from triage.domain.content import ContentAsset, ContentRequest
from triage.domain.definition import Definition
from triage.domain.item import Item
from triage.domain.lead import Lead, LeadId
from triage.domain.outcome import Outcome, Verdict
from triage.domain.people import Person, Rep
from triage.domain.proposals import Proposal, Proposals
from triage.domain.reasons import ReasonBook
from triage.domain.review import (
    BandStatistics,
    Reply,
    ReviewedDecision,
    ReviewedFeedback,
    SourceStatistics,
)
from triage.domain.score import Score
from triage.domain.stages import StageChange
from triage.errors import CrmError, NotPermitted, NotSignedIn, RateLimited, Unreachable


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
    explains: bool = False
    """Whether the reasons of one lead's score are told when someone asks for them: see `explained_by`."""
    final: tuple[str, ...] = ()
    """Acts that this account cannot take back once they are sent: the rep is asked first."""


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
    unread: Mapping[str, int] = field(default_factory=dict)
    """Fields that could not be read, with how often; an unknown stage is one."""


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

    async def reply_all(self, replies: Sequence[Reply]) -> Mapping[str, str]:
        """Record marketing's answers; returns by reply id why one is not recorded, or an empty text.

        Whatever is in doubt can be sent again: each is idempotent by its id. What concerns no answer but all
        is raised, and then any of them may have been recorded.
        """

    async def see(self, reply_ids: Sequence[str]) -> None:
        """Tell marketing that the rep has seen these answers to their own items; idempotent.

        Ids that the CRM does not know are passed over: nothing is left to be told about them.
        """

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

    async def bands(self) -> tuple[BandStatistics, ...]:
        """Return the team's acceptance by score band; empty where the CRM does not count."""

    async def assets(self) -> tuple[ContentAsset, ...]:
        """Return what marketing has to give to leads; empty where the CRM keeps no list."""

    async def content_requests(self) -> tuple[ContentRequest, ...]:
        """Return what reps have asked marketing for; empty where the CRM keeps no list."""

    async def proposals(self) -> Proposals:
        """Return the definitions that were proposed; none where the CRM keeps none."""

    async def propose(self, proposal: Proposal) -> Proposal:
        """Propose another definition; returns it as kept, idempotent by its id. CrmError says why not."""

    async def vote(self, proposal_id: str, *, agrees: bool, why: str = "") -> Proposal:
        """Say yes or no to a proposal, as a named owner; returns it as it stands. CrmError says why not."""

    @property
    def skew(self) -> timedelta | None:
        """How far the CRM's clock was ahead of this machine's at its last answer; None: unknown."""

    async def aclose(self) -> None:
        """Close the connections."""


def skew_of(crm: Crm) -> timedelta | None:
    """Return the skew of any adapter: one that has no such word does not tell, and all else still works."""
    told: timedelta | None = getattr(crm, "skew", None)
    return told


def knows_team(crm: Crm) -> bool:
    """Whether an adapter can be asked for all reps' decisions: one that is older than the word cannot."""
    return _knows_team(crm.decisions)


def decisions_of(crm: Crm, *, team: bool) -> AsyncIterator[ReviewedDecision]:
    """Yield decisions of any adapter; one that knows no `team` gives what the token may see."""
    return crm.decisions(team=True) if team and _knows_team(crm.decisions) else crm.decisions()


def feedback_of(crm: Crm, *, team: bool) -> AsyncIterator[ReviewedFeedback]:
    """Yield feedback of any adapter, in the same way."""
    return crm.feedback(team=True) if team and _knows_team(crm.feedback) else crm.feedback()


async def outcomes_of(crm: Crm, cursor: str | None) -> AsyncIterator[OutcomePage]:
    """Yield what became of leads, of any adapter: nothing where it has no such word."""
    ask = getattr(crm, "outcomes", None)
    if ask is not None:
        async for page in ask(cursor):
            yield page


async def bands_of(crm: Crm) -> tuple[BandStatistics, ...]:
    """Return acceptance by band, of any adapter: empty where it has no such word."""
    ask = getattr(crm, "bands", None)
    counted: tuple[BandStatistics, ...] = () if ask is None else await ask()
    return counted


async def see_at(crm: Crm, reply_ids: Sequence[str]) -> bool:
    """Tell any adapter what the rep has seen; returns whether it has a word for it."""
    tell = getattr(crm, "see", None)
    if tell is not None and reply_ids:
        await tell(reply_ids)
    return tell is not None


async def explained_by(crm: Crm, lead_id: LeadId) -> Score | None:
    """Return a lead's score with its reasons, of an adapter that has the word; None where there are none.

    Asked by a person for one lead, never by a fetch: at some CRMs the question itself changes the record.
    """
    ask = getattr(crm, "explain", None)
    told: Score | None = None if ask is None else await ask(lead_id)
    return told


async def reply_all_at(crm: Crm, replies: Sequence[Reply]) -> Mapping[str, str]:
    """Record answers at any adapter, one by one where it has no other way; the rest as `Crm.reply_all`."""
    at_once = getattr(crm, "reply_all", None)
    if at_once is not None:
        told: Mapping[str, str] = await at_once(replies)
        return told
    return await reply_one_by_one(crm, replies)


class Answering(Protocol):
    """What records one answer at a time."""

    async def reply(self, reply: Reply) -> None:
        """Record marketing's answer; idempotent by its id."""


async def reply_one_by_one(crm: Answering, replies: Sequence[Reply]) -> Mapping[str, str]:
    """Record answers in the way that every adapter has; the rest as `Crm.reply_all`."""
    return {reply.reply_id: await _reply_at(crm, reply) for reply in replies}


async def _reply_at(crm: Answering, reply: Reply) -> str:
    try:
        await crm.reply(reply)
    except (NotSignedIn, NotPermitted, RateLimited, Unreachable):
        raise
    except CrmError as error:
        return error.message
    return ""


def _knows_team(ask: Callable[..., object]) -> bool:
    return "team" in signature(ask).parameters
