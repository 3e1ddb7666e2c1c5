"""The ways out of conflict, refusal and doubt, and how things stand."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.fakes import HOLD, PAUSE, Office, lead_id
from triage.domain.act import Act
from triage.domain.item import State
from triage.domain.lead import LeadStatus
from triage.errors import NotAllowed

ONE, TWO = lead_id(1), lead_id(2)


def conflict(place: Office) -> str:
    """Return a decision that met a lead which is still the rep's, but of another status."""
    item_id = place.desk.decide([ONE], Act.RECYCLE, reason="BAD_TIMING", params={"until": "2w"}).items[0].id
    place.crm.change(ONE, status=LeadStatus.WORKING)
    assert place.synced().conflict == 1
    return item_id


def test_keep_mine_decides_once_more_knowing_of_the_change(place: Office) -> None:
    item_id = conflict(place)
    again = place.desk.keep_mine(item_id).items[0]
    assert place.state(item_id) is State.SUPERSEDED
    assert place.synced().applied == 1
    assert place.crm.effects_of(item_id) == 0
    assert place.crm.effects_of(again.id) == 1


def test_undo_of_what_was_kept_leaves_the_rest_of_its_bulk_act_alone(place: Office) -> None:
    items = place.desk.decide([ONE, TWO], Act.RECYCLE, reason="BAD_TIMING", params={"until": "2w"}).items
    place.crm.change(ONE, status=LeadStatus.WORKING)
    assert place.synced().conflict == 1
    place.desk.keep_mine(items[0].id)
    undone = place.desk.undo()
    assert (undone.withdrawn, undone.compensated) == (1, 0)
    assert place.state(items[1].id) is State.APPLIED


def test_a_lead_can_be_decided_anew_more_than_once_after_a_conflict(place: Office) -> None:
    conflict(place)
    place.desk.decide([ONE], Act.RECYCLE, reason="NO_BUDGET_NOW")
    last = place.desk.decide([ONE], Act.RECYCLE, reason="EARLY_RESEARCH").items[0].id
    assert place.synced().applied == 1
    assert place.state(last) is State.APPLIED


def test_a_conflict_that_is_dropped_leaves_theirs(place: Office) -> None:
    item_id = conflict(place)
    assert place.desk.drop([item_id]) == 1
    place.synced()
    assert place.crm.effects == []
    assert place.crm.leads[ONE].status is LeadStatus.WORKING


def test_a_new_decision_on_a_conflict_takes_its_place_knowing_of_the_change(place: Office) -> None:
    item_id = conflict(place)
    other = place.desk.decide([ONE], Act.RECYCLE, reason="EARLY_RESEARCH", params={"wake": "none"}).items[0]
    assert place.synced().applied == 1
    assert (place.state(item_id), place.state(other.id)) == (State.SUPERSEDED, State.APPLIED)


def test_a_conflict_on_a_lead_that_went_away_can_still_be_dropped(place: Office) -> None:
    item_id = place.desk.decide([ONE], Act.ACCEPT).items[0].id
    place.crm.reassign(ONE)
    place.synced()
    assert place.desk.entry(ONE).gone
    assert place.desk.drop([item_id]) == 1


def test_a_lead_that_was_deleted_cannot_be_kept(place: Office) -> None:
    item_id = place.desk.decide([ONE], Act.ACCEPT).items[0].id
    del place.crm.leads[ONE]
    assert place.synced().conflict == 1
    with pytest.raises(NotAllowed, match="deleted"):
        place.desk.keep_mine(item_id)


def test_a_conflict_is_not_kept_over_a_later_decision_of_the_same_lead(place: Office) -> None:
    first = place.desk.decide([ONE], Act.ACCEPT).items[0]
    place.queued_at_crash(first.id, State.UNKNOWN)
    later = place.desk.decide([ONE], Act.RECYCLE, reason="BAD_TIMING", params={"until": "2w"}).items[0]
    place.crm.change(ONE, status=LeadStatus.WORKING)
    assert place.synced().conflict == 1
    assert (place.state(first.id), place.state(later.id)) == (State.CONFLICT, State.QUEUED)
    with pytest.raises(NotAllowed, match="again since"):
        place.desk.keep_mine(first.id)


