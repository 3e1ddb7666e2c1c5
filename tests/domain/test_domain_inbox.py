from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.domain.invented import (
    IDS,
    NOW,
    STANDING,
    a_score,
    ago,
    ahead,
    an_entry,
    entries,
    entries_of,
    inboxes,
    with_decision,
)
from triage.domain.act import Act
from triage.domain.clocks import Sla, sla_state
from triage.domain.inbox import ORDER_RULE, STANDARD_VIEWS, Entry, Inbox, View, triage_order
from triage.domain.item import EFFECTIVE, IN_FLIGHT, UNDELIVERED, State
from triage.domain.lead import IN_WORK, UNDECIDED, LeadStatus, Mql
from triage.domain.orders import UNTOUCHED
from triage.domain.query import Query, parse
from triage.domain.views import own_view

OWN = own_view("Webinars", parse("source:webinar -band:C"), View.INBOX)
OWN_LATE = own_view("Late", parse("sla:breached"), View.WORKING)
views = st.sampled_from((*STANDARD_VIEWS, OWN, OWN_LATE))
queries = st.sampled_from([parse(""), parse("source:webinar"), parse("band:A,B"), parse("-band:C score>40")])
acts = st.sampled_from([act for act in Act if act is not Act.RESTORE])


def looking(known, view=View.INBOX, query=None):
    return Inbox.of(known, NOW, view).filtered(query or Query(""))


# The order.


def test_breach_risk_comes_first_then_the_band_then_the_longest_waiting():
    rows = entries_of(
        ("breached D", {"sla_due_at": ago(hours=1), "score": a_score(band="D")}),
        ("due soon A young", {"sla_due_at": ahead(hours=1), "assigned_at": ago(hours=1)}),
        (
            "due soon B old",
            {"sla_due_at": ahead(hours=1), "score": a_score(band="B"), "assigned_at": ago(days=9)},
        ),
        ("on time A old", {"assigned_at": ago(days=3)}),
        ("on time A young", {"assigned_at": ago(days=1)}),
        ("on time B", {"score": a_score(band="B")}),
        ("no deadline C", {"sla_due_at": None, "score": a_score(band="C")}),
        ("on time, no score", {"score": None, "assigned_at": ago(days=30)}),
    )
    expected = [entry.lead_id for entry in rows]
    assert list(looking(reversed(rows)).shown) == expected
    assert list(looking(sorted(rows, key=lambda entry: entry.lead_id)).shown) == expected


def test_the_rule_is_printed_in_words():
    assert ORDER_RULE == "returned, then breached and due soon, then band A to D, then the longest waiting"


@given(inboxes, views, st.randoms())
def test_the_order_does_not_depend_on_how_the_leads_came(known, view, random):
    shuffled = random.sample(known, len(known))
    assert looking(shuffled, view).shown == looking(known, view).shown


@given(inboxes)
def test_no_lead_at_risk_stands_below_one_that_is_not(known):
    inbox = looking(known)
    risk = [
        sla_state(inbox.entries[lead_id].lead, NOW) in (Sla.BREACHED, Sla.DUE_SOON) for lead_id in inbox.shown
    ]
    assert risk == sorted(risk, reverse=True)


def test_two_leads_that_are_alike_in_all_but_id_have_an_order():
    one, other = an_entry("L-1"), an_entry("L-2")
    assert triage_order(one.lead, NOW) < triage_order(other.lead, NOW)


def test_in_work_the_leads_untouched_for_a_day_come_first_then_the_longest_untouched():
    rows = entries_of(
        ("never", {"last_touch_at": None, "assigned_at": None}),
        ("three days", {"last_touch_at": ago(days=3)}),
        ("25 hours", {"last_touch_at": None, "assigned_at": ago(hours=25)}),
        ("23 hours", {"last_touch_at": ago(hours=23)}),
        ("now", {"last_touch_at": NOW}),
        status=LeadStatus.WORKING,
    )
    assert list(looking(reversed(rows), View.WORKING).shown) == [entry.lead_id for entry in rows]


def test_decided_today_shows_the_latest_first():
    first, second = (with_decision(an_entry(name), Act.REJECT) for name in ("L-1", "L-2"))
    later = replace(second.decision, decision=replace(second.decision.decision, decided_at=NOW))
    inbox = looking([first, replace(second, decision=later)], View.DECIDED)
    assert inbox.shown == ("L-2", "L-1")


