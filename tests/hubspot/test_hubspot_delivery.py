"""Decisions reach HubSpot once, whatever request of a push goes wrong, and with as few requests as there can be."""

from __future__ import annotations

import html
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.hubspot.conftest import Switchboard
from tests.hubspot.portal import Portal, app
from tests.hubspot.world import HubSpotStage
from tests.tempo import FastTempo, Unhurried
from triage.clock import new_id, utc_now
from triage.crm.answer import Answer
from triage.crm.contract import decision_on, feedback_on
from triage.crm.hubspot import HubSpotCrm
from triage.crm.hubspot.delivering import writing
from triage.crm.hubspot.delivering.decided import Deciding
from triage.crm.hubspot.delivering.writing import Input, matched, update_of
from triage.crm.hubspot.rows import Found, Written
from triage.crm.hubspot.timeline.notes import mark_of, marks_on, read
from triage.crm.records import notes
from triage.crm.records.mark import plain
from triage.domain.act import Act
from triage.domain.item import Item
from triage.domain.lead import Lead, LeadId, LeadStatus, Owner, Seen
from triage.domain.outcome import (
    Absent,
    Already,
    Applied,
    Conflicted,
    Outcome,
    Refused,
    RetryLater,
    Unknown,
)
from triage.domain.score import Contribution, Dimension, Score
from triage.errors import BadAnswer, NotPermitted, NotSignedIn, RateLimited

WRITES = ("leads/batch/update", "contacts/batch/update", "notes/batch/create")


@pytest.fixture
async def crm(switchboard: Switchboard, portal: Portal) -> AsyncIterator[HubSpotCrm]:
    made = HubSpotCrm(switchboard.url, portal.token, email=portal.email, tempo=Unhurried(portal.tempo))
    yield made
    await made.aclose()
    assert portal.broken_rules == []


def lead(portal: Portal, number: int = 0, **more: object) -> Lead:
    mine = {"status": LeadStatus.ASSIGNED, "owner": Owner(portal.me)} | more
    return Lead(LeadId(portal.lead_ids[number]), **mine)  # type: ignore[arg-type]  # a test's shorthand


def again(item: Item) -> Item:
    """The item as the outbox sends it a second time."""
    return replace(item, attempts=item.attempts + 2)


async def alone(crm: HubSpotCrm, item: Item) -> Outcome:
    return (await crm.push([item]))[item.id]


async def settled(crm: HubSpotCrm, items: Sequence[Item]) -> None:
    """Ask and send again, as sync does, until nothing is in doubt."""
    for _ in range(6):
        left = [again(item) for item in items if isinstance(await crm.verify(item), Absent)]
        if not left:
            return
        await crm.push(left)
    raise AssertionError("something is in doubt for ever")


@pytest.mark.parametrize("request_", [0, 1, 2], ids=["lead", "contact", "note"])
@pytest.mark.parametrize(
    "fault", ["drop-before", "drop-after", "partial", "502", "502-after", "423", "477", "429", "401"]
)
async def test_whatever_goes_wrong_at_any_write_each_effect_is_there_once_in_the_end(
    crm: HubSpotCrm, portal: Portal, fault: str, request_: int
) -> None:
    items = [decision_on(lead(portal, number)) for number in range(2)]
    portal.strike(*[""] * request_, fault)
    try:
        outcomes = await crm.push(items)
    except (NotSignedIn, RateLimited):
        assert request_ == 0, "something was written already"
        outcomes = {item.id: RetryLater("") for item in items}
    sure = [item.id for item in items if isinstance(outcomes[item.id], RetryLater)]
    assert not {one for one, _word in portal.effects()} & set(sure)
    assert not sure or request_ == 0, "a half-done decision is no free one"
    portal.state.faults.writes.clear()
    portal.advance(120)
    await settled(crm, items)
    assert sorted(one for one, _word in portal.effects()) == sorted(item.id for item in items)
    for item in items:
        standing = portal.standing(item.lead_id)
        assert (standing.stage, standing.outcome) == ("attempting-stage-id", "accepted")


@pytest.mark.parametrize("fault", ["drop-after", "502-after", "partial"])
@pytest.mark.parametrize("request_", [0, 1], ids=["lead", "contact"])
async def test_a_write_whose_answer_was_lost_is_looked_at_and_gone_on_with(
    crm: HubSpotCrm, portal: Portal, fault: str, request_: int
) -> None:
    items = [decision_on(lead(portal, number)) for number in range(2)]
    portal.strike(*[""] * request_, fault)
    outcomes = await crm.push(items)
    assert [type(outcomes[item.id]) for item in items] == [Applied, Applied]
    assert portal.twice() == []