def test_a_refused_item_can_be_tried_again_under_its_own_id(place: Office) -> None:
    place.crm.refuses[ONE] = "closed for stocktaking"
    item_id = place.desk.decide([ONE], Act.ACCEPT).items[0].id
    assert place.synced().refused == 1
    assert place.desk.outbox.get(item_id).error == "closed for stocktaking"
    place.crm.refuses.clear()
    assert place.desk.retry([item_id]) == 1
    assert place.synced().applied == 1


def test_retry_makes_a_waiting_item_due(place: Office) -> None:
    item_id = place.desk.decide([ONE], Act.ACCEPT).items[0].id
    assert place.desk.retry([item_id]) == 1
    assert place.synced(everything=False).applied == 1


def test_what_may_have_left_cannot_be_dropped(place: Office) -> None:
    sent = place.desk.decide([ONE], Act.ACCEPT).items[0].id
    queued = place.desk.decide([TWO], Act.ACCEPT).items[0].id
    place.queued_at_crash(sent, State.UNKNOWN)
    with pytest.raises(NotAllowed):
        place.desk.drop([queued, sent])
    assert place.states() == [State.UNKNOWN, State.QUEUED]


def test_what_is_applied_cannot_be_dropped_but_undone(place: Office) -> None:
    item_id = place.desk.decide([ONE], Act.ACCEPT).items[0].id
    place.synced()
    with pytest.raises(NotAllowed) as caught:
        place.desk.drop([item_id])
    assert "undo" in caught.value.hint


def test_the_status_counts_what_is_unsent_and_what_needs_the_rep(place: Office) -> None:
    conflict(place)
    place.desk.decide([TWO], Act.ACCEPT)
    status = place.desk.status()
    assert (status.unsent, status.needs_rep, status.unknown) == (1, 1, 0)
    assert status.counts[State.CONFLICT] == 1
    assert status.fetched_at is not None
    assert status.last_sync_at is not None


def test_the_status_remembers_why_the_last_sync_stopped_until_one_ends_well(place: Office) -> None:
    place.crm.down = True
    place.stopped()
    place.reopen()
    assert place.desk.status().last_error == "connection refused"
    place.crm.down = False
    place.synced()
    assert place.desk.status().last_error == ""


def test_the_next_due_moment_is_the_end_of_the_hold(place: Office) -> None:
    assert place.desk.status().next_due is None
    item = place.desk.decide([ONE], Act.ACCEPT).items[0]
    assert place.desk.status().next_due == item.made_at + HOLD


def test_the_next_due_moment_respects_backoff_and_what_waits_behind_a_conflict(place: Office) -> None:
    place.crm.retries.add(ONE)
    item = place.desk.decide([ONE], Act.ACCEPT).items[0]
    place.crm.faults = ["429"]
    place.stopped()
    due = place.desk.status().next_due
    assert due is not None
    assert due >= place.clock.now + timedelta(seconds=PAUSE - 1)
    place.desk.drop([item.id])
    place.clock.go(minutes=2)
    first = place.desk.decide([TWO], Act.ACCEPT).items[0]
    place.queued_at_crash(first.id, State.UNKNOWN)
    place.desk.decide([TWO], Act.RECYCLE, reason="BAD_TIMING", params={"until": "2w"})
    assert place.desk.status().next_due is None


def test_working_offline_is_remembered(place: Office) -> None:
    assert not place.desk.offline
    place.desk.set_offline(True)
    assert place.reopen().offline
    assert place.desk.status().offline
    place.desk.set_offline(False)
    assert not place.reopen().offline


def test_the_queue_lists_everything_undelivered_and_what_was_sent_of_late(place: Office) -> None:
    sent = place.desk.decide([ONE], Act.ACCEPT).items[0].id
    place.synced()
    place.clock.go(days=8)
    waiting = place.desk.decide([TWO], Act.ACCEPT).items[0].id
    place.clock.go(days=8)
    assert [item.id for item in place.desk.queue()] == [waiting]
    assert [item.id for item in place.desk.queue(everything=True)] == [sent, waiting]
