"""Undo: withdrawn before sending, taken back after it, for the whole act, and never done behind a doubt."""

from __future__ import annotations

import pytest

from tests.fakes import COLLEAGUE, ME, Office, lead_id
from triage.domain.act import Act
from triage.domain.feedback import FeedbackType
from triage.domain.item import State
from triage.domain.lead import LeadStatus
from triage.errors import NotAllowed

ONE, TWO, THREE = (lead_id(number) for number in range(1, 4))


def accepted(place: Office) -> str:
    return place.desk.decide([ONE], Act.ACCEPT).items[0].id


def test_undo_withdraws_what_is_still_queued(place: Office) -> None:
    item_id = accepted(place)
    undone = place.desk.undo()
    assert (undone.what, undone.withdrawn, undone.compensated) == ("1 accepted", 1, 0)
    assert place.state(item_id) is State.WITHDRAWN
    assert ONE in place.open_ids()
    place.synced()
    assert place.crm.pushed == []


def test_undo_after_the_sync_sends_a_restore(place: Office) -> None:
    item_id = accepted(place)
    place.synced()
    undone = place.desk.undo()
    assert (undone.withdrawn, undone.compensated, undone.waiting) == (0, 1, 0)
    assert place.synced().applied == 1
    assert place.crm.effects_on(ONE) == ["accept", "restore"]
    assert place.crm.leads[ONE].status is LeadStatus.ASSIGNED
    assert place.state(item_id) is State.SUPERSEDED
    assert ONE in place.open_ids()


@pytest.mark.parametrize("act", [Act.ACCEPT, Act.REJECT])
def test_a_lead_that_is_being_restored_is_open_again_at_once(place: Office, act: Act) -> None:
    place.desk.decide([ONE], act, reason="NOT_A_BUYER" if act is Act.REJECT else None)
    place.synced()
    assert ONE not in place.open_ids()
    undone = place.desk.undo()
    assert ONE in place.open_ids()
    assert undone.entries[0].is_open(place.clock.now)
    place.synced()
    assert ONE in place.open_ids()
    assert place.crm.leads[ONE].owner == ME


def test_a_lead_that_is_being_restored_can_be_decided_and_goes_behind_the_restore(place: Office) -> None:
    accepted(place)
    place.synced()
    place.desk.undo()
    place.desk.decide([ONE], Act.REJECT, reason="NOT_A_BUYER")
    place.synced()
    assert place.crm.effects_on(ONE) == ["accept", "restore", "reject"]


@pytest.mark.parametrize("state", [State.SENDING, State.UNKNOWN])
def test_undo_of_what_may_have_left_waits_for_the_answer(place: Office, state: State) -> None:
    item_id = accepted(place)
    place.queued_at_crash(item_id, state)
    undone = place.desk.undo()
    assert (undone.withdrawn, undone.compensated, undone.waiting) == (0, 1, 1)
    assert ONE in place.open_ids()
    place.synced()
    assert place.crm.effects == []
    assert place.states() == [State.WITHDRAWN, State.WITHDRAWN]


def test_undo_of_what_had_arrived_takes_it_back(place: Office) -> None:
    item_id = accepted(place)
    place.crm.faults = ["drop-after"]
    place.crm.mute = {item_id}
    place.synced()
    assert place.state(item_id) is State.UNKNOWN
    assert place.desk.undo().waiting == 1
    place.crm.mute = set()
    place.synced()
    assert place.crm.effects_on(ONE) == ["accept", "restore"]
    assert place.states() == [State.SUPERSEDED, State.APPLIED]


def test_undo_of_a_conflict_withdraws(place: Office) -> None:
    item_id = accepted(place)
    place.crm.reassign(ONE)
    assert place.synced().conflict == 1
    assert place.desk.undo().withdrawn == 1
    assert place.state(item_id) is State.WITHDRAWN


def test_undo_of_a_refusal_withdraws(place: Office) -> None:
    place.crm.refuses[ONE] = "no"
    item_id = accepted(place)
    assert place.synced().refused == 1
    assert place.desk.undo().withdrawn == 1
    assert place.state(item_id) is State.WITHDRAWN
    assert ONE in place.open_ids()


