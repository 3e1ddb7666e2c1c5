"""The tolerant reader: one bad field costs one field, one bad lead one lead, and both are counted."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import Raw

from triage.crm.fields import ID_LIMIT, LIST_LIMIT, TEXT_LIMIT, Fields
from triage.crm.rest import agreement, outcomes, review
from triage.crm.rest.leads import read_leads
from triage.domain.lead import Lead, LeadStatus
from triage.domain.score import Reasons

NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)


def read(value: dict[str, object]) -> tuple[Lead, dict[str, int]]:
    leads, unread = read_leads([{"lead_id": "L-1"} | value], NOW)
    return leads[0], unread


def read_at_once(value: dict[str, object]) -> tuple[Lead, dict[str, int]]:
    leads, unread = read_leads([Raw(json.dumps({"lead_id": "L-1"} | value).encode())], NOW)
    return leads[0], unread


WRONG = {
    "version": 17,
    "status": "dreaming",
    "owner": "U-1",
    "name": ["x"],
    "employees": "many",
    "attempts": True,
    "created_at": "yesterday",
    "event_at": "2026-11-21T10:00:00",
    "assigned_at": 5,
    "sla_due_at": "9999-12-31T23:59:59-12:00",
    "contact_known": "yes",
    "score": [],
    "touches": {},
    "recycles": "none",
    "account": 7,
    "facts": [],
    "campaign": True,
}


@pytest.mark.parametrize("name", WRONG)
def test_a_field_of_the_wrong_type_has_its_default_and_is_counted_by_name(name):
    lead, unread = read({name: WRONG[name]})
    assert getattr(lead, name) == getattr(Lead(lead.lead_id, fetched_at=NOW), name)
    assert unread == {name: 1}


def test_missing_and_null_fields_are_not_counted():
    lead, unread = read(dict.fromkeys(WRONG))
    assert lead == Lead(lead.lead_id, fetched_at=NOW)
    assert unread == {}


def test_unknown_fields_are_ignored():
    assert read({"shoe_size": 44})[1] == {}


def test_a_lead_without_an_id_is_counted_and_left_out():
    values = [
        {"lead_id": "L-1"},
        {"name": "x"},
        {"lead_id": ""},
        {"lead_id": 5},
        "x",
        None,
        {"lead_id": "i" * 129},
    ]
    leads, unread = read_leads(values, NOW)
    assert [lead.lead_id for lead in leads] == ["L-1"]
    assert unread["lead"] == 6


def test_times_become_utc_cut_to_milliseconds():
    lead, unread = read({"created_at": "2026-11-21T12:00:00.123999+02:00"})
    assert lead.created_at == datetime(2026, 11, 21, 10, 0, 0, 123000, tzinfo=UTC)
    assert unread == {}


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999Z"])
def test_a_moment_at_the_ends_of_all_time_can_be_shown_in_every_zone(text):
    """Many a CRM writes one for "never"."""
    for lead, _ in (read({"created_at": text}), read_at_once({"created_at": text})):
        assert lead.created_at is not None
        assert abs(lead.created_at - datetime.fromisoformat(text)) < timedelta(days=2)
        for hours in (-23, 23):
            lead.created_at.astimezone(timezone(timedelta(hours=hours)))


def test_a_word_for_the_reasons_of_a_score_that_is_unknown_lets_nothing_be_added_up():
    score = {"score": 72, "contributions": [{"label": "a", "points_applied": 3}]}
    for reader in (read, read_at_once):
        lead, unread = reader({"score": score | {"reasons": "hearsay"}})
        assert lead.score is not None
        assert (lead.score.reasons, lead.score.unreconciled) == (Reasons.NONE, False)
        assert unread == {"score.reasons": 1}
        unsaid, _ = reader({"score": score})
        assert unsaid.score is not None
        assert unsaid.score.reasons is Reasons.WEIGHTS


def test_a_contact_that_cannot_be_read_is_not_taken_for_none():
    lead, unread = read({"contacted_at": "last week", "contact_known": True})
    assert lead.contacted is None
    assert unread == {"contacted_at": 1}


def test_a_score_without_a_number_is_no_score_rather_than_zero():
    lead, unread = read({"score": {"score": "72", "band": "A"}})
    assert lead.score is None
    assert unread == {"score.score": 1}


@pytest.mark.parametrize("number", [float("inf"), 10**400, True, "7"])
def test_a_number_that_is_none_is_dropped(number):
    lead, unread = read({"score": {"score": 7, "trend": number}})
    assert lead.score is not None
    assert lead.score.trend is None
    assert unread == {"score.trend": 1}


def test_a_fact_of_another_kind_stays_unknown():
    lead, unread = read(
        {"facts": {"employees": 5, "vip": False, "level": "vp", "share": 0.5, "odd": [1], "none": None}}
    )
    assert lead.facts == {"employees": 5, "vip": False, "level": "vp", "share": 0.5}
    assert unread == {"facts.odd": 1}


def test_one_bad_entry_of_a_list_costs_that_entry():
    lead, unread = read({"touches": [{"touch_id": "T-1", "roles": ["first", 5]}, "x"]})
    assert [touch.touch_id for touch in lead.touches] == ["T-1"]
    assert lead.touches[0].roles == ("first",)
    assert unread == {"touches": 1, "touches.roles": 1}


def test_long_texts_and_lists_are_cut_and_counted():
    lead, unread = read({"name": "x" * (TEXT_LIMIT + 1), "touches": [{}] * (LIST_LIMIT + 1)})
    assert len(lead.name) == TEXT_LIMIT
    assert len(lead.touches) == LIST_LIMIT
    assert unread == {"name": 1, "touches": 1}


def test_a_long_id_is_no_id():
    assert Fields({"of": "i" * (ID_LIMIT + 1)}, unread := Counter()).id("of") is None
    assert unread == {"of": 1}


def test_a_hostile_answer_cannot_grow_the_count_without_bound():
    facts = [{"lead_id": f"L-{n}", "facts": {f"{n}-{k}" * 50: [] for k in range(100)}} for n in range(10)]
    _, unread = read_leads(facts, NOW)
    assert len(unread) <= 200
    assert all(len(name) <= 60 for name in unread)


def test_a_status_that_is_not_ours_is_unknown():
    assert read({"status": "dreaming"})[0].status is LeadStatus.UNKNOWN


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=10,
)
NAMES = sorted(
    set(WRONG)
    | {
        "lead_id",
        "reply_id",
        "of",
        "kind",
        "decision_id",
        "feedback_id",
        "outcome",
        "receipt",
        "theirs",
        "messages",
    }
    | {
        "score",
        "contributions",
        "items",
        "criteria",
        "reasons",
        "targets",
        "replies",
        "retry_after",
        "snapshot",
    }
)
objects = st.dictionaries(
    st.sampled_from(NAMES), anything | st.lists(st.dictionaries(st.sampled_from(NAMES), anything))
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(objects | anything, max_size=4))
def test_no_answer_whatever_makes_the_readers_raise(values):
    read_leads(values, NOW)
    review.read_replies(values)
    review.read_decisions(values)
    review.read_feedback(values)
    outcomes.read_outcomes(values, "decision_id", ["a"])
    for value in values:
        if isinstance(value, dict):
            for read_one in (
                agreement.read_rep,
                agreement.read_capabilities,
                agreement.read_definition,
                agreement.read_reasons,
                agreement.read_people,
                agreement.read_statistics,
            ):
                read_one(value)


def test_a_reason_says_what_it_is_about():
    told = {"code": "WRONG_PERSONA", "act": "reject", "facts": ["title_level", 7]}
    book = agreement.read_reasons({"version": "4", "reasons": [told, {"code": "OTHER", "act": "reject"}]})
    assert [reason.facts for reason in book.reasons] == [("title_level",), ()]
