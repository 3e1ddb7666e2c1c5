from __future__ import annotations

import pytest
from hypothesis import given

from tests.insights.plain import (
    DAY,
    QUICK,
    amounts,
    any_world,
    closings,
    figures,
    is_count,
    is_share,
    line,
    main_currency,
    moments,
    origin,
    within,
)
from tests.insights.world import came_to, evidence
from triage.domain.stages import StageChange
from triage.insights import velocity
from triage.insights.evidence import Evidence


def _deal(
    lead_id: str, opened: float, closed: float | None, amount: float | None, *, end: str = "won"
) -> list[StageChange]:
    events = [came_to("opportunity", lead_id, days=opened, amount=1.0, currency="EUR")]
    if closed is not None:
        events.append(came_to(end, lead_id, days=closed, amount=amount, currency="EUR"))
    return events


def _small() -> Evidence:
    return evidence(
        *_deal("L-1", 40, 20, 10_000),
        *_deal("L-2", 40, 10, 20_000),
        *_deal("L-3", 40, 30, None, end="lost"),
        *_deal("L-4", 12, None, None),
    )


def test_velocity_is_opportunities_times_value_times_win_rate_over_the_cycle() -> None:
    insight = velocity.of(_small())
    webinar = line(insight, "webinar")
    assert (webinar["opportunities"].value, webinar["won"].value, webinar["lost"].value) == (4, 2, 1)
    assert webinar["win_rate"].value == pytest.approx(2 / 3)
    assert webinar["average_value"].value == 15_000
    assert webinar["cycle_days"].value == 25
    assert webinar["velocity"].value == pytest.approx(4 * 15_000 * (2 / 3) / 25)
    assert webinar["velocity"].n == 2
    assert insight.currency == "EUR"


def test_velocity_is_unknown_where_a_part_is() -> None:
    insight = velocity.of(evidence(came_to("opportunity", "L-1", days=9, amount=5.0, currency="EUR")))
    figures = line(insight, "all")
    assert figures["opportunities"].value == 1
    assert figures["win_rate"].value is figures["velocity"].value is None


def test_an_amount_in_another_currency_is_left_out_and_said() -> None:
    world = evidence(
        came_to("won", "L-1", amount=10.0, currency="EUR"),
        came_to("won", "L-2", amount=30.0, currency="EUR"),
        came_to("won", "L-3", amount=999.0, currency="USD"),
        came_to("won", "L-4"),
    )
    insight = velocity.of(world)
    assert line(insight, "all")["average_value"].value == 20
    assert insight.notes == ("Left out: 1 in USD.", "Without an amount: 1.")


def test_amounts_beyond_all_numbers_are_unknown_and_break_nothing() -> None:
    events = [one for n in range(12) for one in _deal(f"L-{n}", 40, 20, 1.7e308)]
    figures = line(velocity.of(evidence(*events)), "all")
    assert figures["average_value"].value is figures["velocity"].value is None
    one_deal = line(velocity.of(evidence(*_deal("L-1", 20, 19.99, 1.7e308))), "all")
    assert one_deal["velocity"].value is None


def test_a_period_without_a_deal_says_so_and_a_crm_that_is_silent_too() -> None:
    assert velocity.of(evidence()).notes == ("The CRM does not tell what became of leads.",)
    insight = velocity.of(evidence(came_to("working", "L-1")))
    assert insight.notes == ("No opportunity was opened or closed in this period.",)


@QUICK
@given(any_world)
def test_every_part_of_every_source_equals_a_recount(world: Evidence) -> None:
    insight = velocity.of(world)
    currency = main_currency(world)
    first = {lead: times[0] for lead, times in moments(world, "opportunity").items()}
    closed = closings(world, world.period.since, world.period.until)
    for row in insight.rows:
        own = {
            lead
            for lead in {*first, *closed}
            if row.is_total or (origin(world, lead, "source") or "no source") == row.label
        }
        opened = [lead for lead, at in first.items() if lead in own and within(at, world)]
        won = [one for lead, one in closed.items() if lead in own and one.stage == "won"]
        lost = [lead for lead, one in closed.items() if lead in own and one.stage == "lost"]
        told = figures(insight, row)
        assert is_count(told["opportunities"], opened)
        assert is_count(told["lost"], lost)
        assert is_share(told["win_rate"], [one.lead_id for one in won], [one.lead_id for one in won] + lost)
        known = amounts(won, currency)
        assert told["average_value"].value == (pytest.approx(sum(known) / len(known)) if known else None)
        spans = [(one.at - first[one.lead_id]) / DAY for one in won if one.lead_id in first]
        spans = [span for span in spans if span >= 0]
        assert told["cycle_days"].value == (pytest.approx(sum(spans) / len(spans)) if spans else None)
        if known and spans and sum(spans):
            rate = len(won) / (len(won) + len(lost))
            expected = len(opened) * (sum(known) / len(known)) * rate / (sum(spans) / len(spans))
            assert told["velocity"].value == pytest.approx(expected)
        else:
            assert told["velocity"].value is None
