"""HubSpotCrm: the port on a HubSpot account. A table of contents: the work is in the modules beside it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from datetime import timedelta
from typing import ClassVar

from triage.clock import Clock, utc_now
from triage.crm.bearer import Renew
from triage.crm.dialect import Dialect
from triage.crm.hubspot import sign_in
from triage.crm.hubspot.account import Account
from triage.crm.hubspot.api import BATCH, Api
from triage.crm.hubspot.delivering.delivery import Delivery
from triage.crm.hubspot.names import ANSWER, CONTACTS, LEADS
from triage.crm.hubspot.paths import HOME
from triage.crm.hubspot.reading.fetching import Fetching
from triage.crm.hubspot.reviewing.answers import Answers
from triage.crm.hubspot.reviewing.outcomes import Outcomes
from triage.crm.hubspot.reviewing.replies import Replies
from triage.crm.hubspot.reviewing.review import Review
from triage.crm.hubspot.setting_up.examination import Examination
from triage.crm.hubspot.setting_up.property_setup import Setup
from triage.crm.limits import DEADLINE
from triage.crm.pacing import Tempo
from triage.crm.port import Capabilities, LeadPage, OutcomePage, ReplyPage
from triage.crm.setup import Check, Step
from triage.crm.signing import Question, Way
from triage.domain.content import ContentAsset, ContentRequest
from triage.domain.definition import Definition
from triage.domain.item import Item
from triage.domain.outcome import Outcome, Verdict
from triage.domain.people import Person, Rep
from triage.domain.proposals import Proposals
from triage.domain.reasons import ReasonBook
from triage.domain.review import Reply, ReviewedDecision, ReviewedFeedback, SourceStatistics
from triage.errors import ConfigError

ROLES = ("rep", "marketing")


class HubSpotCrm:
    """A HubSpot account. Raises CrmError, and ConfigError for a bad proxy or CA file.

    `email` says who signs in: a service key does not. `role` is rep or marketing; `lead_object` is leads or
    contacts, by itself what the account has. Close it with `aclose` in the event loop it was used in.
    """

    home: ClassVar[str] = HOME
    ways: ClassVar[Mapping[str, Way]] = sign_in.WAYS
    questions: ClassVar[Mapping[str, tuple[Question, ...]]] = sign_in.QUESTIONS
    exchange = staticmethod(sign_in.exchange)

    def __init__(
        self,
        url: str,
        token: str,
        *,
        email: str = "",
        role: str = "rep",
        lead_object: str = "",
        ca_file: str | None = None,
        renew: Renew | None = None,
        dialect: Dialect | None = None,
        tempo: Tempo | None = None,
        clock: Clock = utc_now,
        deadline: float = DEADLINE,
    ) -> None:
        _check("role", role, ROLES)
        _check("lead_object", lead_object, ("", LEADS, CONTACTS))
        self._api = Api(
            url or HOME, token, ca_file=ca_file, renew=renew, tempo=tempo, clock=clock, deadline=deadline
        )
        self._account = Account(self._api, email=email, role=role, lead_object=lead_object, dialect=dialect)
        self._fetching = Fetching(self._api, self._account, clock)
        self._delivery = Delivery(self._api, self._account, clock)
        self._review = Review(self._api, self._account)
        self._answers = Answers(self._api, self._account, clock, self._review)
        self._replies = Replies(self._api, self._account)
        self._outcomes = Outcomes(self._api, self._account)
        self._setup = Setup(self._api, self._account)

    async def whoami(self) -> Rep:
        """Return the owner who has the profile's e-mail address."""
        return await self._account.me()

    async def capabilities(self) -> Capabilities:
        """Return what HubSpot gives: weights where lead scoring has a history, replies after a setup."""
        reasons = "weights" if await self._fetching.has_reasons() else "none"
        return Capabilities(
            name="HubSpot",
            batch=BATCH,
            reasons=reasons,
            timeline=True,
            replies=await self._account.has(CONTACTS, ANSWER),
            people=bool(await self.people()),
        )

    async def fetch(self, cursor: str | None) -> AsyncIterator[LeadPage]:
        """Yield pages of the rep's leads, all or what changed since the cursor."""
        async with aclosing(self._fetching.pages(cursor)) as pages:
            async for page in pages:
                yield page

    async def push(self, items: Sequence[Item]) -> Mapping[str, Outcome]:
        """Write items of either kind. NotSignedIn and NotPermitted: nothing was written."""
        return await self._delivery.push(items)

    async def verify(self, item: Item) -> Verdict:
        """Look for the item's note; where that alone is missing, write it."""
        return await self._delivery.verify(item)

    async def replies(self, cursor: str | None) -> AsyncIterator[ReplyPage]:
        """Yield pages of marketing's answers: recorded ones, and what was typed into the two properties."""
        async for page in self._replies.pages(cursor):
            yield page

    async def reply(self, reply: Reply) -> None:
        """Record marketing's answer; CrmError says why not."""
        await self._answers.reply(reply)

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
        """Yield pages of what became of leads, by their stages and deals."""
        async for page in self._outcomes.pages(cursor):
            yield page

    async def setup_plan(self) -> tuple[Step, ...]:
        """Return what the account needs for triage, in the order in which it is made."""
        return await self._setup.plan()

    async def set_up(self, step: Step) -> None:
        """Make one step of the plan. CrmError says why not; what is there already is no error."""
        await self._setup.make(step)

    async def examine(self) -> tuple[Check, ...]:
        """Return what a doctor finds in the account, by reading alone."""
        return await Examination(self._api, self._account, self._setup).checks()

    async def people(self) -> tuple[Person, ...]:
        """Return the owners of the account."""
        return await self._account.owners()

    async def definition(self) -> Definition | None:
        """Return None: HubSpot holds no definition that both teams agreed on."""
        return None

    async def reasons(self) -> ReasonBook | None:
        """Return None: the profile's book is used, and mapped to the account's own reasons."""
        return None

    async def statistics(self) -> tuple[SourceStatistics, ...]:
        """Return nothing: HubSpot does not count acceptance."""
        return ()

    async def assets(self) -> tuple[ContentAsset, ...]:
        """Return nothing: HubSpot has no list of what to give to leads."""
        return ()

    async def content_requests(self) -> tuple[ContentRequest, ...]:
        """Return nothing: what reps ask for is on the timeline."""
        return ()

    async def proposals(self) -> Proposals:
        """Return none: HubSpot keeps no definitions."""
        return Proposals()

    @property
    def skew(self) -> timedelta | None:
        """How far HubSpot's clock was ahead at its last answer."""
        return self._api.skew

    async def aclose(self) -> None:
        """Close the connections."""
        await self._api.aclose()


def _check(option: str, value: str, allowed: Sequence[str]) -> None:
    if value not in allowed:
        words = ", ".join(one for one in allowed if one)
        raise ConfigError(f"The option {option} of this profile is “{value}”.", hint=f"It may be: {words}.")
