"""The score that adds up: base, signed contributions as bars, the rest, and a difference if there is one.

Never draws a weight that the CRM did not give: without weights there are directions, in the CRM's order.
"""

from __future__ import annotations

from collections.abc import Sequence

from rich.style import Style

from screens.cells import Line, crop, fit, say, width_of, wrap
from screens.folding import folded
from screens.panels.glance import Glance
from screens.words import ago, points, signed
from triage.domain.clocks import spoken
from triage.domain.score import CappedGroup, Contribution, Reasons, Score

_UP, _HALF_UP, _DOWN = "━", "╸", "╍"
POINTS_WIDTH = 5
_EVIDENCE = 2_000
"""Characters of what a contribution rests on that are shown on the page."""
Told = tuple[Line, str]
"""A line, and the contribution it is about (empty: none)."""


def score_panel(glance: Glance, rows: int) -> list[Line]:
    """Return the score in `rows` lines: the sum, then the largest contributions; 0 rows = all of them."""
    score = glance.lead.score
    if score is None:
        return [_no_score(glance)]
    parts = score.by_weight() if score.reasons is not Reasons.NONE else ()
    head = [*dimensions(glance, score), *difference(glance, score)]
    room = len(parts) if not rows else rows - 1 - len(head)
    shown = parts[: max(room, 0)]
    lines = [sum_line(glance, score, parts[len(shown) :]), *head]
    scale = scale_of(parts)
    lines.extend(contribution_line(glance, part, scale, with_weight=score.has_weights) for part in shown)
    return lines if parts else [*lines, _no_reasons(glance, score)]


def score_lines(glance: Glance, dispute_key: str) -> list[Told]:
    """Return all there is to say about the score, each contribution with evidence, age, decay and cap."""
    score = glance.lead.score
    if score is None or score.reasons is Reasons.NONE or not score.contributions:
        return [(line, "") for line in score_panel(glance, 0)]
    head = [sum_line(glance, score, ()), *dimensions(glance, score), *difference(glance, score)]
    lines = [(line, "") for line in head]
    scale = scale_of(score.contributions)
    for block in score.blocks():
        if block.group is not None:
            lines += [(line, "") for line in group_lines(glance, block.group)]
        for part in block.parts:
            whole = whole_contribution(
                glance, part, scale, with_weight=score.has_weights, within=block.group is not None
            )
            lines += [(line, part.label) for line in whole]
    hint = f"{' ' * (POINTS_WIDTH + 1)}{dispute_key} on a line disputes it"
    return [*lines, (Line(hint, glance.ink.dim), "")]


def scale_of(parts: Sequence[Contribution]) -> float:
    """Return the points that a whole bar stands for."""
    return max((abs(part.points_applied) for part in parts), default=1) or 1


def sum_line(glance: Glance, score: Score, hidden: Sequence[Contribution]) -> Line:
    """Return "SCORE 72 A ▲8 = 10 base +49 +13 in 4 more", shortened where there is little room."""
    for name, base in (("SCORE ", " base"), ("", " base"), ("", "")):
        line = Line(name, glance.ink.dim).join(_head(glance, score))
        line.join(_sum(glance, score, hidden, base=base) if score.has_weights else _order(glance, score))
        if line.width <= glance.width:
            break
    return line


def _head(glance: Glance, score: Score) -> Line:
    line = Line(points(score.score), glance.ink.strong)
    if score.band:
        line.add(f" {crop(say(score.band), 2)}", glance.ink.strong)
    return line.join(_trend(glance, score))


def _sum(glance: Glance, score: Score, hidden: Sequence[Contribution], *, base: str) -> Line:
    ink = glance.ink
    line = Line(" = ", ink.dim).add(f"{points(score.base_points)}{base}", ink.text)
    left = sum(part.points_applied for part in hidden)
    shown = sum(part.points_applied for part in score.contributions) - left
    if len(hidden) < len(score.contributions):
        line.add(f" {signed(shown)}", ink.text)
    if hidden:
        line.add(f" {signed(left)} in {len(hidden)} more", ink.text)
    if score.other:
        line.add(f" {signed(score.other)} other", ink.text)
    return line


