"""What a preview planned is recorded as it was shown if it still holds; otherwise everything is weighed anew."""

from __future__ import annotations

import errno
import os
import random
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from tests.fakes import COLLEAGUE, NOW, Clock, FakeCrm, Office, lead, lead_id
from triage.desk import deciding, weighing
from triage.desk.desk import Desk
from triage.desk.results import Acted
from triage.domain.act import Act
from triage.domain.decision import Shown
from triage.domain.feedback import FeedbackType
from triage.domain.item import State
from triage.domain.outcome import Theirs
from triage.errors import StoreError, WriteFailed
from triage.store import outbox
from triage.store.disk import Disk
from triage.store.outbox import Move

LEADS = 12
ALL = [lead_id(number) for number in range(1, LEADS + 1)]
REJECT: dict[str, Any] = {"act": Act.REJECT, "reason": "NOT_A_BUYER"}
WISHES: dict[str, dict[str, Any]] = {
    "accept": {"act": Act.ACCEPT},
    "reject": REJECT,
    "reject, in words": {"act": Act.REJECT, "reason": " not_a_buyer", "note": "reads on behalf of a manager"},
    "reject, by the definition": {"act": Act.REJECT, "reason": "WRONG_PERSONA"},
    "recycle": {"act": Act.RECYCLE, "reason": "EARLY_RESEARCH"},
    "disqualify": {"act": Act.DISQUALIFY, "reason": "DO_NOT_CONTACT"},
    "snooze": {"act": Act.SNOOZE, "params": {"until": "1d"}},
    "reroute": {"act": Act.REROUTE, "params": {"to": "rep-2"}},
}
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")


class StoppedClock(Clock):
    """A clock that moves on request only."""

    def __call__(self) -> datetime:
        return self.now


class FailingDisk(Disk):
    """A disk that is full on request."""

    is_full = False

    def write(self, fd: int, data: bytes) -> int:  # type: ignore[override]  # a function there
        if self.is_full:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return os.write(fd, data)


@contextmanager
def office(folder: Path, disk: Disk | None = None) -> Iterator[Office]:
    clock = StoppedClock()
    place = Office(folder, FakeCrm.with_leads(clock, LEADS), clock, disk=disk)
    place.synced()
    yield place
    place.close()


def happen(desk: Desk, seed: int) -> None:
    """Let leads be in all sorts of states: contacted, taken away, decided, in conflict, told of."""
    dice = random.Random(seed)
    changes: list[dict[str, Any]] = [
        {"contacted_at": NOW - timedelta(days=1)},
        {"contact_known": False},
        {"contact_known": True},
        {"sla_due_at": NOW - timedelta(hours=1)},
        {"name": "“quoted” \\ ]\x00\u2028 ✓"},
    ]
    for number in range(1, LEADS + 1):
        desk.leads.put(lead(number, **dice.choice([*changes, {}, {}])))
    for one in dice.sample(ALL, 5):
        desk.decide([one], Act.ACCEPT)
    held = dice.sample([item for item in desk.outbox.all() if item.state is State.QUEUED], 3)
    desk.outbox.claim(held)
    theirs = Theirs("2", "accepted", COLLEAGUE)
    desk.outbox.move([Move.to(State.CONFLICT, held[0].id, theirs=theirs)])
    desk.outbox.move([Move.to(State.REFUSED, held[1].id, error="no")])
    desk.feedback(dice.sample(ALL, 3), FeedbackType.NOTE, {"text": "met at the fair"})


def previewed(desk: Desk, wish: dict[str, Any]) -> None:
    desk.preview(ALL, **wish)


def written_ahead(desk: Desk, wish: dict[str, Any]) -> None:
    """Preview, and write ahead how some of the leads will be shown, and others not."""
    previewed(desk, wish)
    desk.write_ahead({one: Shown(position=line) for line, one in enumerate(ALL[:4], 1)})


def at_once(_desk: Desk, _wish: dict[str, Any]) -> None:
    """Preview nothing."""


def nameless(value: object) -> str:
    """Return a value in words, each id by the place where it comes first: ids are random."""
    names: dict[str, str] = {}
    return _ID.sub(lambda found: names.setdefault(found[0], f"id-{len(names)}"), repr(value))


Between = Callable[[Desk, Desk, StoppedClock], object]
"""What happens between preview and decision, to the rep's desk or at the desk of another process."""


