"""RestCrm: the port on the open contract. Paths, pages and batches; the shapes are in the files beside it."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import quote

from msgspec import Struct

from triage.clock import Clock, utc_now
from triage.crm.answer import Read
from triage.crm.bearer import Renew
from triage.crm.http import Http
from triage.crm.limits import DEADLINE, decode
from triage.crm.port import Capabilities, LeadPage, OutcomePage, ReplyPage, reply_one_by_one
from triage.crm.rest import agreement, answering, bodies, content, proposals, review, stages
from triage.crm.rest.delivery import Delivery
from triage.crm.rest.lead_pages import decode_page
from triage.crm.rest.leads import read_leads
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
from triage.errors import BadAnswer, CrmError, StaleCursor

_NOT_FOUND = 404
_STALE = (410, 422)
_REPLY_REFUSED = (404, 409, 422)
_AGREEING_REFUSED = (403, 404, 409, 422)
_PAGE = "200"
"""Leads or rows a page: about a megabyte of ordinary leads."""
_CURSOR_LIMIT = 1_000
"""Characters; the contract allows 200, and no server takes an address of any length."""
_SENDABLE = re.compile(r"[^\ud800-\udfff]*")
_AT_ONCE = 50
"""Leads read before the event loop has its turn: 3 ms, and twice as long field by field."""

_UNTIL_SENT = 5
"""Turns of the event loop in which a request has left."""


class _Page(Struct, frozen=True):
    """One page of any list of the contract."""

    body: dict[str, Any]
    items: list[Any]
    cursor: str
    more: bool


class RestCrm:
    """A CRM that implements the open contract. Raises CrmError, and ConfigError for a bad proxy or CA file.

    `deadline` is in seconds, for one request; `renew` gives another token after a 401. Close it with `aclose`
    in the event loop it was used in.
    """

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
        self._http = Http(url, token, ca_file=ca_file, deadline=deadline, renew=renew, clock=clock)
        self._delivery = Delivery(self._http)
        self._clock = clock

    async def whoami(self) -> Rep:
        """Return who the token belongs to."""
        answer = await self._http.get("/v1/me", expect=("user_id", "role"))
        rep = agreement.read_rep(answer.body)
        if not rep.user_id:
            raise BadAnswer("The CRM does not say who the token belongs to.")
        return rep

    async def capabilities(self) -> Capabilities:
        """Return what the CRM says it gives."""
        answer = await self._http.get("/v1/capabilities", expect=("name", "batch"))
        return agreement.read_capabilities(answer.body)

    async def fetch(self, cursor: str | None) -> AsyncIterator[LeadPage]:
        """Yield pages of the rep's leads, all or what changed since the cursor."""
        async with aclosing(self._pages("/v1/leads", cursor, decode_page)) as pages:
            async for page in pages:
                leads, unread = await _read_in_turns(page.items, self._clock())
                yield LeadPage(leads, _gone(page.body), page.cursor, page.more, unread)

    async def push(self, items: Sequence[Item]) -> Mapping[str, Outcome]:
        """Write items of either kind. NotSignedIn and NotPermitted: nothing was written."""
        return await self._delivery.push(items)

    async def verify(self, item: Item) -> Verdict:
        """Ask for the item by its id."""
        return await self._delivery.verify(item)

    async def replies(self, cursor: str | None) -> AsyncIterator[ReplyPage]:
        """Yield pages of marketing's answers."""
        async with aclosing(self._pages("/v1/replies", cursor)) as pages:
            async for page in pages:
                yield ReplyPage(review.read_replies(page.items), page.cursor, page.more)

    async def reply(self, reply: Reply) -> None:
        """Record marketing's answer; CrmError with the CRM's words when it will not have it."""
        body = bodies.reply_body(reply)
        answer = await self._http.send("/v1/replies", body, also=_REPLY_REFUSED)
        if answer.status in _REPLY_REFUSED:
            raise CrmError(answer.words or f"The CRM refused the reply ({answer.status}).")

    async def reply_all(self, replies: Sequence[Reply]) -> Mapping[str, str]:
        """Record marketing's answers, a hundred at once; one by one where the CRM takes no batch (404)."""
        told = await answering.reply_all(self._http, replies)
        return await reply_one_by_one(self, replies) if told is None else told

    async def see(self, reply_ids: Sequence[str]) -> None:
        """Tell what the rep has seen of marketing's answers; nothing where the CRM does not keep it (404)."""
        await answering.see(self._http, reply_ids)

    async def decisions(self, *, team: bool = False) -> AsyncIterator[ReviewedDecision]:
        """Yield the decisions that the token may see; `team`: of a rep's colleagues too."""
        async with aclosing(self._pages("/v1/decisions", None, params=_of(team=team))) as pages:
            async for page in pages:
                for decision in review.read_decisions(page.items):
                    yield decision

    async def feedback(self, *, team: bool = False) -> AsyncIterator[ReviewedFeedback]:
        """Yield the feedback that the token may see; `team` as for decisions."""
        async with aclosing(self._pages("/v1/feedback", None, params=_of(team=team))) as pages:
            async for page in pages:
                for feedback in review.read_feedback(page.items):
                    yield feedback

    async def outcomes(self, cursor: str | None) -> AsyncIterator[OutcomePage]:
        """Yield pages of what became of leads; none where the CRM does not keep it (404)."""
        async with aclosing(self._pages("/v1/outcomes", cursor, optional=True)) as pages:
            async for page in pages:
                changes, unread = stages.read_stages(page.items)
                yield OutcomePage(changes, page.cursor, page.more, unread)

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

    async def _agreed(self, path: str, body: dict[str, Any]) -> Proposal:
        answer = await self._http.send(path, body, also=_AGREEING_REFUSED)
        if answer.status in _AGREEING_REFUSED:
            raise CrmError(answer.words or f"The CRM refused ({answer.status}).")
        proposal = proposals.read_proposal(answer.body)
        if proposal is None:
            raise BadAnswer("The CRM's answer is no proposal.")
        return proposal

    @property
    def skew(self) -> timedelta | None:
        """How far the CRM's clock was ahead at its last answer."""
        return self._http.skew

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def _optional(self, path: str, *expect: str) -> dict[str, Any] | None:
        answer = await self._http.get(path, expect=expect, also=(_NOT_FOUND,))
        return None if answer.status == _NOT_FOUND else answer.body

    async def _pages(
        self,
        path: str,
        cursor: str | None,
        read: Read = decode,
        *,
        params: Mapping[str, str] | None = None,
        optional: bool = False,
    ) -> AsyncGenerator[_Page]:
        """Yield all pages from a cursor on, each while the next is on its way; none of an optional 404.

        BadAnswer for a page without a list, or one that leads nowhere or back to where we were.
        """
        ask = partial(self._page, path, read, params or {}, optional=optional)
        been = {cursor or ""}
        coming: asyncio.Task[_Page | None] | None = asyncio.ensure_future(ask(cursor))
        try:
            while coming is not None:
                page = await coming
                if page is None:
                    return
                if page.more and page.cursor in been:
                    raise BadAnswer("The CRM says that there is more, but its cursor does not move on.")
                been.add(page.cursor)
                coming = asyncio.ensure_future(ask(page.cursor)) if page.more else None
                for _ in range(_UNTIL_SENT):  # else the CRM stands idle while this page is read
                    await asyncio.sleep(0)
                yield page
        finally:
            if coming is not None:
                coming.cancel()
                await asyncio.gather(coming, return_exceptions=True)

    async def _page(
        self, path: str, read: Read, params: Mapping[str, str], cursor: str | None, *, optional: bool
    ) -> _Page | None:
        params = {"limit": _PAGE, **params} | ({"cursor": cursor} if cursor else {})
        stale = _STALE if cursor else ()
        also = (*stale, _NOT_FOUND) if optional else stale
        answer = await self._http.get(
            path, params=params, expect=("items", "next_cursor", "more"), also=also, read=read
        )
        if optional and answer.status == _NOT_FOUND:
            return None
        if answer.status in stale:
            raise StaleCursor(answer.words or "The CRM does not know where the last fetch ended.")
        return _page(answer.body)


