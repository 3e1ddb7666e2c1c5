from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given

from tests.insights.plain import DAY, QUICK, any_world, figures, is_share, line, moments, origin, within
from tests.insights.world import came_to, decided, evidence
from triage.insights import conversion
from triage.insights.conversion import window
from triage.insights.evidence import Evidence

_NAMES = {
    "accepted": ("assigned", "accepted", 14),
    "opportunity": ("accepted", "opportunity", 30),
    "won": ("opportunity", "won", 60),
    "won_of_delivered": ("assigned", "won", 90),
}


def _small() -> Evidence:
    """Four accepts old enough, of which one came on in time and one too late; one accept too young."""
    return evidence(
        *(decided("accept", lead_id=f"L-{number}", days=50) for number in range(4)),
        decided("accept", lead_id="L-young", days=10),
        came_to("opportunity", "L-0", days=25),
        came_to("opportunity", "L-1", days=15),
        came_to("opportunity", "L-young", days=8),
        came_to("won", "L-0", days=2),
    )


def test_only_leads_old_enough_count_and_only_what_came_within_the_window() -> None:
    insight = conversion.of(_small())
    figure = line(insight, "webinar")["opportunity"]
    assert (figure.k, figure.n, figure.lead_ids) == (1, 4, ("L-0",))
    assert insight.columns[1].label == "accepted → opportunity, 30 d"
    (note,) = [note for note in insight.notes if note.startswith("accepted →")]
    assert (
        note
        == "accepted → opportunity: within 30 days (usual, 3 conversions so far); 1 younger lead is not counted yet."
    )


def test_a_step_that_nobody_is_old_enough_for_is_unknown() -> None:
    figure = line(conversion.of(_small()), "all")["won"]
    assert (figure.value, figure.n) == (None, 0)


def test_without_a_word_on_what_became_of_leads_nothing_is_told_as_zero() -> None:
    insight = conversion.of(evidence(decided("accept", days=60)))
    assert insight.rows == ()
    assert insight.notes == ("The CRM does not tell what became of leads.",)


def test_the_window_holds_four_of_five_conversions_and_is_one_of_a_few() -> None:
    spans = [timedelta(days=day) for day in range(1, 21)]
    assert window(spans, 90) == 30
    assert window(spans[:15], 90) == 14
    assert window(spans[:9], 90) == 90
    assert window([timedelta(days=400)] * 10, 30) == 90


def _window(world: Evidence, took: dict[str, timedelta], usual: int) -> int:
    ordered = sorted(took.values())
    if len(ordered) < 10:
        return usual
    for days in (7, 14, 30, 60):
        if sum(1 for span in ordered if span <= days * DAY) >= 0.8 * len(ordered):
            return days
    return 90


def _recount(world: Evidence, start: str, end: str, usual: int) -> tuple[list[str], list[str]]:
    """The leads that are counted in a step, and those of them that made it in time."""
    began = {lead_id: times[0] for lead_id, times in moments(world, start).items()}
    ended = moments(world, end)
    took = {}
    for lead_id, at in began.items():
        later = [time for time in ended.get(lead_id, []) if time >= at]
        if later:
            took[lead_id] = later[0] - at
    within_days = _window(world, took, usual) * DAY
    mature = [lead for lead, at in began.items() if within(at, world) and world.now - at >= within_days]
    return mature, [lead for lead in mature if lead in took and took[lead] <= within_days]


@QUICK
@given(any_world)
def test_every_step_of_every_source_equals_a_recount(world: Evidence) -> None:
    insight = conversion.of(world)
    for name, (start, end, usual) in _NAMES.items():
        mature, made = _recount(world, start, end, usual)
        for row in insight.rows:

            def its_own(lead: str, row: Any = row) -> bool:
                return bool(row.is_total) or (origin(world, lead, "source") or "no source") == row.label

            figure = figures(insight, row)[name]
            assert is_share(
                figure, [lead for lead in made if its_own(lead)], [lead for lead in mature if its_own(lead)]
            )


@pytest.mark.parametrize("days", [29.9, 30.0])
def test_a_lead_counts_from_the_day_its_window_is_over(days: float) -> None:
    world = evidence(decided("accept", days=days), came_to("working", "L-other", days=1))
    assert line(conversion.of(world), "all")["opportunity"].n == (1 if days >= 30 else 0)