# What an entry is.


@given(st.sampled_from(sorted(UNDELIVERED)), acts)
def test_an_undelivered_decision_holds_whatever_the_copy_of_the_lead_says(state, act):
    entry = with_decision(an_entry(fetched_at=ahead(days=1)), act, state)
    assert entry.decided
    assert not entry.is_open(NOW)


@pytest.mark.parametrize("state", sorted(EFFECTIVE))
def test_an_applied_decision_holds_until_the_lead_was_fetched_after_it(state):
    assert with_decision(an_entry(fetched_at=ago(minutes=1)), Act.REJECT, state).decided
    assert with_decision(an_entry(fetched_at=None), Act.REJECT, state).decided
    back = with_decision(an_entry(fetched_at=ahead(minutes=1)), Act.REJECT, state)
    assert not back.decided
    assert back.is_open(NOW)


@pytest.mark.parametrize("state", sorted(set(STANDING)))
def test_an_undo_on_its_way_opens_the_lead_at_once_and_a_failed_one_does_not(state):
    entry = with_decision(an_entry(status=LeadStatus.REJECTED), Act.RESTORE, state)
    under_way = state in IN_FLIGHT | {State.QUEUED}
    assert entry.is_restoring == under_way
    assert entry.is_open(NOW) == under_way
    assert not entry.decided
    assert not replace(entry, gone=True).is_open(NOW)


def test_a_lead_that_is_asleep_opens_when_its_time_has_come():
    asleep = an_entry(status=LeadStatus.SNOOZED, snoozed_until=ahead(hours=1))
    assert not asleep.is_open(NOW)
    assert asleep.is_open(NOW + timedelta(hours=1))


@given(entries)
def test_a_lead_is_in_one_of_inbox_working_and_snoozed_at_most(entry):
    places = [view for view in (View.INBOX, View.WORKING, View.SNOOZED) if looking([entry], view).shown]
    assert len(places) <= 1


# Views.


@given(entries)
def test_the_inbox_shows_what_is_undecided_and_awake_and_the_reps(entry):
    held = entry.decided or entry.gone or entry.is_asleep(NOW)
    waits = entry.lead.status in UNDECIDED and not held
    expected = not entry.gone if entry.is_restoring else waits
    assert bool(looking([entry]).shown) == expected


@given(inboxes)
def test_breaching_and_hand_raisers_are_parts_of_the_inbox(known):
    shown = {view: set(looking(known, view).shown) for view in STANDARD_VIEWS}
    table = {entry.lead_id: entry.lead for entry in known}
    assert shown[View.BREACHING] == {
        lead_id
        for lead_id in shown[View.INBOX]
        if sla_state(table[lead_id], NOW) in (Sla.BREACHED, Sla.DUE_SOON)
    }
    assert shown[View.HAND_RAISERS] == {
        lead_id for lead_id in shown[View.INBOX] if table[lead_id].mql == Mql("hand_raise")
    }


@pytest.mark.parametrize("status", sorted(IN_WORK))
def test_an_accepted_lead_does_not_vanish(status):
    assert looking([an_entry(status=status)], View.WORKING).shown == ("L-1",)


def test_an_accepted_lead_is_in_work_at_once_and_a_rejected_one_leaves_it():
    accepted = with_decision(an_entry(), Act.ACCEPT)
    assert looking([accepted], View.WORKING).shown == ("L-1",)
    recycled = with_decision(an_entry(status=LeadStatus.WORKING), Act.RECYCLE)
    assert looking([recycled], View.WORKING).shown == ()


def test_an_undone_accept_is_in_the_inbox_and_not_in_work_too():
    undone = with_decision(an_entry(status=LeadStatus.ACCEPTED), Act.RESTORE)
    assert looking([undone], View.WORKING).shown == ()
    assert looking([undone]).shown == ("L-1",)


def test_snoozed_shows_what_waits_for_a_later_day_here_or_at_the_crm_and_nothing_else():
    asleep = an_entry(status=LeadStatus.SNOOZED, snoozed_until=ahead(hours=1))
    assert looking([asleep], View.SNOOZED).shown == ("L-1",)
    assert looking([with_decision(an_entry(), Act.SNOOZE)], View.SNOOZED).shown == ("L-1",)
    for elsewhere in (with_decision(asleep, Act.ACCEPT), replace(asleep, gone=True), an_entry()):
        assert looking([elsewhere], View.SNOOZED).shown == ()


