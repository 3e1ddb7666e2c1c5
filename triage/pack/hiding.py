"""What a pack leaves out: numbers that rest on fewer than five leads of one rep. Pure.

A pack goes to two teams, and a figure of three leads says something about a person and nothing about leads.
"""

from __future__ import annotations

from msgspec.structs import replace

from triage.insights.figure import Figure, Insight, Row, Unit
from triage.insights.measures import FEWEST

REP, ABOUT = "rep", "about"
"""The word of a first column that holds reps; the column that says which lines are of one, if not all."""
OWN = frozenset({"watchdog"})
"""Insights for each rep first: of these a pack has the team's line only."""


def hidden(insight: Insight) -> Insight:
    """Return the insight without figures of fewer than five leads of a rep, and with a note that says so."""
    if insight.name in OWN:
        return _sums_of(insight)
    rows = tuple(_row(row, insight) if _is_of_rep(row, insight) else row for row in insight.rows)
    changed = {old.label for old, new in zip(insight.rows, rows, strict=True) if old != new}
    if not changed:
        return insight
    return replace(
        insight,
        rows=rows,
        findings=tuple(finding for finding in insight.findings if finding.row not in changed),
        notes=(*insight.notes, f"A rep's figures that rest on fewer than {FEWEST} leads are not shown."),
    )


def _sums_of(insight: Insight) -> Insight:
    """Return what holds for the whole team."""
    named = {row.label for row in insight.rows if not row.is_total}
    if not named:
        return insight
    return replace(
        insight,
        rows=tuple(row for row in insight.rows if row.is_total),
        findings=tuple(finding for finding in insight.findings if finding.row not in named),
        notes=(*insight.notes, "Lines of single reps are for them first: “triage insights” shows them."),
        chart=None,
    )


def _is_of_rep(row: Row, insight: Insight) -> bool:
    if REP not in insight.first_column.casefold().split():
        return False
    if insight.columns and insight.columns[0].name == ABOUT:
        return row.figures[0].text == REP
    return not row.is_total


def _row(row: Row, insight: Insight) -> Row:
    """Return the line without figures of few; its leads stay only while all its figures do."""
    figures = tuple(
        Figure() if _rests_on_few(figure, column.unit) else figure
        for column, figure in zip(insight.columns, row.figures, strict=True)
    )
    return row if figures == row.figures else replace(row, figures=figures, lead_ids=())


def _rests_on_few(figure: Figure, unit: Unit) -> bool:
    if figure.n is not None:
        return 0 < figure.n < FEWEST
    return unit is Unit.COUNT and figure.value is not None and 0 < figure.value < FEWEST
