from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.invented import NOW, a_lead, an_item
from triage.domain.act import Act
from triage.domain.feedback import Feedback, FeedbackType
from triage.domain.item import EFFECTIVE, IN_FLIGHT, NEEDS_REP, NEXT, UNDELIVERED, Item, State
from triage.domain.lead import LeadStatus, Owner, Seen
from triage.domain.outcome import Receipt, Theirs, lead_after

DROPPED = frozenset({State.WITHDRAWN, State.SUPERSEDED})
SETTLED = EFFECTIVE | DROPPED


def reachable(start):
    """Return every state that some path from `start` comes to, `start` itself only by a loop."""
    seen, open_ends = set(), [start]
    while open_ends:
        fresh = NEXT[open_ends.pop()] - seen
        seen |= fresh
        open_ends.extend(fresh)
    return seen


def test_every_state_can_be_reached_from_queued():
    assert reachable(State.QUEUED) | {State.QUEUED} == set(State)


@pytest.mark.parametrize("state", State)
def test_every_state_is_settled_or_has_a_way_to_a_settled_one(state):
    assert state in SETTLED or reachable(state) & SETTLED


@given(st.data())
def test_every_path_from_queued_goes_on_until_it_is_settled(data):
    state = State.QUEUED
    for _ in range(20):
        if not NEXT[state]:
            break
        state = data.draw(st.sampled_from(sorted(NEXT[state])))
    assert NEXT[state] or state in SETTLED


@pytest.mark.parametrize("state", SETTLED)
def test_nothing_settled_ever_goes_back_on_its_way(state):
    assert not reachable(state) & UNDELIVERED


def test_what_is_withdrawn_or_superseded_stays_so():
    assert {state for state in State if not NEXT[state]} == DROPPED


def test_unknown_is_never_sent_again_without_being_queued():
    assert State.SENDING not in NEXT[State.UNKNOWN]
    assert {state for state in State if State.SENDING in NEXT[state]} == {State.QUEUED}


def test_nothing_that_may_have_left_is_withdrawn_or_superseded():
    for state in IN_FLIGHT:
        assert not NEXT[state] & DROPPED


def test_what_needs_the_rep_can_be_dropped_and_replaced():
    for state in NEEDS_REP:
        assert NEXT[state] >= DROPPED


def test_applied_is_superseded_by_an_undo_and_never_withdrawn():
    assert NEXT[State.APPLIED] == {State.REVIEWED, State.SUPERSEDED}


def test_every_state_is_undelivered_effective_or_dropped():
    assert set(State) == UNDELIVERED | EFFECTIVE | DROPPED
    assert not UNDELIVERED & EFFECTIVE
    assert not (UNDELIVERED | EFFECTIVE) & DROPPED
    assert IN_FLIGHT | NEEDS_REP < UNDELIVERED


@given(st.sampled_from(State), st.sampled_from(State))
def test_an_item_may_become_what_the_table_says(here, there):
    assert an_item(a_lead(), state=here).may_become(there) == (there in NEXT[here])


def test_an_item_answers_for_the_decision_or_the_feedback_in_it():
    decision = an_item(a_lead("L-9"), Act.REJECT)
    assert (decision.kind, decision.id, decision.lead_id) == ("decision", "D-1", "L-9")
    told = Feedback("F-1", a_lead("L-9").lead_id, FeedbackType.NOTE, {}, NOW, batch_id="B-1")
    item = Item(State.QUEUED, NOW, feedback=told)
    assert (item.kind, item.id, item.lead_id) == ("feedback", "F-1", "L-9")
    assert (item.batch_id, item.made_at) == ("B-1", NOW)


def test_an_item_of_nothing_is_no_item():
    with pytest.raises(ValueError, match="a decision or a feedback"):
        _ = Item(State.QUEUED, NOW).id


def test_a_receipt_moves_the_lead_on():
    after = lead_after(a_lead(), Receipt("R-1", version="4", status="accepted", owner=Owner("rep-2")))
    assert (after.version, after.status, after.owner) == ("4", LeadStatus.ACCEPTED, Owner("rep-2"))


def test_a_receipt_that_says_little_or_a_strange_status_leaves_the_lead_as_it_was():
    lead = a_lead()
    assert lead_after(lead, Receipt("R-1")) == lead
    assert lead_after(lead, Receipt("R-1", status="in limbo")).status is lead.status


def test_what_a_later_decision_is_compared_with_comes_whole_or_not_at_all():
    assert Receipt("R-1", version="4", status="accepted").seen is None
    told = Receipt("R-1", version="4", status="accepted", owner=Owner("rep-2"))
    assert told.seen == Seen("rep-2", "accepted", "4")
    assert Theirs("5", "working", Owner("rep-3")).seen == Seen("rep-3", "working", "5")


@pytest.mark.parametrize(
    ("contacted", "known", "said"),
    [(NOW, True, True), (NOW, False, True), (None, True, False), (None, False, None)],
)
def test_contact_is_yes_no_or_unknown(contacted, known, said):
    assert a_lead(contacted_at=contacted, contact_known=known).contacted is said
