"""How much of what marketing sent was taken, by source."""

from __future__ import annotations

from triage.insights.evidence import Evidence
from triage.insights.figure import Chart, ChartKind, Insight, Row
from triage.insights.handed import COLUMNS, FORMULA, NO_SOURCE, handed, notes, split, total


def of(evidence: Evidence) -> Insight:
    """Count decided, accepted and delivered leads by source."""
    whole = handed(evidence)
    parts = split(whole, lambda case: case.source, lambda change: change.source)
    rows = tuple(Row(source or NO_SOURCE, part.figures(), part.lead_ids) for source, part in parts.items())
    return Insight(
        name="acceptance",
        title="Acceptance by source",
        asks="Of the leads that marketing sent, how many did sales take?",
        formula=FORMULA,
        columns=COLUMNS,
        rows=(*rows, total(whole)) if rows else (),
        notes=notes(whole),
        chart=Chart(ChartKind.BARS, ("acceptance",), target=evidence.definition.targets.get("acceptance")),
        first_column="source",
    )
