"""An insight as plain JSON values, the same for the command, the pack and whoever reads either. Pure.

Names are kept once released; more fields may come. Texts stay raw: who prints them makes them safe.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from msgspec import to_builtins

from triage.insights.figure import Column, Figure, Finding, Insight, Row, Unit
from triage.insights.period import Period

Shape = dict[str, Any]
LINE = (
    *("insight", "line", "is_total", "column", "unit", "currency"),
    *("value", "text", "k", "n", "low", "high", "leads"),
)
"""The columns of `lines_of`."""


def document_of(insights: Iterable[Insight], period: Period) -> Shape:
    """Return the insights of a period as one document; times in UTC, ending in Z."""
    return {"period": period_shape(period), "insights": [shape_of(insight) for insight in insights]}


def period_shape(period: Period) -> Shape:
    """Return from when, and up to but without when."""
    return {"since": to_builtins(period.since), "until": to_builtins(period.until)}


def shape_of(insight: Insight) -> Shape:
    """Return one insight: each line holds its figures under the names of the columns."""
    return {
        "name": insight.name,
        "title": insight.title,
        "asks": insight.asks,
        "formula": insight.formula,
        "first_column": insight.first_column,
        "currency": insight.currency,
        "columns": [
            {"name": column.name, "label": column.label, "unit": column.unit.value}
            for column in insight.columns
        ],
        "rows": [_row(row, insight.columns) for row in insight.rows],
        "findings": [_finding(finding) for finding in insight.findings],
        "notes": list(insight.notes),
    }


def lines_of(insights: Iterable[Insight]) -> Iterator[tuple[str | float | bool | None, ...]]:
    """Yield every figure of every insight on a line of its own, in the order of `LINE`."""
    for insight in insights:
        for row in insight.rows:
            for column, figure in zip(insight.columns, row.figures, strict=True):
                yield (
                    *(insight.name, row.label, row.is_total, column.name, column.unit.value),
                    insight.currency if column.unit is Unit.MONEY else "",
                    *(figure.value, figure.text, figure.k, figure.n, figure.low, figure.high),
                    len(figure.lead_ids),
                )


def _row(row: Row, columns: tuple[Column, ...]) -> Shape:
    figures = {
        column.name: _figure(figure, column.unit) for column, figure in zip(columns, row.figures, strict=True)
    }
    return {"label": row.label, "is_total": row.is_total, "lead_ids": list(row.lead_ids), **figures}


def _figure(figure: Figure, unit: Unit) -> Shape:
    text = {"text": figure.text} if unit is Unit.TEXT else {}
    return {
        "value": figure.value,
        **text,
        "k": figure.k,
        "n": figure.n,
        "low": figure.low,
        "high": figure.high,
        "lead_ids": list(figure.lead_ids),
    }


def _finding(finding: Finding) -> Shape:
    return {
        "text": finding.text,
        "on": finding.on.isoformat() if finding.on else None,
        "row": finding.row,
        "lead_ids": list(finding.lead_ids),
    }