async def test_a_note_that_the_answer_does_not_mention_is_unknown(crm: HubSpotCrm, portal: Portal) -> None:
    items = [decision_on(lead(portal, number)) for number in range(2)]
    portal.strike("", "", "partial")
    outcomes = await crm.push(items)
    assert sorted(type(one).__name__ for one in outcomes.values()) == ["Applied", "Unknown"]


@pytest.mark.parametrize("request_", [1, 2], ids=["contact", "note"])
async def test_a_colleague_who_acts_between_our_writes_and_the_next_try_is_not_overwritten(
    crm: HubSpotCrm, portal: Portal, request_: int
) -> None:
    item = decision_on(lead(portal))
    portal.strike(*[""] * request_, "drop-before")
    assert isinstance(await alone(crm, item), Unknown)
    portal.reassign(item.lead_id)
    portal.restage(item.lead_id, "connected-stage-id")
    assert isinstance(await alone(crm, again(item)), Applied)
    standing = portal.standing(item.lead_id)
    assert (standing.owner, standing.stage) == (portal.colleague, "connected-stage-id")


async def test_what_is_half_done_remembers_how_the_lead_was_before(crm: HubSpotCrm, portal: Portal) -> None:
    item = decision_on(lead(portal), Act.REJECT, reason="NOT_A_BUYER")
    portal.strike("", "drop-before")
    await alone(crm, item)
    receipt = await alone(crm, again(item))
    assert isinstance(receipt, Applied)
    restore = decision_on(lead(portal, status=LeadStatus.REJECTED), Act.RESTORE, of=item.id)
    assert isinstance(await alone(crm, restore), Applied)
    assert portal.standing(item.lead_id).stage == "new-stage-id"


async def test_without_the_key_on_leads_half_done_is_known_by_how_the_lead_stands(
    crm: HubSpotCrm, portal: Portal
) -> None:
    portal.without("triage_decision_key", of="leads")
    item = decision_on(lead(portal))
    portal.strike("", "drop-before")
    assert isinstance(await alone(crm, item), Unknown)
    assert isinstance(await alone(crm, again(item)), Applied)
    assert portal.twice() == []


async def test_what_is_half_done_is_finished_when_it_is_asked_about(crm: HubSpotCrm, portal: Portal) -> None:
    item = decision_on(lead(portal), Act.REJECT, reason="NOT_A_BUYER")
    portal.strike("", "", "drop-before")
    assert isinstance(await alone(crm, item), Unknown)
    unknown = replace(item, changed_at=utc_now() - timedelta(minutes=2))
    assert isinstance(await crm.verify(unknown), Already)
    assert portal.effects() == [(item.id, "reject")]
    assert isinstance(await crm.verify(unknown), Already)


async def test_what_is_half_done_is_left_alone_while_its_request_may_be_at_work(
    crm: HubSpotCrm, portal: Portal
) -> None:
    item = decision_on(lead(portal))
    portal.strike("", "", "drop-before")
    await alone(crm, item)
    assert isinstance(await crm.verify(replace(item, changed_at=utc_now())), Absent)
    assert portal.effects() == []


async def test_without_the_key_on_leads_too_a_missing_scope_is_said_and_nothing_else_begun(
    switchboard: Switchboard, crm: HubSpotCrm, portal: Portal
) -> None:
    portal.without("triage_decision_key", of="leads")
    item, later = decision_on(lead(portal)), decision_on(lead(portal, 1))
    portal.scopes -= {"crm.objects.contacts.write"}
    await alone(crm, item)
    with pytest.raises(NotPermitted):
        await crm.verify(item)
    next_run = HubSpotCrm(switchboard.url, portal.token, email=portal.email, tempo=Unhurried(portal.tempo))
    outcomes = await next_run.push([again(item), later])
    assert [type(outcomes[one.id]) for one in (item, later)] == [Unknown, RetryLater]
    assert portal.standing(later.lead_id).stage == "new-stage-id"
    with pytest.raises(NotPermitted):
        await next_run.verify(item)
    await next_run.aclose()


