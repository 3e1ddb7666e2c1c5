from __future__ import annotations

import re
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.insights.plain import QUICK, any_world
from tests.insights.world import evidence
from triage.errors import UnknownInsight, UsageError
from triage.insights import catalogue
from triage.insights.evidence import Evidence
from triage.insights.figure import Insight, Unit

NAMES_HERE = (
    *("targets", "acceptance", "campaigns", "weeks", "conversion"),
    *("velocity", "pace", "untouched", "revenue", "wins"),
)
_ROWS_WITHOUT_EVENTS = ("targets",)


@pytest.mark.parametrize("name", NAMES_HERE)
def test_an_insight_is_found_by_its_name_and_says_what_it_asks_and_how_it_counts(name: str) -> None:
    insight = catalogue.insight(name, evidence())
    assert insight.name == name
    assert insight.asks.endswith("?")
    assert insight.formula.endswith(".")
    assert all((insight.title, insight.first_column, insight.notes))
    assert insight.rows == () or name in _ROWS_WITHOUT_EVENTS


def test_a_name_is_taken_however_it_is_cased() -> None:
    assert catalogue.named(" Acceptance ") == "acceptance"


def test_an_unknown_name_is_refused_with_the_nearest_and_all_names() -> None:
    with pytest.raises(UnknownInsight) as refused:
        catalogue.insight("acceptence", evidence())
    assert isinstance(refused.value, UsageError)
    assert refused.value.hint.startswith("Did you mean acceptance or ")
    assert refused.value.hint.endswith("wins, watchdog.")


def test_an_insight_that_is_not_asked_for_is_not_imported() -> None:
    code = (
        "import sys; from triage.insights import catalogue;"
        "print(sorted(n for n in catalogue.NAMES if f'triage.insights.{n}' in sys.modules))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


def _holds(insight: Insight, world: Evidence) -> None:
    """Check what holds for every insight, whatever it counts."""
    events: tuple[Any, ...] = (*world.decisions, *world.feedback, *world.stages)
    known = {one.lead_id for one in events}
    names = [column.name for column in insight.columns]
    assert len({*names}) == len(names)
    assert all(re.fullmatch(r"[a-z][a-z0-9_]*", name) for name in names)
    assert insight.chart is None or {*insight.chart.columns} <= {*names}
    for row in insight.rows:
        assert {*row.lead_ids} <= known
        for column, figure in zip(insight.columns, row.figures, strict=True):
            assert {*figure.lead_ids} <= known
            assert len({*figure.lead_ids}) == len(figure.lead_ids)
            if column.unit is Unit.SHARE and figure.value is not None:
                assert figure.k is not None
                assert figure.n
                assert figure.low is not None
                assert figure.high is not None
                assert figure.value == figure.k / figure.n
                assert figure.low >= -1e-12
                assert figure.low - 1e-12 <= figure.value <= figure.high + 1e-12
                assert figure.high <= 1 + 1e-12
    for finding in insight.findings:
        assert {*finding.lead_ids} <= known
        assert finding.row in {row.label for row in insight.rows}


@QUICK
@given(any_world, st.sampled_from(NAMES_HERE))
def test_every_insight_of_any_world_keeps_the_laws_of_figures(world: Evidence, name: str) -> None:
    insight = catalogue.insight(name, world)
    _holds(insight, world)
    assert catalogue.insight(name, world) == insight