def outcome(folder: Path, seed: int, wish: dict[str, Any], *, first: Any, between: Between) -> str:
    """Decide all leads; return in words what was answered and what the file holds."""
    with office(folder) as place:
        happen(place.desk, seed)
        other = place.another_desk()
        first(place.desk, wish)
        between(place.desk, other, place.clock)  # type: ignore[arg-type]  # it is one
        shown = {one: Shown(position=line) for line, one in enumerate(ALL[:-1], 1)}
        acted = place.desk.decide(ALL, **wish, shown=shown)
        checked(place, acted)
        held = place.desk.outbox.all()
        answered = (acted.items, acted.skipped, acted.warnings, acted.batch_id)
        entries = [(one.outline, one.decision, one.feedback, one.gone) for one in acted.entries]
        other.outbox.close()
        other.leads.close()
        return nameless((held, answered, entries))


def checked(place: Office, acted: Acted) -> None:
    """Compare what was answered with what a replay of the files gives."""
    other = place.another_desk()
    assert tuple(other.outbox.get(item.id) for item in acted.items) == acted.items
    assert other.outbox.db.storage.read() == place.desk.outbox.db.storage.read()
    assert other.entries_of(item.lead_id for item in acted.items) == acted.entries
    other.outbox.close()
    other.leads.close()


def nothing(_desk: Desk, _other: Desk, _clock: StoppedClock) -> None:
    """Let nothing happen."""


def another_decides(_desk: Desk, other: Desk, _clock: StoppedClock) -> None:
    other.decide(ALL[:4], Act.REJECT, reason="NOT_A_BUYER")


def another_undoes(_desk: Desk, other: Desk, _clock: StoppedClock) -> None:
    other.undo()


def another_fetches(desk: Desk, other: Desk, _clock: StoppedClock) -> None:
    other.leads.put(replace(lead(2), contacted_at=NOW - timedelta(days=3), contact_known=True))
    assert desk.changed_elsewhere()


def the_rep_takes_it_all_back(desk: Desk, _other: Desk, _clock: StoppedClock) -> None:
    desk.undo()


def a_deadline_passes(_desk: Desk, _other: Desk, clock: StoppedClock) -> None:
    clock.now += timedelta(hours=13)


def a_night_passes(_desk: Desk, _other: Desk, clock: StoppedClock) -> None:
    clock.now += timedelta(days=2)


BETWEEN = [
    nothing, another_decides, another_undoes, another_fetches, the_rep_takes_it_all_back, a_deadline_passes,
    a_night_passes,
]  # fmt: skip


def same(folder: Path, seed: int, wish: dict[str, Any], between: Between) -> bool:
    direct = outcome(folder / "direct", seed, wish, first=at_once, between=between)
    planned = outcome(folder / "planned", seed, wish, first=previewed, between=between)
    return planned == direct == outcome(folder / "ahead", seed, wish, first=written_ahead, between=between)


@pytest.mark.parametrize("between", BETWEEN, ids=lambda one: one.__name__)
@pytest.mark.parametrize("wish", WISHES.values(), ids=WISHES)
def test_what_was_previewed_then_decided_is_what_deciding_at_once_records(wish, between, tmp_path) -> None:
    assert same(tmp_path, 7, wish, between)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(40))
def test_the_same_in_many_more_states(seed, tmp_path) -> None:
    for number, between in enumerate(BETWEEN):
        for name, wish in WISHES.items():
            assert same(tmp_path / f"{number}-{name[:9]}", seed, wish, between), (name, between)