def test_decided_today_leaves_out_yesterday_and_undo():
    yesterday = with_decision(an_entry(), Act.REJECT)
    old = replace(yesterday.decision.decision, decided_at=ago(days=2))
    assert looking([yesterday], View.DECIDED).shown == ("L-1",)
    assert (
        looking([replace(yesterday, decision=replace(yesterday.decision, decision=old))], View.DECIDED).shown
        == ()
    )
    assert looking([with_decision(an_entry(), Act.RESTORE)], View.DECIDED).shown == ()


@given(inboxes, queries)
def test_counts_are_of_all_leads_whatever_the_filter(known, query):
    counts = looking(known, query=query).counts
    assert counts == {view: len(looking(known, view).shown) for view in STANDARD_VIEWS}


def test_every_view_has_words():
    assert [view.label for view in STANDARD_VIEWS] == [
        "Inbox", "Breaching", "Hand-raisers", "Working", "Replies", "Decided today", "Snoozed",
    ]  # fmt: skip


# Marks, filters and changes.


@given(inboxes, views, queries, st.sets(st.sampled_from(IDS)), inboxes)
def test_updated_is_the_same_as_arranging_all_again(known, view, query, marks, changed):
    inbox = looking(known, view, query)
    inbox = inbox.marked(marks & set(inbox.shown))
    everything = {**inbox.entries, **{entry.lead_id: entry for entry in changed}}
    assert inbox.updated(changed) == inbox.with_entries(everything.values(), NOW)


@given(inboxes, views, queries, st.sets(st.sampled_from(IDS)), inboxes)
def test_updated_is_the_same_where_the_leads_were_lifted_before(known, view, query, marks, changed):
    inbox = looking(known, view, query)
    lifted = inbox.lifted(entry.lead_id for entry in changed)
    marked = inbox.marked(marks & set(inbox.shown))
    assert marked.updated(changed, lifted) == marked.updated(changed)


def rejected(number):
    return with_decision(an_entry(f"L-{number}"), Act.REJECT)


SINCE = {
    "other leads": lambda inbox: (inbox, [rejected(2)]),
    "more leads": lambda inbox: (inbox, [rejected(1), rejected(2)]),
    "a change before": lambda inbox: (inbox.updated([rejected(2)]), [rejected(1)]),
    "a change of no lead on the list": lambda inbox: (
        inbox.updated([replace(rejected(7), gone=True)]),
        [rejected(1)],
    ),
    "another view": lambda inbox: (inbox.looking_at(View.DECIDED), [rejected(1)]),
    "another filter": lambda inbox: (inbox.filtered(parse("-source:webinar")), [rejected(1)]),
    "another order": lambda inbox: (inbox.sorted_by(UNTOUCHED), [rejected(1)]),
    "another moment": lambda inbox: (inbox.later(ahead(minutes=3)), [rejected(1)]),
    "one that stays": lambda inbox: (inbox, [with_decision(rejected(1), Act.RESTORE)]),
}


@pytest.mark.parametrize("since", SINCE)
def test_what_was_lifted_of_another_inbox_or_of_other_leads_is_not_taken(since):
    before = looking([an_entry(f"L-{number}", assigned_at=ago(hours=number)) for number in range(5)])
    inbox, changed = SINCE[since](before)
    updated = inbox.updated(changed, before.lifted([IDS[1]]))
    assert updated == inbox.updated(changed)


def test_what_was_lifted_is_taken_where_only_the_marks_are_others():
    before = looking([an_entry(f"L-{number}") for number in range(5)]).marked(IDS[1:4])
    lifted = before.lifted(IDS[1:3])
    updated = before.unmarked().marked([IDS[3]]).updated([rejected(1), rejected(2)], lifted)
    assert updated.shown is lifted.shown
    assert updated.marks == {IDS[3]}


@given(inboxes, views, inboxes)
def test_updated_leaves_the_others_in_their_order(known, view, changed):
    inbox = looking(known, view)
    fresh = {entry.lead_id for entry in changed}
    updated = inbox.updated(changed)
    assert [lead_id for lead_id in updated.shown if lead_id not in fresh] == [
        lead_id for lead_id in inbox.shown if lead_id not in fresh
    ]


