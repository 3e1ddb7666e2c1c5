"""HubSpotCrm: the port on a HubSpot account. A table of contents: the work is in the modules beside it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from triage.clock import Clock, utc_now
from triage.crm.bearer import Renew
from triage.crm.dialect import Dialect
from triage.crm.face import Face
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
from triage.crm.options import ROLES, one_of
from triage.crm.pacing import Tempo
from triage.crm.port import Capabilities
from triage.crm.signing import Question, Way
from triage.domain.people import Person, Rep


class HubSpotCrm(Face):
    """A HubSpot account. Raises CrmError, and ConfigError for a bad proxy or CA file.

    `email` says who signs in: a service key does not. `role` is rep or marketing; `lead_object` is leads or
    contacts, by itself what the account has. Close it with `aclose` in the event loop it was used in.
    """

    home: ClassVar[str] = HOME
    ways: ClassVar[Mapping[str, Way]] = sign_in.WAYS
    questions: ClassVar[Mapping[str, tuple[Question, ...]]] = sign_in.QUESTIONS
    exchange = staticmethod(sign_in.exchange)

    _fetching: Fetching

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
        one_of("role", role, ROLES)
        one_of("lead_object", lead_object, ("", LEADS, CONTACTS))
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
        self._examination = Examination(self._api, self._account, self._setup)

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

    async def people(self) -> tuple[Person, ...]:
        """Return the owners of the account."""
        return await self._account.owners()
