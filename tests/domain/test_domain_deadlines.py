"""The SLA of a lead: which rule it is under, when it is due, and how the act is credited."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from config import load
from tests.domain.invented import (
    NOW,
    a_decision,
    a_lead,
    ago,
    ahead,
    an_entry,
    an_item,
    entries,
    maybe_moments,
    with_decision,
)
from triage.domain.act import Act
from triage.domain.clocks import Sla, acted_at, sla_clock, sla_state, wakes_at
from triage.domain.deadlines import agreed_deadline, business_left, due_at, rule_for, sla_trouble
from triage.domain.definition import Calendar, Definition, SlaRule
from triage.domain.inbox import Entry, Inbox
from triage.domain.item import State
from triage.domain.lead import UNDECIDED, LeadStatus, Mql
from triage.errors import ConfigError

HAND, REST = SlaRule("raised hand", 4, "hand_raise"), SlaRule("all others", 24, "all", "wall")
CALENDAR = Calendar("UTC", {"wednesday": ("08:00-12:00",), "thursday": ("08:00-12:00",)})
AGREED = Definition("4", sla=(REST, HAND), calendar=CALENDAR)
THE_ACT = [act for act in Act if act.decides]


def decided(act: Act, state: State = State.QUEUED, *, skew_ms: int | None = None, **lead: object) -> Entry:
    """Return a lead that the rep decided a minute ago."""
    entry = an_entry(**lead)
    decision = a_decision(entry.lead, act, skew_ms=skew_ms)
    return replace(entry, decision=replace(an_item(entry.lead, act, state), decision=decision))


def test_what_it_became_an_mql_by_goes_before_the_rule_for_all():
    assert rule_for(a_lead(mql=Mql("hand_raise")), AGREED) is HAND
    assert rule_for(a_lead(mql=Mql("threshold")), AGREED) is REST
    assert rule_for(a_lead(mql=None), AGREED) is REST
    assert rule_for(a_lead(mql=Mql("threshold")), replace(AGREED, sla=(HAND,))) is None


def test_a_lead_is_due_by_the_calendar_or_round_the_clock_and_the_rule_is_named():
    hand, rest = a_lead(mql=Mql("hand_raise"), assigned_at=NOW), a_lead(mql=None, assigned_at=NOW)
    assert agreed_deadline(hand, AGREED) == (datetime(2026, 5, 7, 10, tzinfo=UTC), "raised hand")
    assert agreed_deadline(rest, AGREED) == (NOW + timedelta(hours=24), "all others")
    assert agreed_deadline(replace(hand, assigned_at=None), AGREED) is None
    assert agreed_deadline(hand, replace(AGREED, sla=())) is None


@pytest.mark.parametrize(
    ("rule", "calendar", "words"),
    [
        (HAND, None, "“raised hand” counts business hours, and there is no calendar"),
        (HAND, replace(CALENDAR, time_zone="Mars/Base"), "“Mars/Base” is not known here"),
        (replace(HAND, hours=0), CALENDAR, "gives 0 hours"),
        (replace(HAND, hours=-1), CALENDAR, "gives -1 hours"),
        (replace(HAND, hours=float("nan")), CALENDAR, "gives nan hours"),
        (replace(HAND, hours=1e300), CALENDAR, "gives 1e+300 hours"),
        (replace(HAND, counted_in="dog years"), CALENDAR, "counted in “dog years”"),
    ],
)
def test_a_rule_that_cannot_be_counted_by_is_said_and_gives_no_deadline(rule, calendar, words):
    with pytest.raises(ConfigError) as refused:
        due_at(rule, calendar, NOW)
    assert words in refused.value.message
    assert words in sla_trouble(Definition("4", sla=(rule,), calendar=calendar))


def test_the_shipped_rules_can_be_counted_by():
    definition = load.definition()
    assert definition.sla
    assert not sla_trouble(definition)
    due, rule = agreed_deadline(a_lead(mql=Mql("hand_raise"), assigned_at=NOW), definition)
    assert (due, rule) == (NOW + timedelta(hours=4), "raised hand: 4 business hours")


@pytest.mark.parametrize("act", THE_ACT)
@pytest.mark.parametrize("state", [State.QUEUED, State.UNKNOWN, State.APPLIED])
def test_the_act_is_credited_however_late_it_is_delivered(act, state):
    entry = decided(act, state, sla_due_at=NOW)
    for days in (0, 9):
        clock = sla_clock(entry, NOW + timedelta(days=days))
        assert (clock.state, clock.acted_at, clock.remaining) == (Sla.MET, ago(minutes=1), None)
    late = sla_clock(decided(act, state, sla_due_at=ago(minutes=2)), NOW)
    assert late.state is Sla.MET_LATE


def test_a_clock_of_the_crm_at_the_end_of_all_time_credits_nobody_otherwise():
    far = round(timedelta(days=3_000_000).total_seconds() * 1000)
    clock = sla_clock(decided(Act.ACCEPT, sla_due_at=NOW, skew_ms=far), NOW)
    assert clock.acted_at == decided(Act.ACCEPT).decision.decision.decided_at


def test_the_act_is_credited_by_the_crms_clock_where_the_skew_is_known():
    behind = decided(Act.ACCEPT, sla_due_at=NOW, skew_ms=120_000)
    assert sla_clock(behind, NOW).state is Sla.MET_LATE
    ahead_of_it = decided(Act.ACCEPT, sla_due_at=ago(minutes=2), skew_ms=-120_000)
    assert sla_clock(ahead_of_it, NOW).state is Sla.MET


def test_an_accepted_lead_keeps_its_credit_when_the_crm_knows():
    entry = decided(Act.ACCEPT, State.APPLIED, status=LeadStatus.ACCEPTED, fetched_at=ahead(hours=1))
    assert not entry.decided
    assert sla_clock(entry, NOW + timedelta(days=30)).state is Sla.MET


def test_a_lead_that_marketing_returned_runs_again():
    entry = decided(Act.REJECT, State.REVIEWED, status=LeadStatus.ASSIGNED, fetched_at=ahead(hours=1))
    assert acted_at(entry) is None
    assert sla_clock(entry, NOW).state is Sla.ON_TIME


def test_an_undo_takes_the_credit_back():
    entry = with_decision(an_entry(status=LeadStatus.REJECTED), Act.RESTORE)
    assert sla_clock(entry, NOW).state is Sla.ON_TIME


@pytest.mark.parametrize("status", sorted(set(LeadStatus) - UNDECIDED - {LeadStatus.UNKNOWN}))
def test_of_a_lead_decided_elsewhere_no_deadline_is_said_to_be_missed(status):
    clock = sla_clock(an_entry(status=status, sla_due_at=ago(days=3)), NOW)
    assert (clock.state, clock.remaining) == (Sla.NONE, None)


def test_while_it_sleeps_the_clock_stands_still():
    until = ahead(hours=5)
    entry = an_entry(status=LeadStatus.SNOOZED, snoozed_until=until)
    left = {sla_clock(entry, NOW + timedelta(hours=hours)).remaining for hours in range(5)}
    assert left == {timedelta(hours=3)}
    assert sla_clock(entry, NOW).state is Sla.PAUSED
    assert sla_clock(entry, until).state is Sla.ON_TIME


@pytest.mark.parametrize("until", ["2026-05-06T13:00:00Z", "2026-05-06T15:00:00+02:00"])
def test_a_snooze_of_today_pauses_before_it_is_sent(until):
    entry = an_entry()
    decision = a_decision(entry.lead, Act.SNOOZE, params={"until": until})
    entry = replace(entry, decision=replace(an_item(entry.lead, Act.SNOOZE), decision=decision))
    assert sla_clock(entry, NOW).paused_until == ahead(hours=3)
    assert not entry.is_open(ahead(hours=2, minutes=59))
    assert entry.is_open(ahead(hours=3))
    assert sla_clock(entry, ahead(hours=3)).state is Sla.ON_TIME
    asleep = Inbox.of([entry], NOW)
    assert not asleep.shown
    shortly_before = asleep.arranged(ahead(hours=2, minutes=59))
    assert not shortly_before.shown
    assert list(shortly_before.later(ahead(hours=3)).shown) == [entry.lead_id]


@pytest.mark.parametrize("text", ["", "soon", "2026-13-01", "9999-12-31T23:59:59-23:59"])
def test_an_end_that_cannot_be_read_is_none(text):
    assert wakes_at(text) is None


def test_the_business_time_that_is_left_counts_from_waking_and_only_by_a_rule_that_counts_it():
    def left(rule: str = HAND.name, definition: Definition = AGREED, **lead: object) -> timedelta | None:
        entry = an_entry(sla_due_at=ahead(hours=24), sla_rule=rule, **lead)
        return business_left(entry.lead, sla_clock(entry, NOW), definition, NOW)

    assert left() == timedelta(hours=4)
    assert left(snoozed_until=ahead(hours=1)) == timedelta(hours=3)
    assert left(REST.name) is None
    assert left("a rule of the CRM's own") is None
    assert left(definition=replace(AGREED, calendar=None)) is None
    assert left(definition=replace(AGREED, calendar=Calendar("Mars/Base"))) is None


@given(entries, st.integers(0, 100), st.integers(0, 100))
def test_an_act_has_one_credit_for_ever(entry, sooner, later):
    one, two = NOW + timedelta(hours=sooner), NOW + timedelta(hours=later)
    if acted_at(entry) is not None and entry.outline.sla_due_at is not None:
        assert sla_clock(entry, one) == sla_clock(entry, two)
        assert sla_clock(entry, one).state in (Sla.MET, Sla.MET_LATE)


@given(entries, maybe_moments)
def test_a_clock_says_how_much_is_left_exactly_while_it_runs(entry, now):
    now = now or NOW
    clock = sla_clock(entry, now)
    running = clock.state in (Sla.ON_TIME, Sla.DUE_SOON, Sla.BREACHED, Sla.PAUSED)
    assert (clock.remaining is not None) == running
    assert (clock.paused_until is not None) == (clock.state is Sla.PAUSED)
    if clock.state is Sla.BREACHED:
        assert clock.remaining < timedelta()
    if running and clock.state is not Sla.PAUSED:
        assert clock.state is sla_state(entry.outline, now)