@pytest.mark.parametrize("between", [another_decides, another_fetches, a_night_passes])
def test_the_check_notices_a_plan_that_is_held_on_to(between, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(weighing.Plan, "holds", lambda *_args: True)
    wish = WISHES["snooze"] if between is a_night_passes else REJECT
    with pytest.raises((AssertionError, StoreError)):  # what another process superseded cannot be so twice
        assert same(tmp_path, 7, wish, between)


def test_nothing_is_weighed_again_where_nothing_has_changed(tmp_path, monkeypatch) -> None:
    with office(tmp_path) as place:
        place.desk.preview(ALL, **REJECT)
        monkeypatch.setattr(deciding, "weigh", lambda *_args: pytest.fail("it was weighed again"))
        place.clock.now += timedelta(minutes=5)
        acted = place.desk.decide(ALL, **REJECT)
        checked(place, acted)
        assert {item.made_at for item in acted.items} == {place.clock.now}, "it is judged by when it was done"
        assert {item.due_at - item.made_at for item in acted.items} == {place.desk.hold}


def test_what_was_written_ahead_is_not_written_again(tmp_path, monkeypatch) -> None:
    made = []
    item_json = outbox.item_json
    monkeypatch.setattr(
        outbox, "item_json", lambda item, at: made.append(item.lead_id) or item_json(item, at)
    )
    shown = {one: Shown(position=line) for line, one in enumerate(ALL, 1)}
    with office(tmp_path) as place:
        place.desk.preview(ALL, **REJECT)
        place.desk.write_ahead(shown)
        checked(place, place.desk.decide(ALL, **REJECT, shown={**shown, ALL[2]: Shown(dwell_ms=7)}))
        assert made == [ALL[2]], "shown otherwise by then"


def test_a_preview_that_was_left_is_let_go_with_all_that_was_written_ahead(tmp_path) -> None:
    with office(tmp_path) as place:
        place.desk.preview(ALL, **REJECT)
        place.desk.write_ahead({one: Shown(position=7) for one in ALL})
        assert place.desk._plan is not None
        assert place.desk.outbox._ahead
        place.desk.forget_preview()
        assert place.desk._plan is None
        assert place.desk.outbox._ahead == {}
        acted = place.desk.decide(ALL, **REJECT, shown={})
        checked(place, acted)
        assert {item.decision.snapshot.shown for item in acted.items if item.decision} == {Shown()}


def test_without_a_preview_there_is_nothing_to_write_ahead(tmp_path) -> None:
    with office(tmp_path) as place:
        place.desk.write_ahead({})
        checked(place, place.desk.decide(ALL, **REJECT))


def test_another_wish_or_other_leads_than_were_previewed_are_weighed(tmp_path) -> None:
    with office(tmp_path) as place:
        place.desk.preview(ALL, **REJECT)
        accepted = place.desk.decide(ALL, Act.ACCEPT)
        assert {item.decision.act for item in accepted.items if item.decision} == {Act.ACCEPT}
        place.desk.undo()
        place.desk.preview(ALL, **REJECT)
        assert [item.lead_id for item in place.desk.decide(ALL[:2], **REJECT).items] == ALL[:2]


def test_a_plan_is_recorded_once(tmp_path) -> None:
    with office(tmp_path) as place:
        place.desk.preview(ALL, **REJECT)
        first = place.desk.decide(ALL, **REJECT)
        place.desk.undo()
        again = place.desk.decide(ALL, **REJECT)
        assert {item.id for item in first.items}.isdisjoint(item.id for item in again.items)
        assert len(place.desk.outbox.all()) == 2 * LEADS


def test_a_plan_that_could_not_be_saved_leaves_nothing_and_can_be_decided_again(tmp_path) -> None:
    disk = FailingDisk()
    with office(tmp_path, disk) as place:
        place.desk.preview(ALL, **REJECT)
        disk.is_full = True
        with pytest.raises(WriteFailed):
            place.desk.decide(ALL, **REJECT)
        assert place.desk.outbox.all() == ()
        disk.is_full = False
        checked(place, place.desk.decide(ALL, **REJECT))
        assert place.states() == [State.QUEUED] * LEADS


def test_undoing_a_bulk_act_answers_what_the_file_holds(tmp_path) -> None:
    with office(tmp_path) as place:
        happen(place.desk, 3)
        before = place.desk.entries()
        place.desk.preview(ALL, **REJECT)
        acted = place.desk.decide(ALL, **REJECT)
        undone = place.desk.undo()
        assert {item.id for item in undone.items} == {item.id for item in acted.items}
        other = place.another_desk()
        assert tuple(other.outbox.get(item.id) for item in undone.items) == undone.items
        assert other.outbox.db.storage.read() == place.desk.outbox.db.storage.read()
        assert other.entries() == place.desk.entries()
        superseded = {item.lead_id for item in other.outbox.all() if item.state is State.SUPERSEDED}
        untouched = [one for one in before if one.lead_id not in superseded]
        assert [one for one in place.desk.entries() if one.lead_id not in superseded] == untouched
        other.outbox.close()
        other.leads.close()
