from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from tests.insights.plain import (
    QUICK,
    accepts,
    amounts,
    any_world,
    closings,
    figures,
    is_count,
    line,
    main_currency,
    moments,
    origin,
)
from tests.insights.world import came_to, decided, evidence
from triage.insights import revenue
from triage.insights.evidence import Evidence


def _small() -> Evidence:
    return evidence(
        *(decided("accept", lead_id=f"L-{number}", days=40) for number in range(4)),
        decided("accept", lead_id="L-fair", days=40, source="event", campaign="fair"),
        came_to("opportunity", "L-0", days=30, amount=5.0, currency="EUR"),
        came_to("opportunity", "L-0", days=29, amount=7.0, currency="EUR"),
        came_to("opportunity", "L-1", days=30, amount=50.0, currency="EUR"),
        came_to("won", "L-1", days=10, amount=60.0, currency="EUR"),
        came_to("opportunity", "L-2", days=30, amount=9.0, currency="EUR"),
        came_to("recycled", "L-2", days=20),
        came_to("won", "L-fair", days=9, amount=11.0, currency="EUR", source="event", campaign="fair"),
        came_to("won", "L-never-accepted", days=9, amount=999.0, currency="EUR"),
    )


def test_money_of_accepted_leads_by_source_and_campaign() -> None:
    insight = revenue.of(_small())
    labels = [(row.label, row.is_total) for row in insight.rows]
    assert labels == [
        ("2026Q1-webinar-a", False),
        ("webinar: all", True),
        ("fair", False),
        ("event: all", True),
        ("all", True),
    ]
    webinar = line(insight, "webinar: all")
    assert (webinar["open"].value, webinar["pipeline"].value, webinar["pipeline"].lead_ids) == (
        1,
        7,
        ("L-0",),
    )
    assert (webinar["won"].value, webinar["won_value"].value, webinar["won_value"].n) == (1, 60, 1)
    assert line(insight, "all")["won_value"].value == 71
    assert line(insight, "all")["accepted"].value == 5


def test_a_lead_accepted_only_after_it_was_won_brings_no_revenue() -> None:
    world = evidence(came_to("won", "L-1", days=9, amount=5.0), decided("accept", lead_id="L-1", days=8))
    assert line(revenue.of(world), "all")["won"].value == 0


def test_won_without_any_amount_is_unknown_and_said() -> None:
    insight = revenue.of(evidence(decided("accept", lead_id="L-1", days=9), came_to("won", "L-1", days=8)))
    assert (line(insight, "all")["won"].value, line(insight, "all")["won_value"].value) == (1, None)
    assert insight.notes == ("Without an amount: 1.",)


def test_a_crm_that_is_silent_leaves_money_unknown() -> None:
    insight = revenue.of(evidence(decided("accept")))
    told = line(insight, "all")
    assert told["accepted"].value == 1
    assert (
        told["open"].value is told["pipeline"].value is told["won"].value is told["won_value"].value is None
    )


def _money(told: Any, changes: list[Any], currency: str) -> None:
    known = amounts(changes, currency)
    expected = None if changes and not known else pytest.approx(sum(known))
    assert told.value == expected
    assert told.n == len(known)


@QUICK
@given(any_world)
def test_every_sum_equals_a_recount(world: Evidence) -> None:
    insight = revenue.of(world)
    currency, first = main_currency(world), {lead: at[0] for lead, at in moments(world, "accepted").items()}
    last: dict[str, Any] = {}
    ends = ("opportunity", "won", "lost", "recycled", "disqualified", "rejected")
    for change in sorted(world.stages, key=lambda one: (one.at, one.change_id)):
        if change.stage.value in ends and change.at < world.period.until:
            last[change.lead_id] = change
    opened = [one for one in last.values() if one.stage == "opportunity"]
    closed = closings(world, world.period.since, world.period.until)
    won = [one for one in closed.values() if one.stage == "won"]
    opened, won = (
        [one for one in side if one.lead_id in first and first[one.lead_id] <= one.at]
        for side in (opened, won)
    )
    for row in insight.rows:
        told = figures(insight, row)

        def is_its_own(lead: str, row: Any = row, told: Any = told) -> bool:
            source = origin(world, lead, "source") or "no source"
            campaign = origin(world, lead, "campaign") or "no campaign"
            return row.label == "all" or (
                source == told["source"].text and row.label in (f"{source}: all", campaign)
            )

        assert is_count(told["accepted"], [one.lead_id for one in accepts(world) if is_its_own(one.lead_id)])
        if world.stages:
            its_open = [one for one in opened if is_its_own(one.lead_id)]
            its_won = [one for one in won if is_its_own(one.lead_id)]
            assert is_count(told["open"], [one.lead_id for one in its_open])
            assert is_count(told["won"], [one.lead_id for one in its_won])
            _money(told["pipeline"], its_open, currency)
            _money(told["won_value"], its_won, currency)
    _adds_up(insight)


def _adds_up(insight: Any) -> None:
    """The campaigns add up to all, and so do the sources."""
    if not insight.rows or insight.rows[-1].figures[4].value is None:
        return
    for kind in (False, True):
        lines = [row for row in insight.rows[:-1] if row.is_total is kind]
        for place in (1, 2, 4):
            assert insight.rows[-1].figures[place].value == sum(row.figures[place].value for row in lines)
