"""The score that adds up: base, signed contributions as bars, the rest, and a difference if there is one."""

from __future__ import annotations

from collections.abc import Sequence

from screens.cells import Line, crop, fit, say
from screens.panels.glance import Glance
from screens.words import ago, grade_of, points, signed
from triage.domain.clocks import spoken
from triage.domain.score import Contribution, Score

_UP, _HALF_UP, _DOWN = "━", "╸", "╍"
POINTS_WIDTH = 5


def score_panel(glance: Glance, rows: int) -> list[Line]:
    """Return the score in `rows` lines: the sum, then the largest contributions; 0 rows = all of them."""
    ink, score = glance.ink, glance.lead.score
    if score is None:
        return [Line("SCORE  ", ink.dim).add("unknown", ink.strong).add(" · the CRM gives none", ink.dim)]
    parts = score.by_weight()
    room = len(parts) if not rows else rows - 1 - bool(score.unreconciled)
    shown = parts[: max(room, 0)]
    lines = [sum_line(glance, score, parts[len(shown) :])]
    if score.unreconciled:
        lines.append(_difference(glance, score))
    scale = max((abs(part.points_applied) for part in parts), default=1) or 1
    lines.extend(contribution_line(glance, part, scale) for part in shown)
    if not parts:
        lines.append(Line("       the CRM does not say what it is made of", ink.dim))
    return lines


def sum_line(glance: Glance, score: Score, hidden: Sequence[Contribution]) -> Line:
    """Return "SCORE 72 A A1 ▲8 = 10 base +49 +13 in 4 more", shortened where there is little room."""
    for name, base in (("SCORE ", " base"), ("", " base"), ("", "")):
        line = _sum(glance, score, hidden, name=name, base=base)
        if line.width <= glance.width:
            break
    return line


def _sum(glance: Glance, score: Score, hidden: Sequence[Contribution], *, name: str, base: str) -> Line:
    ink = glance.ink
    line = Line(name, ink.dim).add(points(score.score), ink.strong)
    if score.band:
        line.add(f" {crop(say(score.band), 2)}", ink.strong)
    if grade := grade_of(score):
        line.add(f" {crop(say(grade), 4)}", ink.text)
    line.join(_trend(glance, score))
    line.add(" = ", ink.dim).add(f"{points(score.base_points)}{base}", ink.text)
    left = sum(part.points_applied for part in hidden)
    shown = sum(part.points_applied for part in score.contributions) - left
    if len(hidden) < len(score.contributions):
        line.add(f" {signed(shown)}", ink.text)
    if hidden:
        line.add(f" {signed(left)} in {len(hidden)} more", ink.text)
    if score.other:
        line.add(f" {signed(score.other)} other", ink.text)
    return line


def _trend(glance: Glance, score: Score) -> Line:
    if not score.trend:
        return Line()
    up = score.trend > 0
    ink = glance.ink
    return Line(f" {'▲' if up else '▼'}{points(abs(score.trend))}", ink.good if up else ink.warn)


def _difference(glance: Glance, score: Score) -> Line:
    words = f"✗ does not add up: {signed(score.residual)} points are unexplained"
    return Line(crop(words, glance.width), glance.ink.bad)


def contribution_line(glance: Glance, part: Contribution, scale: float) -> Line:
    """Return one contribution: signed points, a bar (whole up, broken down), what for, evidence, age."""
    ink, width = glance.ink, glance.width
    down = part.points_applied < 0
    bar_width = min(max(width // 6, 5), 14)
    line = Line(fit(signed(part.points_applied).rjust(POINTS_WIDTH - 1), POINTS_WIDTH), ink.strong)
    line.add(bar(part.points_applied, scale, bar_width), ink.warn if down else ink.good).add(" ", ink.text)
    when = spoken(glance.now - part.occurred_at) if part.occurred_at else ""
    room = width - line.width - (len(when) + 1 if when else 0)
    line.join(_reason(glance, part, room))
    return line.to(width - len(when), ink.text).add(when, ink.dim) if when else line


def bar(value: float, scale: float, width: int) -> str:
    """Return a bar of `width` cells: drawn through for what lifts, broken for what lowers the score."""
    halves = max(round(min(abs(value) / scale, 1.0) * width * 2), 1)
    whole, half = divmod(halves, 2)
    cells = _DOWN * (whole + half) if value < 0 else _UP * whole + _HALF_UP * half
    return cells.ljust(width)[:width]


def _reason(glance: Glance, part: Contribution, room: int) -> Line:
    ink = glance.ink
    label = crop(say(part.label), room)
    line = Line(label, ink.text)
    capped = f" (earned {points(part.points_earned)})" if part.is_capped else ""
    if capped and line.width + len(capped) <= room:
        line.add(capped, ink.dim)
    evidence = say(part.evidence)
    least = 8
    if evidence and evidence != label and room - line.width > least:
        line.add(crop(f" · {evidence}", room - line.width), ink.dim)
    return line


def scored_when(glance: Glance) -> str:
    """Say by which model and when the score was made."""
    score = glance.lead.score
    if score is None or not (score.model_version or score.scored_at):
        return ""
    model = f"model {say(score.model_version)}" if score.model_version else ""
    return " · ".join(part for part in (model, ago(score.scored_at, glance.now)) if part)
