"""One HTML page with a table, whole in itself: no script, no link, nothing is fetched when it is opened."""

from __future__ import annotations

from html import escape
from string import Template
from typing import Final

from triage.exports.sheet import Cell, Sheet, shown

_PAGE: Final = Template("""\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>$title</title>
<style>
:root { --ink: #1b1f24; --faint: #57606a; --line: #d0d7de; --band: #f6f8fa; --paper: #ffffff; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6edf3; --faint: #9198a1; --line: #3d444d; --band: #151b23; --paper: #0d1117; }
}
body { margin: 2rem; color: var(--ink); background: var(--paper); font: 14px/1.45 system-ui, sans-serif; }
h1 { margin: 0; font-size: 1.35rem; }
p { margin: .25rem 0 1.25rem; color: var(--faint); }
div { overflow-x: auto; }
table { border-collapse: collapse; }
th, td { padding: .35rem .7rem; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
th { position: sticky; top: 0; background: var(--paper); font-weight: 600; white-space: nowrap; }
td { max-width: 28rem; overflow-wrap: anywhere; }
tbody tr:nth-child(even) { background: var(--band); }
.number { text-align: right; font-variant-numeric: tabular-nums; }
@media print {
  :root { --ink: #000; --faint: #333; --line: #999; --band: #fff; --paper: #fff; }
  body { margin: 0; font-size: 9pt; }
  div { overflow: visible; }
  thead { display: table-header-group; }
  tr { break-inside: avoid; }
}
</style>
</head>
<body>
<h1>$title</h1>
<p>$subtitle</p>
<div>
<table>
<thead>
<tr>$headings</tr>
</thead>
<tbody>
$rows
</tbody>
</table>
</div>
</body>
</html>
""")


def as_page(sheet: Sheet) -> str:
    """Return the sheet as one page, to be read on a screen, in the dark and on paper."""
    return _PAGE.substitute(
        title=_text(sheet.title),
        subtitle=_text(sheet.subtitle),
        headings="".join(f'<th scope="col">{_text(name)}</th>' for name in sheet.headings),
        rows="\n".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in sheet.rows),
    )


def _cell(cell: Cell) -> str:
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return f'<td class="number">{_text(cell)}</td>'
    # Each in its own direction, so that a name written from right to left turns no other around.
    return f'<td dir="auto">{_text(cell)}</td>'


def _text(cell: Cell) -> str:
    return escape(shown(cell), quote=True)
