"""A snooze that was not sent yet ends on its day all the same: the lead comes back to the inbox."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from tests.domain.invented import NOW, a_decision, an_entry, an_item
from triage.domain.act import Act
from triage.domain.clocks import sla_clock
from triage.domain.inbox import Entry, Inbox, View
from triage.domain.item import EFFECTIVE, UNDELIVERED, State

TODAY = NOW.astimezone().date()


def snoozed(until: str, state: State = State.QUEUED) -> Entry:
    entry = an_entry()
    decision = a_decision(entry.lead, Act.SNOOZE, params={"until": until} if until else {})
    return replace(entry, decision=replace(an_item(entry.lead, Act.SNOOZE, state), decision=decision))


@pytest.mark.parametrize("state", sorted(UNDELIVERED | EFFECTIVE))
def test_a_snoozed_lead_comes_back_on_its_day_whatever_became_of_the_snooze(state):
    due, later = TODAY.isoformat(), (TODAY + timedelta(days=1)).isoformat()
    assert snoozed(due, state).is_open(NOW)
    assert not View.SNOOZED.shows(snoozed(due, state), NOW)
    assert View.SNOOZED.shows(snoozed(later, state), NOW)
    assert not snoozed(later, state).is_open(NOW)


def test_it_stands_in_one_view_or_the_other_and_moves_by_time_alone():
    entry, tomorrow = snoozed((TODAY + timedelta(days=1)).isoformat()), NOW + timedelta(days=1)
    inbox = Inbox.of([entry], NOW)
    assert (inbox.counts[View.INBOX], inbox.counts[View.SNOOZED]) == (0, 1)
    assert inbox.arranged(tomorrow).shown == (entry.lead_id,)
    assert inbox.later(tomorrow).counts[View.SNOOZED] == 0


def test_a_snooze_without_a_day_does_not_end_by_itself():
    assert View.SNOOZED.shows(snoozed(""), NOW + timedelta(days=400))


def test_other_acts_do_not_wake():
    entry = an_entry()
    decision = a_decision(entry.lead, Act.RECYCLE, params={"until": "2020-01-01"})
    assert not replace(entry, decision=replace(an_item(entry.lead), decision=decision)).is_open(NOW)


@pytest.mark.parametrize(
    "until", ["Tuesday", "2026-13-01T10:00", "9999-12-31T23:59:59-23:59", "2020-01-01T10:00"]
)
def test_a_snooze_to_a_moment_that_another_version_wrote_hides_no_lead_and_stops_nothing(until):
    entry = snoozed(until)
    assert entry.is_open(NOW)
    assert sla_clock(entry, NOW).paused_until is None
