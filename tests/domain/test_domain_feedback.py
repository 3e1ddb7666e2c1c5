from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.invented import a_lead
from triage.domain.feedback import (
    CORRECTABLE,
    FIELDS,
    OBJECTIONS,
    FeedbackType,
    context_of,
    feedback_refusal,
    read_payload,
    read_type,
    route,
)
from triage.errors import UsageError

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
        assert read_payload(kind, LEAST[kind] | {name: choice})[name] == choice
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
    assert [feedback_refusal(a_lead(), kind) for kind in TYPES] == [None] * len(TYPES)
    assert feedback_refusal(bare, FeedbackType.NOTE) is None


def test_feedback_keeps_what_marketing_counts_it_by():
    assert context_of(a_lead()) == {
        "score": 72, "band": "A", "model_version": "m7", "source": "webinar", "campaign": "2026Q2_WBN_v3",
        "status": "assigned",
    }  # fmt: skip
    bare = context_of(a_lead(score=None, campaign=None))
    assert bare["score"] is None
    assert bare["campaign"] == ""
