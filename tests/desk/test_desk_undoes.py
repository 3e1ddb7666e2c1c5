"""Undo: withdrawn before sending, taken back after it, for the whole act, and never done behind a doubt."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.fakes import COLLEAGUE, ME, Crash, Office, lead_id
from triage.desk.desk import Desk
from triage.desk.results import Undone
from triage.desk.rules import PROVIDED
from triage.domain.act import Act
from triage.domain.feedback import FeedbackType
from triage.domain.item import State
from triage.domain.lead import LeadStatus
from triage.domain.provided import Provided
from triage.errors import NotAllowed, TriageError
from triage.sync.claim import Claims

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


def test_undo_of_what_is_final_takes_back_what_was_not_sent_and_says_the_rest(place: Office) -> None:
    place.desk.leads.remember_rules({PROVIDED: Provided("BottleCRM", final=("accept",))})
    sent, kept = place.desk.decide([ONE, TWO], Act.ACCEPT).items
    place.desk.outbox.step([sent], State.SENDING)
    place.desk.outbox.step([place.desk.outbox.get(sent.id)], State.APPLIED)
    undone = place.desk.undo()
    assert (undone.what, undone.withdrawn, undone.compensated) == ("1 accepted", 1, 0)
    assert place.state(kept.id) is State.WITHDRAWN
    with pytest.raises(NotAllowed, match="BottleCRM cannot take back what is accepted"):
        place.desk.undo()
    assert place.states() == [State.APPLIED, State.WITHDRAWN]


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


# At every moment


def race(place: Office, first: Callable[[Desk], object], second: Callable[[Desk], object]) -> list[object]:
    """Let two processes act at the same moment; returns what each came to, an error included."""
    start = threading.Barrier(2)

    def act(what: Callable[[Desk], object]) -> object:
        desk = place.another_desk()
        start.wait()
        try:
            return what(desk)
        except TriageError as error:
            return error
        finally:
            desk.outbox.close()
            desk.leads.close()

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(act, (first, second)))


def test_of_an_undo_and_a_claim_at_the_same_moment_exactly_one_wins(place: Office) -> None:
    won = set()
    for _ in range(20):
        item_id = accepted(place)
        undone, claimed = race(
            place,
            lambda desk: desk.undo(item_id),  # noqa: B023 - raced at once
            lambda desk: Claims(desk.outbox, everything=True).take(10, place.clock()),
        )
        assert isinstance(undone, Undone)
        assert isinstance(claimed, tuple)
        place.desk.changed_elsewhere()
        was_claimed = [item.id for item in claimed] == [item_id]
        assert (undone.withdrawn, undone.waiting) == ((0, 1) if was_claimed else (1, 0))
        assert place.state(item_id) is (State.SENDING if was_claimed else State.WITHDRAWN)
        won.add(was_claimed)
        place.synced()
        assert place.crm.effects_of(item_id) == 0
    assert won


def test_of_two_undos_of_one_act_at_the_same_moment_exactly_one_wins(place: Office) -> None:
    for sent in (False, True):
        item_id = accepted(place)
        if sent:
            place.synced()
        outcomes = race(place, lambda desk: desk.undo(item_id), lambda desk: desk.undo(item_id))  # noqa: B023 - raced at once
        assert sorted(type(one).__name__ for one in outcomes) == ["NotAllowed", "Undone"]
        place.synced()
    assert place.crm.effects_on(ONE) == ["accept", "restore"]


def test_an_undo_of_an_undo_is_refused_with_a_sentence(place: Office) -> None:
    accepted(place)
    told = place.desk.feedback([ONE], FeedbackType.NOTE, {"text": "hello"}).items[0]
    place.synced()
    taken_back = [place.desk.undo().items[-1].id for _ in range(2)]
    for item_id in (*taken_back, *taken_back):
        with pytest.raises(NotAllowed, match="undo itself") as caught:
            place.desk.undo(item_id)
        assert "Decide the lead again" in caught.value.hint
        place.synced()
    with pytest.raises(NotAllowed, match="took the place"):
        place.desk.undo(told.id)


def test_an_undo_that_waits_can_be_dropped_and_the_decision_stands(place: Office) -> None:
    item_id = accepted(place)
    place.synced()
    restore = place.desk.undo().items[-1]
    with pytest.raises(NotAllowed, match="on its way"):
        place.desk.undo(item_id)
    assert place.desk.drop([restore.id]) == 1
    place.synced()
    assert place.crm.effects_on(ONE) == ["accept"]
    assert place.desk.undo(item_id).compensated == 1


def test_undo_twice_quickly_takes_back_two_acts_and_no_act_twice(place: Office) -> None:
    accepted(place)
    place.desk.decide([TWO], Act.ACCEPT)
    assert [place.desk.undo().withdrawn for _ in range(2)] == [1, 1]
    with pytest.raises(NotAllowed, match="nothing to undo"):
        place.desk.undo()


def test_undo_of_a_bulk_half_sent_half_queued_takes_back_one_half_and_withdraws_the_other(
    place: Office,
) -> None:
    place.crm.batch = 2
    items = place.desk.decide([ONE, TWO, THREE], Act.ACCEPT).items

    def stop(step: str) -> None:
        if step == "recorded":
            raise Crash

    with pytest.raises(Crash):
        place.sync(step=stop)
    place.reopen()
    assert place.states() == [State.APPLIED, State.APPLIED, State.QUEUED]
    undone = place.desk.undo()
    assert (undone.what, undone.withdrawn, undone.compensated) == ("3 accepted", 1, 2)
    place.synced()
    assert [place.crm.effects_on(lead) for lead in (ONE, TWO, THREE)] == [["accept", "restore"]] * 2 + [[]]
    assert {ONE, TWO, THREE} <= place.open_ids()
    assert place.crm.effects_of(items[2].id) == 0


def test_undo_while_a_sync_is_sending_is_taken_back_by_the_same_sync(place: Office) -> None:
    item_id = accepted(place)
    other = place.another_desk()
    said: list[Undone] = []

    def undo_now(step: str) -> None:
        if step == "sent" and not said:
            said.append(other.undo())

    place.synced(step=undo_now)
    assert (said[0].compensated, said[0].waiting) == (1, 1)
    assert place.crm.effects_on(ONE) == ["accept", "restore"]
    assert place.state(item_id) is State.SUPERSEDED
    assert ONE in place.open_ids()
    other.outbox.close()
    other.leads.close()


def test_undo_after_mine_was_kept_brings_back_what_the_colleague_had_made(place: Office) -> None:
    item_id = place.desk.decide([ONE], Act.RECYCLE, reason="BAD_TIMING", params={"until": "2w"}).items[0].id
    place.crm.change(ONE, status=LeadStatus.WORKING)
    assert place.synced().conflict == 1
    again = place.desk.keep_mine(item_id).items[0]
    assert place.synced().applied == 1
    assert place.desk.undo().compensated == 1
    assert place.synced().applied == 1
    assert place.crm.leads[ONE].status is LeadStatus.WORKING
    assert (place.state(item_id), place.state(again.id)) == (State.SUPERSEDED, State.SUPERSEDED)


@pytest.mark.parametrize("way", ["deleted", "archived", "reassigned"])
def test_undo_of_a_decision_whose_lead_is_gone_is_a_conflict_and_can_only_be_dropped(
    place: Office, way: str
) -> None:
    accepted(place)
    place.synced()
    gone = {"deleted": place.crm.delete, "archived": place.crm.archive, "reassigned": place.crm.reassign}
    gone[way](ONE)
    assert place.desk.undo().compensated == 1
    report = place.synced()
    assert report.conflict == 1
    restore = place.desk.outbox.in_states([State.CONFLICT])[0]
    with pytest.raises(NotAllowed):
        place.desk.keep_mine(restore.id)
    assert place.desk.drop([restore.id]) == 1
    assert place.crm.effects_on(ONE) == ["accept"]


def test_undo_of_a_bulk_of_feedback_retracts_what_was_sent_and_withdraws_the_rest(place: Office) -> None:
    place.crm.batch = 2
    told = place.desk.feedback([ONE, TWO, THREE], FeedbackType.NOTE, {"text": "hello"}).items
    place.crm.refuses[THREE] = "no"
    place.synced()
    undone = place.desk.undo(told[0].batch_id)
    assert (undone.withdrawn, undone.compensated) == (1, 2)
    assert [entry.feedback for entry in undone.entries] == [0, 0, 0]
    place.crm.refuses.clear()
    place.synced()
    assert [place.crm.effects_on(lead) for lead in (ONE, TWO, THREE)] == [["note", "retraction"]] * 2 + [[]]