async def test_a_token_that_may_not_write_contacts_begins_one_push_and_says_why(
    switchboard: Switchboard, crm: HubSpotCrm, portal: Portal
) -> None:
    item, later = decision_on(lead(portal)), decision_on(lead(portal, 1))
    portal.scopes -= {"crm.objects.contacts.write"}
    begun = await alone(crm, item)
    assert isinstance(begun, Unknown)
    assert "crm.objects.contacts.write" in begun.why
    with pytest.raises(NotPermitted):
        await crm.verify(replace(item, changed_at=utc_now()))
    with pytest.raises(NotPermitted):
        await crm.push([later])
    assert portal.standing(later.lead_id).stage == "new-stage-id"
    next_run = HubSpotCrm(switchboard.url, portal.token, email=portal.email, tempo=Unhurried(portal.tempo))
    with pytest.raises(NotPermitted, match=r"crm\.objects\.contacts\.write"):
        await next_run.verify(item)
    portal.scopes |= {"crm.objects.contacts.write"}
    await next_run.aclose()
    last_run = HubSpotCrm(switchboard.url, portal.token, email=portal.email, tempo=Unhurried(portal.tempo))
    assert isinstance(await last_run.verify(item), Already)
    await last_run.aclose()
    assert portal.effects() == [(item.id, "accept")]


@pytest.mark.parametrize("gone", ["", "triage_feedback"], ids=["contact", "note"])
async def test_feedback_that_the_token_may_not_write_is_said_and_waits(
    crm: HubSpotCrm, portal: Portal, gone: str
) -> None:
    portal.without(gone)
    portal.scopes -= {"crm.objects.contacts.write"}
    with pytest.raises(NotPermitted):
        await crm.push([feedback_on(lead(portal))])
    assert portal.effects() == []


async def test_another_stage_than_ours_is_a_conflict_on_a_second_try_too(
    crm: HubSpotCrm, portal: Portal
) -> None:
    item = decision_on(lead(portal))
    portal.strike("drop-before")
    await alone(crm, item)
    portal.restage(item.lead_id, "qualified-stage-id")
    outcome = await alone(crm, again(item))
    assert isinstance(outcome, Conflicted)
    assert outcome.theirs.status == "qualified"
    assert portal.effects() == []


async def test_a_mistake_in_one_lead_is_refused_in_hubspots_words_and_holds_up_no_other(
    crm: HubSpotCrm, portal: Portal
) -> None:
    items = [decision_on(lead(portal, number)) for number in range(3)]
    portal.strike("error-one")
    outcomes = await crm.push(items)
    assert [type(outcomes[item.id]) for item in items] == [Refused, Applied, Applied]
    assert len(portal.effects()) == 2


async def test_a_reason_that_the_admin_wants_is_given_with_the_stage(crm: HubSpotCrm, portal: Portal) -> None:
    portal.need_reason()
    item = decision_on(lead(portal), Act.REJECT, reason="NOT_A_BUYER")
    assert isinstance(await alone(crm, item), Applied)
    assert portal.standing(item.lead_id).reason


async def test_a_reason_that_the_admin_wants_and_nobody_has_is_a_refusal(
    crm: HubSpotCrm, portal: Portal
) -> None:
    portal.need_reason()
    item = decision_on(lead(portal), Act.REJECT, reason="OTHER")
    outcome = await alone(crm, item)
    assert isinstance(outcome, Refused)
    assert outcome.messages[0]
    assert portal.standing(item.lead_id).stage == "new-stage-id"


async def test_a_contact_that_refuses_its_properties_loses_no_decision(
    crm: HubSpotCrm, portal: Portal
) -> None:
    item = decision_on(lead(portal))
    portal.strike("", "error-one")
    assert isinstance(await alone(crm, item), Applied)
    assert "properties were refused" in portal.notes_of("leads", item.lead_id)[0]


async def test_a_portal_without_setup_keeps_the_decision_on_its_timeline(
    switchboard: Switchboard,
) -> None:
    portal = Portal(FastTempo(), set_up=False)
    switchboard.app = app(portal)
    stage = HubSpotStage(switchboard.url, portal, switchboard.url)
    item = decision_on(lead(portal))
    first = await alone(stage.crm, item)
    assert isinstance(first, Applied)
    assert await stage.crm.verify(item) == Already(first.receipt)
    second = decision_on(lead(portal), Act.DISQUALIFY, reason="NO_NEED")
    assert first.receipt.owner is not None
    moved_on = Seen(first.receipt.owner.user_id, first.receipt.status, "")
    assert isinstance(await alone(stage.crm, replace(second, base=moved_on)), Applied)
    await stage.close()
    assert portal.broken_rules == []


