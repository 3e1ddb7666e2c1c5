"""Sending many: each batch costs what is in it, and what happens meanwhile counts all the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.fakes import Office, lead_id, office
from triage.domain.act import Act
from triage.domain.feedback import FeedbackType
from triage.domain.item import State
from triage.store.outbox import Move, Outbox
from triage.sync.claim import Claims, keep_item_pauses, keep_pause


def full(folder: Path, leads: int) -> tuple[Office, list[str]]:
    """Return an office with a decision on each of its leads, and a CRM that takes two at a time."""
    place = office(folder, leads)
    place.crm.batch = 2
    items = place.desk.decide([lead_id(number) for number in range(1, leads + 1)], Act.ACCEPT).items
    return place, [item.id for item in items]


def once(step: str, act: Callable[[], object]) -> Callable[[str], None]:
    """Return what acts the first time that a sync comes to a step."""
    left = [act]

    def at(reached: str) -> None:
        if reached == step and left:
            left.pop()()

    return at


def looks(folder: Path, leads: int, monkeypatch: pytest.MonkeyPatch) -> int:
    """Count how often a run goes through the whole queue."""
    place, ids = full(folder, leads)
    counted: Counter[str] = Counter()
    for name in ("waiting", "in_states", "all", "since", "standing"):
        really = getattr(Outbox, name)

        def counting(self: Outbox, *states: object, name: str = name, really: Callable = really) -> object:
            counted[name] += name in ("all", "since") or State.QUEUED in (
                states[0] if states else [State.QUEUED]
            )
            return really(self, *states)

        monkeypatch.setattr(Outbox, name, counting)
    assert place.synced().applied == len(ids)
    monkeypatch.undo()
    place.close()
    return counted.total()


def test_a_run_of_many_batches_goes_through_the_queue_as_often_as_one_of_few(tmp_path, monkeypatch) -> None:
    few = looks(tmp_path / "few", 6, monkeypatch)
    assert looks(tmp_path / "many", 40, monkeypatch) == few


def test_what_is_withdrawn_while_a_run_sends_is_never_sent(tmp_path) -> None:
    place, ids = full(tmp_path, 7)
    report = place.synced(step=once("claimed", lambda: place.desk.drop([ids[-1], ids[3]])))
    assert report.applied == 5
    assert [place.crm.effects_of(one) for one in ids] == [1, 1, 1, 0, 1, 1, 0]
    assert place.state(ids[3]) is State.WITHDRAWN


def test_what_is_decided_while_a_run_sends_leaves_in_the_same_run(tmp_path) -> None:
    place, _ = full(tmp_path, 5)
    note = {"text": "hello"}
    told = once("recorded", lambda: place.desk.feedback([lead_id(2)], FeedbackType.NOTE, note))
    report = place.synced(step=told)
    assert (report.applied, report.feedback) == (5, 1)


def test_of_one_lead_the_second_decision_follows_the_first_in_the_same_run(tmp_path) -> None:
    place = office(tmp_path, 3)
    place.crm.batch = 1
    first = place.desk.decide([lead_id(1)], Act.ACCEPT).items[0].id
    place.queued_at_crash(first, State.UNKNOWN)
    later = {"until": "2w"}
    second = place.desk.decide([lead_id(1)], Act.RECYCLE, reason="BAD_TIMING", params=later).items[0].id
    third = place.desk.decide([lead_id(2)], Act.ACCEPT).items[0].id
    place.synced()
    assert [place.crm.effects_of(one) for one in (first, second, third)] == [1, 1, 1]
    assert [item.id for item in place.desk.outbox.of_lead(lead_id(1))] == [first, second]


def begun(place: Office) -> Claims:
    """Return the choice of a run that has sent its first item, and has others left."""
    place.desk.decide([lead_id(1), lead_id(2), lead_id(3)], Act.ACCEPT)
    claims = Claims(place.desk.outbox, everything=True)
    assert [item.lead_id for item in claims.take(1, place.clock())] == [lead_id(1)]
    return claims


def test_a_decision_that_is_queued_again_goes_before_the_later_one_that_was_chosen(tmp_path) -> None:
    place = office(tmp_path, 3)
    outbox = place.desk.outbox
    place.desk.decide([lead_id(1)], Act.ACCEPT)
    (older,) = place.desk.decide([lead_id(2)], Act.ACCEPT).items
    outbox.claim([older])
    outbox.move([Move.to(State.REFUSED, older.id)])
    assert older.decision is not None
    outbox.add([replace(older, decision=replace(older.decision, decision_id="later"))])
    claims = Claims(outbox, everything=True)
    assert [item.lead_id for item in claims.take(1, place.clock())] == [lead_id(1)]
    outbox.move([Move.to(State.QUEUED, older.id)])
    assert [item.id for item in claims.take(1, place.clock())] == [older.id]
    assert claims.take(1, place.clock()) == ()


def test_a_pause_that_begins_while_a_run_sends_ends_its_choice(tmp_path) -> None:
    place = office(tmp_path, 3)
    claims = begun(place)
    keep_pause(place.desk.outbox, 60, place.clock())
    assert claims.take(1, place.clock()) == ()


def test_an_item_that_the_crm_wants_later_is_not_sent_though_it_was_chosen(tmp_path) -> None:
    place = office(tmp_path, 3)
    claims = begun(place)
    (second,) = place.desk.outbox.of_lead(lead_id(2))
    keep_item_pauses(place.desk.outbox, {second.id: 60}, place.clock())
    assert [item.lead_id for item in claims.take(2, place.clock())] == [lead_id(3)]


def test_what_is_read_to_choose_says_the_same_as_the_item(tmp_path) -> None:
    place, ids = full(tmp_path, 3)
    place.synced()
    place.desk.undo(ids[0])
    place.desk.feedback([lead_id(2)], FeedbackType.NOTE, {"text": "hello"})
    items = place.desk.outbox.all()
    waiting = place.desk.outbox.waiting(State)
    assert len(waiting) == len(items) == 5
    for one, item in zip(waiting, items, strict=True):
        for name in (
            "id",
            "kind",
            "lead_id",
            "state",
            "due_at",
            "seq",
            "attempts",
            "not_before",
            "replaces",
            "of",
        ):
            assert getattr(one, name) == getattr(item, name), name
        assert one in place.desk.outbox.waiting_of_lead(item.lead_id)
