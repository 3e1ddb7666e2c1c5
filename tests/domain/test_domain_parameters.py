from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.invented import DEFINITION, PASSING, PEOPLE, REASONS, TODAY, a_lead, a_score, reason
from triage.domain.account import Account, DuplicateMatch
from triage.domain.act import Act
from triage.domain.definition import Definition
from triage.domain.guard import parameter_refusal
from triage.domain.parameters import fill
from triage.errors import UsageError


def filled(lead, act, code=None, given=None, *, definition=DEFINITION, people=PEOPLE, today=TODAY):
    why = reason(act, code) if code else None
    return fill(lead, act, why, given or {}, definition=definition, people=people, today=today)


def params(lead, act, code=None, given=None, **rules):
    return filled(lead, act, code, given, **rules).params


def test_the_heaviest_failing_line_that_the_reason_is_about_is_filled_in():
    lead = a_lead(facts=PASSING | {"employees": 10, "industry": "Retail", "intent_actions_30d": 0})
    assert params(lead, Act.REJECT, "NOT_ICP_COMPANY") == {"criterion": "company-size"}


def test_where_no_line_fails_that_the_reason_is_about_the_heaviest_of_all_is_filled_in():
    lead = a_lead(facts=PASSING | {"employees": 10, "intent_actions_30d": 0})
    assert params(lead, Act.REJECT, "WRONG_PERSONA") == {"criterion": "intent"}


def test_the_strongest_engagement_is_the_contribution_of_low_intent():
    assert params(a_lead(), Act.REJECT, "LOW_INTENT") == {"contribution": "pricing page"}
    assert params(a_lead(score=None), Act.REJECT, "LOW_INTENT") == {}
    assert params(a_lead(score=a_score(contributions=())), Act.REJECT, "LOW_INTENT") == {}


def test_the_first_empty_field_is_the_bad_data():
    assert params(a_lead(email="", phone=""), Act.REJECT, "BAD_DATA") == {"field": "email"}
    assert params(a_lead(phone=""), Act.REJECT, "BAD_DATA") == {"field": "phone"}
    assert params(a_lead(), Act.REJECT, "BAD_DATA") == {}


def test_the_best_duplicate_match_is_filled_in():
    assert params(a_lead(), Act.REJECT, "DUPLICATE") == {"lead_id": "L-77"}
    assert params(a_lead(account=Account()), Act.REJECT, "DUPLICATE") == {}
    twin = a_lead(account=Account(duplicate_of=DuplicateMatch("L-8", confidence=0.4)))
    assert params(twin, Act.REJECT, "DUPLICATE") == {"lead_id": "L-8"}


def test_the_customer_is_the_account_or_else_the_company():
    assert params(a_lead(), Act.REJECT, "EXISTING_CUSTOMER") == {"account": "Northwind"}
    nameless = a_lead(account=Account())
    assert params(nameless, Act.REJECT, "EXISTING_CUSTOMER") == {"account": "Northwind Robotics"}


@pytest.mark.parametrize(("act", "code"), [(Act.REJECT, "WRONG_TERRITORY"), (Act.REROUTE, None)])
def test_the_territorys_owner_is_filled_in_and_never_the_present_owner(act, code):
    assert params(a_lead(country="be"), act, code) == {"to": "rep-2"}
    assert params(a_lead(country="DE"), act, code) == {"to": "rep-3"}
    assert params(a_lead(country="AT"), act, code) == {}
    assert params(a_lead(country=""), act, code) == {}


def test_the_attempts_the_crm_counted_are_filled_in_and_unknown_is_not_zero():
    assert params(a_lead(attempts=6), Act.RECYCLE, "NO_RESPONSE")["attempts"] == "6"
    assert params(a_lead(attempts=0), Act.DISQUALIFY, "UNREACHABLE") == {"attempts": "0"}
    assert "attempts" not in params(a_lead(attempts=None), Act.RECYCLE, "NO_RESPONSE")


def test_too_few_attempts_of_the_crms_count_are_refused():
    why = reason(Act.RECYCLE, "NO_RESPONSE")
    few = params(a_lead(attempts=2), Act.RECYCLE, "NO_RESPONSE")
    assert parameter_refusal(Act.RECYCLE, why, few, DEFINITION) == "2 of the agreed 5 attempts made"


def test_what_the_rep_gives_wins_over_what_is_known():
    lead = a_lead(facts={"employees": 1})
    given = {"criterion": " industry ", "note": "   "}
    assert params(lead, Act.REJECT, "NOT_ICP_COMPANY", given) == {"criterion": "industry"}


def test_an_act_without_reason_or_need_gets_nothing():
    assert filled(a_lead(), Act.ACCEPT).params == {}
    assert filled(a_lead(), Act.REJECT, "COMPETITOR").params == {}
    assert filled(a_lead(), Act.SNOOZE).params == {}


