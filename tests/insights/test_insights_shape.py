from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings

from tests.insights.world import PERIOD, worlds
from tests.screens.invented_insights import ALL, SOURCES
from triage.insights import catalogue
from triage.insights.evidence import Evidence
from triage.insights.figure import Figure, Finding, Insight, Unit, count, share, words
from triage.insights.period import Period
from triage.insights.shape import LINE, document_of, lines_of, period_shape, shape_of
from triage.insights.wording import figure_words, number_words, period_words


def test_an_insight_is_one_object_whose_lines_hold_figures_by_the_names_of_columns():
    shape = shape_of(SOURCES)
    assert list(shape) == [
        *("name", "title", "asks", "formula", "first_column", "currency"),
        *("columns", "rows", "findings", "notes"),
    ]
    assert shape["columns"][1] == {"name": "acceptance", "label": "accepted of decided", "unit": "share"}
    row = shape["rows"][0]
    assert (row["label"], row["is_total"]) == ("webinar", False)
    assert row["acceptance"]["k"], row["acceptance"]["n"] == (20, 58)
    assert round(row["acceptance"]["low"], 3) == 0.236
    assert "text" not in row["acceptance"]
    assert row["verdict"]["text"] == "3 d faster"


def test_what_is_not_known_is_null_and_never_zero():
    unknown = shape_of(SOURCES)["rows"][2]["pipeline"]
    assert (unknown["value"], unknown["n"]) == (None, 3)


def test_a_finding_keeps_its_day_and_its_leads():
    found = Insight("x", "X", "?", "f", findings=(Finding("fell", ("L-1",), date(2026, 9, 8), "webinar"),))
    assert shape_of(found)["findings"] == [
        {"text": "fell", "on": "2026-09-08", "row": "webinar", "lead_ids": ["L-1"]}
    ]


def test_a_document_names_its_period_in_utc():
    period = Period(datetime(2026, 9, 1, tzinfo=UTC), datetime(2026, 9, 8, tzinfo=UTC))
    assert period_shape(period) == {"since": "2026-09-01T00:00:00Z", "until": "2026-09-08T00:00:00Z"}
    assert [one["name"] for one in document_of(ALL, period)["insights"]] == [one.name for one in ALL]


def test_every_figure_has_a_line_with_what_it_is_of():
    lines = list(lines_of([SOURCES]))
    assert len(lines) == len(SOURCES.rows) * len(SOURCES.columns)
    first = dict(zip(LINE, lines[1], strict=True))
    assert first | {"value": 0} == {
        "insight": "acceptance", "line": "webinar", "is_total": False, "column": "acceptance", "unit": "share",
        "currency": "", "value": 0, "text": "", "k": 20, "n": 58, "low": first["low"], "high": first["high"],
        "leads": 20,
    }  # fmt: skip


@settings(max_examples=10, deadline=None)
@given(worlds)
def test_the_whole_catalogue_has_a_shape_of_any_events_and_no_column_hides_what_a_line_is(world: Evidence):
    found = catalogue.all_of(world)
    document = document_of(found, world.period)
    assert json.loads(json.dumps(document, allow_nan=False)) == document
    for insight in found:
        names = [column.name for column in insight.columns]
        assert len(set(names)) == len(names)
        assert not {"label", "is_total", "lead_ids"} & set(names)
        assert all(len(row.figures) == len(names) for row in insight.rows)
        for row in insight.rows:
            for column, figure in zip(insight.columns, row.figures, strict=True):
                assert figure_words(figure, column.unit, insight.currency)


@pytest.mark.parametrize(
    ("figure", "unit", "said"),
    [
        (share(["L"] * 20, ["L"] * 58), Unit.SHARE, "34%, 24–47%, n=58"),
        (share(["L"] * 3, ["L"] * 7), Unit.SHARE, "43%, n=7, direction only"),
        (share([], []), Unit.SHARE, "–"),
        (share([], ["L"] * 12), Unit.SHARE, "0%, 0–24%, n=12"),
        (Figure(0.5), Unit.SHARE, "50%"),
        (Figure(12_300.4, n=41), Unit.MONEY, "EUR 12,300, n=41"),
        (Figure(None, n=41), Unit.MONEY, "–"),
        (count(["L"] * 1234), Unit.COUNT, "1,234"),
        (Figure(-2.04), Unit.DAYS, "−2.0 d"),
        (Figure(13, n=10), Unit.DAYS, "13 d, n=10"),
        (Figure(4.55, low=3.1, high=7), Unit.HOURS, "4.5 h, 3.1–7 h"),
        (Figure(3), Unit.SECONDS, "3 s"),
        (Figure(-8), Unit.POINTS, "−8"),
        (Figure(2.094), Unit.RATIO, "2.09×"),
        (Figure(0.17704), Unit.SCORE, "0.177"),
        (words("[b]raw"), Unit.TEXT, "[b]raw"),
        (words(""), Unit.TEXT, "–"),
    ],
)
def test_a_figure_is_written_with_its_unit_its_interval_and_what_it_is_of(figure, unit, said):
    assert figure_words(figure, unit, "EUR") == said


def test_a_number_of_a_scale_is_written_as_the_figures_are():
    assert number_words(0.62, Unit.SHARE) == "62%"
    assert number_words(1000, Unit.MONEY) == "1,000"


def test_a_period_is_written_with_its_last_day_included():
    assert period_words(PERIOD) == "5 Jan – 30 Mar 2026"
    whole = Period(datetime(2025, 12, 29, tzinfo=UTC), datetime(2026, 1, 5, tzinfo=UTC))
    assert period_words(whole) == "29 Dec 2025 – 4 Jan 2026"
