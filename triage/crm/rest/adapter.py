"""RestCrm: the port on the open contract. A table of contents: the work is in the files beside it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from typing import Any
from urllib.parse import quote

from triage.clock import Clock, utc_now
from triage.crm.bearer import Renew
from triage.crm.face import PlainFace
from triage.crm.http import Http
from triage.crm.limits import DEADLINE
from triage.crm.port import Capabilities
from triage.crm.rest import agreement, content, proposals, review
from triage.crm.rest.answering import Answers
from triage.crm.rest.delivery import Delivery
from triage.crm.rest.fetching import Fetching
from triage.crm.rest.paging import NOT_FOUND, Page, pages_of
from triage.crm.rest.review import Replies
from triage.crm.rest.stages import Outcomes
from triage.domain.content import ContentAsset, ContentRequest
from triage.domain.definition import Definition
from triage.domain.people import Person, Rep
from triage.domain.proposals import Proposal, Proposals
from triage.domain.reasons import ReasonBook
from triage.domain.review import BandStatistics, Reply, ReviewedDecision, ReviewedFeedback, SourceStatistics
from triage.errors import BadAnswer, CrmError

_REFUSED = (403, 404, 409, 422)


class RestCrm(PlainFace):
    """A CRM that implements the open contract. Raises CrmError, and ConfigError for a bad proxy or CA file.

    `deadline` is in seconds, for one request; `renew` gives another token after a 401. Close it with `aclose`
    in the event loop it was used in.
    """

    _api: Http
    _answers: Answers

    def __init__(
        self,
        url: str,
        token: str,
        *,
        ca_file: str | None = None,
        clock: Clock = utc_now,
        deadline: float = DEADLINE,
        renew: Renew | None = None,
    ) -> None:
        self._api = Http(url, token, ca_file=ca_file, deadline=deadline, renew=renew, clock=clock)
        self._fetching = Fetching(self._api, clock)
        self._delivery = Delivery(self._api)
        self._answers = Answers(self._api)
        self._replies = Replies(self._api)
        self._outcomes = Outcomes(self._api)

    async def whoami(self) -> Rep:
        """Return who the token belongs to."""
        answer = await self._api.get("/v1/me", expect=("user_id", "role"))
        rep = agreement.read_rep(answer.body)
        if not rep.user_id:
            raise BadAnswer("The CRM does not say who the token belongs to.")
        return rep

    async def capabilities(self) -> Capabilities:
        """Return what the CRM says it gives."""
        answer = await self._api.get("/v1/capabilities", expect=("name", "batch"))
        return agreement.read_capabilities(answer.body)

    async def reply(self, reply: Reply) -> None:
        """Record marketing's answer by a request of its own; CrmError says why not."""
        await self._answers.reply(reply)

    async def see(self, reply_ids: Sequence[str]) -> None:
        """Tell what the rep has seen of marketing's answers; nothing where the CRM does not keep it (404)."""
        await self._answers.see(reply_ids)

    async def decisions(self, *, team: bool = False) -> AsyncIterator[ReviewedDecision]:
        """Yield the decisions that the token may see, as they come; `team`: of a rep's colleagues too."""
        async with aclosing(self._reviewed("/v1/decisions", team=team)) as pages:
            async for page in pages:
                for decision in review.read_decisions(page.items):
                    yield decision

    async def feedback(self, *, team: bool = False) -> AsyncIterator[ReviewedFeedback]:
        """Yield the feedback that the token may see, as it comes; `team` as for decisions."""
        async with aclosing(self._reviewed("/v1/feedback", team=team)) as pages:
            async for page in pages:
                for feedback in review.read_feedback(page.items):
                    yield feedback

    async def people(self) -> tuple[Person, ...]:
        """Return the users and queues a lead may go to."""
        return agreement.read_people(await self._optional("/v1/people", "items") or {})

    async def definition(self) -> Definition | None:
        """Return the CRM's definition, or None where it has none (404)."""
        body = await self._optional("/v1/definition", "version", "criteria")
        return agreement.read_definition(body) if body is not None else None

    async def reasons(self) -> ReasonBook | None:
        """Return the CRM's reason codes, or None where it has none (404)."""
        body = await self._optional("/v1/reasons", "version", "reasons")
        return agreement.read_reasons(body) if body is not None else None

    async def statistics(self) -> tuple[SourceStatistics, ...]:
        """Return acceptance by source; empty where the CRM does not count (404)."""
        return agreement.read_statistics(await self._optional("/v1/statistics/sources", "items") or {})

    async def bands(self) -> tuple[BandStatistics, ...]:
        """Return the team's acceptance by score band; empty where the CRM does not count (404)."""
        return agreement.read_bands(await self._optional("/v1/statistics/bands", "items") or {})

    async def assets(self) -> tuple[ContentAsset, ...]:
        """Return what marketing has to give to leads; empty where the CRM keeps no list (404)."""
        return content.read_assets(await self._optional("/v1/assets", "items") or {})

    async def content_requests(self) -> tuple[ContentRequest, ...]:
        """Return what reps have asked marketing for; empty where the CRM keeps no list (404)."""
        return content.read_requests(await self._optional("/v1/content-requests", "items") or {})

    async def proposals(self) -> Proposals:
        """Return the definitions that were proposed; none where the CRM keeps none (404)."""
        return proposals.read_proposals(await self._optional("/v1/definition/proposals", "items") or {})

    async def propose(self, proposal: Proposal) -> Proposal:
        """Propose another definition; CrmError with the CRM's words when it will not have it."""
        return await self._agreed("/v1/definition/proposals", proposals.proposal_body(proposal))

    async def vote(self, proposal_id: str, *, agrees: bool, why: str = "") -> Proposal:
        """Say yes or no; CrmError with the CRM's words, for anyone but a named owner too."""
        path = f"/v1/definition/proposals/{quote(proposal_id, safe='')}/word"
        return await self._agreed(path, {"agrees": agrees, "why": why})

    def _reviewed(self, path: str, *, team: bool) -> AsyncGenerator[Page]:
        return pages_of(self._api, path, params={"team": "true"} if team else {})

    async def _agreed(self, path: str, body: dict[str, Any]) -> Proposal:
        answer = await self._api.send(path, body, also=_REFUSED)
        if answer.status in _REFUSED:
            raise CrmError(answer.words or f"The CRM refused ({answer.status}).")
        proposal = proposals.read_proposal(answer.body)
        if proposal is None:
            raise BadAnswer("The CRM's answer is no proposal.")
        return proposal

    async def _optional(self, path: str, *expect: str) -> dict[str, Any] | None:
        answer = await self._api.get(path, expect=expect, also=(NOT_FOUND,))
        return None if answer.status == NOT_FOUND else answer.body
