"""Marketing answers in triage or in Salesforce itself, and the rep sees it; what became of leads is told once."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.fakes import Clock
from tests.salesforce.room import Room
from tests.salesforce.world import Door
from triage.clock import new_id
from triage.crm.contract import AWKWARD, decision_on, feedback_on
from triage.domain.act import Act
from triage.domain.lead import LeadStatus
from triage.domain.review import Reply, ReplyKind
from triage.domain.stages import StageChange


async def replies(room: Room, cursor: str | None = None) -> list[Reply]:
    return [one async for page in room.crm.replies(cursor) for one in page.replies]


async def stages(room: Room, cursor: str | None = None) -> tuple[list[StageChange], str]:
    pages = [page async for page in room.crm.outcomes(cursor)]
    return [one for page in pages for one in page.changes], pages[-1].cursor


async def test_an_answer_typed_in_salesforce_reaches_the_rep_once(room: Room) -> None:
    lead = (await room.leads())[0]
    item = await room.decide(lead, Act.REJECT, reason="NOT_A_BUYER")
    cursor = [page async for page in room.crm.replies(None)][-1].cursor
    room.org.type_answer(lead.lead_id, "Please look again: they have a budget.", "returned")
    (answer,) = await replies(room, cursor)
    assert (answer.of, answer.kind, answer.text) == (
        item.id,
        ReplyKind.RETURNED,
        "Please look again: they have a budget.",
    )
    after = [page async for page in room.crm.replies(cursor)][-1].cursor
    assert await replies(room, after) == []
    assert [one.reply_id for one in await replies(room)] == [answer.reply_id]


async def test_an_answer_typed_into_a_task_reaches_the_rep(room: Room) -> None:
    if room.org.schema.known("Lead_Triage_Decision__c") is not None:
        return  # with the object an answer has its own field
    lead = (await room.leads())[0]
    item = await room.decide(lead, Act.REJECT, reason="NOT_A_BUYER")
    room.org.type_answer(lead.lead_id, "They have a budget.", "overturned", by_task=True)
    assert [(one.of, one.kind, one.text) for one in await replies(room)] == [
        (item.id, ReplyKind.OVERTURNED, "They have a budget.")
    ]


@pytest.mark.parametrize("by_task", [False, True])
async def test_an_old_answer_is_none_to_a_later_decision(behind: tuple[Door, str], by_task: bool) -> None:
    clock = Clock(datetime.now(UTC))
    room = Room(*behind, with_object=False, clock=clock)
    lead = (await room.leads())[0]
    first = await room.decide(lead, Act.REJECT, reason="NOT_A_BUYER")
    clock.go(minutes=5)
    room.org.type_answer(lead.lead_id, "They have a budget.", "planned", by_task=by_task)
    pages = [page async for page in room.crm.replies(None)]
    assert [one.of for page in pages for one in page.replies] == [first.id]
    clock.go(minutes=5)
    room.org.restatus(lead.lead_id, "Open - Not Contacted")
    again = await room.now(lead)
    await room.decide(again, Act.RECYCLE, reason="EARLY_RESEARCH")
    assert await replies(room, pages[-1].cursor) == []
    if by_task:
        assert [one.of for one in await replies(room)] == [first.id]
    await room.close()


async def test_an_answer_that_was_changed_is_another_one(with_object: Room) -> None:
    room = with_object
    lead = (await room.leads())[0]
    item = await room.decide(lead)
    room.org.type_answer_on(item.id, "Thank you.")
    first = await replies(room)
    room.org.type_answer_on(item.id, "Thank you very much.")
    second = await replies(room)
    assert [one.text for one in second] == ["Thank you very much."]
    assert first[0].reply_id != second[0].reply_id


async def test_what_shows_an_answer_given_in_triage_is_no_second_answer(room: Room) -> None:
    item = await room.decide((await room.leads())[0])
    reply = Reply(new_id(), item.id, ReplyKind.ACKNOWLEDGED, AWKWARD)
    await room.marketing.reply(reply)
    assert [(one.reply_id, one.text) for one in await replies(room)] == [(reply.reply_id, AWKWARD)]
    told = [one async for one in room.marketing.decisions()]
    assert [one.reply_id for one in told[0].replies] == [reply.reply_id]


async def test_an_answer_that_returns_a_lead_gives_it_back_to_the_rep(room: Room) -> None:
    lead = (await room.leads())[0]
    item = await room.decide(lead, Act.REJECT, reason="NOT_A_BUYER")
    before = room.org.standing(lead.lead_id)
    await room.marketing.reply(Reply(new_id(), item.id, ReplyKind.RETURNED, "Look again."))
    assert room.org.standing(lead.lead_id) != before
    assert (await room.now(lead)).status is LeadStatus.ASSIGNED


async def test_a_lead_that_has_moved_on_is_not_returned_and_marketing_is_told(room: Room) -> None:
    lead = (await room.leads())[0]
    first = await room.decide(lead, Act.REJECT, reason="NOT_A_BUYER")
    await room.decide(lead, Act.RESTORE, of=first.id)
    reply = Reply(new_id(), first.id, ReplyKind.RETURNED, "Look again.")
    told = await room.marketing.reply_all([reply])
    assert "moved on" in told[reply.reply_id]
    assert await replies(room) == []


async def test_a_verdict_on_feedback_is_refused_in_words(room: Room) -> None:
    item = feedback_on((await room.leads())[0])
    await room.crm.push([item])
    reply = Reply(new_id(), item.id, ReplyKind.UPHELD, "Yes.")
    assert (await room.marketing.reply_all([reply]))[reply.reply_id]


async def test_fifty_answers_of_which_thirty_are_refused_all_have_their_word(with_object: Room) -> None:
    room = with_object
    closed, open_ = [await room.decide(lead) for lead in (await room.leads())[:2]]
    (row,) = room.org.decisions_on(closed.lead_id)
    room.org.validation[row["Id"]] = "This one is closed."
    bad = [Reply(new_id(), closed.id, ReplyKind.PLANNED, f"Answer {number}.") for number in range(30)]
    good = [Reply(new_id(), open_.id, ReplyKind.PLANNED, f"Answer {number}.") for number in range(20)]
    told = await room.marketing.reply_all([*bad, *good])
    assert {told[one.reply_id] for one in bad} == {"This one is closed."}
    assert {told[one.reply_id] for one in good} == {""}
    assert len(await replies(room)) == 20


async def test_the_first_time_an_answer_was_seen_is_the_one_that_is_kept(with_object: Room) -> None:
    room, clock = with_object, Clock(datetime(2026, 11, 20, 9, 0, tzinfo=UTC))
    item = await room.decide((await room.leads())[0])
    reply = Reply(new_id(), item.id, ReplyKind.ACKNOWLEDGED, "Thank you.")
    await room.marketing.reply(reply)
    rep = room.open(room.org.access_token, clock=clock)
    await rep.see([reply.reply_id])
    clock.go(hours=1)
    await rep.see([reply.reply_id])
    (told,) = [one async for one in room.marketing.decisions()]
    assert told.replies[0].seen_at == datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


async def test_what_the_rep_has_seen_of_a_typed_answer_is_told_too(with_object: Room) -> None:
    room = with_object
    lead = (await room.leads())[0]
    item = await room.decide(lead)
    room.org.type_answer_on(item.id, "Thank you.")
    (answer,) = await replies(room)
    await room.crm.see([answer.reply_id, new_id(), f"typed-{new_id()}-0123456789abcdef"])
    (told,) = [one async for one in room.marketing.decisions()]
    assert told.replies[0].seen_at is not None


async def test_a_rep_sees_colleagues_decisions_without_names_and_words(room: Room) -> None:
    colleague = room.open(room.org.token_of(room.org.colleague))
    room.org.reassign(room.org.lead_ids[0])
    (lead, *_) = [one async for page in colleague.fetch(None) for one in page.leads]
    item = decision_on(lead, Act.REJECT, reason="NOT_A_BUYER", note="A secret word.")
    await colleague.push([item])
    mine = await room.decide((await room.leads())[0], note="My own word.")
    alone = {one.decision_id async for one in room.crm.decisions()}
    team = {one.decision_id: one async for one in room.crm.decisions(team=True)}
    assert alone == {mine.id}
    assert set(team) == {mine.id, item.id}
    assert (team[item.id].note, team[item.id].rep.user_id, team[item.id].rep.name) == ("", "", "")
    assert team[mine.id].note == "My own word."
    named = {one.decision_id: one async for one in room.marketing.decisions()}
    assert named[item.id].rep.user_id == room.org.colleague
    assert named[item.id].rep.name
    assert named[item.id].note == "A secret word."


async def test_a_decision_that_was_taken_back_is_superseded(room: Room) -> None:
    lead = (await room.leads())[0]
    first = await room.decide(lead, Act.REJECT, reason="NOT_A_BUYER")
    await room.decide(lead, Act.RESTORE, of=first.id)
    states = {one.decision_id: one.state async for one in room.marketing.decisions()}
    assert states[first.id] == "superseded"


async def test_a_lead_that_was_converted_and_won_is_told_with_its_amount_once(room: Room) -> None:
    lead_id = room.org.lead_ids[0]
    _, cursor = await stages(room)
    room.org.archive(lead_id)
    told, cursor = await stages(room, cursor)
    assert [(one.stage, one.amount, one.currency) for one in told if one.opportunity] == [
        (LeadStatus.OPPORTUNITY, 12_000.0, "EUR")
    ]
    room.org.close_opportunity(lead_id, won=True)
    told, cursor = await stages(room, cursor)
    assert [(one.stage, one.lead_id) for one in told] == [(LeadStatus.WON, lead_id)]
    assert (await stages(room, cursor))[0] == []


async def test_a_change_of_status_is_told_where_the_org_tracks_it(room: Room) -> None:
    _, cursor = await stages(room)
    lead = (await room.leads())[0]
    await room.decide(lead)
    told, _ = await stages(room, cursor)
    assert [(one.lead_id, one.stage) for one in told] == [(lead.lead_id, LeadStatus.WORKING)]


async def test_an_org_that_hides_its_history_and_opportunities_tells_the_rest(room: Room) -> None:
    room.org.hide("LeadHistory")
    room.org.hide("Opportunity")
    room.org.archive(room.org.lead_ids[0])
    assert [one.change_id for one in (await stages(room))[0] if one.change_id.startswith("history")] == []
