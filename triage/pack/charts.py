"""What pygal draws of an insight: bars with their intervals, lines over weeks, said against observed.

pygal is given clean, short labels and numbers, never a figure's raw text. What it returns is not shown as it
is: `triage.pack.drawing` copies the shapes from it. Imported when a pack is made, never at start.
"""

from __future__ import annotations

import sys
from datetime import date
from math import ceil, floor, log10
from typing import Any

import pygal  # type: ignore[import-untyped]  # has no types
from pygal.style import Style  # type: ignore[import-untyped]  # has no types

from triage.insights.figure import Chart, ChartKind, Column, Figure, Insight, Row, Unit
from triage.insights.wording import number_words
from triage.text import clean

MOST_BARS = 20
"""Lines that are drawn; the table beside it has them all."""
MOST_SERIES = 6
"""Lines over time that can be told apart."""
LABEL = 28
"""Characters of a label at an axis."""
LEVEL_LABELS = 12
SHORT = 8
"""So many labels under the lines, of so many characters, find room side by side."""
WIDTH = 760
# pygal leaves an importer for its maps behind, of a kind that Python 3.11 warns of at every import that
# finds nothing and that later versions cannot call. There are no maps here.
sys.meta_path[:] = [finder for finder in sys.meta_path if type(finder).__module__ != pygal.__name__]
_STYLE = Style(
    label_font_size=12, major_label_font_size=12, legend_font_size=12, value_font_size=11, title_font_size=12
)
"""Only sizes, for pygal's layout: all colours are in the page's own style."""


def chart_of(insight: Insight) -> Any:
    """Return pygal's drawing as an element tree, or None where there is nothing to draw."""
    chart = insight.chart
    rows = tuple(row for row in insight.rows if not row.is_total)
    if chart is None or not rows or not _drawn(chart, insight):
        return None
    plot = _PLOTS[chart.kind](chart, insight, rows)
    return None if plot is None else plot.render_tree()


def columns_drawn(insight: Insight) -> tuple[Column, ...]:
    """Return the columns that are drawn, in the chart's order."""
    return tuple(column for column, _ in _drawn(insight.chart, insight)) if insight.chart else ()


def _drawn(chart: Chart, insight: Insight) -> list[tuple[Column, int]]:
    """Return the columns to draw with their places; names that the insight has not are left out."""
    places = {column.name: place for place, column in enumerate(insight.columns)}
    return [(insight.columns[places[name]], places[name]) for name in chart.columns if name in places]


def _bars(chart: Chart, insight: Insight, rows: tuple[Row, ...]) -> Any:
    drawn, shown = _drawn(chart, insight), rows[:MOST_BARS]
    figures = [[row.figures[place] for row in shown] for _, place in drawn]
    if not _any_value(figures):
        return None
    ticks = _ticks(figures, chart.target)
    plot = pygal.HorizontalBar(
        **_common(insight, drawn),
        **_scale(ticks, chart.target),
        height=100 + len(shown) * (22 if len(drawn) == 1 else 12 + 14 * len(drawn)),
        show_x_guides=True,
        show_y_guides=False,
    )
    # From the top down: pygal puts the first at the bottom.
    plot.x_labels = [label_of(row.label) for row in reversed(shown)]
    for (column, _), of_column in zip(drawn, figures, strict=True):
        plot.add(label_of(column.label), [_with_interval(one) for one in reversed(of_column)])
    return plot


def _series(chart: Chart, insight: Insight, rows: tuple[Row, ...]) -> Any:
    drawn = _drawn(chart, insight)[:MOST_SERIES]
    figures = [[row.figures[place] for row in rows] for _, place in drawn]
    if not _any_value(figures):
        return None
    ticks = _ticks(figures, chart.target)
    labels = [_moment_of(row.label) for row in rows]
    plot = pygal.Line(
        **_common(insight, drawn),
        **_scale(ticks, chart.target),
        height=300,
        x_label_rotation=0 if len(rows) <= LEVEL_LABELS and max(map(len, labels)) <= SHORT else 45,
        truncate_label=-1,
        allow_interruptions=True,
        dots_size=3,
    )
    plot.x_labels = labels
    for place, ((column, _), of_column) in enumerate(zip(drawn, figures, strict=True)):
        # Of several lines only the first with its intervals: more could not be told apart.
        points = [one.value if place else _with_interval(one) for one in of_column]
        plot.add(label_of(column.label), points)
    return plot


