"""While the CRM is away it is asked little, and its return is noticed soon: ten minutes each, on simulated time."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screens.breaker import ASKED_AT_MOST, NEEDS_SOMEONE, PASSING, Breaker
from screens.foot import status_line
from tests.fakes import Office, lead_id
from tests.screens.simulated import Desktop, simulated
from tests.screens.test_screens_drawing import INK
from triage.domain.act import Act
from triage.domain.item import State
from triage.errors import BadAnswer, ConfigError, NotSignedIn, RateLimited, TriageError, Unreachable

TEN_MINUTES = 600.0
A_RUN = 4
"""Requests of a run with nothing to send: who, leads, replies, and one to spare."""


def accept(office: Office, count: int) -> list[str]:
    leads = [lead_id(number) for number in range(1, count + 1)]
    return [item.id for item in office.desk.decide(leads, Act.ACCEPT).items]


def delivered(place: Desktop) -> int:
    return place.office.desk.outbox.counts()[State.APPLIED]


async def sleep_until(seconds: float) -> None:
    await asyncio.sleep(seconds - asyncio.get_running_loop().time())


def test_a_crm_that_is_down_for_ten_minutes_is_asked_once_a_minute_and_its_return_is_noticed_within_one(
    tmp_path: Path,
) -> None:
    async def day() -> None:
        async with Desktop(tmp_path, 40, weather=lambda at: 5 <= at < 5 + TEN_MINUTES) as place:
            await sleep_until(6)
            ids = accept(place.office, 37)
            await sleep_until(5 + TEN_MINUTES)
            assert place.crm.between(5, 5 + TEN_MINUTES) <= 14
            assert place.bridge.connection.down_since is not None
            assert place.bridge.connection.reason == "connection refused"
            assert (await place.refresh_status()).unsent == 37
            await asyncio.sleep(PASSING)
            assert delivered(place) == 37
            assert place.bridge.connection.down_since is None
            assert all(place.crm.effects_of(item_id) == 1 for item_id in ids)

    simulated(day())


def test_a_crm_that_comes_and_goes_is_asked_little_and_gets_everything_within_a_minute_of_staying(
    tmp_path: Path,
) -> None:
    async def day() -> None:
        flapping = {"weather": lambda at: 5 <= at < TEN_MINUTES and int(at) % 50 < 40}
        async with Desktop(tmp_path, 40, **flapping) as place:
            for number in range(30):
                await sleep_until(6 + number * 19)
                place.office.desk.decide([lead_id(number + 1)], Act.ACCEPT)
            await sleep_until(TEN_MINUTES)
            runs = 12 + TEN_MINUTES / 19
            assert place.crm.between(5, TEN_MINUTES) <= runs * (A_RUN + 2)
            await asyncio.sleep(PASSING + 30)
            assert delivered(place) == 30

    simulated(day())


def test_writes_that_get_lost_while_reads_work_do_not_make_a_storm(tmp_path: Path) -> None:
    async def day() -> None:
        async with Desktop(tmp_path, 5, faults=["drop-before"] * 10_000) as place:
            await sleep_until(1)
            accept(place.office, 1)
            await sleep_until(31 + TEN_MINUTES)
            assert len(place.crm.pushed) <= 3 * 18
            assert place.crm.between(31, 31 + TEN_MINUTES) <= 18 * (A_RUN + 8)
            place.crm.faults.clear()
            await asyncio.sleep(PASSING)
            assert delivered(place) == 1

    simulated(day())


def test_an_answer_that_cannot_be_had_does_not_make_a_storm_of_questions(tmp_path: Path) -> None:
    async def day() -> None:
        place = Desktop(tmp_path, 5, faults=["drop-after"])
        (told,) = accept(place.office, 1)
        place.crm.mute = {told}
        async with place:
            await sleep_until(40 + TEN_MINUTES)
            assert place.office.state(told) is State.UNKNOWN
            assert len(place.crm.asked) <= 3 * 18

    simulated(day())


def test_the_reps_own_wish_waits_for_no_breaker(tmp_path: Path) -> None:
    async def day() -> None:
        async with Desktop(tmp_path, 5, weather=lambda at: 5 <= at < 100) as place:
            await sleep_until(95)
            before = len(place.crm.requests)
            place.bridge.now()
            await asyncio.sleep(0.1)
            assert len(place.crm.requests) == before + 1
            await sleep_until(101)
            accept(place.office, 1)
            place.bridge.now()
            await asyncio.sleep(0.1)
            assert delivered(place) == 1

    simulated(day())


def test_a_token_that_is_not_taken_is_offered_ever_less_often(tmp_path: Path) -> None:
    async def day() -> None:
        async with Desktop(tmp_path, 5) as place:
            place.crm.refuses_token = NotSignedIn("the token has expired")
            await sleep_until(3600)
            assert place.crm.between(1, 3600) <= 8

    simulated(day())


def test_a_pause_of_an_hour_is_waited_out_without_a_request_and_without_a_spin(tmp_path: Path) -> None:
    async def day() -> None:
        place = Desktop(tmp_path, 5)
        place.crm.refuses_token = RateLimited("too many requests", retry_after=1800)
        async with place:
            await sleep_until(1)
            assert len(place.crm.requests) == 1
            place.crm.refuses_token = None
            await sleep_until(1799)
            assert len(place.crm.requests) == 1
            await sleep_until(1800 * 1.2 + 2 * PASSING)
            assert len(place.crm.requests) > 1
            assert place.bridge.connection.down_since is None

    simulated(day())


@pytest.mark.parametrize(
    "jump", [timedelta(days=-1), timedelta(days=-3653), timedelta(days=1), timedelta(days=3653)]
)
def test_a_clock_that_is_set_neither_stops_the_supervisor_nor_makes_it_spin(
    tmp_path: Path, jump: timedelta
) -> None:
    async def day() -> None:
        async with Desktop(tmp_path, 5) as place:
            await sleep_until(30)
            place.clock.set_by = jump
            accept(place.office, 1)
            await sleep_until(30 + TEN_MINUTES)
            assert delivered(place) == 1
            assert 8 <= len(place.crm.fetches) <= 14

    simulated(day())


def test_the_status_says_since_when_and_how_many_wait(tmp_path: Path) -> None:
    async def day() -> None:
        async with Desktop(tmp_path, 5, weather=lambda at: at >= 5) as place:
            await sleep_until(6)
            accept(place.office, 3)
            await sleep_until(70)
            line = status_line(
                await place.refresh_status(),
                place.bridge.connection,
                profile="work",
                now=place.clock(),
                width=100,
                ink=INK,
            )
            assert "offline since" in line.text
            assert "3 unsent" in line.text
            assert "connection refused" in line.text

    simulated(day())


errors = st.sampled_from(
    [
        Unreachable("x"),
        BadAnswer("x"),
        NotSignedIn("x"),
        ConfigError("x"),
        RateLimited("x", retry_after=300),
        RateLimited("x", retry_after=86_400),
        RateLimited("x", retry_after=float("inf")),
        None,
    ]
)


@given(st.lists(errors, min_size=1, max_size=40), st.floats(1, 86_400), st.floats(0, 1, exclude_max=True))
def test_no_failure_makes_it_wait_longer_than_its_kind_allows(
    seen: list[TriageError | None], interval: float, dice: float
) -> None:
    breaker = Breaker(interval)
    for error in seen:
        breaker = breaker.failed(error, lambda: dice)
    assert breaker.holds_back
    asked = min(getattr(seen[-1], "retry_after", None) or 0, ASKED_AT_MOST)
    longest = PASSING if isinstance(seen[-1], Unreachable | BadAnswer) else NEEDS_SOMEONE
    assert 0 < breaker.wait <= max(longest, asked)
    assert breaker.wait >= asked


@given(st.lists(st.booleans(), min_size=1, max_size=40), st.floats(1, 86_400))
def test_a_run_that_left_nothing_due_is_followed_by_the_interval(left: list[bool], interval: float) -> None:
    breaker = Breaker(interval).failed(Unreachable("x"), lambda: 0.5)
    for left_due in left:
        breaker = breaker.finished(left_due=left_due)
    assert breaker.failures == 0
    assert breaker.holds_back == left[-1]
    assert breaker.wait == interval if not left[-1] else breaker.wait <= PASSING