@pytest.mark.parametrize("code", ["NOT_ICP_COMPANY", "WRONG_PERSONA", "LOW_INTENT"])
def test_a_definitional_reject_disagrees_with_the_definition_when_every_line_passes(code):
    assert filled(a_lead(), Act.REJECT, code).disagrees_with == "definition v4"
    assert filled(a_lead(), Act.REJECT, code, {"criterion": "intent"}).disagrees_with == "definition v4"


@pytest.mark.parametrize("facts", [PASSING | {"employees": 1}, PASSING | {"employees": None}, {}])
def test_a_line_that_fails_or_is_unknown_is_no_disagreement(facts):
    assert filled(a_lead(facts=facts), Act.REJECT, "NOT_ICP_COMPANY").disagrees_with is None


def test_a_reject_points_at_the_only_unknown_line_where_all_others_pass_and_guesses_none_of_several():
    one, two = PASSING | {"intent_actions_30d": None}, PASSING | {"intent_actions_30d": None, "country": None}
    assert params(a_lead(facts=one), Act.REJECT, "NOT_ICP_COMPANY") == {"criterion": "intent"}
    assert params(a_lead(facts=two), Act.REJECT, "NOT_ICP_COMPANY") == {}


def test_no_one_disagrees_with_a_definition_that_has_no_lines_or_by_another_kind_of_reason():
    empty = Definition("5")
    assert filled(a_lead(), Act.REJECT, "WRONG_PERSONA", definition=empty).disagrees_with is None
    assert filled(a_lead(), Act.REJECT, "COMPETITOR").disagrees_with is None
    assert filled(a_lead(), Act.ACCEPT).disagrees_with is None


def test_a_recycled_lead_wakes_after_the_codes_own_days():
    assert params(a_lead(), Act.RECYCLE, "NO_RESPONSE")["wake"] == "2026-07-05"
    assert params(a_lead(), Act.RECYCLE, "BAD_TIMING") == {"until": "2026-08-04", "wake": "2026-08-04"}


def test_a_recycled_lead_wakes_at_the_date_that_was_said():
    given = {"until": "15jan"}
    assert params(a_lead(), Act.RECYCLE, "BAD_TIMING", given) == {"until": "2027-01-15", "wake": "2027-01-15"}


def test_a_lead_under_contract_wakes_120_days_before_its_end():
    said = {"competitor": "Acme", "ends": "2027-01-31"}
    assert params(a_lead(), Act.RECYCLE, "USING_COMPETITOR", said)["wake"] == "2026-10-03"


def test_a_contract_that_ends_soon_wakes_tomorrow_and_not_in_the_past():
    said = {"competitor": "Acme", "ends": "2w"}
    assert params(a_lead(), Act.RECYCLE, "USING_COMPETITOR", said)["wake"] == "2026-05-07"


@pytest.mark.parametrize("word", ["none", " None ", "NONE"])
def test_no_wake_is_said_outright_in_one_spelling(word):
    assert params(a_lead(), Act.RECYCLE, "EARLY_RESEARCH", {"wake": word}) == {"wake": "none"}


def test_a_signal_takes_the_place_of_a_date():
    given = {"signal": "a new head of logistics"}
    assert params(a_lead(), Act.RECYCLE, "OTHER_PERSON", given) == given


@pytest.mark.parametrize("name", ["until", "ends", "wake"])
def test_a_date_that_cannot_be_read_is_refused(name):
    with pytest.raises(UsageError, match="not a date"):
        params(a_lead(), Act.RECYCLE, "USING_COMPETITOR", {name: "someday"})


@given(
    st.sampled_from(REASONS.of(Act.RECYCLE)),
    st.dates(date(2024, 1, 1), date(2090, 1, 1)),
    st.dictionaries(
        st.sampled_from(["until", "ends", "wake"]), st.sampled_from(["1d", "3w", "mon", "29feb", "q4"])
    ),
)
def test_every_recycled_lead_has_its_way_back_later_than_today(why, today, said):
    found = fill(a_lead(), Act.RECYCLE, why, said, definition=DEFINITION, people=PEOPLE, today=today).params
    assert date.fromisoformat(found["wake"]) > today


@given(st.integers(1, 400))
def test_a_known_end_wakes_the_codes_days_before_it_or_tomorrow(days):
    ends = TODAY + timedelta(days=days)
    said = {"competitor": "Acme", "ends": ends.isoformat()}
    wake = date.fromisoformat(params(a_lead(), Act.RECYCLE, "USING_COMPETITOR", said)["wake"])
    assert wake == max(ends - timedelta(days=120), TODAY + timedelta(days=1))
