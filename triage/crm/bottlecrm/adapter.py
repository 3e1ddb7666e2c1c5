"""BottleCrm: the port on a BottleCRM. A table of contents: the work is in the modules beside it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from triage.clock import Clock, utc_now
from triage.crm.bottlecrm import sign_in
from triage.crm.bottlecrm.account import Account
from triage.crm.bottlecrm.api import Api
from triage.crm.bottlecrm.delivering.delivery import BATCH, Delivery
from triage.crm.bottlecrm.names import ANSWER, ANSWERS
from triage.crm.bottlecrm.reading.fetching import Fetching
from triage.crm.bottlecrm.reviewing.answers import Answers
from triage.crm.bottlecrm.reviewing.outcomes import Outcomes
from triage.crm.bottlecrm.reviewing.replies import Replies
from triage.crm.bottlecrm.reviewing.review import Review
from triage.crm.bottlecrm.setting_up.custom_fields import Setup
from triage.crm.bottlecrm.setting_up.examination import Examination
from triage.crm.bottlecrm.statuses import Statuses
from triage.crm.dialect import Dialect
from triage.crm.face import Face
from triage.crm.limits import DEADLINE
from triage.crm.options import ROLES, one_of
from triage.crm.pacing import Tempo
from triage.crm.port import Capabilities
from triage.crm.signing import Question
from triage.domain.people import Person, Rep


class BottleCrm(Face):
    """One person in one organisation of a BottleCRM. Raises CrmError, and ConfigError for a bad CA file.

    `role` is rep or marketing. Close it with `aclose` in the event loop it was used in.
    """

    questions: ClassVar[Mapping[str, tuple[Question, ...]]] = sign_in.QUESTIONS

    def __init__(
        self,
        url: str,
        token: str,
        *,
        role: str = "rep",
        ca_file: str | None = None,
        dialect: Dialect | None = None,
        tempo: Tempo | None = None,
        clock: Clock = utc_now,
        deadline: float = DEADLINE,
    ) -> None:
        one_of("role", role, ROLES)
        self._api = Api(url, token, ca_file=ca_file, tempo=tempo, clock=clock, deadline=deadline)
        self._account = Account(self._api, role=role, dialect=dialect)
        self._statuses = Statuses(self._account.dialect)
        self._fetching = Fetching(self._api, self._account, clock)
        self._delivery = Delivery(self._api, self._account, clock)
        self._review = Review(self._api, self._account, clock)
        self._answers = Answers(self._api, self._account, clock, self._review)
        self._replies = Replies(self._api, self._account, clock, self._review)
        self._outcomes = Outcomes(self._account, clock, self._review)
        self._setup = Setup(self._api, self._account)
        self._examination = Examination(self._api, self._account, self._setup)

    async def whoami(self) -> Rep:
        """Return whose the token is."""
        return await self._account.me()

    async def capabilities(self) -> Capabilities:
        """Return what BottleCRM gives: replies after a setup; no reasons for a number, which people type."""
        return Capabilities(
            name="BottleCRM",
            batch=BATCH,
            timeline=True,
            replies=await self._account.has(ANSWER, ANSWERS),
            people=True,
            final=self._statuses.final,
        )

    async def people(self) -> tuple[Person, ...]:
        """Return everyone in the organisation."""
        return await self._account.people()
