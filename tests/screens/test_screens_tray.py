"""The tray without a screen: cursor, marks and ranges stay on their leads, whatever comes and goes."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from screens.inbox.tray import Tray
from tests.screens.sample import NOW, lead
from triage.domain.entry import Entry
from triage.domain.orders import BY_ID
from triage.domain.views import View

KNOWN = [Entry.of(lead(number)) for number in range(12)]


@pytest.fixture
def tray():
    made = Tray(lambda: NOW)
    made.load(KNOWN)
    return made


def gone(tray, *lines):
    return [replace(tray.inbox.entries[tray.shown[line]], gone=True) for line in lines]


def test_a_range_follows_its_first_lead_when_leads_above_it_go(tray):
    tray.move_to(4)
    tray.toggle_range()
    tray.move_to(6)
    inside = tray.shown[4:8]
    tray.absorb(gone(tray, 0, 1))
    tray.move_to(tray.index + 1)
    assert tray.inbox.marks == set(inside)


def test_an_older_mark_whose_lead_went_does_not_come_back_with_a_range(tray):
    tray.toggle_mark()
    tray.move_to(4)
    tray.toggle_range()
    tray.absorb(gone(tray, 0))
    tray.move_to(tray.index + 1)
    assert tray.inbox.marks <= set(tray.shown)
    assert len(tray.inbox.marks) == 2


def test_taking_back_a_range_leaves_the_older_marks(tray):
    tray.toggle_mark()
    older = tray.inbox.marks
    tray.move_to(4)
    tray.toggle_range()
    tray.move_to(8)
    tray.leave_range()
    assert tray.inbox.marks == older


def test_a_lead_that_vanished_leaves_a_note_in_its_line_until_the_rep_moves_on(tray):
    tray.move_to(3)
    here, below = tray.cursor, tray.shown[4]
    tray.absorb(gone(tray, 3))
    assert (tray.cursor, tray.index, tray.entry.gone) == (here, 3, True)
    assert tray.counts[View.INBOX] == len(tray.shown) - 1
    tray.move_to(tray.index + 1)
    assert (tray.cursor, here in tray.shown) == (below, False)


def test_the_note_of_a_vanished_lead_is_never_marked(tray):
    tray.move_to(3)
    tray.absorb(gone(tray, 3))
    tray.toggle_mark()
    assert tray.inbox.marks == frozenset()


def test_the_note_of_a_lead_that_goes_in_a_sorted_and_filtered_list_stays_in_its_line(tray):
    tray.sort(BY_ID["name"])
    tray.filter("-country:JP")
    tray.move_to(2)
    here = tray.cursor
    tray.absorb(gone(tray, 2))
    assert (tray.cursor, tray.index) == (here, 2)
    tray.absorb([entry for entry in KNOWN if entry.lead_id == here])
    assert (tray.cursor, tray._ghost) == (here, None)


def test_only_what_is_shown_can_stay_marked(tray):
    shown, hidden = tray.shown[2], tray.shown[5]
    tray.take(gone(tray, 5))
    tray.mark_only(frozenset({shown, hidden}))
    assert tray.inbox.marks == {shown}


def test_a_changed_name_is_found_by_the_filter_at_once(tray):
    first = tray.entry
    tray.filter("renamed")
    assert tray.shown == ()
    tray.absorb([replace(first, outline=replace(first.outline, name="Renée Renamed"))])
    assert tray.shown[-1:] == (first.lead_id,)
    tray.filter("name:renee")
    assert tray.shown == (first.lead_id,)