async def test_two_decisions_on_one_lead_in_one_push_are_judged_one_after_the_other(
    crm: HubSpotCrm, portal: Portal
) -> None:
    first, second = decision_on(lead(portal)), decision_on(lead(portal), Act.DISQUALIFY, reason="NO_NEED")
    outcomes = await crm.push([first, second])
    assert isinstance(outcomes[first.id], Applied)
    assert isinstance(outcomes[second.id], Conflicted)


async def test_a_deleted_lead_is_a_conflict_and_nothing_is_written(crm: HubSpotCrm, portal: Portal) -> None:
    item = decision_on(lead(portal))
    portal.delete(item.lead_id)
    outcome = await alone(crm, item)
    assert isinstance(outcome, Conflicted)
    assert outcome.theirs.deleted
    assert portal.effects() == []


async def test_a_change_between_our_read_and_our_write_is_told_by_the_receipt(
    crm: HubSpotCrm, portal: Portal
) -> None:
    item = decision_on(lead(portal))
    portal.take_while_writing(item.lead_id, judged=False)
    outcome = await alone(crm, item)
    assert isinstance(outcome, Applied)
    assert portal.standing(item.lead_id).owner == portal.colleague, "an owner that is not ours to write"


async def test_a_snooze_and_its_end_are_on_the_contact(crm: HubSpotCrm, portal: Portal) -> None:
    until = (utc_now() + timedelta(days=2)).date().isoformat()
    item = decision_on(lead(portal), Act.SNOOZE, params={"until": until})
    await alone(crm, item)
    contact = portal.contact_of(item.lead_id)
    assert portal.value("contacts", contact, "triage_outcome") == "snoozed"
    assert portal.value("contacts", contact, "triage_wake_at")
    await alone(crm, decision_on(lead(portal, status=LeadStatus.SNOOZED), Act.RESTORE, of=item.id))
    assert portal.value("contacts", contact, "triage_wake_at") == ""


async def requests_for(switchboard: Switchboard, number: int) -> tuple[Portal, int]:
    portal = Portal(FastTempo(), leads=number, scoring=False)
    switchboard.app = app(portal)
    crm = HubSpotCrm(switchboard.url, portal.token, email=portal.email, tempo=portal.tempo)
    for start in range(0, number, 100):
        items = [decision_on(lead(portal, at)) for at in range(start, min(start + 100, number))]
        outcomes = await crm.push(items)
        assert all(isinstance(outcomes[item.id], Applied) for item in items)
    await crm.aclose()
    return portal, number // 100


async def counted(switchboard: Switchboard, number: int) -> None:
    portal, batches = await requests_for(switchboard, number)
    assert portal.broken_rules == []
    assert [portal.count(f"POST /crm/objects/2026-09/{one}") for one in WRITES] == [batches] * 3
    assert portal.count("POST /crm/objects/2026-09/leads/batch/read") == batches
    assert len([one for one in portal.requests if one.startswith("POST ")]) == 4 * batches
    assert len(portal.effects()) == number
    assert portal.twice() == []


async def test_many_decisions_cost_four_requests_a_hundred(switchboard: Switchboard) -> None:
    await counted(switchboard, 500)


@pytest.mark.soak
@pytest.mark.timeout(900)
async def test_ten_thousand_decisions_cost_a_hundred_of_each_request(switchboard: Switchboard) -> None:
    await counted(switchboard, 10_000)


