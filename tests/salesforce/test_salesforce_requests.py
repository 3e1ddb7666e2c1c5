"""An org's requests are shared by all its programs: a sync where nothing is new asks little, and stops in time."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.fakes import Clock
from tests.salesforce.org.extras import DECISIONS
from tests.salesforce.room import Room
from tests.salesforce.world import Door
from triage.clock import new_id
from triage.crm.contract import decision_on
from triage.crm.salesforce.keeping.decision_object import OBJECT
from triage.domain.act import Act
from triage.domain.outcome import Applied
from triage.domain.review import Reply, ReplyKind
from triage.errors import RateLimited

IDLE = ["GET /services/oauth2/userinfo", "GET /services/data/v68.0/query", "GET /services/data/v68.0/query"]
"""Who the token is, which leads changed, which answers did."""


async def sync(room: Room, leads: str | None, replies: str | None) -> tuple[str, str, list[Reply]]:
    """Ask what a sync asks, with an adapter of its own; returns where both ended, and the answers."""
    crm = room.open(room.org.access_token, clock=room.org.now)
    await crm.whoami()
    lead_pages = [page async for page in crm.fetch(leads)]
    reply_pages = [page async for page in crm.replies(replies)]
    answers = [one for page in reply_pages for one in page.replies]
    return lead_pages[-1].cursor, reply_pages[-1].cursor, answers


async def requests_of_an_idle_sync(room: Room, clock: Clock, replies: str | None = None) -> list[str]:
    """Return what a sync asks since whose predecessor nothing happened."""
    leads, replies, _ = await sync(room, None, replies)
    clock.go(minutes=1)
    leads, replies, _ = await sync(room, leads, replies)
    clock.go(minutes=1)
    before = len(room.org.requests)
    _, _, answers = await sync(room, leads, replies)
    assert answers == []
    return [one.partition("?")[0] for one in room.org.requests[before:]]


@pytest.mark.parametrize("last", ["nothing", "decided", "typed", "answered"])
async def test_a_sync_where_nothing_is_new_costs_three_requests(behind: tuple[Door, str], last: str) -> None:
    clock = Clock(datetime.now(UTC))
    room = Room(*behind, clock=clock)
    lead = (await room.leads())[0]
    if last != "nothing":
        item = await room.decide(lead, Act.REJECT, reason="NOT_A_BUYER")
        if last == "typed":
            room.org.type_answer_on(item.id, "Thank you.")
        elif last == "answered":
            await room.marketing.reply(Reply(new_id(), item.id, ReplyKind.PLANNED, "We look."))
    assert await requests_of_an_idle_sync(room, clock) == IDLE
    await room.close()


async def test_an_org_without_the_object_is_not_asked_for_its_rows_again_and_again(
    behind: tuple[Door, str],
) -> None:
    clock = Clock(datetime.now(UTC))
    room = Room(*behind, clock=clock, with_object=False)
    asked = await requests_of_an_idle_sync(room, clock)
    assert not any("FROM Lead_Triage_Decision__c" in query for query in room.org.soql[-len(asked) :])
    assert len(asked) <= 7
    _, replies, _ = await sync(room, None, None)
    room.org.set_up(DECISIONS)
    assert await requests_of_an_idle_sync(room, clock, replies) == IDLE
    await room.close()


async def test_decisions_that_nobody_answers_are_not_read_again_at_every_sync(with_object: Room) -> None:
    room = with_object
    await room.decide((await room.leads())[0])
    assert '"since":null' not in [page async for page in room.crm.replies(None)][-1].cursor


async def test_above_80_percent_decisions_leave_and_answers_are_not_asked_for(room: Room) -> None:
    lead = (await room.leads())[0]
    item = decision_on(lead)
    cursor = [page async for page in room.crm.replies(None)][-1].cursor
    room.org.used = room.org.daily_limit * 85 // 100
    assert isinstance((await room.crm.push([item]))[item.id], Applied)
    before = len(room.org.requests)
    with pytest.raises(RateLimited, match="reads nothing new"):
        [page async for page in room.crm.replies(cursor)]
    with pytest.raises(RateLimited):
        [one async for one in room.crm.decisions()]
    with pytest.raises(RateLimited):
        await room.crm.people()
    if room.org.schema.known(OBJECT) is not None:
        with pytest.raises(RateLimited):
            await room.crm.see([item.id])
    assert len(room.org.requests) == before