@given(inboxes, inboxes, st.tuples(views, queries), st.tuples(views, queries), st.integers(0, 200))
def test_a_mark_never_stays_on_what_is_not_shown(known, fresh, here, there, hours):
    later = NOW + timedelta(hours=hours)
    inbox = looking(known, *here)
    other_view, other_query = there
    inbox = inbox.marked(inbox.shown)
    changes = (
        inbox.filtered(other_query),
        inbox.looking_at(other_view),
        inbox.with_entries(fresh, later),
        inbox.updated(fresh),
        inbox.arranged(later),
        inbox.later(later),
    )
    for changed in changes:
        assert changed.marks <= set(changed.shown)
        assert changed.marks <= inbox.marks


def test_a_filter_drops_the_marks_it_hides_and_they_do_not_come_back_with_it_gone():
    inbox = looking([an_entry("L-1"), an_entry("L-2", source="event")])
    marked = inbox.marked(inbox.shown).filtered(parse("source:event"))
    assert marked.marks == {"L-2"}
    assert marked.filtered(parse("")).marks == {"L-2"}


def test_another_view_keeps_the_filter_and_not_the_marks():
    inbox = looking([an_entry("L-1"), an_entry("L-2", source="event")], query=parse("source:event"))
    breaching = inbox.marked(inbox.shown).looking_at(View.HAND_RAISERS)
    assert breaching.shown == ("L-2",)
    assert breaching.marks == frozenset()


def test_a_mark_is_set_and_taken_off_again():
    inbox = looking([an_entry("L-1"), an_entry("L-2")])
    once = inbox.toggled(IDS[1])
    assert once.marks == {"L-1"}
    assert once.toggled(IDS[1]) == inbox
    assert once.marked(IDS[2:3]).unmarked() == inbox


@given(inboxes, queries, st.sets(st.sampled_from(IDS)), st.sampled_from(IDS))
def test_an_act_applies_to_the_marked_in_list_order_or_else_to_the_lead_under_the_cursor(
    known, query, marks, cursor
):
    inbox = looking(known, query=query).marked(marks)
    marked = [lead_id for lead_id in inbox.shown if lead_id in marks]
    under_cursor = [cursor] if cursor in inbox.entries else []
    assert list(inbox.targets(cursor)) == (marked or under_cursor)
    assert list(inbox.targets(None)) == marked


@given(inboxes, inboxes, st.none() | st.sampled_from(IDS))
def test_the_cursor_stays_on_its_lead_else_goes_to_the_next_below_else_to_the_last(known, fresh, cursor):
    before = looking(known)
    now = before.with_entries(fresh, NOW)
    below = before.shown[before.shown.index(cursor) :] if cursor in before.shown else ()
    fallback = now.shown[-1:] if cursor in before.shown else now.shown[:1]
    candidates = [cursor, *below, *fallback]
    expected = next((lead_id for lead_id in candidates if lead_id in now.shown), None)
    assert now.after(cursor, before) == expected


def test_the_cursor_goes_down_when_its_lead_is_decided_and_up_only_at_the_end():
    before = looking([an_entry("L-1"), an_entry("L-2"), an_entry("L-3")])
    middle = before.updated([with_decision(an_entry("L-2"), Act.ACCEPT)])
    assert middle.after(IDS[2], before) == "L-3"
    end = before.updated([with_decision(an_entry("L-3"), Act.ACCEPT)])
    assert end.after(IDS[3], before) == "L-2"
    assert Inbox().after(IDS[3], before) is None


@given(inboxes, views, queries)
def test_a_change_makes_a_new_inbox_and_leaves_the_old_one(known, view, query):
    inbox = looking(known)
    shown = inbox.shown
    inbox.looking_at(view).filtered(query).updated([Entry.of(an_entry().lead)]).later(ahead(minutes=9))
    assert inbox == looking(known)
    assert inbox.shown == shown


@given(inboxes, views, queries)
def test_each_lead_is_shown_once_at_most(known, view, query):
    shown = looking(known, view, query).shown
    assert all(one != other for one, other in pairwise(sorted(shown)))
