"""No more requests in any span than a CRM allows, in the order in which they came."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tempo import FastTempo
from triage.crm.pacing import Pace, RealTempo


async def begun(pace: Pace, tempo: FastTempo, waits: list[float]) -> list[float]:
    """Begin a request after each of the waits; returns when they began."""
    moments = []
    for wait in waits:
        await tempo.sleep(wait)
        await pace.turn()
        moments.append(tempo.now())
    return moments


def most_within(moments: list[float], seconds: float) -> int:
    """The most requests in any span that is open at its end."""
    return max(sum(start <= one < start + seconds for one in moments) for start in moments)


@given(
    most=st.integers(1, 7),
    seconds=st.floats(0.1, 20),
    waits=st.lists(st.floats(0, 30, allow_nan=False), min_size=1, max_size=40),
)
def test_no_span_has_more_than_are_allowed(most: int, seconds: float, waits: list[float]) -> None:
    tempo = FastTempo()
    moments = asyncio.run(begun(Pace(most, seconds, tempo), tempo, waits))
    assert most_within(moments, seconds - 1e-6) <= most


@given(first=st.integers(1, 6), later=st.integers(1, 6), before=st.integers(0, 20))
def test_what_was_begun_still_counts_when_another_number_is_allowed(
    first: int, later: int, before: int
) -> None:
    async def run() -> list[float]:
        tempo = FastTempo()
        pace = Pace(first, 10.0, tempo)
        moments = await begun(pace, tempo, [0.0] * before)
        pace.allow(later)
        return moments + await begun(pace, tempo, [0.0] * 20)

    assert most_within(asyncio.run(run()), 10.0 - 1e-6) <= max(first, later)


def test_without_a_pace_the_law_would_not_hold() -> None:
    class Hasty(Pace):
        async def turn(self) -> None:
            """Begin at once."""

    tempo = FastTempo()
    moments = asyncio.run(begun(Hasty(3, 1.0, tempo), tempo, [0.0] * 4))
    assert most_within(moments, 1.0) > 3


async def test_nobody_waits_while_there_is_room() -> None:
    tempo = FastTempo()
    before = tempo.now()
    pace = Pace(5, 60.0, tempo)
    for _ in range(5):
        await pace.turn()
    assert tempo.now() == before


async def test_those_who_wait_come_in_order() -> None:
    tempo = FastTempo()
    pace, order = Pace(2, 1.0, tempo), []

    async def one(number: int) -> None:
        await pace.turn()
        order.append(number)

    await asyncio.gather(*(one(number) for number in range(9)))
    assert order == list(range(9))


async def test_who_gives_up_waiting_costs_the_others_nothing() -> None:
    class Standing(FastTempo):
        async def sleep(self, seconds: float) -> None:
            await asyncio.Event().wait()

    pace = Pace(1, 1.0, Standing())
    await pace.turn()
    waiting = asyncio.create_task(pace.turn())
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    pace.allow(2)
    await pace.turn()


async def test_the_machines_own_time_goes_on() -> None:
    tempo = RealTempo()
    before = tempo.now()
    await tempo.sleep(0.001)
    assert tempo.now() > before
