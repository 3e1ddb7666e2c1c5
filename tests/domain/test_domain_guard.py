from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.domain.invented import (
    CLOSED,
    DEFINITION,
    NOW,
    PEOPLE,
    REASONS,
    TODAY,
    a_lead,
    ago,
    ahead,
    contact,
    reason,
)
from triage.domain.account import Account
from triage.domain.act import Act
from triage.domain.guard import oversleeps, parameter_refusal, refusal, warning
from triage.domain.lead import IN_WORK, UNDECIDED, LeadStatus
from triage.domain.parameters import fill
from triage.domain.people import Person
from triage.domain.reasons import ReasonBook

NO_NEED = reason(Act.DISQUALIFY, "NO_NEED")
DO_NOT_CONTACT = reason(Act.DISQUALIFY, "DO_NOT_CONTACT")
CONTACTED = (True, False, None)
contacts = st.sampled_from(CONTACTED)
GROUPS = (UNDECIDED, IN_WORK, CLOSED, {LeadStatus.UNKNOWN})

# One row an act; one column for assigned, in work, closed, unknown status; in each: contacted, not contacted, unknown.
TABLE = {
    (Act.ACCEPT, None):                                   "yyy ... ... yyy",
    (Act.REJECT, reason(Act.REJECT, "NOT_A_BUYER")):      ".yy ... ... .yy",
    (Act.RECYCLE, reason(Act.RECYCLE, "EARLY_RESEARCH")): "yyy yyy ... yyy",
    (Act.DISQUALIFY, NO_NEED):                            "y.y y.y ... y.y",
    (Act.DISQUALIFY, DO_NOT_CONTACT):                     "yyy yyy ... yyy",
    (Act.REROUTE, None):                                  "yyy ... ... ...",
    (Act.SNOOZE, None):                                   "yyy ... ... yyy",
    (Act.RESTORE, None):                                  "yyy yyy yyy yyy",
}  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "row"), TABLE.items(), ids=lambda it: it if isinstance(it, str) else f"{it[0]}"
)
def test_an_act_is_allowed_exactly_where_the_table_of_the_product_says(rule, row):
    act, why = rule
    for group, column in zip(GROUPS, row.split(), strict=True):
        for status, (contacted, mark) in product(group, zip(CONTACTED, column, strict=True)):
            said = refusal(a_lead(status=status, **contact(contacted)), act, why, NOW)
            assert (said is None) == (mark == "y"), f"{act} on {status}, contacted {contacted}: {said}"


def test_the_table_covers_every_act_and_every_status():
    assert {act for act, _ in TABLE} == set(Act)
    assert set().union(*GROUPS) == set(LeadStatus)


@pytest.mark.parametrize("why", REASONS.of(Act.DISQUALIFY), ids=lambda why: why.code)
def test_of_the_reasons_to_disqualify_only_do_not_contact_needs_no_contact(why):
    said = refusal(a_lead(**contact(False)), Act.DISQUALIFY, why, NOW)
    assert (said is None) == (why.code == "DO_NOT_CONTACT")


def test_a_reject_of_a_contacted_lead_is_refused_with_the_day_and_the_keys_that_apply():
    lead = a_lead(**contact(True))
    assert refusal(lead, Act.REJECT, None, NOW) == "contacted 3 May: recycle y, or disqualify d"


def test_the_day_in_a_refusal_is_the_reps_own(zone):
    late_evening = a_lead(contacted_at=NOW.replace(day=3, hour=23))
    zone("Europe/Berlin")
    assert "contacted 4 May" in refusal(late_evening, Act.REJECT, None, NOW)
    zone("America/Chicago")
    assert "contacted 3 May" in refusal(late_evening, Act.REJECT, None, NOW)


KEYS = {
    "accept a": (Act.ACCEPT, None),
    "reject r": (Act.REJECT, None),
    "recycle y": (Act.RECYCLE, None),
    "disqualify d": (Act.DISQUALIFY, NO_NEED),
    "d 6 DO_NOT_CONTACT": (Act.DISQUALIFY, DO_NOT_CONTACT),
}


