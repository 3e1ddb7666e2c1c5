"""A drop can be undone: what was dropped comes back as it stood, under another id, unless it was decided anew."""

from __future__ import annotations

import pytest

from tests.fakes import HOLD, Office, lead_id
from triage.desk.resolving import DROPPED, DROPS_KEPT
from triage.domain.act import Act
from triage.domain.feedback import FeedbackType
from triage.domain.item import Item, State
from triage.domain.lead import LeadStatus
from triage.errors import NotAllowed

ONE, TWO, THREE = lead_id(1), lead_id(2), lead_id(3)


def decided(place: Office, lead: str) -> Item:
    return place.desk.decide([lead], Act.ACCEPT).items[0]


def refused(place: Office, lead: str) -> Item:
    place.crm.refuses[lead] = "closed for stocktaking"
    item = decided(place, lead)
    assert place.synced().refused == 1
    return item


def standing(place: Office, lead: str) -> Item:
    found = place.desk.entry(lead).decision
    assert found is not None
    return found


def test_undo_after_a_drop_brings_back_what_was_queued_and_holds_it_anew(place: Office) -> None:
    first = decided(place, ONE)
    place.clock.go(minutes=1)
    place.desk.drop([first.id])
    assert place.desk.undo().what == "a drop"
    again = standing(place, ONE)
    assert again.id != first.id
    assert (again.state, again.decision.act, again.made_at) == (State.QUEUED, Act.ACCEPT, first.made_at)
    assert again.due_at - place.clock.now <= HOLD
    assert again.due_at > place.clock.now
    assert place.state(first.id) is State.WITHDRAWN
    assert place.synced().applied == 1
    assert len(place.crm.effects) == 1


def test_what_was_refused_comes_back_refused_with_the_crms_words_and_is_not_sent_by_itself(
    place: Office,
) -> None:
    item = refused(place, ONE)
    place.desk.drop([item.id])
    place.desk.undo()
    again = standing(place, ONE)
    assert (again.state, again.error) == (State.REFUSED, "closed for stocktaking")
    place.crm.refuses.clear()
    assert place.synced().applied == 0
    assert place.desk.retry([again.id]) == 1
    assert place.synced().applied == 1


def test_a_conflict_comes_back_as_a_conflict_and_can_be_kept(place: Office) -> None:
    item = decided(place, ONE)
    place.crm.change(ONE, status=LeadStatus.WORKING)
    assert place.synced().conflict == 1
    place.desk.drop([item.id])
    place.desk.undo()
    again = standing(place, ONE)
    assert again.state is State.CONFLICT
    assert again.theirs is not None
    assert again.theirs.status == "working"
    place.desk.keep_mine(again.id)
    assert place.synced().applied == 1


def test_a_dropped_undo_comes_back_and_takes_the_effect_back(place: Office) -> None:
    item = decided(place, ONE)
    place.synced()
    (undo,) = (one for one in place.desk.undo(item.id).items if one.takes_back)
    place.desk.drop([undo.id])
    place.desk.undo()
    assert place.synced().applied == 1
    assert place.crm.effects_of(item.id) == 1
    assert place.desk.entry(ONE).outline.status is LeadStatus.ASSIGNED


def test_dropped_feedback_comes_back(place: Office) -> None:
    told = place.desk.feedback([ONE], FeedbackType.NOTE, {"text": "call at noon"}).items[0]
    place.desk.drop([told.id])
    place.desk.undo()
    (again,) = (item for item in place.desk.queue() if item.state is State.QUEUED)
    assert again.feedback is not None
    assert again.feedback.payload == {"text": "call at noon"}
    assert again.id != told.id


def test_drops_come_back_one_after_the_other_and_across_a_restart(place: Office) -> None:
    first, second = decided(place, ONE), decided(place, TWO)
    place.desk.drop([first.id])
    place.desk.drop([second.id])
    place.reopen()
    assert [item.id for item in place.desk.undo().then] == [first.id], "what comes next is said before"
    assert standing(place, TWO).decision.act is Act.ACCEPT
    assert place.desk.entry(ONE).decision is None
    place.desk.undo()
    assert standing(place, ONE).decision.act is Act.ACCEPT
    place.desk.undo()
    place.desk.undo()
    assert place.open_ids() >= {ONE, TWO}


def test_several_dropped_at_once_come_back_at_once(place: Office) -> None:
    items = place.desk.decide([ONE, TWO], Act.ACCEPT).items
    place.desk.drop([item.id for item in items])
    undone = place.desk.undo()
    assert undone.what == "2 drops"
    assert {entry.lead_id for entry in undone.entries} == {ONE, TWO}
    assert standing(place, ONE).batch_id is None, "undoing one of them leaves the other alone"


def test_an_act_after_the_drop_is_undone_before_it(place: Office) -> None:
    first = decided(place, ONE)
    place.desk.drop([first.id])
    later = decided(place, TWO)
    place.desk.undo()
    assert place.state(later.id) is State.WITHDRAWN
    assert place.desk.entry(ONE).decision is None
    place.desk.undo()
    assert standing(place, ONE).decision.act is Act.ACCEPT


def test_what_was_decided_anew_since_does_not_come_back(place: Office) -> None:
    item = refused(place, ONE)
    place.desk.drop([item.id])
    anew = place.desk.decide([ONE], Act.RECYCLE, reason="NO_BUDGET_NOW").items[0]
    place.desk.undo(anew.id)
    place.desk.decide([ONE], Act.RECYCLE, reason="EARLY_RESEARCH")
    place.crm.refuses.clear()
    place.synced()
    assert place.desk.undo().compensated == 1
    with pytest.raises(NotAllowed):
        place.desk.undo()
    assert standing(place, ONE).decision.act is not Act.ACCEPT


def test_of_two_dropped_decisions_on_one_lead_only_the_later_one_comes_back(place: Office) -> None:
    place.desk.drop([decided(place, ONE).id])
    place.desk.drop([decided(place, ONE).id])
    assert place.desk.undo().what == "a drop"
    place.desk.undo()
    assert [item.state for item in place.desk.queue() if item.state is State.QUEUED] == []
    assert place.desk.undo().what == "a drop", "now the earlier one stands alone"


def test_undo_by_id_does_not_touch_a_drop(place: Office) -> None:
    first, second = decided(place, ONE), decided(place, TWO)
    place.desk.drop([first.id])
    place.desk.undo(second.id)
    assert place.desk.entry(ONE).decision is None
    assert place.state(second.id) is State.WITHDRAWN


def test_a_drop_and_the_memory_of_it_are_one_record(place: Office) -> None:
    item = decided(place, ONE)
    journal = place.folder / "outbox.journal"
    records = journal.read_bytes().count(b"\n")
    place.desk.drop([item.id])
    assert journal.read_bytes().count(b"\n") == records + 1


def test_only_so_many_drops_are_remembered(place: Office) -> None:
    for _ in range(DROPS_KEPT + 5):
        place.desk.drop([decided(place, ONE).id])
    assert len(place.desk.outbox.note(DROPPED)) == DROPS_KEPT
