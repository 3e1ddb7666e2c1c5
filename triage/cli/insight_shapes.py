"""Insights on the command line: which stretch of time is asked for, and how an answer is laid out as a table.

The JSON of insights is `triage.insights.shape`; how a figure is written is `triage.insights.wording`.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import click

from triage.errors import UsageError
from triage.exports.sheet import Cell, Sheet
from triage.insights.figure import Column, Figure, Finding, Insight, Row, Unit
from triage.insights.period import WEEK, Period
from triage.insights.shape import LINE, lines_of
from triage.insights.wording import FEW, figure_words, value_words
from triage.text import clean

F = TypeVar("F", bound=Callable[..., Any])
_OF = ("k", "n", "low", "high")
_SPANS = {"d": timedelta(days=1), "w": WEEK}


def period_options(command: F) -> F:
    """Let a command take a stretch of time: it is given `since` and `week`, for `period_asked`."""

    @functools.wraps(command)
    def asking(*, since: str | None, week: bool, **options: Any) -> object:
        if since and week:
            raise UsageError("Two stretches of time at once.", hint="Either --week or --since.")
        return command(since=since, week=week, **options)

    for option in reversed(_OPTIONS):
        asking = option(asking)
    return asking  # type: ignore[return-value]  # click's options give back what they are given


_OPTIONS = (
    click.option("--since", metavar="D", help="From then on: 2026-09-01, 30d or 12w ago."),
    click.option("--week", is_flag=True, help="The last seven days."),
)


def period_asked(since: str | None, *, week: bool, now: datetime, usual: timedelta) -> Period:
    """Return the stretch up to now that the options ask for; UsageError for a beginning that is none."""
    if week:
        return Period.last(WEEK, now)
    if not since:
        return Period.last(usual, now)
    begun = _beginning(since.strip().lower(), now)
    if begun is None:
        raise UsageError(f"“{since}” is not a day in the past.", hint="Write 2026-09-01, 30d or 12w.")
    return Period(begun, now)


def _beginning(word: str, now: datetime) -> datetime | None:
    span = re.fullmatch(r"(\d{1,4})([dw])", word)
    try:
        begun = now - int(span[1]) * _SPANS[span[2]] if span else datetime.fromisoformat(word).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return begun if begun < now else None


def wide_sheet(insight: Insight, now: datetime) -> Sheet:
    """Return an insight as people read it: a line for each line, its figures in words."""
    heading = insight.first_column or "line"
    columns = (clean(heading), *(clean(column.label) for column in insight.columns))
    return Sheet(insight.title, now, columns, [worded_row(insight, row) for row in insight.rows])


def number_sheet(insight: Insight, now: datetime) -> Sheet:
    """Return an insight as spreadsheets count with it: bare numbers, beside each share what it is of."""
    kept = [_parts(insight, index) for index, _ in enumerate(insight.columns)]
    names = [name for parts in kept for name, _ in parts]
    rows = [
        (
            row.label,
            row.is_total,
            *(read(row.figures[at]) for at, parts in enumerate(kept) for _, read in parts),
        )
        for row in insight.rows
    ]
    return Sheet(insight.title, now, ("label", "is_total", *names), rows)


def all_worded(insights: Sequence[Insight], now: datetime) -> Sheet:
    """Return every figure of several insights in words, one on a line."""
    rows = [
        (insight.title, label, column, words)
        for insight in insights
        for label, column, words in worded_figures(insight)
    ]
    return Sheet("Insights", now, ("insight", "line", "what", "figure"), rows)


def all_numbers(insights: Sequence[Insight], now: datetime) -> Sheet:
    """Return every figure of several insights as numbers, one on a line."""
    return Sheet("Insights", now, LINE, list(lines_of(insights)))


def worded_figures(insight: Insight) -> Iterator[tuple[str, str, str]]:
    """Yield the line, the column and the words of every figure."""
    for row in insight.rows:
        for column, figure in zip(insight.columns, row.figures, strict=True):
            yield row.label, column.label, figure_words(figure, column.unit, insight.currency)


def worded_row(insight: Insight, row: Row) -> tuple[str, ...]:
    """Return a line as people read it."""
    return (
        row.label,
        *(
            figure_words(figure, column.unit, insight.currency)
            for column, figure in zip(insight.columns, row.figures, strict=True)
        ),
    )


def brief_row(insight: Insight, row: Row) -> tuple[str, ...]:
    """Return a line with its figures as short as a terminal's width asks for: "34% n=58", "17%~ n=6"."""
    return (
        row.label,
        *(
            brief_words(figure, column, insight.currency)
            for column, figure in zip(insight.columns, row.figures, strict=True)
        ),
    )


def brief_words(figure: Figure, column: Column, currency: str) -> str:
    """Return a figure without its interval; ~ marks what is a direction only."""
    words = value_words(figure, column.unit, currency)
    if figure.n is None or (figure.value is None and not figure.text):
        return words
    return f"{words}{'~' if figure.is_direction_only else ''} n={figure.n:,}"


def few_words(insight: Insight) -> str:
    """Say what the mark ~ means, where an insight has one."""
    marked = any(
        figure.is_direction_only and figure.value is not None
        for row in insight.rows
        for figure in row.figures
    )
    return f"~ fewer than ten: {FEW}" if marked else ""


def finding_words(finding: Finding) -> str:
    """Return a finding with its day, where it is about a change."""
    return f"{finding.on.isoformat()}: {finding.text}" if finding.on else finding.text


def _parts(insight: Insight, index: int) -> list[tuple[str, Callable[[Figure], Cell]]]:
    """Return the spreadsheet's columns for one of the insight's, each with what it reads of a figure."""
    column = insight.columns[index]
    if column.unit is Unit.TEXT:
        return [(column.name, lambda figure: figure.text)]
    parts: list[tuple[str, Callable[[Figure], Cell]]] = [(column.name, lambda figure: figure.value)]
    figures = [row.figures[index] for row in insight.rows]
    told = [name for name in _OF if any(getattr(figure, name) is not None for figure in figures)]
    return parts + [(f"{column.name}_{name}", functools.partial(_part, name=name)) for name in told]


def _part(figure: Figure, name: str) -> Cell:
    part: Cell = getattr(figure, name)
    return part