def _order(glance: Glance, score: Score) -> Line:
    ordered = score.reasons is Reasons.ORDER and score.contributions
    return Line(" · the strongest first, without weights", glance.ink.dim) if ordered else Line()


def _trend(glance: Glance, score: Score) -> Line:
    if not score.trend:
        return Line()
    up = score.trend > 0
    ink = glance.ink
    return Line(f" {'▲' if up else '▼'}{points(abs(score.trend))}", ink.good if up else ink.warn)


def dimensions(glance: Glance, score: Score) -> list[Line]:
    """Return "fit 34 (A) · engagement 48 (1) · model 2026.3 · 2h ago", as far as there is room for it."""
    told = (
        _dimension("fit", score.fit, score.fit_grade),
        _dimension("engagement", score.engagement, score.engagement_grade),
        f"model {say(score.model_version)}" if score.model_version else "",
        ago(score.scored_at, glance.now),
    )
    line = Line()
    for text in told:
        gap = " · " if line.width else ""
        room = glance.width - line.width - len(gap)
        if text and room > POINTS_WIDTH:
            line.add(gap, glance.ink.dim).add(crop(text, room), glance.ink.text)
    return [line] if line.width else []


def _dimension(name: str, value: float | None, grade: str) -> str:
    if value is None and not grade:
        return ""
    known = "?" if value is None else points(value)
    return f"{name} {known} ({crop(say(grade), 2)})" if grade else f"{name} {known}"


def difference(glance: Glance, score: Score) -> list[Line]:
    """Return the line that says by how much the parts do not make the whole; none where they do."""
    if not score.unreconciled:
        return []
    words = f"✗ does not add up: {signed(score.residual)} points are unexplained"
    return [Line(crop(words, glance.width), glance.ink.bad)]


def _no_score(glance: Glance) -> Line:
    ink = glance.ink
    if glance.entry.is_blind:
        return Line("SCORE  ", ink.dim).add("hidden", ink.strong).add(" until you decide", ink.dim)
    return Line("SCORE  ", ink.dim).add("unknown", ink.strong).add(" · the CRM gives none", ink.dim)


def _no_reasons(glance: Glance, score: Score) -> Line:
    if glance.provided.explains:
        words = f"{glance.explain_key} asks {say(glance.provided.name)} why".strip()
    elif score.reasons is Reasons.NONE:
        words = f"reasons {say(glance.provided.lacking)}"
    else:
        words = "the CRM does not say what it is made of"
    return Line(crop(f"{' ' * (POINTS_WIDTH + 1)}{words}", glance.width), glance.ink.dim)


def contribution_line(glance: Glance, part: Contribution, scale: float, *, with_weight: bool = True) -> Line:
    """Return one contribution: signed points, a bar (whole up, broken down), what for, evidence, age.

    Without weights: which way it pulls, and no bar.
    """
    line, when = _pull(glance, part, scale, with_weight=with_weight), _age(glance, part)
    room = glance.width - line.width - (len(when) + 1 if when else 0)
    remark = _remark(part, short=True) if with_weight else ""
    line.join(_reason(glance, part, room, remark))
    return line.to(glance.width - len(when), glance.ink.text).add(when, glance.ink.dim) if when else line


def whole_contribution(
    glance: Glance, part: Contribution, scale: float, *, with_weight: bool, within: bool = False
) -> list[Line]:
    """Return one contribution with decay, cap and all its evidence, on as many lines as that takes.

    `within`: it stands under its group.
    """
    ink, when = glance.ink, _age(glance, part)
    line = _pull(glance, part, scale, with_weight=with_weight)
    line.add("  " if within else "", ink.text)
    start = line.width
    room = max(glance.width - start - len(when) - 1, 1)
    label, *cut_off = wrap(say(part.label), room)
    remark = _remark(part) if with_weight else ""
    evidence = say(part.evidence, limit=_EVIDENCE) if part.evidence != part.label else ""
    told: list[str] = [label]
    below: list[str] = [" ".join(cut_off)] if cut_off else []
    for text in (remark, evidence):
        if text:
            fits = not below and width_of(" · ".join([*told, text])) <= room
            (told if fits else below).append(text)
    line.add(told[0], ink.text).add("".join(f" · {text}" for text in told[1:]), ink.dim)
    if when:
        line.to(glance.width - len(when), ink.text).add(when, ink.dim)
    rest = wrap(" · ".join(below), max(glance.width - start, 1)) if below else []
    return [line, *(Line(" " * start, ink.text).add(text, ink.dim) for text in rest)]


