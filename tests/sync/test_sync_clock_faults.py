"""A clock that is set back or forward between runs: order, pauses and holds do not hang on it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.fakes import PAUSE, FakeCrm, Office, lead_id
from tests.sync.wired_crm import finished, on, told, wired_crm
from triage.domain.act import Act
from triage.domain.item import State
from triage.errors import RateLimited
from triage.store.outbox import Move
from triage.sync.fetch import RULES_LAST_FOR
from triage.sync.policy import CAP, LONGEST_PAUSE
from triage.sync.room import CLOCK_SKEW

ONE, TWO, THREE = (lead_id(number) for number in range(1, 4))
JUMPS = {
    "a day back": timedelta(days=-1),
    "ten years back": timedelta(days=-3653),
    "a day on": timedelta(days=1),
    "ten years on": timedelta(days=3653),
    "beyond 2038": datetime(2038, 1, 19, 3, 14, 8, tzinfo=UTC) - datetime(2026, 11, 17, 9, tzinfo=UTC),
    "beyond 2100": timedelta(days=74 * 366),
}
jumps = pytest.mark.parametrize("jump", JUMPS.values(), ids=JUMPS)


def accept(place: Office, *leads: str) -> list[str]:
    return [item.id for item in place.desk.decide(leads or (ONE,), Act.ACCEPT).items]  # type: ignore[arg-type]


def jump_by(place: Office, span: timedelta) -> None:
    """Set the clock between two runs, as the machine would."""
    place.clock.now += span
    place.reopen()


@jumps
def test_decisions_leave_in_the_order_in_which_they_were_made_whatever_the_clock_said(
    place: Office, jump: timedelta
) -> None:
    first = accept(place)[0]
    place.queued_at_crash(first, State.UNKNOWN)
    jump_by(place, jump)
    later = {"until": (place.clock.now + timedelta(days=14)).date().isoformat()}
    second = place.desk.decide([ONE], Act.RECYCLE, reason="BAD_TIMING", params=later).items[0].id
    jump_by(place, -jump / 2)
    assert place.synced().applied == 2
    assert place.crm.pushed == [(first,), (second,)]
    assert place.crm.effects_on(ONE) == ["accept", "recycle"]


@jumps
def test_a_hold_is_never_longer_than_it_was_meant_to_be_and_a_while(place: Office, jump: timedelta) -> None:
    accept(place)
    jump_by(place, jump)
    place.clock.go(seconds=LONGEST_PAUSE.total_seconds())
    assert place.synced(everything=False).applied == 1


@jumps
def test_a_pause_ends_within_an_hour_of_the_clock_that_is_set(place: Office, jump: timedelta) -> None:
    accept(place, ONE, TWO)
    place.crm.faults = ["429"]
    assert isinstance(place.stopped().error, RateLimited)
    jump_by(place, jump)
    place.clock.go(seconds=PAUSE * 1.2 + 1)
    assert place.synced().applied == 2


@jumps
def test_our_own_backoff_ends_too(place: Office, jump: timedelta) -> None:
    (item_id,) = accept(place)
    place.desk.outbox.claim([place.desk.outbox.get(item_id)])
    place.desk.outbox.move([Move.to(State.QUEUED, item_id, not_before=place.clock.now + CAP)])
    jump_by(place, jump)
    place.clock.go(seconds=(CAP + LONGEST_PAUSE).total_seconds() + 1)
    assert place.synced(everything=False).applied == 1


@jumps
def test_one_items_own_pause_ends_too(place: Office, jump: timedelta) -> None:
    (item_id,) = accept(place)
    place.crm.faults = ["429"]
    place.stopped()
    assert place.state(item_id) is State.QUEUED
    jump_by(place, jump)
    place.clock.go(seconds=PAUSE + 1)
    assert place.synced().applied == 1


@jumps
def test_the_rules_are_fetched_again_after_an_hour_of_any_clock(place: Office, jump: timedelta) -> None:
    place.synced()
    jump_by(place, jump)
    before = place.desk.leads.note("rules_at")
    place.clock.go(seconds=RULES_LAST_FOR.total_seconds() + 1)
    place.synced()
    assert place.desk.leads.note("rules_at") != before


@jumps
def test_an_undo_and_a_fetch_go_on_as_if_nothing_had_happened(place: Office, jump: timedelta) -> None:
    ids = accept(place, ONE, TWO)
    place.synced()
    jump_by(place, jump)
    place.desk.undo()
    place.crm.change(THREE, title="CTO")
    assert place.synced().fetched >= 1
    assert [place.state(item_id) for item_id in ids] == [State.SUPERSEDED, State.SUPERSEDED]
    assert place.desk.entry(THREE).lead.title == "CTO"


@pytest.fixture
def in_berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("in_berlin")
@pytest.mark.parametrize(
    "switch",
    [datetime(2026, 10, 25, 1, tzinfo=UTC), datetime(2027, 3, 28, 1, tzinfo=UTC)],
    ids=["back", "on"],
)
def test_the_hour_that_comes_twice_and_the_one_that_never_comes_change_no_hold_and_no_pause(
    place: Office, switch: datetime
) -> None:
    place.clock.now = switch - timedelta(seconds=10)
    accept(place)
    place.clock.go(seconds=25)
    assert place.synced(everything=False).applied == 0
    place.clock.go(seconds=10)
    assert place.synced(everything=False).applied == 1
    place.clock.now = switch - timedelta(seconds=10)
    accept(place, TWO, THREE)
    place.crm.faults = ["limited"]
    place.stopped()
    place.clock.go(seconds=PAUSE - 1)
    assert isinstance(place.stopped().error, RateLimited)
    place.clock.go(seconds=PAUSE * 0.2 + 2)
    assert place.synced().applied == 2


def test_how_far_the_clocks_are_apart_is_recorded_with_the_sync(place: Office) -> None:
    place.crm.skew = timedelta(hours=-2)
    place.synced()
    assert place.desk.leads.note(CLOCK_SKEW) == -7200
    place.crm.skew = None
    place.synced()
    assert place.desk.leads.note(CLOCK_SKEW) == -7200, "what is not known does not replace what was"


@pytest.mark.parametrize(
    ("off", "recorded"),
    [(timedelta(days=1), 86_400), (timedelta(minutes=-5), -300), (timedelta(seconds=40), 0)],
)
async def test_the_clocks_are_compared_by_the_date_of_an_answer(
    place: Office, off: timedelta, recorded: float
) -> None:
    date = f"Date: {place.clock.now + off:%a, %d %b %Y %H:%M:%S GMT}\r\n"
    empty = {"items": [], "gone": [], "next_cursor": "9", "more": False}
    async with wired_crm() as crm:
        crm.strike = on("GET /v1/replies", told(empty, headers=date))
        await finished(place, crm.url)
    assert place.desk.leads.note(CLOCK_SKEW) == recorded


class Timeless:
    """An adapter that has no word for its clock."""

    def __init__(self, crm: FakeCrm) -> None:
        self._crm = crm

    def __getattr__(self, name: str) -> Any:
        if name == "skew":
            raise AttributeError(name)
        return getattr(self._crm, name)


def test_an_adapter_that_tells_nothing_of_its_clock_does_all_else(
    place: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def connect() -> Timeless:
        return Timeless(place.crm)

    monkeypatch.setattr(place.crm, "connect", connect)
    accept(place)
    assert place.synced().applied == 1
    assert place.desk.leads.note(CLOCK_SKEW) is None


@pytest.mark.parametrize("jump", [*JUMPS.values(), timedelta(seconds=-5)], ids=[*JUMPS, "a step back"])
def test_a_clock_that_is_set_while_an_answer_is_lost_does_not_make_a_second_request_follow_the_first(
    place: Office, jump: timedelta
) -> None:
    def set_clock(step: str) -> None:
        if step == "sent":
            place.clock.now += jump / 2
        elif step == "recorded":
            place.clock.now += jump

    place.crm.idempotent = False
    (item_id,) = accept(place)
    place.crm.faults = ["drop-before"]
    assert place.synced(step=set_clock).unknown == 1
    assert len(place.crm.pushed) == 1
    place.clock.go(minutes=2)
    assert place.synced().applied == 1
    assert place.crm.effects_of(item_id) == 1


def test_a_clock_that_is_put_right_by_seconds_between_two_runs_changes_nothing(place: Office) -> None:
    place.crm.idempotent = False
    accept(place)
    place.crm.faults = ["drop-before"]
    place.synced()
    jump_by(place, timedelta(seconds=-20))
    assert place.synced().unknown == 1
    assert len(place.crm.pushed) == 1