def _of(*, team: bool) -> dict[str, str]:
    return {"team": "true"} if team else {}


async def _read_in_turns(values: list[Any], fetched_at: datetime) -> tuple[tuple[Lead, ...], dict[str, int]]:
    """Read a page of leads, and let a screen draw in between."""
    leads: list[Lead] = []
    unread: Counter[str] = Counter()
    for start in range(0, len(values), _AT_ONCE):
        try:
            read, unreadable = read_leads(values[start : start + _AT_ONCE], fetched_at)
        except ValueError:
            raise BadAnswer("The CRM sent a lead in broken JSON.") from None
        leads += read
        unread.update(unreadable)
        await asyncio.sleep(0)
    return tuple(leads), dict(unread)


def _page(body: dict[str, Any]) -> _Page:
    items, cursor, more = body["items"], body["next_cursor"], body["more"]
    if not isinstance(items, list) or not _is_cursor(cursor) or not isinstance(more, bool):
        raise BadAnswer("The CRM sent a page of another shape.")
    return _Page(body, items, cursor, more)


def _is_cursor(value: object) -> bool:
    """Whether it can be sent back: one that cannot would be kept, and no later fetch would come through."""
    return isinstance(value, str) and len(value) <= _CURSOR_LIMIT and _SENDABLE.fullmatch(value) is not None


def _gone(body: dict[str, Any]) -> tuple[LeadId, ...]:
    """Return the ids of the leads that are no longer the rep's. BadAnswer for anything but texts."""
    gone = body.get("gone", [])
    if not isinstance(gone, list) or not all(isinstance(lead_id, str) for lead_id in gone):
        raise BadAnswer("The CRM sent a page of another shape.")
    return tuple(LeadId(lead_id) for lead_id in gone)
