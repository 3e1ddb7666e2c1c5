from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.domain.invented import a_lead
from triage.domain.feedback import FeedbackType, context_of, dispute_of, feedback_refusal, route
from triage.domain.lead import LeadStatus
from triage.domain.payloads import CORRECTABLE, FIELDS, OBJECTIONS, problem_with, read_payload, read_type
from triage.domain.score import Contribution, Reasons, Score
from triage.domain.touch import Campaign
from triage.errors import UsageError

TODAY = date(2026, 11, 17)
TYPES = [kind for kind in FeedbackType if kind is not FeedbackType.RETRACTION]
LEAST = {
    FeedbackType.SCORE_ACCURACY: {"verdict": "too_high"},
    FeedbackType.OBJECTION: {"category": "price"},
    FeedbackType.QUESTION_HEARD: {"question": "does it integrate?"},
    FeedbackType.CONTENT_REQUEST: {"topic": "case study"},
    FeedbackType.DATA_CORRECTION: {"field": "title", "proposed": "CTO"},
    FeedbackType.DEFINITION_DISPUTE: {},
    FeedbackType.MESSAGE_MISMATCH: {"expected": "a free trial"},
    FeedbackType.KUDOS: {},
    FeedbackType.NOTE: {"text": "met at the fair"},
    FeedbackType.WIN_REASON: {"reason": "the pilot"},
}
"""The least that each type needs."""


def test_the_types_are_those_of_the_product():
    assert set(TYPES) == set(LEAST)


@pytest.mark.parametrize("kind", TYPES)
def test_the_least_payload_of_each_type_is_taken_as_it_is(kind):
    assert read_payload(kind, LEAST[kind]) == LEAST[kind]


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind in TYPES for name in LEAST[kind]])
def test_a_payload_without_a_needed_field_names_it(kind, name):
    short = {key: value for key, value in LEAST[kind].items() if key != name}
    for given_payload in (short, short | {name: "  "}):
        with pytest.raises(UsageError, match=f"needs {name}") as refused:
            read_payload(kind, given_payload)
        assert refused.value.hint


@pytest.mark.parametrize("kind", TYPES)
def test_a_field_that_a_type_does_not_have_is_refused_with_those_it_has(kind):
    with pytest.raises(UsageError, match="no field “colour”") as refused:
        read_payload(kind, LEAST[kind] | {"colour": "red"})
    assert all(spec.name in refused.value.hint for spec in FIELDS[kind])


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (FeedbackType.SCORE_ACCURACY, "verdict"),
        (FeedbackType.OBJECTION, "category"),
        (FeedbackType.DATA_CORRECTION, "field"),
    ],
)
def test_a_field_with_choices_takes_these_and_no_other(kind, name):
    spec = next(spec for spec in FIELDS[kind] if spec.name == name)
    for choice in spec.choices:
        payload = LEAST[kind] | {name: choice} | ({"proposed": "240"} if choice == "employees" else {})
        assert read_payload(kind, payload)[name] == choice
    with pytest.raises(UsageError, match="is not a") as refused:
        read_payload(kind, LEAST[kind] | {name: "other"})
    assert all(choice in refused.value.hint for choice in spec.choices)


@pytest.mark.parametrize(
    ("said", "kept"), [("Too High", "too_high"), (" too-low ", "too_low"), ("RIGHT", "right")]
)
def test_a_verdict_is_counted_the_same_however_it_is_spelled(said, kept):
    assert read_payload(FeedbackType.SCORE_ACCURACY, {"verdict": said}) == {"verdict": kept}


def test_the_objections_are_those_of_the_product():
    assert set(OBJECTIONS) == {
        "price", "timing", "competitor", "missing_feature", "trust_risk", "authority", "status_quo",
    }  # fmt: skip
    assert read_payload(FeedbackType.OBJECTION, {"category": "trust/risk"}) == {"category": "trust_risk"}


def test_only_fields_that_a_lead_has_can_be_corrected():
    assert all(hasattr(a_lead(), name) for name in CORRECTABLE)


@given(st.sampled_from(TYPES), st.dictionaries(st.text(max_size=9), st.text(max_size=9), max_size=4))
def test_a_payload_that_was_read_once_is_read_again_as_the_same(kind, extra):
    fields = {spec.name for spec in FIELDS[kind]}
    payload = read_payload(kind, {name: text for name, text in extra.items() if name in fields} | LEAST[kind])
    assert read_payload(kind, payload) == payload


@pytest.mark.parametrize("kind", TYPES)
def test_a_user_may_write_a_dash_for_the_underscore_of_a_type(kind):
    assert read_type(f" {kind.value.replace('_', '-').upper()} ") is kind


@pytest.mark.parametrize("word", ["retraction", "Retraction", "praise", ""])
def test_a_retraction_is_no_type_that_a_user_can_name(word):
    with pytest.raises(UsageError, match="not a kind of feedback") as refused:
        read_type(word)
    assert "retraction" not in refused.value.hint
    assert all(kind.value in refused.value.hint for kind in TYPES)


@pytest.mark.parametrize(
    ("kind", "owner"),
    [
        (FeedbackType.SCORE_ACCURACY, "scoring"),
        (FeedbackType.DATA_CORRECTION, "marketing ops"),
        (FeedbackType.DEFINITION_DISPUTE, "marketing ops"),
        (FeedbackType.OBJECTION, "product marketing"),
        (FeedbackType.QUESTION_HEARD, "product marketing"),
        (FeedbackType.CONTENT_REQUEST, "content"),
        (FeedbackType.MESSAGE_MISMATCH, "campaign owner of 2026Q2_WBN_v3"),
        (FeedbackType.KUDOS, "campaign owner of 2026Q2_WBN_v3"),
        (FeedbackType.NOTE, "campaign owner of 2026Q2_WBN_v3"),
        (FeedbackType.WIN_REASON, "campaign owner of 2026Q2_WBN_v3"),
    ],
)
def test_feedback_is_routed_by_type_and_campaign(kind, owner):
    assert route(kind, a_lead()) == owner


