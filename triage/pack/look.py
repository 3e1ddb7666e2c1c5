"""How the page of a pack looks: on a screen, in the dark, on paper. Its hash is in the page's own policy."""

from __future__ import annotations

import base64
import hashlib
from typing import Final

STYLE: Final = """
:root {
  --ink: #1b1f24; --faint: #57606a; --line: #d0d7de; --band: #f6f8fa; --paper: #ffffff; --mark: #fff8e1;
  --one: #0b63b5; --two: #b45309; --three: #0f766e; --four: #9d174d; --five: #6d28d9; --six: #4d5b16;
  --interval: #1b1f24; --goal: #b42318;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ink: #e6edf3; --faint: #9aa4af; --line: #3d444d; --band: #151b23; --paper: #0d1117; --mark: #2b2410;
    --one: #6cb2ff; --two: #f0a35e; --three: #4fd1c0; --four: #f28ab8; --five: #b9a3ff; --six: #c3cf7a;
    --interval: #e6edf3; --goal: #ff8a80;
  }
}
* { box-sizing: border-box; }
html { background: var(--paper); }
body { margin: 0 auto; padding: 2rem 1.5rem 4rem; max-width: 72rem; color: var(--ink);
  background: var(--paper); font: 15px/1.5 system-ui, sans-serif; }
a { color: var(--one); }
a:focus-visible, [tabindex]:focus-visible { outline: 3px solid var(--one); outline-offset: 2px; }
.skip { position: absolute; left: -100vw; top: .5rem; padding: .5rem 1rem; background: var(--paper); }
.skip:focus { left: 1rem; }
h1 { margin: 0; font-size: 1.9rem; line-height: 1.2; }
h2 { margin: 3rem 0 0; padding-top: 1rem; border-top: 3px solid var(--ink); font-size: 1.35rem; }
h3 { margin: 1.75rem 0 .1rem; font-size: 1.08rem; }
p { margin: .25rem 0 .75rem; }
.faint, .asks, figcaption, small { color: var(--faint); }
nav ul { display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; margin: 1rem 0 0; padding: 0; list-style: none; }
.findings { margin: .5rem 0 1rem; padding: .6rem 1rem .6rem 2rem; background: var(--mark);
  border-left: 4px solid var(--two); }
.findings li::marker { color: var(--two); }
figure { margin: .75rem 0 0; }
figure .table { margin-top: 1rem; }
.table { overflow-x: auto; margin: .5rem 0; }
table { border-collapse: separate; border-spacing: 0; min-width: 60%; }
th, td { padding: .38rem .65rem; border-bottom: 1px solid var(--line); text-align: left;
  vertical-align: top; }
thead th { border-bottom: 2px solid var(--line); font-weight: 600; vertical-align: bottom; }
thead th.number { white-space: normal; min-width: 4.5rem; }
tbody tr { background: var(--paper); }
tbody th { position: sticky; left: 0; background: inherit; font-weight: 500; min-width: 11rem;
  max-width: 24rem; overflow-wrap: anywhere; }
td { max-width: 26rem; overflow-wrap: anywhere; }
tbody tr:nth-child(even) { background: var(--band); }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
td small { display: block; font-weight: 400; font-size: .8em; line-height: 1.25; }
td.word { white-space: nowrap; }
td.long { min-width: 18rem; }
td.few { color: var(--faint); }
tr.total > * { border-top: 2px solid var(--line); font-weight: 650; }
details { margin: .4rem 0; color: var(--faint); }
summary { cursor: pointer; }
.how { color: var(--faint); font-size: .9em; margin: .4rem 0; padding-left: 1.2rem; }
.none { color: var(--faint); font-style: italic; }
.chart { display: block; width: 100%; max-width: 47.5rem; height: auto; overflow: visible; }
.chart text { fill: var(--ink); stroke: none; font-family: system-ui, sans-serif; font-size: 12px; }
.chart .axis.y text { text-anchor: end; }
.chart .axis.x text { text-anchor: middle; }
.chart .title { text-anchor: middle; fill: var(--faint); }
.chart .legends text { font-size: 12px; }
.chart .background { fill: none; }
.chart .axis .line, .chart .axis .guide { fill: none; stroke: var(--line); stroke-width: 1; }
.chart .axis .guide { stroke-dasharray: 3 3; }
.chart .nofill { fill: none; }
.chart .series path.line { stroke-width: 2.5; }
.chart .bar rect { stroke: none; fill-opacity: .8; }
.chart .ci path { fill: none; stroke: var(--interval); stroke-width: 1.4; }
.chart .bar .few { fill-opacity: .35; stroke: inherit; stroke-dasharray: 4 2; }
.line-graph .ci path { stroke-width: 1; stroke-opacity: .6; }
.line-graph .color-0 .ci path { stroke: var(--one); }
.line-graph .color-1 .ci path { stroke: var(--two); }
.line-graph .color-2 .ci path { stroke: var(--three); }
.chart .text-overlay text { font-size: 11px; }
.chart .color-0 { fill: var(--one); stroke: var(--one); }
.chart .color-1 { fill: var(--two); stroke: var(--two); }
.chart .color-2 { fill: var(--three); stroke: var(--three); }
.chart .color-3 { fill: var(--four); stroke: var(--four); }
.chart .color-4 { fill: var(--five); stroke: var(--five); }
.chart .color-5, .chart .color-6 { fill: var(--six); stroke: var(--six); }
.chart .color-1 path.line { stroke-dasharray: 8 3; }
.chart .color-2 path.line { stroke-dasharray: 2 3; }
.chart .color-3 path.line { stroke-dasharray: 10 3 2 3; }
.chart .color-4 path.line { stroke-dasharray: 14 4; }
.chart .color-5 path.line { stroke-dasharray: 1 5; }
.goal .axis .major.line, .goal .axis .major.guide { stroke: var(--goal); stroke-width: 1.6;
  stroke-dasharray: 6 3; }
.goal .axis text.major { fill: var(--goal); font-weight: 700; }
@media print {
  :root {
    --ink: #000; --faint: #444; --line: #aaa; --band: #fff; --paper: #fff; --mark: #fff;
    --one: #0b63b5; --two: #b45309; --three: #0f766e; --four: #9d174d; --five: #6d28d9; --six: #4d5b16;
    --interval: #000; --goal: #b42318;
  }
  @page { size: A4; margin: 15mm 14mm; }
  body { padding: 0; max-width: none; font-size: 9.5pt; }
  nav, .skip { display: none; }
  .table { overflow: visible; }
  table { width: 100%; }
  thead { display: table-header-group; }
  tr, .findings, figure svg { break-inside: avoid; }
  h2, h3, .asks, .findings { break-after: avoid; }
  h2 { margin-top: 1.6rem; }
  .table td small { white-space: normal; }
  .chart { max-width: 15cm; }
  td, th { padding: .2rem .45rem; }
  tbody th { position: static; min-width: 2.4cm; }
  thead th.number { min-width: 0; }
  td.long { min-width: 2.1cm; }
  .wide { font-size: 7.5pt; }
  .widest { font-size: 5.5pt; }
  .wide td, .wide th { padding: .15rem .25rem; overflow-wrap: anywhere; }
  .wide thead th { overflow-wrap: normal; }
  .widest td.word, .widest td.number { white-space: normal; overflow-wrap: normal; }
  .widest tbody th { min-width: 1.6cm; }
}
"""


def policy(style: str = STYLE) -> str:
    """Return the page's content security policy: nothing is fetched or run, only this one style applies."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
