"""The MQL definition line by line on this lead: pass ✓, fail ✗, unknown ?."""

from __future__ import annotations

from rich.style import Style

from screens.cells import Line, crop, say, width_of
from screens.ink import Ink
from screens.panels.glance import Glance
from screens.words import day, points
from triage.domain.definition import Result, TracedCriterion

_SIGN = {Result.PASS: "✓", Result.FAIL: "✗", Result.UNKNOWN: "?"}
_FAILS_FIRST = {Result.FAIL: 0, Result.UNKNOWN: 1, Result.PASS: 2}


def definition_panel(glance: Glance, rows: int) -> list[Line]:
    """Return the definition in `rows` lines, what fails first; 0 rows = all lines in their own order."""
    traced = glance.definition.trace(glance.lead.facts)
    lines = [Line(crop(_title(glance, traced), glance.width), glance.ink.dim)]
    if not traced:
        return [*lines, Line("  no definition was agreed", glance.ink.dim)]
    if not rows or len(traced) < rows:
        return [*lines, *(_criterion(glance, one) for one in traced)]
    ordered = sorted(traced, key=lambda one: (_FAILS_FIRST[one.result], -one.criterion.weight))
    shown = max(rows - 2, 0)
    lines.extend(_criterion(glance, one) for one in ordered[:shown])
    rest = ordered[shown:]
    if rows > 1:
        lines.append(_rest(glance, rest, " more" if shown else ""))
    return lines


def agreed_line(glance: Glance) -> Line | None:
    """Return when and by whom the definition was agreed, and when it is due for review."""
    definition, now = glance.definition, glance.now
    parts = []
    if definition.agreed_at:
        parts.append(f"agreed {day(definition.agreed_at, now)}")
    if definition.agreed_by:
        parts.append(f"by {', '.join(say(name) for name in definition.agreed_by)}")
    line = " ".join(parts)
    if definition.review_due:
        overdue = definition.review_due < now
        line += f" · review {'was due' if overdue else 'due'} {day(definition.review_due, now)}"
    return Line(crop(line.removeprefix(" · "), glance.width), glance.ink.dim) if line else None


def mql_reason(glance: Glance) -> str:
    """Say why the lead became an MQL: "by demo request", "by score 72 ≥ 65"."""
    mql, score, threshold = glance.lead.mql, glance.lead.score, glance.definition.threshold
    if mql is None:
        return ""
    if mql.is_hand_raise:
        return f"MQL by {say(mql.detail) or 'raised hand'}"
    if score is not None and threshold is not None:
        sign = "≥" if score.score >= threshold else "<"
        return f"MQL by score {points(score.score)} {sign} {points(threshold)}"
    return f"MQL by {say(mql.detail) or say(mql.by)}"


def _title(glance: Glance, traced: tuple[TracedCriterion, ...]) -> str:
    passed = sum(one.result is Result.PASS for one in traced)
    count = f" {passed} of {len(traced)} lines pass" if traced else ""
    title = f"MQL definition v{say(glance.definition.version)}{':' if count else ''}{count}"
    return title if len(title) <= glance.width else f"MQL v{say(glance.definition.version)}:{count}"


def _criterion(glance: Glance, one: TracedCriterion) -> Line:
    ink = glance.ink
    line = Line(_SIGN[one.result], _style(one.result, ink)).add(" ", ink.text)
    fact = glance.lead.facts.get(one.criterion.fact)
    found = (
        "" if one.result is Result.PASS or fact is None or isinstance(fact, bool) else f" (is {say(fact)})"
    )
    found = crop(found, max(glance.width // 3, 8))
    room = glance.width - line.width - width_of(found)
    line.add(crop(say(one.criterion.label), room), ink.dim if one.result is Result.PASS else ink.text)
    return line.add(found, ink.dim)


def _rest(glance: Glance, rest: list[TracedCriterion], more: str) -> Line:
    line = Line()
    for result in Result:
        count = sum(one.result is result for one in rest)
        if count:
            line.add(f"{_SIGN[result]} ", _style(result, glance.ink)).add(f"{count}{more}  ", glance.ink.dim)
    return line


def _style(result: Result, ink: Ink) -> Style:
    return {Result.PASS: ink.good, Result.FAIL: ink.bad, Result.UNKNOWN: ink.warn}[result]
