"""A decision and its lead's change are one graph: all of it takes effect once, or the rep is told why not."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import pytest
from msgspec.structs import replace

from tests.salesforce.room import Room, kinds
from tests.salesforce.world import Door
from triage.crm.contract import decision_on, feedback_on
from triage.crm.salesforce.api import GraphAnswer
from triage.domain.act import Act
from triage.domain.decision import Decision
from triage.domain.item import Item
from triage.domain.lead import LeadId, LeadStatus
from triage.domain.outcome import Absent, Already, Applied, Conflicted, Refused, RetryLater, Unknown
from triage.errors import NotSignedIn, RateLimited


def _decision(item: Item) -> Decision:
    assert item.decision is not None
    return item.decision


READS = 3
"""Questions before a write, for any number of items up to a batch: the items, their leads, their decisions."""


async def test_seventy_five_decisions_are_one_request_of_graphs(behind: tuple[Door, str]) -> None:
    room = Room(*behind, leads=80)
    items = await room.accept(75)
    before = len(room.org.requests)
    outcomes = await room.crm.push(items)
    assert set(kinds(outcomes, items)) == {"Applied"}
    assert room.graph_requests == 1
    assert len(room.org.requests) - before <= READS + 1
    await room.close()


async def test_a_thousand_decisions_are_fourteen_requests_of_graphs(behind: tuple[Door, str]) -> None:
    room = Room(*behind, leads=1_010)
    items = await room.accept(1_000)
    batch = (await room.crm.capabilities()).batch
    before = len(room.org.requests)
    for start in range(0, len(items), batch):
        part = items[start : start + batch]
        assert set(kinds(await room.crm.push(part), part)) == {"Applied"}
    assert room.graph_requests == 14
    assert len(room.org.requests) - before <= 14 * (READS + 1)
    assert Counter(room.effects) == Counter(item.id for item in items)
    await room.close()


async def test_one_bad_graph_rolls_back_alone_and_takes_its_own_row_with_it(room: Room) -> None:
    items = await room.accept(4)
    room.org.validation[items[1].lead_id] = "Call them first."
    outcomes = await room.crm.push(items)
    assert kinds(outcomes, items) == ["Applied", "Refused", "Applied", "Applied"]
    assert outcomes[items[1].id] == Refused(("Call them first.",))
    assert items[1].id not in room.effects
    assert await room.crm.verify(items[1]) == Absent()


async def test_what_fourteen_failures_left_alone_is_sent_in_parts_that_cannot_meet_the_cap_again(
    behind: tuple[Door, str],
) -> None:
    room = Room(*behind, leads=80)
    items = await room.accept(75)
    for item in items:
        room.org.validation[item.lead_id] = "Not today."
    outcomes = await room.crm.push(items)
    assert set(outcomes.values()) == {Refused(("Not today.",))}
    assert room.graph_requests == 1 + 5  # 75, then 61 in parts of 14
    assert room.effects == []
    await room.close()


async def test_the_good_ones_behind_fourteen_bad_ones_take_effect(behind: tuple[Door, str]) -> None:
    room = Room(*behind, leads=40)
    items = await room.accept(30)
    for item in items[:14]:
        room.org.validation[item.lead_id] = "Not today."
    outcomes = await room.crm.push(items)
    assert kinds(outcomes, items) == ["Refused"] * 14 + ["Applied"] * 16
    assert Counter(room.effects) == Counter(item.id for item in items[14:])
    await room.close()


async def test_graphs_that_the_answer_does_not_mention_are_unknown_and_found_by_verify(room: Room) -> None:
    items = await room.accept(4)
    room.org.strike("partial")
    outcomes = await room.crm.push(items)
    assert kinds(outcomes, items) == ["Applied", "Applied", "Unknown", "Unknown"]
    assert all([isinstance(await room.crm.verify(item), Already) for item in items])
    assert Counter(room.effects) == Counter(item.id for item in items)


async def test_a_lost_answer_is_unknown_and_nothing_is_sent_after_it(room: Room) -> None:
    items = await room.accept(3)
    room.org.strike("drop-after")
    outcomes = await room.crm.push(items)
    assert set(kinds(outcomes, items)) == {"Unknown"}
    assert room.graph_requests == 1
    again = await room.crm.push(items)
    assert set(kinds(again, items)) == {"Already"}
    assert Counter(room.effects) == Counter(item.id for item in items)


async def test_a_request_that_was_lost_on_its_way_has_no_effect_and_can_be_sent_again(room: Room) -> None:
    items = await room.accept(2)
    room.org.strike("drop-before")
    assert set(kinds(await room.crm.push(items), items)) == {"Unknown"}
    assert await room.crm.verify(items[0]) == Absent()
    assert set(kinds(await room.crm.push(items), items)) == {"Applied"}
    assert Counter(room.effects) == Counter(item.id for item in items)


async def test_a_record_that_someone_holds_is_tried_again_a_moment_later(room: Room) -> None:
    items = await room.accept(3)
    room.org.strike("lock")
    before = room.tempo.seconds
    assert set(kinds(await room.crm.push(items), items)) == {"Applied"}
    assert room.tempo.seconds > before
    assert Counter(room.effects) == Counter(item.id for item in items)


async def test_a_record_that_stays_held_is_left_for_later(room: Room) -> None:
    items = await room.accept(1)
    room.org.strike(*["lock"] * 10)
    outcome = (await room.crm.push(items))[items[0].id]
    assert isinstance(outcome, RetryLater)
    assert room.effects == []


async def test_a_lead_taken_between_our_read_and_our_write_is_a_conflict(room: Room) -> None:
    items = await room.accept(2)
    room.org.take_while_writing(items[0].lead_id)
    outcomes = await room.crm.push(items)
    assert kinds(outcomes, items) == ["Conflicted", "Applied"]
    assert room.effects == [items[1].id]
    assert room.org.standing(items[0].lead_id)[1] == room.org.colleague


async def test_a_change_that_does_not_matter_between_our_read_and_our_write_is_none(room: Room) -> None:
    (item,) = await room.accept(1)
    room.org.meddling.append(lambda: room.org.retitle(item.lead_id))
    assert kinds(await room.crm.push([item]), [item]) == ["Applied"]
    assert room.effects == [item.id]


async def test_an_org_that_refuses_the_condition_gets_writes_without_it_from_then_on(room: Room) -> None:
    room.org.precondition = "refused"
    items = await room.accept(4)
    assert set(kinds(await room.crm.push(items[:2]), items[:2])) == {"Applied"}
    assert room.graph_requests == 2
    assert set(kinds(await room.crm.push(items[2:]), items[2:])) == {"Applied"}
    assert room.graph_requests == 3


async def test_a_lost_refusal_of_the_condition_had_no_effect_and_is_sent_again(room: Room) -> None:
    """What is lost first at such an org is its refusal: verify says that nothing is there, truthfully."""
    room.org.precondition = "refused"
    (item,) = await room.accept(1)
    room.org.strike("drop-after")
    assert isinstance((await room.crm.push([item]))[item.id], Unknown)
    assert await room.crm.verify(item) == Absent()
    assert isinstance((await room.crm.push([item]))[item.id], Applied)
    assert room.effects == [item.id]


@pytest.mark.parametrize("gone", ["convert", "delete", "merge"])
async def test_a_lead_that_is_gone_is_said_with_what_became_of_it(room: Room, gone: str) -> None:
    (item, other) = await room.accept(2)
    if gone == "convert":
        room.org.archive(item.lead_id)
    else:
        room.org.delete(item.lead_id, other.lead_id if gone == "merge" else None)
    outcome = (await room.crm.push([item]))[item.id]
    assert isinstance(outcome, Conflicted)
    assert outcome.theirs.archived == (gone == "convert")
    assert outcome.theirs.deleted == (gone != "convert")
    assert outcome.theirs.merged_into == (other.lead_id if gone == "merge" else None)
    assert room.effects == []


@pytest.mark.parametrize("gone", ["convert", "delete"])
async def test_a_lead_that_goes_while_we_write_is_read_again_and_said(room: Room, gone: str) -> None:
    (item,) = await room.accept(1)
    away = room.org.archive if gone == "convert" else room.org.delete
    room.org.meddling.append(lambda: away(item.lead_id))
    outcome = (await room.crm.push([item]))[item.id]
    assert isinstance(outcome, Conflicted)
    assert room.effects == []


async def test_a_lead_that_this_user_may_not_see_any_more_is_put_away_and_holds_up_no_other(
    room: Room,
) -> None:
    items = await room.accept(2)
    room.org.private = True
    room.org.reassign(items[0].lead_id)
    odd = replace(items[0], decision=replace(_decision(items[0]), decision_id="odd", lead_id=LeadId("L-1")))
    outcomes = await room.crm.push([items[0], odd, items[1]])
    for one in (items[0], odd):
        outcome = outcomes[one.id]
        assert isinstance(outcome, Conflicted)
        assert outcome.theirs.archived
    assert isinstance(outcomes[items[1].id], Applied)


async def test_what_the_rep_keeps_on_a_converted_lead_is_refused_in_words(room: Room) -> None:
    (item,) = await room.accept(1)
    room.org.archive(item.lead_id)
    outcome = (await room.crm.push([item]))[item.id]
    assert isinstance(outcome, Conflicted)
    kept = replace(item, base=outcome.theirs.seen)
    refused = (await room.crm.push([kept]))[item.id]
    assert isinstance(refused, Refused)
    assert "converted" in refused.messages[0]


async def test_feedback_on_a_converted_lead_is_taken_though_nothing_can_refer_to_it(room: Room) -> None:
    lead = (await room.leads())[0]
    room.org.archive(lead.lead_id)
    item = feedback_on(lead)
    assert isinstance((await room.crm.push([item]))[item.id], Applied)
    told = [one async for one in room.marketing.feedback() if one.feedback_id == item.id]
    assert [one.lead_id for one in told] == [lead.lead_id]


async def test_a_status_that_converts_is_never_written(room: Room) -> None:
    leads = await room.leads()
    for lead, act in zip(leads, (Act.ACCEPT, Act.REJECT, Act.RECYCLE, Act.DISQUALIFY), strict=False):
        await room.decide(lead, act, reason="NOT_A_BUYER")
    assert not any(room.org.lead(lead.lead_id)["Status"] in room.org.converting for lead in leads)


async def test_a_used_up_day_stops_the_run_before_anything_is_written(room: Room) -> None:
    items = await room.accept(2)
    room.org.strike("limit")
    with pytest.raises(RateLimited) as caught:
        await room.crm.push(items)
    assert caught.value.retry_after
    assert room.effects == []


async def test_a_day_that_is_used_up_in_the_middle_keeps_what_was_done_and_the_rest(
    behind: tuple[Door, str],
) -> None:
    room = Room(*behind, leads=40)
    items = await room.accept(30)
    for item in items[:14]:
        room.org.validation[item.lead_id] = "Not today."
    room.org.strike("", "limit")
    outcomes = await room.crm.push(items)
    assert kinds(outcomes, items) == ["Refused"] * 14 + ["RetryLater"] * 16
    assert room.graph_requests == 2
    assert room.effects == []
    await room.close()


async def test_a_session_that_ended_stops_the_run(room: Room) -> None:
    items = await room.accept(1)
    room.org.end_session()
    with pytest.raises(NotSignedIn):
        await room.crm.push(items)
    assert room.effects == []


async def test_the_same_item_from_two_processes_at_once_takes_effect_once(with_object: Room) -> None:
    room = with_object
    (item,) = await room.accept(1)
    another = room.open(room.org.access_token)
    outcomes = await asyncio.gather(room.crm.push([item]), another.push([item]))
    assert sorted(type(one[item.id]).__name__ for one in outcomes) == ["Already", "Applied"]
    assert room.effects == [item.id]


async def test_the_same_item_twice_at_once_takes_effect_once_though_no_condition_helps(room: Room) -> None:
    room.org.precondition = "ignored"
    (item,) = await room.accept(1)
    outcomes = await asyncio.gather(room.crm.push([item]), room.crm.push([item]))
    assert sorted(type(one[item.id]).__name__ for one in outcomes) == ["Already", "Applied"]
    assert room.effects == [item.id]


async def test_what_took_effect_is_found_though_its_lead_was_deleted_since(room: Room) -> None:
    (item,) = await room.accept(1)
    await room.crm.push([item])
    room.org.delete(item.lead_id)
    for task in room.org.tasks_on(item.lead_id):
        room.org.put("Task", task, IsDeleted=True)
    assert isinstance(await room.crm.verify(item), Already)
    assert isinstance((await room.crm.push([item]))[item.id], Already)


async def test_a_request_that_arrives_late_is_refused_by_the_key_and_changes_no_lead(
    with_object: Room,
) -> None:
    room = with_object
    (item,) = await room.accept(1)
    graphs: list[object] = []
    send = room.crm._api.graph

    async def kept(given: object) -> object:
        graphs.append(given)
        return await send(given)  # type: ignore[arg-type]  # as it came

    room.crm._api.graph = kept  # type: ignore[method-assign,assignment]  # what was on its way arrives once more
    await room.crm.push([item])
    room.org.precondition = "ignored"
    room.org.restatus(item.lead_id, "Open - Not Contacted")
    before = room.org.standing(item.lead_id)
    answer = await send(graphs[0])  # type: ignore[arg-type]  # as it went
    assert not any(one.successful for one in answer.graphs.values())
    assert room.org.standing(item.lead_id) == before
    assert room.effects == [item.id]


async def test_two_decisions_on_one_lead_take_effect_one_after_the_other(room: Room) -> None:
    room.org.precondition = "ignored"
    lead = (await room.leads())[0]
    first, second = decision_on(lead, Act.SNOOZE, params={"until": "2099-01-01"}), decision_on(lead)
    outcomes = await room.crm.push([first, second])
    assert isinstance(outcomes[first.id], Applied)
    assert isinstance(outcomes[second.id], Conflicted)
    assert room.effects == [first.id]


async def test_a_restore_is_a_conflict_once_someone_acted_on_the_lead(room: Room) -> None:
    lead = (await room.leads())[0]
    first = await room.decide(lead, Act.REJECT, reason="NOT_A_BUYER")
    room.org.restatus(lead.lead_id, "Working - Contacted")
    restore = decision_on(lead, Act.RESTORE, of=first.id)
    assert isinstance((await room.crm.push([restore]))[restore.id], Conflicted)


async def test_a_restore_of_what_the_org_does_not_know_is_refused(room: Room) -> None:
    restore = decision_on((await room.leads())[0], Act.RESTORE, of="019aa000-0000-7000-8000-000000000000")
    assert isinstance((await room.crm.push([restore]))[restore.id], Refused)


async def test_after_a_restore_the_earlier_decision_stands_again(room: Room) -> None:
    lead = (await room.leads())[0]
    await room.decide(lead)
    accepted = await room.now(lead)
    assert accepted.status is LeadStatus.ACCEPTED
    second = await room.decide(accepted, Act.RECYCLE, reason="EARLY_RESEARCH")
    await room.decide(accepted, Act.RESTORE, of=second.id)
    after = await room.now(lead)
    assert after.status is LeadStatus.ACCEPTED


async def test_what_a_note_says_is_no_reference_to_another_result(room: Room) -> None:
    note = "See @{lead.id} and @{row.id}, mail a@example.com"
    item = await room.decide((await room.leads())[0], note=note)
    told = [one async for one in room.marketing.decisions() if one.decision_id == item.id]
    assert [one.note for one in told] == [note]


async def test_a_picklist_that_lacks_the_value_refuses_in_its_own_words(with_object: Room) -> None:
    room = with_object
    item = decision_on((await room.leads())[0], Act.REROUTE, params={"to": room.org.colleague})
    room.org.validation["OwnerId"] = "bad value for restricted picklist field: can't"
    assert (await room.crm.push([item]))[item.id] == Refused(
        ("bad value for restricted picklist field: can't",)
    )


async def test_a_field_that_vanished_since_it_was_described_is_left_out(room: Room) -> None:
    items = await room.accept(2)
    await room.crm.push(items[:1])
    room.org.hide("Lead.Triage_Outcome__c")
    assert isinstance((await room.crm.push(items[1:]))[items[1].id], Applied)


async def test_who_accepts_a_queues_lead_takes_it(behind: tuple[Door, str]) -> None:
    room = Room(*behind)
    room.org.reassign(room.org.lead_ids[0], room.org.queue)
    crm = room.open(room.org.access_token, queues=room.org.queue)
    leads = [one async for page in crm.fetch(None) for one in page.leads]
    lead = next(one for one in leads if one.lead_id == room.org.lead_ids[0])
    item = decision_on(lead)
    outcome = (await crm.push([item]))[item.id]
    assert isinstance(outcome, Applied)
    assert room.org.standing(lead.lead_id)[1] == room.org.me
    assert outcome.receipt.owner is not None
    assert outcome.receipt.owner.user_id == room.org.me
    await room.close()


@pytest.mark.parametrize("by", ["id", "name"])
async def test_a_recycled_lead_goes_where_the_profile_says(with_object: Room, by: str) -> None:
    room = with_object
    queue = (
        room.org.queue
        if by == "id"
        else next(one.name for one in await room.crm.people() if one.user_id == room.org.queue)
    )
    crm = room.open(room.org.access_token, recycles_to=queue)
    lead = (await room.leads())[0]
    item = decision_on(lead, Act.RECYCLE, reason="EARLY_RESEARCH", params={"wake": "2099-01-01"})
    assert isinstance((await crm.push([item]))[item.id], Applied)
    assert room.org.standing(lead.lead_id)[1] == room.org.queue


async def test_a_recycled_lead_that_has_nowhere_to_go_is_refused_in_words(with_object: Room) -> None:
    room = with_object
    crm = room.open(room.org.access_token, recycles_to="No such queue")
    recycled, accepted = (await room.leads())[:2]
    items = [decision_on(recycled, Act.RECYCLE, reason="EARLY_RESEARCH"), decision_on(accepted)]
    outcomes = await crm.push(items)
    assert kinds(outcomes, items) == ["Refused", "Applied"]
    assert "recycles_to" in str(outcomes[items[0].id])


async def test_queues_are_not_asked_for_where_nothing_is_recycled(with_object: Room) -> None:
    room = with_object
    crm = room.open(room.org.access_token, recycles_to="No such queue")
    (item,) = await room.accept(1)
    await crm.push([item])
    assert not any("QueueSobject" in query for query in room.org.soql)


async def test_what_does_not_answer_is_unknown_where_only_success_is_said(with_object: Room) -> None:
    """A graph that says it succeeded, and not what it made, is asked for."""
    room = with_object
    (item,) = await room.accept(1)
    send = room.crm._api.graph

    async def wordless(given: object) -> object:
        answer = await send(given)  # type: ignore[arg-type]  # as it came
        graphs = {key: replace(one, nodes={}) for key, one in answer.graphs.items()}
        return replace(answer, graphs=graphs)

    room.crm._api.graph = wordless  # type: ignore[method-assign,assignment]  # an answer with its middle cut out
    assert isinstance((await room.crm.push([item]))[item.id], Unknown)
    assert isinstance(await room.crm.verify(item), Already)


async def test_a_condition_that_the_whole_request_is_refused_for_is_left_out(with_object: Room) -> None:
    room = with_object
    items = await room.accept(3)
    send = room.crm._api.graph

    async def strict(given: Any) -> GraphAnswer:
        if any("httpHeaders" in node for graph in given for node in graph["compositeRequest"]):
            return GraphAnswer(refused="Unrecognized field httpHeaders")
        return await send(given)

    room.crm._api.graph = strict  # type: ignore[method-assign,assignment]  # an org that knows no such field
    assert set(kinds(await room.crm.push(items), items)) == {"Applied"}
    assert room.graph_requests == 1


async def test_the_item_that_a_whole_request_is_refused_for_is_found_and_the_others_go(
    with_object: Room,
) -> None:
    room = with_object
    items = await room.accept(5)
    send = room.crm._api.graph

    async def choking(given: Any) -> GraphAnswer:
        if any(items[3].lead_id in str(graph) for graph in given):
            return GraphAnswer(refused="Unexpected character")
        return await send(given)

    room.crm._api.graph = choking  # type: ignore[method-assign,assignment]  # an org that cannot read one of them
    outcomes = await room.crm.push(items)
    assert kinds(outcomes, items) == ["Applied", "Applied", "Applied", "Refused", "Applied"]
    assert Counter(room.effects) == Counter(item.id for item in items if item is not items[3])
