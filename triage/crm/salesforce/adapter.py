"""SalesforceCrm: the port on Salesforce. A table of contents: the work is in the files beside it."""

from __future__ import annotations

from collections.abc import Sequence

from triage.clock import Clock, utc_now
from triage.crm.bearer import Renew
from triage.crm.dialect import Dialect
from triage.crm.face import PlainFace
from triage.crm.http import Http
from triage.crm.limits import DEADLINE
from triage.crm.options import ROLES, one_of
from triage.crm.pacing import RealTempo, Tempo
from triage.crm.port import Capabilities
from triage.crm.salesforce import sign_in
from triage.crm.salesforce.account import Account
from triage.crm.salesforce.api import HEADERS, Api
from triage.crm.salesforce.delivering.delivery import BATCH, Delivery
from triage.crm.salesforce.manners import SALESFORCE
from triage.crm.salesforce.reading.fetching import Fetching
from triage.crm.salesforce.reading.people import people
from triage.crm.salesforce.reading.score import reasons_in
from triage.crm.salesforce.reviewing.answers import Answers
from triage.crm.salesforce.reviewing.outcomes import Outcomes
from triage.crm.salesforce.reviewing.review import Review
from triage.crm.salesforce.setting_up import metadata_setup
from triage.crm.salesforce.setting_up.examination import examine
from triage.crm.setup import Check, Step
from triage.domain.people import Person, Rep


class SalesforceCrm(PlainFace):
    """One Salesforce org, as one of its users has it. Raises CrmError."""

    ways = sign_in.WAYS
    questions = sign_in.QUESTIONS
    exchange = staticmethod(sign_in.exchange)
    borrow = staticmethod(sign_in.borrow)
    home = "https://login.salesforce.com"
    """Where one signs in; a profile's address is the instance that the sign-in named."""

    _api: Api
    _delivery: Delivery
    _answers: Answers

    def __init__(
        self,
        url: str,
        token: str,
        *,
        role: str = "rep",
        queues: str = "",
        decision_object: str = "",
        recycles_to: str = "",
        ca_file: str | None = None,
        renew: Renew | None = None,
        dialect: Dialect | None = None,
        tempo: Tempo | None = None,
        clock: Clock = utc_now,
        deadline: float = DEADLINE,
        login_url: str = "",
        client_id: str = "",
        way: str = "",
        org: str = "",
        username: str = "",
        key_file: str = "",
    ) -> None:
        one_of("role", role, ROLES)
        del login_url, client_id, way, org, username, key_file
        http = Http(
            url,
            token,
            ca_file=ca_file,
            deadline=deadline,
            renew=renew,
            clock=clock,
            manners=SALESFORCE,
            headers=HEADERS,
        )
        self._api = Api(http)
        self._account = Account(
            self._api,
            role=role,
            dialect=dialect,
            queues=queues,
            decision_object=decision_object,
            recycles_to=recycles_to,
        )
        self._fetching = Fetching(self._account, clock, url)
        self._delivery = Delivery(self._account, tempo or RealTempo())
        self._answers = self._replies = Answers(self._account, clock)
        self._review = Review(self._account)
        self._outcomes = Outcomes(self._account)

    async def whoami(self) -> Rep:
        """Return who the token belongs to."""
        return await self._account.whoami()

    async def capabilities(self) -> Capabilities:
        """Return what this org gives: reasons only where a prediction has left some to read."""
        return Capabilities(
            name="Salesforce",
            batch=BATCH,
            reasons=await reasons_in(self._api),
            timeline=True,
            replies=True,
            people=True,
            conditional_write=True,
            idempotency=await self._delivery.refuses_twice(),
        )

    async def see(self, reply_ids: Sequence[str]) -> None:
        """Note in the org what the rep has seen."""
        await self._answers.see(reply_ids)

    async def people(self) -> tuple[Person, ...]:
        """Return the users and queues a lead may go to."""
        return await people(self._account)

    async def setup_plan(self) -> tuple[Step, ...]:
        """Return what the org must have, and how it stands for this user."""
        return await metadata_setup.setup_plan(self._account)

    async def set_up(self, step: Step) -> None:
        """Refuse: in Salesforce an admin deploys what is missing. CrmError says how."""
        await metadata_setup.set_up(step)

    async def examine(self) -> tuple[Check, ...]:
        """Return what a doctor finds in the org."""
        return await examine(self._account)
