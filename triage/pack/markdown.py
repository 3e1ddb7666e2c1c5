"""The pack as Markdown: the same figures in the same words, every text of a CRM literal."""

from __future__ import annotations

from collections.abc import Iterator

from triage.exports.markdown import literal
from triage.exports.sheet import shown
from triage.insights.figure import Finding, Insight, Row
from triage.insights.wording import figure_words
from triage.pack.pack import Pack


def as_markdown(pack: Pack) -> str:
    """Return the pack as headings, findings and tables."""
    return "\n".join(_lines(pack)) + "\n"


def _lines(pack: Pack) -> Iterator[str]:
    yield from (f"# {literal(pack.title)}", "", literal(pack.subtitle))
    for chapter in pack.chapters:
        yield from ("", f"## {literal(chapter.title)}")
        for insight in chapter.insights:
            yield from _insight(insight)


def _insight(insight: Insight) -> Iterator[str]:
    yield from ("", f"### {literal(insight.title)}", "", literal(insight.asks))
    if insight.findings:
        yield from ("", *(f"- {_finding(finding)}" for finding in insight.findings))
    yield ""
    if insight.rows:
        yield from _table(insight)
    else:
        yield "Nothing in this period."
    how = (f"How it is counted: {insight.formula}" if insight.formula else "", *insight.notes)
    for line in filter(None, how):
        yield from ("", literal(line))


def _finding(finding: Finding) -> str:
    day = f" ({finding.on:%Y-%m-%d})" if finding.on else ""
    return literal(f"{finding.text}{day}")


def _table(insight: Insight) -> Iterator[str]:
    heads = [insight.first_column or "line", *(column.label for column in insight.columns)]
    yield _line([literal(head) for head in heads])
    yield _line(["---"] * len(heads))
    for row in insight.rows:
        yield _line([_label(row), *_cells(row, insight)])


def _label(row: Row) -> str:
    return f"**{literal(row.label)}**" if row.is_total and shown(row.label).strip() else literal(row.label)


def _cells(row: Row, insight: Insight) -> Iterator[str]:
    for column, figure in zip(insight.columns, row.figures, strict=True):
        yield literal(figure_words(figure, column.unit, insight.currency))


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"
