"""Delivery against a CRM that does all it is told twice when told twice: one effect a decision, in order."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.fakes import ME, PAUSE, Office, lead_id
from triage.domain.act import Act
from triage.domain.feedback import FeedbackType
from triage.domain.item import State
from triage.domain.people import Rep
from triage.errors import CrmError, NotSignedIn, RateLimited, Unreachable
from triage.store.outbox import Move
from triage.sync.claim import TRIES_PER_RUN
from triage.sync.policy import SPREAD

ONE, TWO, THREE, FOUR = (lead_id(number) for number in range(1, 5))
LATER = {"until": "2w"}


def accept(place: Office, *leads: str) -> list[str]:
    return [item.id for item in place.desk.decide(leads or (ONE,), Act.ACCEPT).items]  # type: ignore[arg-type]


def doubtful(place: Office, *, arrived: bool) -> str:
    """Return a decision whose answer was lost while the CRM could not be asked; it had arrived, or not."""
    (item_id,) = accept(place)
    place.crm.faults = ["drop-after" if arrived else "drop-before"]
    place.crm.mute = {item_id}
    assert place.synced().unknown == 1
    place.crm.mute = set()
    return item_id


def followed(place: Office) -> tuple[str, str]:
    """Return a decision that was under way when the rep made another on the same lead, and that other."""
    first = accept(place)[0]
    place.queued_at_crash(first, State.UNKNOWN)
    second = place.desk.decide([ONE], Act.RECYCLE, reason="BAD_TIMING", params=LATER).items[0].id
    return first, second


# Once, and by id


def test_what_was_decided_reaches_the_crm_once_and_a_third_run_writes_nothing(place: Office) -> None:
    ids = accept(place, ONE, TWO, THREE)
    place.desk.feedback([ONE], FeedbackType.NOTE, {"text": "hello"})
    report = place.synced()
    assert (report.applied, report.feedback) == (3, 1)
    for _ in range(2):
        again = place.synced()
        assert (again.applied, again.already, again.feedback, again.retry) == (0, 0, 0, 0)
    assert [place.crm.effects_of(item_id) for item_id in ids] == [1, 1, 1]
    assert len(place.crm.pushed) == 2


def test_outcomes_in_another_order_and_about_strangers_reach_their_own_items(place: Office) -> None:
    place.crm.refuses[TWO] = "no"
    ids = accept(place, ONE, TWO, THREE)
    place.crm.faults = ["reorder"]
    place.synced()
    assert [place.state(item_id) for item_id in ids] == [State.APPLIED, State.REFUSED, State.APPLIED]
    assert len(place.states()) == 3


def test_an_item_that_the_answer_does_not_mention_is_asked_about_and_not_sent_again(place: Office) -> None:
    ids = accept(place, ONE, TWO)
    place.crm.faults = ["partial"]
    report = place.synced()
    assert (report.applied, report.already) == (1, 1)
    assert place.crm.asked == [ids[1]]
    assert [place.crm.effects_of(item_id) for item_id in ids] == [1, 1]


def test_a_batch_is_of_one_kind_and_no_larger_than_the_crm_takes(place: Office) -> None:
    place.crm.batch = 2
    accept(place, ONE, TWO, THREE)
    place.desk.feedback([ONE, TWO, THREE], FeedbackType.NOTE, {"text": "hello"})
    report = place.synced()
    assert (report.applied, report.feedback) == (3, 3)
    assert max(map(len, place.crm.pushed)) == 2


def test_each_claim_is_on_the_disk_before_a_byte_leaves(place: Office) -> None:
    ids = accept(place, ONE, TWO)
    seen: list[State] = []

    def look(step: str) -> None:
        if step == "claimed":
            other = place.another_desk()
            seen.extend(other.outbox.get(item_id).state for item_id in ids)
            other.outbox.close()
            other.leads.close()

    place.synced(step=look)
    assert seen == [State.SENDING, State.SENDING]


def test_the_receipt_and_the_lead_as_it_became_are_kept(place: Office) -> None:
    (item_id,) = accept(place)
    place.synced()
    receipt = place.desk.outbox.get(item_id).receipt
    assert receipt
    assert receipt.status == "accepted"
    assert place.desk.entry(ONE).lead.status == "accepted"


# Doubt


@pytest.mark.parametrize("arrived", [True, False])
def test_a_lost_answer_is_asked_about_before_anything_is_sent_again(place: Office, arrived: bool) -> None:
    item_id = doubtful(place, arrived=arrived)
    report = place.synced()
    assert place.crm.effects_of(item_id) == 1
    assert (report.applied, report.already) == ((0, 1) if arrived else (1, 0))
    assert len(place.crm.pushed) == (1 if arrived else 2)


@pytest.mark.parametrize("arrived", [True, False])
def test_a_lost_answer_is_settled_within_the_same_run(place: Office, arrived: bool) -> None:
    (item_id,) = accept(place)
    place.crm.faults = ["drop-after" if arrived else "drop-before"]
    place.synced()
    assert place.state(item_id) is State.APPLIED
    assert place.crm.effects_of(item_id) == 1


def test_a_crm_that_knows_no_ids_is_sent_nothing_again_while_the_first_request_may_be_at_work(
    place: Office,
) -> None:
    place.crm.idempotent = False
    item_id = doubtful(place, arrived=False)
    assert place.synced().unknown == 1
    assert len(place.crm.pushed) == 1
    place.clock.go(minutes=2)
    assert place.synced().applied == 1
    assert place.crm.effects_of(item_id) == 1


def test_what_a_crash_left_in_sending_is_asked_about_first(place: Office) -> None:
    (item_id,) = accept(place)
    place.queued_at_crash(item_id, State.SENDING)
    place.synced()
    assert place.crm.asked == [item_id]
    assert place.crm.effects_of(item_id) == 1


def test_while_the_crm_cannot_say_an_item_stays_unknown_and_the_others_go_on(place: Office) -> None:
    item_id = doubtful(place, arrived=True)
    place.crm.mute = {item_id}
    others = accept(place, TWO, THREE)
    report = place.synced()
    assert (report.applied, report.unknown) == (2, 1)
    assert place.state(item_id) is State.UNKNOWN
    assert [place.state(other) for other in others] == [State.APPLIED, State.APPLIED]
    assert place.crm.effects_of(item_id) == 1


def test_a_push_that_ends_in_an_error_without_a_word_is_in_doubt(place: Office) -> None:
    (item_id,) = accept(place)
    place.crm.faults = ["lost"]
    assert isinstance(place.stopped().error, CrmError)
    assert place.state(item_id) is State.UNKNOWN
    place.synced()
    assert place.crm.asked == [item_id]
    assert place.crm.effects_of(item_id) == 1


def test_one_run_sends_the_same_item_only_so_often(place: Office) -> None:
    (item_id,) = accept(place)
    place.crm.faults = ["drop-before"] * 10
    place.synced()
    assert len(place.crm.pushed) == TRIES_PER_RUN
    assert place.desk.outbox.get(item_id).attempts == TRIES_PER_RUN


# Order, and who holds up whom


def test_decisions_of_one_lead_are_sent_one_at_a_time_and_in_order(place: Office) -> None:
    first, second = followed(place)
    assert place.synced().applied == 2
    assert place.crm.effects_on(ONE) == ["accept", "recycle"]
    assert place.crm.pushed == [(first,), (second,)]


def test_a_later_decision_never_overtakes_one_that_had_its_tries(place: Office) -> None:
    first, second = followed(place)
    place.desk.outbox.move([Move.to(State.QUEUED, first)])
    place.crm.faults = ["drop-before"] * TRIES_PER_RUN
    place.synced()
    assert place.crm.effects == []
    assert (place.state(first), place.state(second)) == (State.QUEUED, State.QUEUED)
    place.synced()
    assert place.crm.effects_on(ONE) == ["accept", "recycle"]


def test_our_own_receipt_moves_the_base_of_a_later_decision_on(place: Office) -> None:
    _, second = followed(place)
    place.synced()
    base = place.crm.seen[second]
    assert (base.owner_id, base.status) == (ME.user_id, "accepted")
    assert base.version == "2"


def test_a_conflict_blocks_only_its_own_lead(place: Office) -> None:
    first, second = followed(place)
    (other,) = accept(place, TWO)
    place.crm.reassign(ONE)
    report = place.synced()
    assert (report.conflict, report.applied) == (1, 1)
    assert (place.state(first), place.state(second)) == (State.CONFLICT, State.QUEUED)
    assert place.state(other) is State.APPLIED
    theirs = place.desk.outbox.get(first).theirs
    assert theirs
    assert theirs.owner.user_id == "rep-2"
    assert place.crm.effects_on(ONE) == []


def test_a_lead_that_changed_since_it_was_seen_is_never_overwritten(place: Office) -> None:
    accept(place, ONE, TWO)
    place.crm.reassign(ONE)
    place.synced()
    place.synced()
    assert place.crm.effects_on(ONE) == []
    assert place.crm.leads[ONE].status == "assigned"


def test_a_lead_that_is_locked_holds_up_no_other_lead_and_no_fetch(place: Office) -> None:
    place.crm.batch = 1
    place.crm.retries.add(ONE)
    locked, *others = accept(place, ONE, TWO, THREE, FOUR)
    report = place.synced()
    assert (report.applied, report.retry) == (3, 1)
    assert [place.state(one) for one in others] == [State.APPLIED] * 3
    assert place.state(locked) is State.QUEUED
    assert place.crm.fetches[-1]


def test_where_nothing_can_be_delivered_it_still_fetches_and_says_why(place: Office) -> None:
    place.crm.retries.add(ONE)
    accept(place, ONE)
    fetched = len(place.crm.fetches)
    stopped = place.stopped()
    assert isinstance(stopped.error, Unreachable)
    assert stopped.report.retry == 1
    assert len(place.crm.fetches) == fetched + 1


def test_feedback_does_not_wait_for_a_conflict_on_its_lead(place: Office) -> None:
    accept(place, ONE)
    place.crm.reassign(ONE)
    place.desk.feedback([ONE], FeedbackType.NOTE, {"text": "hello"})
    assert place.synced().feedback == 1


# Pairs that cancel out


def test_an_item_and_its_undo_cancel_out_where_the_crm_has_neither(place: Office) -> None:
    item_id = doubtful(place, arrived=False)
    place.desk.undo()
    pushes = len(place.crm.pushed)
    place.synced()
    assert place.states() == [State.WITHDRAWN, State.WITHDRAWN]
    assert len(place.crm.pushed) == pushes
    assert place.crm.effects_of(item_id) == 0


def test_feedback_and_its_retraction_cancel_out_where_the_crm_has_neither(place: Office) -> None:
    told = place.desk.feedback([ONE], FeedbackType.NOTE, {"text": "hello"}).items[0]
    place.queued_at_crash(told.id, State.UNKNOWN)
    assert place.desk.undo().waiting == 1
    place.synced()
    assert place.states() == [State.WITHDRAWN, State.WITHDRAWN]
    assert place.crm.effects == []


def test_a_retraction_waits_for_what_it_takes_back(place: Office) -> None:
    told = place.desk.feedback([ONE], FeedbackType.NOTE, {"text": "hello"}).items[0]
    place.queued_at_crash(told.id, State.UNKNOWN)
    place.desk.undo()
    place.crm.mute = {told.id}
    place.synced()
    assert place.crm.pushed == []
    assert place.states() == [State.UNKNOWN, State.QUEUED]


# Pauses, backoff, signing in


@pytest.mark.parametrize("fault", ["429", "limited"])
def test_a_pause_that_the_crm_asks_for_is_kept_by_every_run(place: Office, fault: str) -> None:
    item_id, _ = accept(place, ONE, TWO)
    place.crm.faults = [fault]
    assert isinstance(place.stopped().error, RateLimited)
    place.reopen()
    fetches = len(place.crm.fetches)
    place.clock.go(seconds=PAUSE - 2)
    stopped = place.stopped()
    assert isinstance(stopped.error, RateLimited)
    assert "pause" in stopped.error.message
    assert (len(place.crm.pushed), len(place.crm.fetches)) == (1, fetches)
    place.clock.go(seconds=3 + PAUSE * SPREAD)
    assert place.synced().applied == 2
    assert place.crm.effects_of(item_id) == 1


def test_a_pause_far_ahead_is_a_clock_that_was_set_back(place: Office) -> None:
    accept(place)
    place.desk.outbox.remember("pause_until", (place.clock.now + timedelta(days=3)).isoformat())
    assert place.synced().applied == 1


def test_an_item_that_is_not_due_is_left_to_its_hold(place: Office) -> None:
    accept(place)
    assert place.synced(everything=False).applied == 0
    place.clock.go(seconds=31)
    assert place.synced(everything=False).applied == 1


def test_a_put_back_item_waits_for_its_backoff_unless_everything_is_asked_for(place: Office) -> None:
    (item_id,) = accept(place)
    place.desk.outbox.claim([place.desk.outbox.get(item_id)])
    soon = place.clock.now + timedelta(minutes=5)
    place.desk.outbox.move([Move.to(State.QUEUED, item_id, not_before=soon)])
    place.clock.go(minutes=1)
    assert place.synced(everything=False).applied == 0
    assert place.synced(everything=True).applied == 1


def test_who_is_not_signed_in_loses_nothing_and_no_attempt_is_counted(place: Office) -> None:
    ids = accept(place, ONE, TWO)
    place.crm.faults = ["401"]
    assert isinstance(place.stopped().error, NotSignedIn)
    items = [place.desk.outbox.get(item_id) for item_id in ids]
    assert [(item.state, item.attempts) for item in items] == [(State.QUEUED, 0)] * 2
    assert len(place.crm.pushed) == 1
    assert place.synced(everything=False).applied == 0
    place.clock.go(seconds=31)
    assert place.synced(everything=False).applied == 2


def test_a_crm_out_of_reach_keeps_everything_queued(place: Office) -> None:
    accept(place, ONE, TWO)
    place.crm.down = True
    assert isinstance(place.stopped().error, Unreachable)
    assert place.states() == [State.QUEUED, State.QUEUED]
    place.crm.down = False
    assert place.synced().applied == 2


def test_a_pull_delivers_nothing(place: Office) -> None:
    accept(place)
    place.synced(deliver=False)
    assert place.crm.pushed == []


def test_the_connections_are_closed_however_it_ends(place: Office) -> None:
    place.crm.down = True
    place.stopped()
    place.crm.down = False
    place.synced()
    assert place.crm.closed == 3


def test_nothing_is_sent_with_the_token_of_another_person(place: Office) -> None:
    item = place.desk.decide([ONE], Act.ACCEPT).items[0]
    stopped = place.stopped(who=Rep("someone else", "Someone Else"))
    assert isinstance(stopped.error, NotSignedIn)
    assert place.state(item.id) is State.QUEUED
    assert place.crm.pushed == []
    assert place.synced(who=Rep(ME.user_id)).applied == 1
