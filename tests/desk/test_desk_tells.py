"""Telling marketing: what a payload names must exist, and what goes along is what the rep saw."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from tests.fakes import NOW, Office, lead_id
from triage.desk.rules import ASSETS, CONTENT_REQUESTS
from triage.domain.content import ContentAsset, ContentRequest
from triage.domain.feedback import FeedbackType
from triage.domain.item import State
from triage.domain.lead import LeadStatus
from triage.domain.outcome import Receipt
from triage.errors import UsageError

ONE, TWO, THREE = (lead_id(number) for number in range(1, 4))
ERP = ContentRequest("CR-1", "Integration with ERP systems", votes=4)


@pytest.fixture
def stocked(place: Office) -> Office:
    """The same office, where marketing has an asset and an open request."""
    rules = {ASSETS: (ContentAsset("A-1", "Guide"),), CONTENT_REQUESTS: (ERP,)}
    place.desk.leads.remember_rules(rules)
    return place


def told(place: Office, kind: FeedbackType, *lead_ids, **payload: str):
    return place.desk.feedback(list(lead_ids or (ONE,)), kind, payload)


def test_a_disputed_contribution_goes_along_as_the_rep_saw_it(place: Office):
    done = told(place, FeedbackType.SCORE_ACCURACY, verdict="too_high", contribution="Demo Request Form")
    feedback = done.items[0].feedback
    assert feedback.payload["contribution"] == "demo request form"
    assert feedback.snapshot["contribution_points"] == 30
    assert feedback.snapshot["contribution_evidence"]


def test_a_contribution_that_only_some_leads_have_is_disputed_on_those(place: Office):
    place.crm.change(TWO, score=None)
    place.synced()
    done = told(
        place, FeedbackType.SCORE_ACCURACY, ONE, TWO, verdict="too_low", contribution="demo request form"
    )
    assert [item.lead_id for item in done.items] == [ONE]
    nothing = told(place, FeedbackType.SCORE_ACCURACY, verdict="too_low", contribution="moon phase")
    assert [one.why for one in nothing.skipped] == ["no such contribution to its score"]


def test_one_more_voice_says_what_the_request_is_about(stocked: Office):
    done = told(stocked, FeedbackType.CONTENT_REQUEST, ONE, TWO, request_id="CR-1")
    assert [item.feedback.payload for item in done.items] == [{"request_id": "CR-1", "topic": ERP.topic}] * 2
    assert len({item.batch_id for item in done.items}) == 1


def test_a_voice_for_no_open_request_names_those_there_are(stocked: Office):
    with pytest.raises(UsageError, match="no request CR-9") as refused:
        told(stocked, FeedbackType.CONTENT_REQUEST, request_id="CR-9")
    assert "CR-1" in refused.value.hint


def test_where_no_list_was_fetched_the_crm_has_the_word(place: Office):
    assert told(place, FeedbackType.CONTENT_REQUEST, request_id="CR-9").items


def test_a_line_that_the_definition_does_not_have_is_refused(place: Office):
    with pytest.raises(UsageError, match="no line “shoe_size”") as refused:
        told(place, FeedbackType.DEFINITION_DISPUTE, criterion="shoe_size")
    assert "company-size" in refused.value.hint


def test_a_short_date_is_kept_as_a_day(place: Office):
    done = told(place, FeedbackType.CONTENT_REQUEST, topic="a guide", needed_by="2w")
    assert done.items[0].feedback.payload["needed_by"] > NOW.date().isoformat()


def test_why_they_bought_waits_until_they_have(place: Office):
    assert [one.why for one in told(place, FeedbackType.WIN_REASON, reason="the pilot").skipped] == [
        "not won"
    ]
    place.desk.leads.amend({ONE: {"status": LeadStatus.WON}})
    assert told(place, FeedbackType.WIN_REASON, reason="the pilot").items


def test_a_preview_before_the_text_says_whom_it_reaches_and_who_answers(place: Office):
    preview = place.desk.preview_feedback([ONE, TWO], FeedbackType.NOTE, {}, whole=False)
    assert [(one.lead_id, one.routed_to) for one in preview.allowed] == [
        (ONE, "campaign owner of 2026Q4_WBN"), (TWO, "campaign owner of 2026Q4_WBN"),
    ]  # fmt: skip
    with pytest.raises(UsageError):
        place.desk.preview_feedback([ONE], FeedbackType.NOTE, {})
    assert place.desk.queue(everything=True) == ()


def test_the_crms_word_on_who_answers_is_the_last(place: Office):
    (item,) = told(place, FeedbackType.OBJECTION, category="price").items
    assert item.routed_to == "product marketing"
    place.desk.outbox.step([item], State.SENDING)
    from triage.store.outbox import Move

    receipt = Receipt("R-1", NOW, routed_to="Noor Haddad")
    place.desk.outbox.move([Move.to(State.APPLIED, item.id, receipt=receipt)])
    assert place.desk.outbox.find(item.id).routed_to == "Noor Haddad"


def verdict(place: Office, said: str, *lead_ids, **more: str):
    return told(place, FeedbackType.SCORE_ACCURACY, *lead_ids, verdict=said, **more)


def test_a_verdict_on_the_same_score_counts_once_however_often_its_key_is_pressed(place: Office):
    assert verdict(place, "too_high").items
    again = verdict(place, "too_high", ONE, TWO)
    assert [(one.lead_id, one.why) for one in again.skipped] == [(ONE, "you said so already")]
    assert [item.lead_id for item in again.items] == [TWO]
    place.synced()
    assert not verdict(place, "too_high").items


@pytest.mark.parametrize(
    "said", [{"said": "right"}, {"said": "too_high", "contribution": "demo request form"}]
)
def test_another_verdict_is_no_repetition(place: Office, said: dict[str, str]):
    verdict(place, "too_high")
    assert verdict(place, **said).items


def test_whoever_changes_their_mind_twice_is_heard_twice(place: Office):
    assert all(verdict(place, said).items for said in ("too_high", "right", "too_high"))


def test_a_score_that_is_another_by_now_is_judged_afresh(place: Office):
    verdict(place, "too_high")
    place.crm.change(ONE, score=replace(place.desk.entry(ONE).lead.score, score=12.0))
    place.synced()
    assert verdict(place, "too_high").items


@pytest.mark.parametrize("is_delivered", [False, True])
def test_a_verdict_that_was_taken_back_may_be_given_again(place: Office, is_delivered: bool):
    verdict(place, "too_high")
    if is_delivered:
        place.clock.now += timedelta(minutes=1)
        place.synced()
    place.desk.undo()
    assert verdict(place, "too_high").items
