"""OdooCrm: the port on an Odoo database. A table of contents: the work is in the modules beside it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from triage.clock import Clock, utc_now
from triage.crm.dialect import Dialect
from triage.crm.face import Face
from triage.crm.limits import DEADLINE
from triage.crm.odoo import sign_in
from triage.crm.odoo.account import Account, end_of
from triage.crm.odoo.api import Api
from triage.crm.odoo.delivering.delivery import Delivery
from triage.crm.odoo.reading.explaining import Explaining
from triage.crm.odoo.reading.fetching import Fetching
from triage.crm.odoo.reviewing.answers import Answers
from triage.crm.odoo.reviewing.outcomes import Outcomes
from triage.crm.odoo.reviewing.replies import Replies
from triage.crm.odoo.reviewing.review import Review
from triage.crm.odoo.setting_up.examination import Examination
from triage.crm.odoo.setting_up.setup import Setup
from triage.crm.odoo.statuses import BOTH, LEAD, OPPORTUNITY
from triage.crm.options import ROLES, one_of
from triage.crm.pacing import Tempo
from triage.crm.port import Capabilities
from triage.crm.signing import Question, Way
from triage.domain.lead import LeadId
from triage.domain.people import Person, Rep
from triage.domain.score import Score
from triage.errors import ConfigError

BATCH = 20
"""Items of one write: each costs a few calls, one after the other."""
_A_DAY = "It is the last day of the key, such as 2026-12-31."


class OdooCrm(Face):
    """An Odoo database. Raises CrmError, and ConfigError for an option that is none.

    `database` where a host has several; `login` for versions before 19. `leads` is lead, opportunity or both,
    by itself what the database uses; `customer` what a conversion does about one: nothing, create or exist.
    `key_ends` is the day on which the key ends. Close it with `aclose` in the event loop it was used in.
    """

    ways: ClassVar[Mapping[str, Way]] = sign_in.WAYS
    questions: ClassVar[Mapping[str, tuple[Question, ...]]] = sign_in.QUESTIONS

    def __init__(
        self,
        url: str,
        token: str,
        *,
        database: str = "",
        login: str = "",
        role: str = "rep",
        leads: str = "",
        customer: str = "nothing",
        key_ends: str = "",
        ca_file: str | None = None,
        dialect: Dialect | None = None,
        tempo: Tempo | None = None,
        clock: Clock = utc_now,
        deadline: float = DEADLINE,
    ) -> None:
        one_of("role", role, ROLES)
        one_of("leads", leads, ("", LEAD, OPPORTUNITY, BOTH))
        one_of("customer", customer, ("nothing", "create", "exist"))
        if key_ends and end_of(key_ends) is None:
            raise ConfigError(f"The option key_ends of this profile is “{key_ends}”.", hint=_A_DAY)
        self._api = Api(
            url,
            token,
            database=database,
            login=login,
            ca_file=ca_file,
            tempo=tempo,
            clock=clock,
            deadline=deadline,
        )
        self._account = Account(
            self._api,
            url,
            database=database,
            role=role,
            leads=leads,
            customer=customer,
            key_ends=key_ends,
            dialect=dialect,
            clock=clock,
        )
        self._fetching = Fetching(self._api, self._account, clock)
        self._explaining = Explaining(self._api, self._account.dialect)
        self._delivery = Delivery(self._api, self._account, clock)
        self._review = Review(self._api, self._account)
        self._answers = Answers(self._api, self._account)
        self._replies = Replies(self._api, self._account)
        self._outcomes = Outcomes(self._api, self._account)
        self._setup = Setup(self._api, self._account)
        self._examination = Examination(self._api, self._account, self._setup)

    async def whoami(self) -> Rep:
        """Return who the key belongs to, and when it ends."""
        return await self._account.me()

    async def capabilities(self) -> Capabilities:
        """Return what Odoo gives: reasons of a score only for one lead, when a person asks."""
        explains = await self._explaining.is_offered()
        return Capabilities(
            name="Odoo",
            batch=BATCH,
            reasons="order" if explains else "none",
            timeline=True,
            replies=True,
            people=True,
            explains=explains,
        )

    async def explain(self, lead_id: LeadId) -> Score | None:
        """Return a lead's score with its reasons; Odoo computes it anew and writes it to the lead."""
        return await self._explaining.explain(lead_id)

    async def people(self) -> tuple[Person, ...]:
        """Return the users of the database, and its sales teams as queues."""
        return await self._account.people()