@pytest.mark.parametrize("kind", ["decision", "feedback"])
async def test_a_missing_second_look_is_seen(
    crm: HubSpotCrm, portal: Portal, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The mutant: nobody looks for the note before the second send."""
    item = decision_on(lead(portal)) if kind == "decision" else feedback_on(lead(portal))
    await alone(crm, item)

    async def no_notes(*_of: object) -> dict[str, object]:
        return {}

    monkeypatch.setattr(Deciding, "_notes", no_notes)
    monkeypatch.setattr("triage.crm.hubspot.delivering.telling.marks_on", no_notes)
    await alone(crm, again(item))
    assert portal.twice() == [item.id]


# Matching, and the note

WORD = st.text(alphabet="abcdef0123456789", min_size=1, max_size=4)


@given(
    st.lists(st.tuples(WORD, WORD), unique_by=(lambda one: one[0], lambda one: one[1]), max_size=6), st.data()
)
def test_every_input_has_exactly_one_word_and_no_row_is_anothers(
    pairs: list[tuple[str, str]], data: st.DataObject
) -> None:
    inputs = [update_of(f"i{item}", f"r{record}", {}) for item, record in pairs]
    rows = [{"id": one.record_id, "properties": {}} for one in inputs if data.draw(st.booleans())]
    errors = [
        {"category": "VALIDATION_ERROR", "message": "no", "context": {"objectWriteTraceId": [one.item_id]}}
        for one in inputs
        if data.draw(st.booleans())
    ]
    told = matched(Written(tuple(data.draw(st.permutations(rows))), tuple(errors)), inputs)
    assert set(told.rows) | set(told.failed) == {one.item_id for one in inputs}
    assert not set(told.rows) & set(told.failed)
    of = {one.item_id: one.record_id for one in inputs}
    assert all(row["id"] == of[item_id] for item_id, row in told.rows.items())


def test_an_error_that_names_nobody_leaves_nobody_sure() -> None:
    inputs = [Input("a", {"id": "1", "properties": {}}), Input("b", {"id": "2", "properties": {}})]
    told = matched(Written((), ({"category": "VALIDATION_ERROR", "message": "no"},)), inputs)
    assert told.failed == dict.fromkeys("ab", writing.SILENT)


@given(st.text(max_size=300), st.text(max_size=300))
def test_words_in_a_note_are_never_a_marker(said: str, more: str) -> None:
    forged = f"[triage:{new_id()} accept] {said}"
    item = feedback_on(Lead(LeadId("1")), forged + more)
    body = notes.of_item(item, {"item": {"text": said}}, notes.paragraphs(forged, more))
    mark = read({"id": "9", "properties": {"hs_note_body": body}})
    assert mark is not None
    assert (mark.item_id, mark.word, mark.record) == (item.id, "note", {"item": {"text": said}})
    assert body.count("[triage:") == 1
    unescaped = read({"id": "9", "properties": {"hs_note_body": html.unescape(body)}})
    assert unescaped is not None
    assert unescaped.item_id == item.id


@pytest.mark.parametrize("parts", [0, 400, 4_000])
def test_a_note_is_never_too_long_and_says_so_where_it_is_shortened(parts: int) -> None:
    contribution = Contribution("page", Dimension.ENGAGEMENT, 1, 1, "“a page about planning”" * 4)
    scored = Lead(LeadId("1"), score=Score(60, 10, (contribution,) * parts, band="B"))
    item = decision_on(scored, note="x" * 20_000)
    assert item.decision is not None
    record = {"item": plain(item.decision), "before": {"stage": "new"}}
    body = notes.of_item(item, record, notes.paragraphs(notes.words(item.decision.note)))
    assert len(body) <= notes.LONGEST
    mark = read({"id": "9", "properties": {"hs_note_body": body}})
    assert mark is not None
    assert mark.record["before"] == {"stage": "new"}
    assert mark.record.get("shortened", False) is (parts > 0)
    assert mark.record["item"]["reason"] is None


class Paged:
    """Associations and notes of one record in pages, as an account with many of them has."""

    def __init__(self, *answers: dict[str, Any]) -> None:
        self.answers = list(answers)
        self.asked: list[Any] = []

    async def ask(self, _path: str, body: Any, *, expect: tuple[str, ...]) -> Answer:
        self.asked.append(body["inputs"])
        return Answer(200, self.answers.pop(0))

    async def read_batch(self, _kind: str, ids: Sequence[str], _wanted: object) -> Found:
        body = "[triage:item-{} accept] e30"
        return Found(
            {one: {"id": one, "properties": {"hs_note_body": body.format(one)}} for one in ids}, frozenset()
        )


def page(after: str, *ids: str) -> dict[str, Any]:
    paging = {"paging": {"next": {"after": after}}} if after else {}
    return {"results": [{"from": {"id": "1"}, "to": [{"toObjectId": one} for one in ids], **paging}]}


async def test_a_note_on_a_later_page_is_found() -> None:
    api = Paged(page("2", "7", "8"), page("", "9"))
    found = await marks_on(api, "leads", ["1"])  # type: ignore[arg-type]  # only what it asks for
    assert mark_of("item-9", found["1"]) is not None
    assert api.asked == [[{"id": "1"}], [{"id": "1", "after": "2"}]]


async def test_where_hubspot_could_not_look_nobody_says_that_there_is_none() -> None:
    broken = {"results": [], "errors": [{"category": "INTERNAL_ERROR", "context": {"fromObjectId": ["1"]}}]}
    for answers in ([broken], [page("2", "7"), page("3", "7")]):
        with pytest.raises(BadAnswer):
            await marks_on(Paged(*answers), "leads", ["1"])  # type: ignore[arg-type]  # only what it asks for