@pytest.mark.parametrize("contacted", CONTACTED)
@pytest.mark.parametrize("status", LeadStatus)
def test_every_key_that_a_refusal_names_applies_to_that_lead(status, contacted):
    lead = a_lead(status=status, sla_due_at=ago(hours=1), **contact(contacted))
    for act, why in TABLE:
        said = refusal(lead, act, why, NOW, REASONS) or ""
        for words, (other, its_reason) in KEYS.items():
            if words in said:
                assert refusal(lead, other, its_reason, NOW) is None, f"{act} on {status}: {said}"


def test_the_digit_of_a_reason_is_the_one_that_the_team_gave_it():
    moved = [replace(one, hotkey="3") if one.code == "DO_NOT_CONTACT" else one for one in REASONS.reasons]
    ours, without = ReasonBook("2", tuple(moved)), ReasonBook("3", ())
    lead = a_lead(**contact(False))
    assert "d 3 DO_NOT_CONTACT" in refusal(lead, Act.DISQUALIFY, NO_NEED, NOW, ours)
    assert "d with DO_NOT_CONTACT" in refusal(lead, Act.DISQUALIFY, NO_NEED, NOW, without)


def test_a_closed_lead_is_refused_with_the_way_back():
    lead = a_lead(status=LeadStatus.REJECTED)
    assert refusal(lead, Act.ACCEPT, None, NOW) == "already rejected: u undoes a decision of yours"


def test_a_lead_cannot_be_snoozed_past_its_deadline_and_the_refusal_says_when_that_was():
    late = a_lead(sla_due_at=ago(days=1))
    assert refusal(late, Act.SNOOZE, None, NOW, REASONS) == (
        "SLA ended 5 May: accept a, reject r, or recycle y"
    )
    assert refusal(a_lead(sla_due_at=ahead(minutes=1)), Act.SNOOZE, None, NOW) is None
    assert refusal(a_lead(sla_due_at=None), Act.SNOOZE, None, NOW) is None


def test_a_snooze_ends_by_the_deadline_and_the_refusal_says_until_when_it_can_last():
    lead = a_lead(sla_due_at=ahead(hours=8))
    late = {"until": "2026-05-06T18:00:01Z"}
    assert oversleeps(lead, Act.SNOOZE, late, NOW) == (
        "SLA ends 6 May 18:00: snooze z until then at most, or accept a"
    )
    assert oversleeps(lead, Act.SNOOZE, {"until": "2026-05-06T18:00:00Z"}, NOW) is None
    assert oversleeps(lead, Act.SNOOZE, {"until": "2026-05-07"}, NOW)
    assert (
        oversleeps(replace(lead, sla_due_at=ahead(hours=14)), Act.SNOOZE, {"until": "2026-05-07"}, NOW)
        is None
    )
    assert oversleeps(replace(lead, sla_due_at=None), Act.SNOOZE, {"until": "2030-01-01"}, NOW) is None
    assert oversleeps(lead, Act.RECYCLE, late, NOW) is None


def test_a_day_begins_where_the_rep_is(zone):
    lead = a_lead(sla_due_at=ahead(hours=13))
    zone("Europe/Berlin")
    assert oversleeps(lead, Act.SNOOZE, {"until": "2026-05-07"}, NOW) is None
    zone("America/Chicago")
    assert "at most" in oversleeps(lead, Act.SNOOZE, {"until": "2026-05-07"}, NOW)


@given(st.integers(-100, 100), st.integers(-100, 100), contacts)
def test_a_snooze_is_allowed_exactly_between_now_and_the_deadline(due, until, contacted):
    lead = a_lead(sla_due_at=ahead(hours=due), **contact(contacted))
    params = {"until": ahead(hours=until).isoformat()}
    said = refusal(lead, Act.SNOOZE, None, NOW) or oversleeps(lead, Act.SNOOZE, params, NOW)
    assert (said is None) == (0 < until <= due)


