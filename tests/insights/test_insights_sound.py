"""What holds for every one of these insights, whatever a CRM tells."""

from __future__ import annotations

from importlib import import_module

import pytest
from hypothesis import given, settings

from tests.insights.told_worlds import is_sound, told_worlds
from tests.insights.world import decided, evidence, told, worlds
from triage.insights.evidence import Evidence

NAMES = (
    "reasons",
    "disputes",
    "calibration",
    "perception",
    "service",
    "objections",
    "content",
    "threshold",
    "watchdog",
)


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=40, deadline=None)
@given(world=told_worlds | worlds)
def test_no_world_breaks_an_insight(name: str, world: Evidence) -> None:
    insight = import_module(f"triage.insights.{name}").of(world)
    assert insight.name == name
    assert is_sound(insight)


@pytest.mark.parametrize("name", NAMES)
def test_of_nothing_an_insight_says_that_there_is_nothing(name: str) -> None:
    insight = import_module(f"triage.insights.{name}").of(evidence())
    assert insight.rows == ()
    assert insight.findings == ()
    assert insight.notes


@pytest.mark.parametrize("name", NAMES)
def test_numbers_that_no_score_can_be_break_nothing(name: str) -> None:
    odd = [float("inf"), float("-inf"), float("nan"), 1e308, -1e308, 5e-324, 10**400]
    events = [
        decided("reject", snapshot={"score": score, "probability": score, "band": "Z" * 300}) for score in odd
    ]
    odd_feedback = [
        told(kind, payload=payload)
        for kind in ("score_accuracy", "objection", "content_request", "definition_dispute")
        for payload in ({}, {"verdict": ["too_high"], "topic": {"a": 1}, "category": None, "criterion": 7})
    ]
    assert is_sound(import_module(f"triage.insights.{name}").of(evidence(*events, *odd_feedback)))


@pytest.mark.parametrize("name", NAMES)
def test_what_lies_before_the_period_is_not_counted(name: str) -> None:
    long_ago = (
        decided("reject", days=200, reason="OTHER"),
        told("objection", days=200, payload={"category": "price"}),
    )
    assert import_module(f"triage.insights.{name}").of(evidence(*long_ago)).rows == ()
