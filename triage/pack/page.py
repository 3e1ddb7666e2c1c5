"""The pack as one HTML page, whole in itself: no script, nothing fetched, each chart beside its table."""

from __future__ import annotations

import re
from html import escape
from string import Template
from typing import Final

from triage.exports.sheet import shown
from triage.insights.figure import Column, Figure, Finding, Insight, Row, Unit
from triage.insights.wording import base_words, interval_words, value_words
from triage.pack.charts import chart_of, columns_drawn
from triage.pack.drawing import drawn
from triage.pack.look import STYLE, policy
from triage.pack.pack import Chapter, Pack

_PAGE: Final = Template("""\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="$policy">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>$title, $subtitle</title>
<style>$style</style>
</head>
<body>
<a class="skip" href="#pack">To the numbers</a>
<header>
<h1>$title</h1>
<p class="faint">$subtitle</p>
<nav aria-label="Contents">
<ul>
$contents
</ul>
</nav>
</header>
<main id="pack">
$chapters
</main>
<footer>
<p class="faint">Shares come with their 95 % Wilson interval and with what they are of (n). \
Below n=10 they are a direction only.</p>
</footer>
</body>
</html>
""")
WIDE, WIDEST = 5, 8
"""Columns beside the first beyond which paper needs smaller letters, and the smallest."""
WORD = 16
"""Characters of a text that is not broken over lines: a date, a name of a team."""
LINE = 60
"""Characters beyond which a text needs a wide column."""
_ODD = re.compile(r"[^a-z0-9]+")


def as_page(pack: Pack) -> str:
    """Return the pack as a page to be read on a screen, in the dark, on paper and aloud."""
    return _PAGE.substitute(
        policy=escape(policy()),
        style=STYLE,
        title=_text(pack.title),
        subtitle=_text(pack.subtitle),
        contents="\n".join(
            f'<li><a href="#{_slug(one.title)}">{_text(one.title)}</a></li>' for one in pack.chapters
        ),
        chapters="\n".join(_chapter(one) for one in pack.chapters),
    )


def _chapter(chapter: Chapter) -> str:
    slug = _slug(chapter.title)
    return "\n".join(
        (
            f'<section aria-labelledby="{slug}">',
            f'<h2 id="{slug}">{_text(chapter.title)}</h2>',
            *(_insight(insight) for insight in chapter.insights),
            "</section>",
        )
    )


def _insight(insight: Insight) -> str:
    slug = _slug(insight.name)
    parts = (
        f'<article aria-labelledby="insight-{slug}">',
        f'<h3 id="insight-{slug}">{_text(insight.title)}</h3>',
        f'<p class="asks">{_text(insight.asks)}</p>',
        _findings(insight),
        _figure(insight, slug) if insight.rows else '<p class="none">Nothing in this period.</p>',
        _how(insight),
        "</article>",
    )
    return "\n".join(part for part in parts if part)


def _findings(insight: Insight) -> str:
    if not insight.findings:
        return ""
    lines = "".join(f'<li dir="auto">{_finding(finding)}</li>' for finding in insight.findings)
    return f'<ul class="findings">{lines}</ul>'


def _finding(finding: Finding) -> str:
    day = f" <small>({finding.on:%Y-%m-%d})</small>" if finding.on else ""
    return f"{_text(finding.text)}{day}"


def _figure(insight: Insight, slug: str) -> str:
    """Return the chart, if any, and always the table with the same figures."""
    tree = chart_of(insight)
    if tree is None:
        return _table(insight)
    labels = ", ".join(column.label for column in columns_drawn(insight))
    told = f"{labels} by {insight.first_column or 'line'}. The table below holds the same figures."
    goal = insight.chart is not None and insight.chart.target is not None
    picture = drawn(tree, name=slug, title=_plain(insight.title), told=_plain(told))
    frame = f'<div class="goal">{picture}</div>' if goal else picture
    return f"<figure>\n{frame}\n{_table(insight)}\n</figure>"


def _table(insight: Insight) -> str:
    """Return the table; what is wider than the page is scrolled to, by keyboard too."""
    first = insight.first_column or "line"
    heads = (f'<th scope="col">{_text(first)}</th>', *(_head(column) for column in insight.columns))
    label = f'tabindex="0" role="region" aria-label="{_text(insight.title)}"'
    wide, widest = (len(insight.columns) > many for many in (WIDE, WIDEST))
    kind = f"table{' wide' if wide else ''}{' widest' if widest else ''}"
    return (
        f'<div class="{kind}" {label}>\n<table>\n<thead><tr>{"".join(heads)}</tr></thead>\n<tbody>\n'
        + "\n".join(_row(row, insight) for row in insight.rows)
        + "\n</tbody>\n</table>\n</div>"
    )


def _head(column: Column) -> str:
    kind = "" if column.unit is Unit.TEXT else ' class="number"'
    return f'<th scope="col"{kind}>{_text(column.label)}</th>'


def _row(row: Row, insight: Insight) -> str:
    cells = (
        _cell(figure, column, insight.currency)
        for column, figure in zip(insight.columns, row.figures, strict=True)
    )
    kind = ' class="total"' if row.is_total else ""
    # Each in its own direction, so that a name written from right to left turns no other around.
    return f'<tr{kind}><th scope="row" dir="auto">{_text(row.label)}</th>{"".join(cells)}</tr>'


def _cell(figure: Figure, column: Column, currency: str) -> str:
    """Return a figure, under it its interval and what it is of, in the words of every front end."""
    value = _text(value_words(figure, column.unit, currency))
    under = ", ".join(filter(None, (interval_words(figure, column.unit, currency), base_words(figure))))
    small = f"<small>{_text(under)}</small>" if under else ""
    if column.unit is Unit.TEXT:
        length = len(figure.text)
        kind = ' class="word"' if length <= WORD else ' class="long"' if length > LINE else ""
        return f'<td{kind} dir="auto">{value}{small}</td>'
    few = " few" if figure.is_direction_only else ""
    return f'<td class="number{few}">{value}{small}</td>'


def _how(insight: Insight) -> str:
    """Return how the numbers come about: open on paper and aloud, so it is plain text and no fold."""
    lines = (f"How it is counted: {insight.formula}" if insight.formula else "", *insight.notes)
    items = "".join(f'<li dir="auto">{_text(line)}</li>' for line in lines if line)
    return f'<ul class="how">{items}</ul>' if items else ""


def _slug(text: str) -> str:
    """Return a name that may stand in an address."""
    return _ODD.sub("-", text.casefold()).strip("-") or "part"


def _plain(text: str) -> str:
    return shown(text)


def _text(text: str) -> str:
    return escape(_plain(text), quote=True)