@given(st.sampled_from(sorted(LeadStatus)), contacts, st.integers(-9, 9), st.integers(-9, 9))
def test_every_refusal_names_an_act_that_applies_or_the_way_back(status, contacted, due, until):
    lead = a_lead(status=status, sla_due_at=ahead(hours=due), **contact(contacted))
    params = {"until": ahead(hours=until).isoformat()}
    for act, why in TABLE:
        said = refusal(lead, act, why, NOW, REASONS) or oversleeps(lead, act, params, NOW)
        if said is None:
            continue
        named = [words for words in KEYS if words in said]
        assert named or said.endswith("u undoes a decision of yours"), said
        for words in named:
            other, its_reason = KEYS[words]
            assert refusal(lead, other, its_reason, NOW) is None, f"{act} on {status}: {said}"


@pytest.mark.parametrize("act", [Act.REJECT, Act.DISQUALIFY])
def test_unknown_contact_warns_and_does_not_refuse(act):
    lead = a_lead(**contact(None))
    assert refusal(lead, act, NO_NEED, NOW) is None
    assert warning(lead, act) == "the CRM cannot tell whether this lead was contacted"


@pytest.mark.parametrize("contacted", [True, False])
def test_known_contact_does_not_warn(contacted):
    lead = a_lead(**contact(contacted))
    assert [warning(lead, act) for act in Act] == [None] * len(Act)


def test_accepting_a_do_not_call_lead_warns_and_other_acts_do_not():
    lead = a_lead(account=Account(do_not_contact=True))
    assert warning(lead, Act.ACCEPT) == "marked do-not-contact"
    assert warning(lead, Act.RECYCLE) is None


def test_reroute_needs_whom_and_snooze_needs_until_when():
    assert "(to)" in parameter_refusal(Act.REROUTE, None, {}, DEFINITION)
    assert "(until)" in parameter_refusal(Act.SNOOZE, None, {}, DEFINITION)
    assert parameter_refusal(Act.REROUTE, None, {"to": "rep-2"}, DEFINITION) is None
    assert parameter_refusal(Act.SNOOZE, None, {"until": "2026-05-08"}, DEFINITION) is None
    assert parameter_refusal(Act.ACCEPT, None, {}, DEFINITION) is None


def test_recycle_needs_a_date_a_signal_or_none_said_outright():
    why = reason(Act.RECYCLE, "EARLY_RESEARCH")
    assert "wake" in parameter_refusal(Act.RECYCLE, why, {}, DEFINITION)
    for params in ({"wake": "2026-08-01"}, {"signal": "opens pricing"}, {"wake": "none"}):
        assert parameter_refusal(Act.RECYCLE, why, params, DEFINITION) is None


@pytest.mark.parametrize("rule", [(Act.RECYCLE, "NO_RESPONSE"), (Act.DISQUALIFY, "UNREACHABLE")], ids=str)
def test_no_answer_is_said_only_after_the_agreed_attempts(rule):
    act, why = rule[0], reason(*rule)
    params = {"wake": "2026-08-01", "attempts": "4"}
    assert parameter_refusal(act, why, params, DEFINITION) == "4 of the agreed 5 attempts made"
    assert parameter_refusal(act, why, params | {"attempts": "5"}, DEFINITION) is None
    assert "is a number" in parameter_refusal(act, why, params | {"attempts": "some"}, DEFINITION)
    assert parameter_refusal(act, why, {"wake": "none"}, DEFINITION) == f"{why.code} needs attempts"


@pytest.mark.parametrize("code", ["NOT_ICP_COMPANY", "WRONG_PERSONA", "LOW_INTENT"])
def test_a_decision_is_never_blocked_by_the_definition(code):
    assert parameter_refusal(Act.REJECT, reason(Act.REJECT, code), {}, DEFINITION) is None


def test_of_all_reasons_only_these_ask_for_a_word_when_the_lead_is_known():
    lead = a_lead(country="DE", phone="", attempts=5, facts={"employees": 3})
    people = [*PEOPLE, Person("rep-9", territory="DE")]
    asked = {
        (why.act, why.code)
        for why in REASONS.reasons
        if parameter_refusal(
            why.act,
            why,
            fill(lead, why.act, why, {}, definition=DEFINITION, people=people, today=TODAY).params,
            DEFINITION,
        )
    }
    assert asked == {
        (Act.REJECT, "OTHER"),
        (Act.RECYCLE, "USING_COMPETITOR"),
        (Act.RECYCLE, "PRODUCT_GAP"),
    }
