from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.domain.invented import NOW, ago, ahead, an_entry, entries, inboxes, moments, with_decision
from triage.domain.act import Act
from triage.domain.clocks import Sla, sla_state
from triage.domain.entries import Entries
from triage.domain.entry import Entry
from triage.domain.inbox import Inbox
from triage.domain.item import State
from triage.domain.lead import IN_VIEW, LeadStatus
from triage.domain.query import parse
from triage.domain.views import STANDARD_VIEWS, Part, View, own_view, parts_of

WEBINARS = own_view("Webinars", parse("source:webinar"), View.INBOX)
WAITING = own_view("Waiting", parse("age>1d"), View.INBOX)
views = st.sampled_from((*STANDARD_VIEWS, WEBINARS, WAITING))
minutes = st.integers(0, 200).map(lambda count: timedelta(minutes=count))


def snoozed(entry: Entry, until: str, state: State = State.QUEUED) -> Entry:
    put_off = with_decision(entry, Act.SNOOZE, state)
    decision = replace(put_off.decision.decision, params={"until": until})
    return replace(put_off, decision=replace(put_off.decision, decision=decision))


def is_in_work(entry: Entry, now: datetime) -> bool:
    if entry.is_held(now):
        return entry.decision_act is Act.ACCEPT
    return entry.outline.status in IN_VIEW and not entry.gone and not entry.is_restoring


def is_put_off(entry: Entry, now: datetime) -> bool:
    if entry.is_held(now):
        return entry.decision_act is Act.SNOOZE
    return entry.is_asleep(now) and not entry.gone and not entry.is_restoring


@given(entries, moments)
def test_the_parts_are_what_the_entry_says_of_itself(entry, now):
    parts = parts_of(entry, now)
    at_risk = sla_state(entry.outline, now) in (Sla.BREACHED, Sla.DUE_SOON)
    assert bool(parts & Part.OPEN) == entry.is_open(now)
    assert bool(parts & Part.BREACHING) == (entry.is_open(now) and at_risk)
    assert bool(parts & Part.WORKING) == is_in_work(entry, now)
    assert bool(parts & Part.SNOOZED) == is_put_off(entry, now)


def test_a_view_of_ones_own_shows_what_its_filter_leaves_of_its_base_and_is_counted():
    known = [an_entry("L-1"), an_entry("L-2", source="event"), an_entry("L-3", status=LeadStatus.WORKING)]
    inbox = Inbox.of(known, NOW, views=(*STANDARD_VIEWS, WEBINARS))
    assert inbox.looking_at(WEBINARS).shown == ("L-1",)
    assert inbox.counts[WEBINARS] == 1
    assert inbox.updated([replace(known[0], gone=True)]).counts[WEBINARS] == 0


# Waiting.


@given(inboxes, views, minutes, minutes, st.sampled_from(["", "band:A", "sla:breached"]))
def test_later_is_the_same_as_arranging_all_again(known, view, first, then, text):
    inbox = Inbox.of(known, NOW - first, view, views=(*STANDARD_VIEWS, WEBINARS, WAITING))
    inbox = inbox.filtered(parse(text))
    assert inbox.later(NOW + then) == inbox.arranged(NOW + then)


@given(inboxes, views, minutes)
def test_an_earlier_moment_is_arranged_as_well(known, view, back):
    inbox = Inbox.of(known, NOW, view)
    assert inbox.later(NOW - back) == inbox.arranged(NOW - back)


def test_a_lead_that_runs_out_of_time_goes_to_the_top_by_waiting_alone():
    soon = an_entry("L-2", sla_due_at=ahead(hours=2, minutes=3), assigned_at=ago(hours=1))
    inbox = Inbox.of([an_entry("L-1"), soon], NOW)
    assert (inbox.shown, inbox.counts[View.BREACHING]) == (("L-1", "L-2"), 0)
    later = inbox.later(ahead(minutes=5))
    assert (later.shown, later.counts[View.BREACHING]) == (("L-2", "L-1"), 1)


def test_a_lead_comes_to_match_a_filter_of_time_by_waiting_alone():
    known = [an_entry(assigned_at=ago(hours=23, minutes=58), last_touch_at=ago(minutes=1), sla_due_at=None)]
    inbox = Inbox.of(known, NOW, views=(*STANDARD_VIEWS, WAITING)).filtered(parse("age>1d"))
    assert (inbox.shown, inbox.counts[WAITING]) == ((), 0)
    later = inbox.later(ahead(minutes=5))
    assert (later.shown, later.counts[WAITING]) == (("L-1",), 1)


def test_midnight_empties_decided_today():
    decided = with_decision(an_entry(), Act.REJECT)
    inbox = Inbox.of([decided], NOW, View.DECIDED)
    assert inbox.shown == ("L-1",)
    assert inbox.later(NOW + timedelta(days=1)).shown == ()


def test_a_woken_lead_comes_back_by_waiting_alone():
    inbox = Inbox.of([snoozed(an_entry(), "2026-05-07")], datetime(2026, 5, 6, 23, 59, 30, tzinfo=UTC))
    assert (inbox.counts[View.INBOX], inbox.counts[View.SNOOZED]) == (0, 1)
    woken = inbox.later(datetime(2026, 5, 7, 0, 0, 30, tzinfo=UTC))
    assert (woken.counts[View.INBOX], woken.counts[View.SNOOZED]) == (1, 0)


# The entries as a value.


@given(st.lists(inboxes, max_size=4))
def test_entries_are_what_a_table_of_them_is(batches):
    entries, table = Entries(), {}
    for batch in batches:
        fresh = {entry.lead_id: entry for entry in batch}
        entries, table = entries.changed(fresh), {**table, **fresh}
        assert dict(entries) == table
        assert list(entries) == list(table)
        assert list(entries.values()) == list(table.values())
        assert len(entries) == len(table)
        assert all(lead_id in entries and entries.get(lead_id) is table[lead_id] for lead_id in table)
    assert entries.get("L-none") is None
    assert "L-none" not in entries


def test_many_changes_are_kept_and_the_old_value_stays_as_it_was():
    old = Entries([an_entry(f"L-{number}") for number in range(3)])
    new = old.changed({one.lead_id: one for one in (an_entry(f"L-{number}") for number in range(1, 1500))})
    assert (len(old), len(new)) == (3, 1500)
    assert new == Entries(new.values())
    with pytest.raises(KeyError):
        old["L-3"]
