"""What was said comes back from HubSpot: decisions, feedback, answers written or typed, and what became of leads."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator

import pytest

from tests.hubspot.conftest import Switchboard
from tests.hubspot.portal import BY_A_WORKFLOW, Portal, app
from tests.hubspot.world import HubSpotStage
from tests.tempo import FastTempo
from triage.clock import new_id
from triage.crm.contract import AWKWARD, decision_on, feedback_on
from triage.crm.hubspot import HubSpotCrm
from triage.domain.act import Act
from triage.domain.item import Item
from triage.domain.lead import Lead, LeadId, LeadStatus, Owner
from triage.domain.outcome import Applied
from triage.domain.review import Reply, ReplyKind
from triage.errors import AnswerLost, CrmError, StaleCursor


@pytest.fixture
async def stage(switchboard: Switchboard, portal: Portal) -> AsyncIterator[HubSpotStage]:
    made = HubSpotStage(switchboard.url, portal, switchboard.url)
    yield made
    await made.close()
    assert portal.broken_rules == []


def lead(portal: Portal, number: int = 0, **more: object) -> Lead:
    mine = {"status": LeadStatus.ASSIGNED, "owner": Owner(portal.me)} | more
    return Lead(LeadId(portal.lead_ids[number]), **mine)  # type: ignore[arg-type]  # a test's shorthand


async def told(crm: HubSpotCrm, *items: Item) -> None:
    for item in items:
        assert isinstance((await crm.push([item]))[item.id], Applied)


async def answers(crm: HubSpotCrm, cursor: str | None = None) -> tuple[list[Reply], str]:
    pages = [page async for page in crm.replies(cursor)]
    return [reply for page in pages for reply in page.replies], pages[-1].cursor


async def test_marketing_sees_who_said_what_about_whom(stage: HubSpotStage, portal: Portal) -> None:
    item = decision_on(lead(portal), Act.REJECT, reason="NOT_A_BUYER", note=AWKWARD)
    await told(stage.crm, item)
    (seen,) = [one async for one in stage.marketing.decisions()]
    assert (seen.decision_id, seen.act, seen.reason, seen.note) == (item.id, "reject", "NOT_A_BUYER", AWKWARD)
    assert (seen.rep.user_id, seen.lead_id, seen.state) == (portal.me, item.lead_id, "applied")
    assert seen.lead["name"]
    assert seen.lead["source"] == "paid search"


async def test_a_decision_that_was_taken_back_is_superseded(stage: HubSpotStage, portal: Portal) -> None:
    item = decision_on(lead(portal))
    await told(stage.crm, item, decision_on(lead(portal), Act.RESTORE, of=item.id))
    states = {one.act: one.state async for one in stage.marketing.decisions()}
    assert states == {"accept": "superseded", "restore": "applied"}


async def test_a_rep_sees_colleagues_without_names_and_words_and_only_when_asked(
    stage: HubSpotStage, portal: Portal, switchboard: Switchboard
) -> None:
    colleague = stage._open(switchboard.url, email="colleague@portal.example")
    named = [person for person in await stage.crm.people() if person.user_id == portal.colleague]
    theirs = Lead(LeadId(portal.other_lead_ids[0]), status=LeadStatus.ASSIGNED, owner=Owner(portal.colleague))
    colleague._account.email = portal.state.owners[portal.colleague].email if named else ""
    await told(
        colleague, decision_on(theirs, note="a private word", params={"criterion": "C1", "x": "words"})
    )
    await told(stage.crm, decision_on(lead(portal), note="my own word"))
    assert [one.note async for one in stage.crm.decisions()] == ["my own word"]
    team = {one.note: one async for one in stage.crm.decisions(team=True)}
    assert set(team) == {"my own word", ""}
    blotted = team[""]
    assert (blotted.rep, blotted.params, blotted.act) == (Owner(""), {"criterion": "C1"}, "accept")
    assert set(blotted.lead) == {"source", "campaign"}
    assert {one.note async for one in stage.marketing.decisions()} == {"a private word", "my own word"}


async def test_a_review_reads_each_contact_once_and_a_hundred_notes_at_a_time(
    switchboard: Switchboard,
) -> None:
    portal = Portal(FastTempo(), leads=250)
    switchboard.app = app(portal)
    stage = HubSpotStage(switchboard.url, portal, switchboard.url)
    items = [decision_on(lead(portal, number), note="So.") for number in range(250)]
    for start in range(0, 250, 100):
        await stage.crm.push(items[start : start + 100])
    await stage.marketing.capabilities()
    before = len(portal.requests)
    assert len([one async for one in stage.marketing.decisions()]) == 250
    asked = Counter(portal.requests[before:])
    assert asked.pop("POST /crm/objects/2026-09/contacts/search") == 2 + 1, "two pages, and none of feedback"
    assert asked.pop("POST /crm/associations/2026-09/contacts/notes/batch/read") == 1
    assert asked.pop("POST /crm/objects/2026-09/notes/batch/read") == 3
    assert sum(asked.values()) <= 2, "who asks, and in which account"
    await stage.close()
    assert portal.broken_rules == []


async def test_a_note_that_somebody_copied_counts_once(stage: HubSpotStage, portal: Portal) -> None:
    item = decision_on(lead(portal))
    await told(stage.crm, item, decision_on(lead(portal, 1)))
    body = portal.notes_of("leads", item.lead_id)[0]
    await stage.crm._api.write_batch("notes", "create", [_copy(body, portal.contact_of(portal.lead_ids[1]))])
    assert [one.decision_id async for one in stage.marketing.decisions()].count(item.id) == 1


def _copy(body: str, contact_id: str) -> dict[str, object]:
    types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 202}]
    return {
        "properties": {"hs_note_body": body, "hs_timestamp": "2026-11-22T10:00:00Z"},
        "associations": [{"to": {"id": contact_id}, "types": types}],
    }


async def test_a_note_that_somebody_changed_is_read_as_far_as_it_goes(
    stage: HubSpotStage, portal: Portal
) -> None:
    await told(stage.crm, decision_on(lead(portal)))
    (note,) = portal.state.records.of["notes"]
    portal.write("notes", note, {"hs_note_body": "<p>[triage:an-id accept] e30 <b>and more</b></p>"})
    (seen,) = [one async for one in stage.marketing.decisions()]
    assert (seen.decision_id, seen.snapshot, seen.rep) == ("an-id", {}, Owner(""))


# Answers


async def test_an_answer_stands_on_the_contact_where_lists_see_it(
    stage: HubSpotStage, portal: Portal
) -> None:
    item = feedback_on(lead(portal))
    await told(stage.crm, item)
    reply = Reply(new_id(), item.id, ReplyKind.PLANNED, "It is on the list.", of_kind="feedback")
    await stage.marketing.reply(reply)
    contact = portal.contact_of(item.lead_id)
    assert portal.value("contacts", contact, "triage_answer") == "It is on the list."
    assert portal.value("contacts", contact, "triage_answer_kind") == "planned"
    assert portal.answers() == [(reply.reply_id, "planned")]


async def test_our_own_answer_is_no_typed_one(stage: HubSpotStage, portal: Portal) -> None:
    item = decision_on(lead(portal))
    await told(stage.crm, item)
    await stage.marketing.reply(Reply(new_id(), item.id, ReplyKind.UPHELD, "So it is."))
    assert [reply.text for reply in (await answers(stage.crm))[0]] == ["So it is."]


@pytest.mark.parametrize("author", [None, BY_A_WORKFLOW], ids=["a person", "a workflow"])
async def test_a_typed_answer_reaches_the_rep_once_and_answers_the_decision_of_that_time(
    stage: HubSpotStage, portal: Portal, author: object
) -> None:
    first = decision_on(lead(portal))
    await told(stage.crm, first)
    _, cursor = await answers(stage.crm)
    by = {"author": author} if author is not None else {}
    portal.type_answer(first.lead_id, "Thanks, we look at it.", "planned", **by)
    await told(
        stage.crm, decision_on(lead(portal, status=LeadStatus.ACCEPTED), Act.DISQUALIFY, reason="NO_NEED")
    )
    new, cursor = await answers(stage.crm, cursor)
    assert [(one.of, one.kind, one.text) for one in new] == [
        (first.id, ReplyKind.PLANNED, "Thanks, we look at it.")
    ]
    assert (await answers(stage.crm, cursor))[0] == []
    assert (await answers(stage.crm))[0] == new


async def test_an_answer_typed_for_feedback_alone_reaches_the_rep(
    stage: HubSpotStage, portal: Portal
) -> None:
    item = feedback_on(lead(portal))
    await told(stage.crm, item)
    portal.type_answer(item.lead_id, "It is on the list.", "planned")
    (reply,) = (await answers(stage.crm))[0]
    assert (reply.of, reply.of_kind, reply.text) == (item.id, "feedback", "It is on the list.")
    (reviewed,) = [one async for one in stage.marketing.feedback()]
    assert [one.text for one in reviewed.replies] == ["It is on the list."]


async def test_what_is_typed_before_anything_was_said_answers_nothing(
    stage: HubSpotStage, portal: Portal
) -> None:
    item = feedback_on(lead(portal))
    portal.type_answer(item.lead_id, "By mistake.")
    await told(stage.crm, item)
    assert (await answers(stage.crm))[0] == []


async def test_an_answer_to_a_colleague_is_not_mine(
    stage: HubSpotStage, portal: Portal, switchboard: Switchboard
) -> None:
    item = decision_on(lead(portal))
    await told(stage.crm, item)
    portal.type_answer(item.lead_id, "For the rep who said it.")
    other = stage._open(switchboard.url, email=portal.state.owners[portal.colleague].email)
    assert (await answers(other))[0] == []
    assert len((await answers(stage.crm))[0]) == 1


@pytest.mark.parametrize("request_", [0, 1], ids=["note", "contact"])
async def test_an_answer_whose_way_back_was_lost_is_recorded_once_when_it_is_sent_again(
    stage: HubSpotStage, portal: Portal, request_: int
) -> None:
    item = feedback_on(lead(portal))
    await told(stage.crm, item)
    reply = Reply(new_id(), item.id, ReplyKind.CHANGED, "Done.", of_kind="feedback")
    portal.strike(*[""] * request_, "drop-after")
    with pytest.raises(AnswerLost):
        await stage.marketing.reply(reply)
    await stage.marketing.reply(reply)
    assert portal.answers() == [(reply.reply_id, "changed")]
    assert portal.value("contacts", portal.contact_of(item.lead_id), "triage_answer_kind") == "changed"


async def test_a_returned_lead_is_the_reps_again_as_it_was(stage: HubSpotStage, portal: Portal) -> None:
    item = decision_on(lead(portal), Act.REJECT, reason="NOT_A_BUYER")
    await told(stage.crm, item)
    await stage.marketing.reply(Reply(new_id(), item.id, ReplyKind.RETURNED, "Please look again."))
    standing = portal.standing(item.lead_id)
    assert (standing.stage, standing.owner) == ("new-stage-id", portal.me)
    (seen,) = [one async for one in stage.marketing.decisions()]
    assert seen.state == "reviewed"


async def test_a_lead_that_has_moved_on_is_not_brought_back(stage: HubSpotStage, portal: Portal) -> None:
    item = decision_on(lead(portal))
    await told(stage.crm, item)
    portal.restage(item.lead_id, "qualified-stage-id")
    with pytest.raises(CrmError, match="moved on"):
        await stage.marketing.reply(Reply(new_id(), item.id, ReplyKind.OVERTURNED, "No."))
    assert portal.answers() == []
    assert portal.standing(item.lead_id).stage == "qualified-stage-id"


async def test_without_its_properties_an_answer_is_refused_with_what_to_do(
    stage: HubSpotStage, portal: Portal
) -> None:
    portal.without("triage_answer")
    with pytest.raises(CrmError, match="does not have yet") as caught:
        await stage.marketing.reply(Reply(new_id(), new_id(), ReplyKind.PLANNED, ""))
    assert "triage setup" in caught.value.hint


@pytest.mark.parametrize("cursor", ["x", "{}", "[]", '{"since": 1, "given": 1}', "null"])
async def test_a_cursor_that_is_none_of_ours_is_stale(stage: HubSpotStage, cursor: str) -> None:
    with pytest.raises(StaleCursor):
        await answers(stage.crm, cursor)


# What became of leads


async def stages(crm: HubSpotCrm, cursor: str | None = None) -> tuple[list[tuple[str, str]], str]:
    pages = [page async for page in crm.outcomes(cursor)]
    return [(one.lead_id, one.stage.value) for page in pages for one in page.changes], pages[-1].cursor


async def test_stages_and_deals_are_told_once_each(stage: HubSpotStage, portal: Portal) -> None:
    of = portal.lead_ids[0]
    before, cursor = await stages(stage.crm)
    assert (of, "assigned") in before
    portal.restage(of, "attempting-stage-id")
    portal.restage(of, "connected-stage-id")
    portal.restage(of, "qualified-stage-id")
    deal = portal.open_deal(of, amount="12000")
    new, cursor = await stages(stage.crm, cursor)
    assert new == [(of, "working"), (of, "qualified"), (of, "opportunity")]
    portal.close_deal(deal)
    new, cursor = await stages(stage.crm, cursor)
    assert new == [(of, "won")]
    assert (await stages(stage.crm, cursor))[0] == []
    everything = (await stages(stage.crm))[0]
    assert len(everything) == len(before) + 4


async def test_a_won_deal_has_its_worth_and_owner(stage: HubSpotStage, portal: Portal) -> None:
    of = portal.lead_ids[0]
    portal.close_deal(portal.open_deal(of, amount="12000", name="A plan"))
    changes = [one async for page in stage.crm.outcomes(None) for one in page.changes]
    won = next(one for one in changes if one.stage is LeadStatus.WON)
    assert (won.opportunity, won.amount, won.currency) == ("A plan", 12000, "EUR")
    assert won.owner is not None
    assert won.owner.user_id == portal.me
    assert won.source == "paid search"


async def test_what_became_of_colleagues_leads_has_no_names_for_a_rep(
    stage: HubSpotStage, portal: Portal
) -> None:
    theirs = set(portal.other_lead_ids)
    for crm, shown in ((stage.crm, False), (stage.marketing, True)):
        changes = [one async for page in crm.outcomes(None) for one in page.changes]
        of_colleagues = [one for one in changes if one.lead_id in theirs]
        assert of_colleagues
        assert all(bool(one.name and one.owner and one.owner.user_id) is shown for one in of_colleagues)
        assert all(one.name for one in changes if one.lead_id not in theirs)


async def test_without_the_right_to_see_deals_stages_are_told_all_the_same(
    stage: HubSpotStage, portal: Portal
) -> None:
    portal.scopes -= {"crm.objects.deals.read"}
    pages = [page async for page in stage.crm.outcomes(None)]
    assert pages[-1].changes
    assert pages[-1].unread == {"deals": 1}
