from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.invented import NOW, a_lead, ago, ahead, leads, maybe_moments
from triage.domain.clocks import DUE_SOON, Sla, age, sla_state, speed_to_lead, spoken


@pytest.mark.parametrize(
    ("due", "state"),
    [
        (ahead(hours=2, seconds=1), Sla.ON_TIME),
        (ahead(hours=2), Sla.DUE_SOON),
        (NOW, Sla.DUE_SOON),
        (ago(seconds=1), Sla.BREACHED),
        (None, Sla.NONE),
    ],
)
def test_an_open_lead_stands_against_its_deadline(due, state):
    assert sla_state(a_lead(sla_due_at=due), NOW) is state


def test_a_running_snooze_pauses_the_clock_and_one_that_ran_out_does_not():
    assert sla_state(a_lead(sla_due_at=ago(hours=1), snoozed_until=ahead(hours=1)), NOW) is Sla.PAUSED
    assert sla_state(a_lead(sla_due_at=ago(hours=1), snoozed_until=NOW), NOW) is Sla.BREACHED


@given(leads, maybe_moments)
def test_the_time_of_the_act_is_judged_and_not_the_time_of_its_delivery(lead, acted_at):
    if acted_at is None or lead.sla_due_at is None:
        return
    expected = Sla.MET if acted_at <= lead.sla_due_at else Sla.MET_LATE
    assert {sla_state(lead, NOW + timedelta(days=days), acted_at) for days in range(5)} == {expected}


@given(leads, st.integers(0, 100), st.integers(0, 100))
def test_a_breach_never_heals_by_waiting(lead, sooner, longer):
    first, second = sorted((NOW + timedelta(hours=sooner), NOW + timedelta(hours=longer)))
    if sla_state(lead, first) is Sla.BREACHED:
        assert sla_state(lead, second) is Sla.BREACHED


def test_due_soon_is_a_stretch_a_rep_can_still_act_in():
    assert timedelta(0) < DUE_SOON < timedelta(days=1)


def test_speed_to_lead_counts_from_the_event_to_the_first_contact_or_is_unknown():
    assert speed_to_lead(a_lead(event_at=ago(hours=5), contacted_at=ago(hours=2))) == timedelta(hours=3)
    assert speed_to_lead(a_lead(event_at=ago(hours=5))) is None
    assert speed_to_lead(a_lead(event_at=None, contacted_at=NOW)) is None


def test_age_counts_from_the_assignment_else_from_creation_or_is_unknown():
    assert age(a_lead(), NOW) == timedelta(hours=30)
    assert age(a_lead(assigned_at=None), NOW) == timedelta(days=12)
    assert age(a_lead(assigned_at=None, created_at=None), NOW) is None


@pytest.mark.parametrize(
    ("span", "said"),
    [
        ({"seconds": 59}, "0m"), ({"minutes": 45}, "45m"), ({"hours": 3, "minutes": 59}, "3h"),
        ({"days": 2}, "2d"), ({"days": 13}, "13d"), ({"days": 14}, "2w"), ({"weeks": 11}, "11w"),
        ({"minutes": -45}, "45m"),
    ],
)  # fmt: skip
def test_a_span_is_said_in_its_largest_unit(span, said):
    assert spoken(timedelta(**span)) == said
