"""Bars and plots in terminal cells: read without a colour, true to sign, size and interval."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec.structs import replace
from rich.cells import cell_len
from textual.geometry import Size

from screens.ink import Inks
from screens.insights.overview import Overview
from screens.insights.page import Page, Place
from screens.insights.parts import Parts
from screens.insights.plots import Scale, bar, plotted
from screens.insights.table import Table
from screens.themes import DARK
from tests.screens.invented_insights import ALL, BANDS, GAPS, NOTHING, SOURCES, WEEKS
from triage.insights.figure import Figure, share

TWENTY_OF_58 = share(["L"] * 20, ["L"] * 58)
ONE = Scale(0.0, 1.0)
_numbers = st.none() | st.floats(-1e9, 1e9, allow_nan=False)
_figures = st.builds(Figure, value=_numbers, n=st.none() | st.integers(0, 99), low=_numbers, high=_numbers)


def test_a_bar_is_filled_to_its_interval_and_shaded_within():
    assert bar(TWENTY_OF_58, ONE, 20) == "█████▓▓░░" + " " * 11


def test_a_bar_of_few_is_dotted_and_one_of_nothing_is_none():
    assert bar(share(["L"] * 3, ["L"] * 6), ONE, 10) == "┄┄┄┄┄     "
    assert bar(Figure(), ONE, 10) == " " * 10
    assert bar(Figure(0, n=20), ONE, 10) == " " * 10


def test_a_bar_that_is_too_small_to_see_is_a_sliver():
    assert bar(Figure(0.001), ONE, 10).startswith("▏")


def test_a_target_stands_where_it_is_to_be_reached():
    assert bar(Figure(0.2), ONE, 10, target=0.6) == "██    ┃   "


def test_what_is_below_zero_goes_to_the_left_of_the_axis():
    scale = Scale.of([Figure(-2), Figure(2)])
    assert bar(Figure(2), scale, 10) == "     │████"
    assert bar(Figure(-2), scale, 10) == "█████│    "


@given(_figures, st.lists(_figures, max_size=4), st.integers(1, 50), _numbers)
@example(Figure(0.0, low=0.0, high=5e-324), [], 1, -6.8e-13)  # a span that is nothing but rounding
def test_a_bar_takes_the_cells_it_is_given_whatever_it_shows(figure, others, cells, target):
    drawn = bar(figure, Scale.of([figure, *others], target), cells, target)
    assert cell_len(drawn) == cells


@given(st.floats(0, 1), st.floats(0, 1), st.integers(4, 60))
def test_a_larger_share_never_has_a_shorter_bar(one, other, cells):
    small, large = sorted((one, other))
    lengths = [bar(Figure(value), ONE, cells).count("█") for value in (small, large)]
    assert lengths[0] <= lengths[1]


def test_a_line_over_time_falls_where_the_numbers_fall():
    plot = plotted(WEEKS, 76, 10)
    assert len(plot) == 10
    heights = [next(y for y, line in enumerate(plot) if "●" in line[at:]) for at in (0, 45)]
    assert heights[0] < heights[1]
    assert "╌ target 60%" in plot[-1]
    assert plot[-2].split() == ["2026-08-01", "2026-10-22"]
    assert all(cell_len(line) <= 76 for line in plot)


def test_a_band_that_keeps_what_it_said_stands_on_the_diagonal():
    plot = plotted(BANDS, 76, 10)
    heights = [next(y for y, line in enumerate(plot[:-2]) if band in line) for band in "ABCD"]
    assert heights == sorted(heights)
    assert "observed (up) against said (right)" in plot[-1]


@pytest.mark.parametrize("insight", [SOURCES, GAPS, NOTHING])
def test_bars_and_what_is_empty_are_no_plot(insight):
    assert plotted(insight, 76, 10) == []


@pytest.mark.parametrize("width", [40, 60, 80, 100, 160, 240])
@pytest.mark.parametrize("insight", [one for one in ALL if one.rows], ids=lambda one: one.name)
def test_a_table_fits_its_width_and_a_line_told_leaves_nothing_out(insight, width):
    table = Table(insight, width, Inks.of(DARK))
    lines = [
        *table.heading(2),
        *(table.row(at, under_cursor=True, column=0) for at in range(len(insight.rows))),
    ]
    assert all(line.width <= width for line in lines)
    assert all(column.label in table.told(0) for column in insight.columns)


def test_a_wide_table_says_interval_and_base_in_each_cell():
    assert "34%, 24–47%, n=58" in Table(SOURCES, 200, Inks.of(DARK)).row(0).text
    brief = Table(SOURCES, 110, Inks.of(DARK)).row(2).text
    assert "43%~ n=7" in brief
    assert "43%~" in Table(SOURCES, 78, Inks.of(DARK)).row(2).text


def test_of_many_lines_only_those_in_sight_are_drawn_and_nothing_is_measured_twice(monkeypatch):
    many = replace(SOURCES, rows=tuple(replace(SOURCES.rows[0], label=f"no. {at}") for at in range(500)))
    parts = Parts(many, Size(80, 24), Inks.of(DARK))
    drawn: list[int] = []
    row = Table.row
    monkeypatch.setattr(Table, "row", lambda self, at, **more: drawn.append(at) or row(self, at, **more))
    Page(parts, Place(0)).lines()
    monkeypatch.setattr(Table, "_widest", lambda *_: pytest.fail("measured again"))
    drawn.clear()
    page = Page(parts, Place(400), top=100)
    lines = page.lines()
    assert len(lines) == 24
    assert any("▌ no. 399" in line.text for line in lines)
    assert len(drawn) <= page.room


def test_a_list_without_room_for_findings_marks_which_insights_have_one():
    lines = Overview([*ALL, *ALL], Size(34, 9), Inks.of(DARK)).lines()
    assert len(lines) == 9
    assert {line.width for line in lines} == {34}
    assert [line.text.endswith("•") for line in lines[:5]] == [bool(one.findings) for one in ALL]
