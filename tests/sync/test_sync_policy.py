"""When something is tried again: laws of backoff, pauses and clocks that were set back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.fakes import NOW, lead, shipped_rules
from triage.domain.act import Act
from triage.domain.decision import Decision, Shown, Snapshot
from triage.domain.item import Item, State
from triage.sync.policy import BASE, CAP, LONGEST_PAUSE, backoff, due, pause, sendable


def item(number: int = 1, **more: object) -> Item:
    snapshot = Snapshot.of(lead(number), shipped_rules().definition, Shown())
    decision = Decision(f"d-{number}", lead(number).lead_id, Act.ACCEPT, NOW, snapshot)
    return replace(Item(State.QUEUED, NOW, decision=decision), **more)  # type: ignore[arg-type]


@given(attempts=st.integers(0, 10_000), dice=st.floats(0, 1, exclude_max=True))
def test_backoff_is_a_random_part_of_a_doubling_span_and_never_longer_than_the_cap(
    attempts: int, dice: float
) -> None:
    span = backoff(attempts, lambda: dice)
    assert timedelta() <= span <= CAP
    assert span <= BASE * 2 ** min(attempts, 20)


@given(seconds=st.floats(allow_nan=False))
def test_a_pause_is_never_negative_and_never_longer_than_an_hour(seconds: float) -> None:
    asked = pause(seconds)
    assert asked is not None
    assert timedelta() <= asked <= LONGEST_PAUSE


def test_no_pause_asked_for_is_no_pause() -> None:
    assert pause(None) is None
    assert pause(float("nan")) is None


@pytest.mark.parametrize("far", [timedelta(days=1), timedelta(days=3650)])
def test_a_moment_far_ahead_is_a_clock_that_was_set_back_and_holds_nothing_up(far: timedelta) -> None:
    assert due(item(due_at=NOW + far), NOW) <= NOW
    assert due(item(not_before=NOW + far), NOW) <= NOW


def test_hold_and_backoff_are_both_waited_for() -> None:
    waiting = item(due_at=NOW + timedelta(seconds=5), not_before=NOW + timedelta(seconds=9))
    assert due(waiting, NOW) == NOW + timedelta(seconds=9)
    assert sendable([waiting], [], NOW, everything=False) == []
    assert sendable([waiting], [], NOW, everything=True) == [waiting]


def test_of_one_lead_only_the_first_decision_leaves_and_other_leads_never_wait() -> None:
    first, second, other = item(1), item(1), item(2)
    assert sendable([first, second, other], [], NOW, everything=True) == [first, other]
    blocking = item(1, state=State.CONFLICT)
    assert sendable([second, other], [blocking], NOW, everything=True) == [other]
