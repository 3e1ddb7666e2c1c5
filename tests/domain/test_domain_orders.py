from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.domain.invented import NOW, a_score, an_entry, inboxes, moments
from triage.domain.clocks import Sla, sla_state
from triage.domain.inbox import Inbox
from triage.domain.orders import BY_ID, COLUMNS, LATEST, UNTOUCHED, URGENCY, urgency
from triage.domain.query import parse
from triage.domain.views import View

every_order = [URGENCY, UNTOUCHED, LATEST, *COLUMNS]
every_order += [order.turn() for order in every_order]
orders = st.sampled_from(every_order)


@given(inboxes, orders, st.randoms())
def test_an_order_is_total_and_does_not_depend_on_how_the_leads_came(known, order, random):
    shuffled = random.sample(known, len(known))
    ids = order.sort(shuffled, NOW)
    assert ids == order.sort(known, NOW)
    assert sorted(ids) == sorted(entry.lead_id for entry in known)


@given(inboxes, orders)
def test_every_lead_is_found_in_its_place(known, order):
    entries = {entry.lead_id: entry for entry in known}
    ids = order.sort(known, NOW)
    assert [order.place(entries[one], ids, entries, NOW) for one in ids] == list(range(len(ids)))


@given(inboxes, st.sampled_from(COLUMNS))
def test_what_is_unknown_is_last_either_way_round(known, order):
    for one in (order, order.turn()):
        entries = {entry.lead_id: entry for entry in known}
        unknown = [order.value(entries[lead_id], NOW) is None for lead_id in one.sort(known, NOW)]
        assert unknown == sorted(unknown)


def test_the_highest_score_comes_first_and_turned_round_the_lowest():
    entries = [an_entry(f"L-{points}", score=a_score(score=points)) for points in (5, 90, 40)]
    assert BY_ID["score"].sort(entries, NOW) == ["L-90", "L-40", "L-5"]
    assert BY_ID["score"].turn().sort(entries, NOW) == ["L-5", "L-40", "L-90"]
    assert BY_ID["score"].turn().turn() == BY_ID["score"]


def test_names_are_sorted_as_they_are_read():
    entries = [an_entry(name, name=name) for name in ("Zoe", "émile", "Eva", "\u200bAda", "")]
    assert BY_ID["name"].sort(entries, NOW) == ["\u200bAda", "émile", "Eva", "Zoe", ""]


@pytest.mark.parametrize("order", every_order, ids=lambda order: f"{order.id} {order.turned}")
def test_every_order_says_its_rule(order):
    assert order.words
    assert order.words != order.turn().words


@given(inboxes, moments)
def test_the_default_order_sees_the_same_risk_as_the_clock_of_the_sla(known, now):
    risks = {Sla.BREACHED: 0, Sla.DUE_SOON: 1}
    for entry in known:
        assert urgency(entry.outline, now)[0] == risks.get(sla_state(entry.outline, now), 2)


# In the inbox.


@given(inboxes, orders, inboxes)
def test_an_inbox_in_a_chosen_order_takes_changes_in_their_places(known, order, changed):
    inbox = Inbox.of(known, NOW).sorted_by(order).filtered(parse("source:webinar"))
    everything = {**dict(inbox.entries), **{entry.lead_id: entry for entry in changed}}
    assert inbox.updated(changed) == inbox.with_entries(everything.values(), NOW)
    assert list(inbox.listed) == order.sort([inbox.entries[one] for one in inbox.listed], NOW)


@given(inboxes, orders)
def test_sorting_changes_the_order_and_nothing_else(known, order):
    inbox = Inbox.of(known, NOW)
    inbox = inbox.marked(inbox.shown[:2])
    turned = inbox.sorted_by(order)
    assert sorted(turned.shown) == sorted(inbox.shown)
    assert turned.marks == inbox.marks
    assert turned.sorted_by(None) == inbox


def test_a_bulk_change_of_hundreds_takes_its_places_as_one_by_one():
    known = [an_entry(f"L-{number}", assigned_at=NOW - timedelta(minutes=number)) for number in range(60)]
    inbox = Inbox.of(known, NOW)
    gone = [replace(entry, gone=True) for entry in known[::3]]
    once = inbox.updated(gone)
    assert once == inbox.with_entries([*known, *gone], NOW)
    assert once.updated(known[::3]).shown == inbox.shown
    assert (
        once.updated(known[::3]).counts
        == inbox.counts
        == {**dict.fromkeys(inbox.views, 0), View.INBOX: 60, View.HAND_RAISERS: 60}
    )