@pytest.mark.parametrize("kind", FeedbackType)
def test_feedback_on_a_lead_without_campaign_has_an_owner_too(kind):
    assert route(kind, a_lead(campaign=None))


def test_a_verdict_on_no_score_and_a_mismatch_with_no_campaign_make_no_sense():
    bare = a_lead(score=None, campaign=None)
    assert feedback_refusal(bare, FeedbackType.SCORE_ACCURACY) == "no score"
    assert feedback_refusal(bare, FeedbackType.MESSAGE_MISMATCH) == "no campaign"
    said = {kind: feedback_refusal(a_lead(), kind) for kind in TYPES}
    assert said == {kind: "not won" if kind is FeedbackType.WIN_REASON else None for kind in TYPES}
    assert feedback_refusal(bare, FeedbackType.NOTE) is None


def test_feedback_keeps_what_marketing_counts_it_by():
    assert context_of(a_lead()) == {
        "score": 72, "band": "A", "model_version": "m7", "source": "webinar", "campaign": "2026Q2_WBN_v3",
        "status": "assigned",
    }  # fmt: skip
    bare = context_of(a_lead(score=None, campaign=None))
    assert bare["score"] is None
    assert bare["campaign"] == ""


@pytest.mark.parametrize("kind", [one for one in TYPES if any(not spec.choices for spec in FIELDS[one])])
def test_a_text_that_is_too_long_is_refused_with_how_long_it_may_be(kind):
    spec = next(spec for spec in FIELDS[kind] if not spec.choices and not spec.is_day)
    fits = "9" * spec.longest
    assert read_payload(kind, LEAST[kind] | {spec.name: fits})[spec.name] == fits
    with pytest.raises(UsageError, match=f"{spec.longest + 1:,} characters") as refused:
        read_payload(kind, LEAST[kind] | {spec.name: fits + "9"})
    assert f"{spec.longest:,} at most" in refused.value.hint


def test_the_day_by_which_content_is_needed_is_typed_short_and_lies_ahead():
    asked = {"topic": "case study", "needed_by": "2w"}
    kept = read_payload(FeedbackType.CONTENT_REQUEST, asked, TODAY)
    assert kept["needed_by"] == "2026-12-01"
    assert read_payload(FeedbackType.CONTENT_REQUEST, kept) == kept
    for typed in ("someday", "2026-11-17"):
        with pytest.raises(UsageError):
            read_payload(FeedbackType.CONTENT_REQUEST, asked | {"needed_by": typed}, TODAY)
    with pytest.raises(UsageError):
        read_payload(FeedbackType.CONTENT_REQUEST, asked)


def test_one_more_voice_needs_no_topic_of_its_own():
    plus_one = {"request_id": "CR-1"}
    assert read_payload(FeedbackType.CONTENT_REQUEST, plus_one) == plus_one


def test_a_screen_asks_the_domain_what_is_wrong_with_a_field():
    kind = FeedbackType.CONTENT_REQUEST
    assert problem_with(kind, "topic", " ", TODAY) == "It cannot be empty."
    assert problem_with(kind, "persona", "", TODAY) == ""
    assert "is not a date" in problem_with(kind, "needed_by", "someday", TODAY)
    correction = FeedbackType.DATA_CORRECTION
    assert "in digits" in problem_with(correction, "proposed", "many", TODAY, {"field": "employees"})
    assert problem_with(correction, "proposed", "many", TODAY, {"field": "city"}) == ""


def test_a_campaign_that_names_its_owner_has_the_feedback_sent_there():
    lead = a_lead(campaign=Campaign("2026Q2_WBN_v3", owner="Noor Haddad"))
    assert route(FeedbackType.KUDOS, lead) == "Noor Haddad"
    assert route(FeedbackType.OBJECTION, lead) == "product marketing"


def test_why_they_bought_is_said_of_a_won_lead_only():
    assert feedback_refusal(a_lead(status=LeadStatus.WON), FeedbackType.WIN_REASON) is None


def test_a_correction_to_what_stands_there_already_changes_nothing():
    payload = {"field": "title", "proposed": a_lead().title}
    assert feedback_refusal(a_lead(), FeedbackType.DATA_CORRECTION, payload)
    assert feedback_refusal(a_lead(), FeedbackType.DATA_CORRECTION, payload | {"proposed": "3"}) is None


def test_the_contribution_in_dispute_goes_along_with_its_points():
    lead = a_lead(score=Score(50, 10, (Contribution("Pricing page", None, 20, 12, "3 visits"),)))
    assert dispute_of(lead, " pricing PAGE ") == {
        "contribution": "Pricing page", "contribution_points": 12, "contribution_earned": 20,
        "contribution_evidence": "3 visits",
    }  # fmt: skip
    bare = replace(lead, score=replace(lead.score, reasons=Reasons.ORDER))
    assert dispute_of(bare, "Pricing page")["contribution_points"] is None
    assert dispute_of(lead, "") == {}


def test_a_contribution_that_a_score_does_not_have_cannot_be_disputed():
    payload = {"verdict": "too_high", "contribution": "moon phase"}
    assert feedback_refusal(a_lead(), FeedbackType.SCORE_ACCURACY, payload)
