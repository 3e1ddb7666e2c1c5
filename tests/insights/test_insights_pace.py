from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.insights.plain import DAY, QUICK, accepts, any_world, by, figures, is_count, line, median, moments
from tests.insights.world import came_to, decided, evidence
from triage.insights import pace
from triage.insights.evidence import Evidence
from triage.insights.ranks import rank_sum


def _moving(source: str, spans: list[float]) -> Iterator[Any]:
    for number, days in enumerate(spans):
        lead_id = f"L-{source}-{number}"
        yield decided("accept", lead_id=lead_id, days=60, source=source)
        yield came_to("working", lead_id, days=60 - days / 10, source=source)
        yield came_to("opportunity", lead_id, days=60 - days, source=source)


def test_pace_is_the_median_from_the_accept_on() -> None:
    insight = pace.of(evidence(*_moving("webinar", [2, 4, 12]), decided("accept", days=5)))
    webinar = line(insight, "webinar")
    assert webinar["accepted"].value == 4
    assert (webinar["opportunity_days"].value, webinar["opportunity_days"].n) == (4, 3)
    assert webinar["first_touch_hours"].value == pytest.approx(9.6)


def test_a_slower_source_is_found_with_the_proposal_to_nurture_longer() -> None:
    slow, fast = [10 + number / 5 for number in range(20)], [4 + number / 5 for number in range(20)]
    world = evidence(*_moving("event", slow), *_moving("webinar", fast), *_moving("referral", fast))
    found, touch = pace.of(world).findings
    assert (found.row, len(found.lead_ids)) == ("event", 20)
    assert found.text == (
        "event: accept → opportunity 11.9 d (median, n=20), the other sources 5.9 d (n=40). "
        "Proposal: nurture them longer before they are handed over."
    )
    assert touch.text.endswith("Sales gets to them later.")


def test_sources_that_move_alike_or_are_small_are_not_called_slow() -> None:
    even = [float(number) for number in range(1, 21)]
    assert pace.of(evidence(*_moving("event", even), *_moving("webinar", even))).findings == ()
    assert pace.of(evidence(*_moving("event", [40.0] * 9), *_moving("webinar", even))).findings == ()


def test_chance_calls_a_source_slow_in_one_of_twenty_periods_at_most() -> None:
    random_ = random.Random(3)
    wrong = 0
    for _ in range(60):
        groups = [
            list(_moving(source, [random_.expovariate(1 / 8) % 50 for _ in range(25)]))
            for source in ("webinar", "event", "referral")
        ]
        wrong += bool(pace.of(evidence(*(one for group in groups for one in group))).findings)
    assert wrong <= 6


def test_a_crm_that_is_silent_leaves_the_pace_unknown() -> None:
    insight = pace.of(evidence(decided("accept")))
    assert line(insight, "all")["opportunity_days"].value is None
    assert insight.notes == ("The CRM does not tell what became of leads.",)
    assert pace.of(evidence()).notes == ("No lead was accepted in this period.",)


def test_the_rank_sum_is_that_of_the_textbook() -> None:
    one, other = [19.0, 22, 16, 29, 24], [20.0, 11, 17, 12]
    assert rank_sum(one, other) == pytest.approx((17 - 10) / (5 * 4 * 10 / 12) ** 0.5)


def test_equals_share_their_middle_rank_and_narrow_the_spread() -> None:
    assert rank_sum([1.0, 2, 2, 3], [2.0, 3, 4, 4]) == pytest.approx(-1.6477, abs=1e-4)


_spans = st.lists(st.integers(0, 9).map(float), max_size=12)


@QUICK
@given(_spans, _spans)
def test_the_rank_sum_counts_pairs_and_turns_its_sign_with_the_sides(
    one: list[float], other: list[float]
) -> None:
    statistic = rank_sum(one, other)
    assert statistic == pytest.approx(-rank_sum(other, one))
    larger = sum((a > b) - (a < b) for a in one for b in other)
    assert (statistic > 1e-9) is (larger > 0)
    assert (statistic < -1e-9) is (larger < 0)


@QUICK
@given(any_world)
def test_every_median_of_every_source_equals_a_recount(world: Evidence) -> None:
    insight = pace.of(world)
    groups = by(accepts(world), lambda one: one.lead.get("source") or "no source")
    assert {row.label for row in insight.rows if not row.is_total} == {*groups}
    for row in insight.rows:
        own = accepts(world) if row.is_total else groups[row.label]
        told = figures(insight, row)
        assert is_count(told["accepted"], [one.lead_id for one in own])
        for name, stage, per_day in (
            ("opportunity_days", "opportunity", 1),
            ("first_touch_hours", "working", 24),
        ):
            spans, leads = [], []
            for one in own:
                later = [at for at in moments(world, stage).get(one.lead_id, []) if at >= one.decided_at]
                if later:
                    spans.append((later[0] - one.decided_at) / DAY * per_day)
                    leads.append(one.lead_id)
            assert told[name].n == len(spans)
            assert sorted(told[name].lead_ids) == sorted(set(leads))
            assert told[name].value == (pytest.approx(median(spans)) if spans else None)