def _reliability(chart: Chart, insight: Insight, rows: tuple[Row, ...]) -> Any:
    drawn = _drawn(chart, insight)
    if len(drawn) < 2:  # noqa: PLR2004 - what was said, and what was observed
        return None
    (_, said), (column, observed) = drawn[:2]
    points = [
        {"value": (row.figures[said].value, row.figures[observed].value), "label": label_of(row.label)}
        for row in rows
        if row.figures[said].value is not None and row.figures[observed].value is not None
    ]
    if not points:
        return None
    plot = pygal.XY(
        **_common(insight, drawn[:2]) | {"x_title": label_of(drawn[0][0].label)},
        height=400,
        range=(0, 1),
        xrange=(0, 1),
        x_value_formatter=lambda value: number_words(value, column.unit),
        y_title=label_of(column.label),
        dots_size=5,
    )
    plot.add("observed", points, stroke=False)
    plot.add("as said", [(0, 0), (1, 1)], show_dots=False)
    return plot


_PLOTS = {
    ChartKind.BARS: _bars,
    ChartKind.SERIES: _series,
    ChartKind.RELIABILITY: _reliability,
}


def _common(insight: Insight, drawn: list[tuple[Column, int]]) -> dict[str, Any]:
    """Return what holds for each kind; a single column is named at the axis and needs no legend."""
    first, alone = drawn[0][0], len(drawn) == 1
    unit = first.unit
    currency = f", {insight.currency}" if unit is Unit.MONEY and insight.currency else ""
    return {
        "x_title": label_of(f"{first.label}{currency}", 2 * LABEL)
        if alone
        else label_of(currency[2:]) or None,
        "width": WIDTH,
        "style": _STYLE,
        "js": [],
        "css": [],
        "no_prefix": True,
        "disable_xml_declaration": True,
        "show_legend": not alone,
        "legend_at_bottom": True,
        "legend_at_bottom_columns": 3,
        "truncate_legend": LABEL,
        "margin": 12,
        "margin_bottom": 12 if alone else 26,
        "spacing": 8,
        "value_formatter": lambda value: "" if value is None else number_words(value, unit),
    }


def _scale(ticks: list[float], target: float | None) -> dict[str, Any]:
    """Return the axis of values: the target, if any, is the only line of it that is marked."""
    return {
        "range": (min(ticks[0], 0), ticks[-1]),
        "y_labels": ticks,
        "y_labels_major": [] if target is None else [target],
    }


def label_of(text: str, longest: int = LABEL) -> str:
    """Return a label that is safe and short."""
    label = clean(text)
    return label if len(label) <= longest else f"{label[: longest - 1]}…"


def _moment_of(text: str) -> str:
    """Return a label under lines over time; of a day in full, day and month are enough beside the table."""
    try:
        return f"{date.fromisoformat(text):%d %b}"
    except ValueError:
        return label_of(text, 14)


def _with_interval(figure: Figure) -> Any:
    """Return a value as pygal takes it; of too few no interval is drawn, as none is written."""
    if figure.value is None:
        return None
    if figure.is_direction_only:
        return {"value": figure.value, "node": {"class": "rect few"}}
    if figure.low is None or figure.high is None:
        return figure.value
    return {"value": figure.value, "ci": {"low": figure.low, "high": figure.high}}


def _any_value(figures: list[list[Figure]]) -> bool:
    return any(figure.value is not None for column in figures for figure in column)


def _ticks(figures: list[list[Figure]], target: float | None) -> list[float]:
    """Return four to seven round numbers from the least to beyond the greatest, and the target among them."""
    ends = [
        end
        for column in figures
        for one in column
        if one.value is not None
        for end in (one.value, *(() if one.is_direction_only else (one.low, one.high)))
        if end is not None
    ]
    top, bottom = max(*ends, target or 0, 0), min(*ends, 0)
    step = _round_step((top - bottom) / 5)
    first, last = floor(bottom / step + 1e-9), ceil(top / step - 1e-9)
    ticks = [round(place * step, 10) for place in range(first, max(last, first + 1) + 1)]
    return ticks if target is None or target in ticks else sorted([*ticks, target])


def _round_step(rough: float) -> float:
    """Return the least of 1, 2, 2.5, 5 times a power of ten that is no less."""
    if rough <= 0:
        return 1.0
    power = 10.0 ** floor(log10(rough))
    return next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= rough * (1 - 1e-9))