def test_undo_of_a_bulk_act_reaches_every_lead_of_it(place: Office) -> None:
    place.desk.decide([ONE, TWO, THREE], Act.REJECT, reason="NOT_A_BUYER")
    assert place.desk.undo().what == "3 rejected"
    assert {ONE, TWO, THREE} <= place.open_ids()
    assert set(place.states()) == {State.WITHDRAWN}


def test_undo_of_a_bulk_act_that_is_half_sent_withdraws_one_half_and_takes_back_the_other(
    place: Office,
) -> None:
    place.desk.decide([ONE, TWO, THREE], Act.ACCEPT)
    place.crm.refuses[TWO] = "no"
    place.synced()
    undone = place.desk.undo()
    assert (undone.withdrawn, undone.compensated) == (1, 2)
    place.crm.refuses.clear()
    place.synced()
    assert place.crm.effects_on(TWO) == []
    assert place.crm.effects_on(ONE) == place.crm.effects_on(THREE) == ["accept", "restore"]


def test_a_bulk_act_can_be_undone_by_the_id_of_its_batch_or_for_one_lead(place: Office) -> None:
    acted = place.desk.decide([ONE, TWO, THREE], Act.ACCEPT)
    assert place.desk.undo(acted.items[1].id).what == "1 accepted"
    assert acted.batch_id
    assert place.desk.undo(acted.batch_id).what == "2 accepted"
    with pytest.raises(NotAllowed):
        place.desk.undo(acted.batch_id)


def test_several_undos_go_back_one_act_at_a_time(place: Office) -> None:
    place.desk.decide([ONE], Act.ACCEPT)
    place.synced()
    place.desk.decide([TWO, THREE], Act.REJECT, reason="NOT_A_BUYER")
    place.desk.feedback([ONE], FeedbackType.NOTE, {"text": "Asked for a price list."})
    said = [place.desk.undo().what for _ in range(3)]
    assert said == ["1 note", "2 rejected", "1 accepted"]
    with pytest.raises(NotAllowed):
        place.desk.undo()


def test_an_undo_by_another_process_that_sent_meanwhile_is_a_restore(place: Office) -> None:
    accepted(place)
    other = place.another_desk()
    place.synced()
    assert other.undo().compensated == 1
    other.outbox.close()
    other.leads.close()


def test_undo_of_queued_feedback_withdraws_it(place: Office) -> None:
    told = place.desk.feedback([ONE], FeedbackType.NOTE, {"text": "hello"}).items[0]
    undone = place.desk.undo(told.id)
    assert undone.withdrawn == 1
    assert undone.entries[0].feedback == 0
    assert place.synced().feedback == 0


def test_undo_of_sent_feedback_retracts_it_and_it_counts_no_more_at_once(place: Office) -> None:
    told = place.desk.feedback([ONE], FeedbackType.NOTE, {"text": "hello"}).items[0]
    assert place.synced().feedback == 1
    undone = place.desk.undo()
    assert undone.compensated == 1
    assert undone.entries[0].feedback == 0
    place.synced()
    assert place.crm.effects_on(ONE) == ["note", "retraction"]
    assert place.state(told.id) is State.SUPERSEDED


def test_a_restore_meets_a_lead_that_someone_acted_on_since_and_leaves_it_alone(place: Office) -> None:
    accepted(place)
    place.synced()
    place.crm.change(ONE, owner=COLLEAGUE, last_decision_id="theirs")
    restore = place.desk.undo().items[-1]
    assert place.synced().conflict == 1
    assert place.state(restore.id) is State.CONFLICT
    with pytest.raises(NotAllowed):
        place.desk.keep_mine(restore.id)
    assert place.desk.drop([restore.id]) == 1
    assert place.crm.leads[ONE].owner == COLLEAGUE


def test_an_unknown_id_has_nothing_to_undo(place: Office) -> None:
    with pytest.raises(NotAllowed):
        place.desk.undo("no-such-id")


def test_decisions_that_were_sent_are_taken_back_one_after_the_other(place: Office) -> None:
    for act, reason in ((Act.ACCEPT, None), (Act.RECYCLE, "BAD_TIMING")):
        place.desk.decide([ONE], act, reason=reason)
        assert place.synced().applied == 1
    for _ in range(2):
        place.desk.undo()
        assert place.synced().applied == 1
    assert place.crm.leads[ONE].status is LeadStatus.ASSIGNED
    with pytest.raises(NotAllowed):
        place.desk.undo()