def group_lines(glance: Glance, group: CappedGroup) -> list[Line]:
    """Return a capped group once, on as many lines as its name takes: "+10  web visits 10 (earned 14)"."""
    line = Line(fit(signed(group.points_applied).rjust(POINTS_WIDTH - 1), POINTS_WIDTH), glance.ink.strong)
    line.add(" " * (_bar_width(glance) + 1), glance.ink.text)
    applied, earned = points(group.points_applied), points(group.points_before_cap)
    after = f" {applied} (earned {earned})"
    indent = line.width
    line.add(say(group.name), glance.ink.text).add(after, glance.ink.dim)
    return folded(line, glance.width, indent)


def _pull(glance: Glance, part: Contribution, scale: float, *, with_weight: bool) -> Line:
    """Return which way a contribution pulls, and how much where that is known."""
    ink = glance.ink
    if not with_weight:
        sign, style = _direction(glance, part)
        return Line(sign, style).add(" ", ink.text)
    line = Line(fit(signed(part.points_applied).rjust(POINTS_WIDTH - 1), POINTS_WIDTH), ink.strong)
    drawn = bar(part.points_applied, scale, _bar_width(glance))
    return line.add(drawn, ink.warn if part.points_applied < 0 else ink.good).add(" ", ink.text)


def _direction(glance: Glance, part: Contribution) -> tuple[str, Style]:
    if part.lifts is None:
        return "·", glance.ink.dim
    return ("▲", glance.ink.good) if part.lifts else ("▼", glance.ink.warn)


def _bar_width(glance: Glance) -> int:
    return min(max(glance.width // 6, 5), 14)


def bar(value: float, scale: float, width: int) -> str:
    """Return a bar of `width` cells: drawn through for what lifts, broken for what lowers the score."""
    if not value:
        return " " * width
    halves = max(round(min(abs(value) / scale, 1.0) * width * 2), 1)
    whole, half = divmod(halves, 2)
    cells = _DOWN * (whole + half) if value < 0 else _UP * whole + _HALF_UP * half
    return cells.ljust(width)[:width]


def _age(glance: Glance, part: Contribution) -> str:
    return spoken(glance.now - part.occurred_at) if part.occurred_at else ""


def _remark(part: Contribution, *, short: bool = False) -> str:
    """Say what age and cap took: "+12 → +6 by age, capped: 2"; in short "earned 12"."""
    if not part.is_decayed and not part.is_capped:
        return ""
    if short:
        return f"earned {points(part.points_earned)}"
    before_cap = part.points_before_cap
    aged = f"{signed(part.points_earned)} → {signed(before_cap)} by age" if part.is_decayed else ""
    capped = f"capped: {points(part.points_applied)}" if part.is_capped else ""
    if capped and part.points_after_decay is None:
        return f"earned {points(part.points_earned)}"
    if capped and not aged:
        capped += f" (earned {points(before_cap)})"
    return ", ".join(one for one in (aged, capped) if one)


def _reason(glance: Glance, part: Contribution, room: int, remark: str) -> Line:
    ink = glance.ink
    label = crop(say(part.label), room)
    line = Line(label, ink.text)
    if remark and line.width + len(remark) + 3 <= room:
        line.add(f" ({remark})", ink.dim)
    evidence = say(part.evidence)
    least = 8
    if evidence and evidence != label and room - line.width > least:
        line.add(crop(f" · {evidence}", room - line.width), ink.dim)
    return line
