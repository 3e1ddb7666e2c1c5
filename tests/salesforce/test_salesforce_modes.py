"""The object for decisions is deployed, or given up, while items are under way: no item takes effect twice."""

from __future__ import annotations

from tests.salesforce.org.extras import DECISIONS
from tests.salesforce.room import Room
from tests.salesforce.world import Door
from triage.crm.contract import decision_on, feedback_on
from triage.domain.outcome import Absent, Already, Unknown


async def test_what_was_sent_as_a_task_is_found_after_the_object_was_deployed(
    behind: tuple[Door, str],
) -> None:
    room = Room(*behind, with_object=False)
    leads = await room.leads()
    items = [decision_on(leads[0]), feedback_on(leads[1])]
    room.org.strike("drop-after")
    sent = await room.crm.push(items)
    assert all(isinstance(one, Unknown) for one in sent.values())
    room.org.set_up(DECISIONS)
    crm = room.open(room.org.access_token)
    assert (await crm.capabilities()).idempotency
    assert all([isinstance(await crm.verify(item), Already) for item in items])
    assert await crm.verify(decision_on(leads[2])) == Absent()
    await room.close()


async def test_what_was_sent_to_the_object_is_found_by_a_profile_that_does_without_it(
    with_object: Room,
) -> None:
    room = with_object
    (item, other) = await room.accept(2)
    room.org.strike("drop-after")
    assert isinstance((await room.crm.push([item]))[item.id], Unknown)
    crm = room.open(room.org.access_token, decision_object="none")
    assert isinstance(await crm.verify(item), Already)
    assert await crm.verify(other) == Absent()


async def test_who_may_not_read_tasks_is_still_told_what_the_object_keeps(with_object: Room) -> None:
    room = with_object
    (item, other) = await room.accept(2)
    await room.crm.push([item])
    room.org.hide("Task")
    crm = room.open(room.org.access_token)
    assert isinstance(await crm.verify(item), Already)
    assert await crm.verify(other) == Absent()


async def test_tasks_are_looked_for_among_the_users_own_for_subjects_have_no_index(room: Room) -> None:
    items = await room.accept(2)
    await room.crm.push(items)
    await room.crm.verify(items[0])
    asked = [query for query in room.org.soql if "FROM Task" in query and "LIKE" in query]
    assert [query for query in asked if "WhoId IN" not in query and "CreatedById = " not in query] == []


async def test_what_can_be_no_object_is_never_part_of_a_query(with_object: Room) -> None:
    room = with_object
    crm = room.open(room.org.access_token, decision_object="Lead Decision' OR Name != '")
    assert [page.replies for page in [page async for page in crm.replies(None)]] == [()]
    assert not any("OR Name" in query for query in room.org.soql)
