from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.insights.plain import QUICK, any_world, figures, is_count, is_share, triages
from tests.insights.world import PERIOD, decided, evidence
from triage.insights import weeks
from triage.insights.change import FEWEST, STAYED, bound, step_in, two_proportions
from triage.insights.evidence import Evidence


def _weekly(shares: list[float], *, each: int = 60, late: str = "LOW_INTENT", since: int = 99) -> list[Any]:
    """Decisions of weeks before now, each with its share of accepts; refusals have other codes since a week."""
    events = []
    for week, taken in enumerate(shares):
        for number in range(each):
            accepted = number < round(taken * each)
            code = late if week >= since and number % 3 else ("WRONG_PERSONA", "OTHER")[number % 2]
            days = (len(shares) - week) * 7 - 1 - number % 5
            events.append(
                decided("accept" if accepted else "reject", days=days, reason=None if accepted else code)
            )
    return events


def test_a_week_counts_its_own_decisions_under_its_monday() -> None:
    insight = weeks.of(
        evidence(decided("accept", days=4), decided("reject", days=11), decided("accept", days=12))
    )
    assert [row.label for row in insight.rows] == ["2026-03-16", "2026-03-23", "all"]
    assert [row.figures[0].value for row in insight.rows] == [2, 1, 3]
    assert [row.figures[1].value for row in insight.rows] == [0.5, 1, pytest.approx(2 / 3)]


def test_a_week_without_a_decision_has_a_line_and_an_unknown_share() -> None:
    insight = weeks.of(evidence(decided("accept", days=4), decided("accept", days=25)))
    assert [row.figures[1].value for row in insight.rows] == [1, None, None, 1, 1]


def test_a_drop_that_stays_is_found_with_its_monday_and_the_code_that_grew() -> None:
    world = evidence(*_weekly([0.6] * 5 + [0.4] * 7, since=5))
    (found,) = weeks.of(world).findings
    assert found.on == date(2026, 2, 9)
    assert found.row == "2026-02-09"
    assert "fell from 60% (n=300) to 40% (n=420) in the week of Monday, 9 Feb 2026" in found.text
    assert "grew most: reject LOW_INTENT (activity too light for an MQL), 0% → 40%" in found.text
    assert found.text.endswith("Decisions in a usual week: 60 → 60.")
    assert len(found.lead_ids) == 420


def test_weeks_that_explain_a_change_as_well_are_named() -> None:
    step = step_in([(60, 100)] * 5 + [(48, 100)] + [(35, 100)] * 6)
    assert step is not None
    assert (step.earliest, step.latest) == (5, 6)
    sharp = step_in([(80, 100)] * 6 + [(20, 100)] * 6)
    assert sharp is not None
    assert sharp.earliest == sharp.index == sharp.latest == 6
    (found,) = weeks.of(evidence(*_weekly([0.6] * 5 + [0.48] + [0.36] * 6))).findings
    assert "(it began between the weeks of 9 Feb 2026 and 16 Feb 2026)" in found.text


def test_a_rise_that_stays_is_found_with_the_code_that_shrank() -> None:
    events = _weekly([0.3] * 6 + [0.6] * 6)
    (found,) = weeks.of(evidence(*events)).findings
    assert "rose from 30%" in found.text
    assert "What shrank most: reject" in found.text


def test_a_single_bad_week_is_no_change() -> None:
    assert weeks.of(evidence(*_weekly([0.6] * 5 + [0.3] + [0.6] * 6))).findings == ()


def test_a_drop_that_came_back_is_no_change() -> None:
    assert step_in([(60, 100)] * 5 + [(30, 100)] * 5 + [(58, 100)] * 2) is None


def test_even_shares_and_few_decisions_are_no_change() -> None:
    assert step_in([(30, 60)] * 12) is None
    assert step_in([(1, 1)] * 6 + [(0, 1)] * 6) is None
    assert step_in([]) is None


def test_chance_makes_a_change_in_one_series_of_a_hundred_at_most() -> None:
    random_ = random.Random(7)
    wrong = 0
    for _ in range(400):
        series = [(sum(random_.random() < 0.5 for _ in range(60)), 60) for _ in range(12)]
        wrong += step_in(series) is not None
    assert wrong <= 4


def test_the_bound_grows_with_the_number_of_splits() -> None:
    assert bound(1) == pytest.approx(2.576, abs=1e-3)
    assert bound(9) > bound(2) > bound(1)


def test_two_proportions_is_the_pooled_z() -> None:
    assert two_proportions((30, 100), (45, 100)) == pytest.approx(2.1909, abs=1e-4)
    assert two_proportions((10, 10), (10, 10)) == 0


_trials = st.integers(0, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@QUICK
@given(st.lists(_trials, max_size=20))
def test_a_change_is_the_largest_split_and_has_enough_on_both_sides(series: list[tuple[int, int]]) -> None:
    found = step_in(series)
    if found is None:
        return
    statistics = []
    for index in range(STAYED, len(series) - STAYED + 1):
        before, after = (
            (sum(k for k, _ in side), sum(n for _, n in side)) for side in (series[:index], series[index:])
        )
        if before[1] >= FEWEST and after[1] >= FEWEST:
            statistics.append(abs(two_proportions(before, after)))
    assert abs(found.statistic) == max(statistics)
    assert found.before[1] >= FEWEST <= found.after[1]
    assert found.fell is (found.after[0] / found.after[1] < found.before[0] / found.before[1])


@QUICK
@given(any_world)
def test_every_week_equals_a_recount_and_they_add_up(world: Evidence) -> None:
    insight = weeks.of(world)
    rows = [row for row in insight.rows if not row.is_total]
    decisions = triages(world)
    for row in rows:
        begins = date.fromisoformat(row.label)
        assert begins.weekday() == 0
        own = [one for one in decisions if begins <= one.decided_at.date() < begins + timedelta(days=7)]
        accepted = [one.lead_id for one in own if one.act == "accept"]
        assert is_count(figures(insight, row)["decided"], [one.lead_id for one in own])
        assert is_share(figures(insight, row)["acceptance"], accepted, [one.lead_id for one in own])
    assert sum(int(row.figures[0].value or 0) for row in rows) == len(decisions)
    if insight.rows:
        assert insight.rows[-1].figures[0].value == len(decisions)


def test_a_source_with_enough_a_week_has_a_column_and_one_with_few_has_none() -> None:
    events = _weekly([0.5] * 4, each=24)
    few = [decided("accept", source="referral", days=day) for day in (2, 9, 16)]
    insight = weeks.of(evidence(*events, *few))
    assert [(column.name, column.label) for column in insight.columns[3:]] == [
        ("acceptance_webinar", "webinar")
    ]


def test_sources_of_one_spelling_have_columns_of_different_names() -> None:
    events = [
        decided("accept", source=source, days=3) for source in ("Web inar", "web-inar", "") for _ in range(12)
    ]
    names = [column.name for column in weeks.of(evidence(*events)).columns[3:]]
    assert sorted(names) == ["acceptance_no_source", "acceptance_web_inar", "acceptance_web_inar_2"]


def test_a_week_that_the_period_cuts_is_said() -> None:
    assert PERIOD.since.hour == 9
    insight = weeks.of(evidence(decided("accept", days=83.9)))
    assert insight.notes == ("Not a whole week: the first.",)


def test_a_period_without_an_event_says_so() -> None:
    insight = weeks.of(evidence())
    assert (insight.rows, len(insight.notes)) == ((), 1)
