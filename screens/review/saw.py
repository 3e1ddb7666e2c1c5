"""One decision or piece of feedback in full: the lead as the rep saw it then, and what was said since."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from screens.cells import Line, crop, fit, say, wrap
from screens.ink import Ink
from screens.review.board import Board
from screens.words import day, points, signed
from triage.domain.review import Reply
from triage.domain.review_words import criterion_label
from triage.domain.reviewing import Matter
from triage.insights.case import Case, cases_of

_SIGNS = {"pass": "✓", "fail": "✗", "unknown": "?"}
_BAR = 16
"""Cells of the longest bar."""
_LABEL = 34
_MOST_PARTS = 30


def item_row(matter: Matter, board: Board, now: datetime, width: int, ink: Ink) -> Line:
    """Return one item of a group: how it stands, whose lead, the score then, who said it and when."""
    sign, style = {"answered": ("✓ ", ink.good), "overdue": ("‼ ", ink.bad)}.get(
        matter.standing.value, ("· ", ink.text)
    )
    if matter.id in board.refused:
        sign, style = "✗ ", ink.bad
    line = Line(sign, style)
    seen = _snapshot(matter)
    score = f"{_number(seen.get('score'))} {say(seen.get('band') or '')}".strip()
    rest = max(width - 2 - 8 - 11, 20)
    told = (matter.lead_name, *(matter.item.lead.get(name) for name in ("title", "company")))
    lead = " · ".join(say(part) for part in told if part)
    line.add(fit(lead, rest * 6 // 10), ink.text).add(" ", ink.text)
    line.add(fit(score, 7), ink.strong).add(" ", ink.text)
    line.add(fit(say(matter.rep), rest - rest * 6 // 10 - 1), ink.dim).add(" ", ink.text)
    return line.add(day(matter.at, now) if matter.at else "", ink.dim)


def seen_lines(matter: Matter, board: Board, now: datetime, width: int, ink: Ink) -> list[Line]:
    """Return all there is to know of an item; raw text is made safe here."""
    lines = [Line(" ", ink.text).add(one, ink.strong) for one in wrap(_said(matter, board), width - 2, 3)]
    lines += _refused(matter, board, width, ink)
    if matter.words:
        lines += _wrapped(f"“{say(matter.words, 2000)}”", width, ink)
    for reply in matter.item.replies:
        lines += _replied(reply, now, width, ink)
    lines += _details(matter, width, ink)
    case = _case(matter, board)
    if case is None and _snapshot(matter):
        lines.append(_plain(_score_words(_snapshot(matter)), width, ink))
    if case is not None:
        when = "" if matter.is_decision else f"Their {case.act} {day(case.at, now)}. "
        lines.append(_plain(f"{when}{_score_words(case.decision.snapshot)}", width, ink))
        lines += _parts(case, str(matter.details.get("contribution") or ""), width, ink)
        lines += _case_lines(case, board, width, ink)
    lines.append(_plain(_ids(matter), width, ink))
    return lines


def _said(matter: Matter, board: Board) -> str:
    campaign = say(matter.campaign)
    return f"{say(board.words(matter), 400)}{f' · {campaign}' if campaign else ''}"


def _refused(matter: Matter, board: Board, width: int, ink: Ink) -> list[Line]:
    why = board.refused.get(matter.id)
    return [Line(" ✗ ", ink.bad).add(crop(f"not answered: {say(why)}", width - 4), ink.bad)] if why else []


def _replied(reply: Reply, now: datetime, width: int, ink: Ink) -> Iterator[Line]:
    """Yield an answer: what, when, by whom, in which words, and whether the rep saw it."""
    seen = f" · seen by the rep {day(reply.seen_at, now)}" if reply.seen_at is not None else ""
    parts = (
        reply.kind.replace("_", " "),
        day(reply.at, now) if reply.at is not None else "",
        f"by {say(reply.by)}" if reply.by else "",
        say(reply.text, 1000),
        f"→ {say(reply.link)}" if reply.link else "",
    )
    told = " · ".join(part for part in parts if part)
    for index, line in enumerate(wrap(f"{told}{seen}", width - 4, 4)):
        yield Line("   " if index else " ↩ ", ink.accent).add(line, ink.text)


def _details(matter: Matter, width: int, ink: Ink) -> list[Line]:
    """Return the parameters or the payload, but for what was said above in words."""
    told = [
        f"{say(name).replace('_', ' ')}: {say(value)}"
        for name, value in matter.details.items()
        if str(value) not in matter.words
    ]
    return _wrapped(" · ".join(told), width, ink, limit=3) if told else []


def _case_lines(case: Case, board: Board, width: int, ink: Ink) -> list[Line]:
    """Return what else the rep saw: the definition's lines, and how the lead was on the screen."""
    lines = []
    if case.blind:
        lines.append(Line(" ? ", ink.warn).add("The score was hidden from the rep.", ink.warn))
    if board.read is not None:
        told = (
            f"{_SIGNS.get(result, '?')} {say(criterion_label(board.read.definition, name))}"
            for name, result in case.criteria.items()
        )
        lines += _wrapped("   ".join(told), width, ink, limit=4)
    lines += _wrapped(" · ".join(_circumstances(case)), width, ink, limit=2)
    return lines


def _score_words(seen: Mapping[str, Any]) -> str:
    """Return the score as the rep saw it, with what it was made by."""
    grade = "".join(f" {say(seen.get(name))}" for name in ("band", "grade") if seen.get(name))
    parts = [f"The rep saw: score {_number(seen.get('score'))}{grade}"]
    parts += [
        f"{word} {say(seen.get(name))}"
        for name, word in (("model_version", "model"), ("definition_version", "definition"))
        if seen.get(name)
    ]
    return " · ".join(parts)


def _parts(case: Case, disputed: str, width: int, ink: Ink) -> Iterator[Line]:
    """Yield the contributions with a bar each, the largest effect first; a disputed one says so."""
    largest = max((abs(part.points) for part in case.parts), default=0.0)
    label = min(_LABEL, max(width - _BAR - 12, 10))
    for part in sorted(case.parts, key=lambda one: -abs(one.points))[:_MOST_PARTS]:
        line = Line("  ", ink.text).add(fit(say(part.label), label), ink.text).add(" ", ink.text)
        line.add(f"{signed(part.points):>6} ", ink.strong)
        cells = round(_BAR * abs(part.points) / largest) if largest else 0
        line.add(("█" if part.points > 0 else "░") * cells, ink.accent if part.points > 0 else ink.warn)
        yield line.add(" ◂ disputed", ink.bad) if disputed and part.label == disputed else line


def _circumstances(case: Case) -> Iterator[str]:
    contacted = {True: "contacted before", False: "not contacted", None: "contact unknown"}
    yield contacted[case.contacted]
    if isinstance(attempts := case.decision.snapshot.get("attempts"), int):
        yield f"{attempts} attempts"
    if case.status:
        yield f"status {say(case.status)}"
    if case.dwell_ms is not None:
        yield f"on the screen for {case.dwell_ms / 1000:,.1f} s"
    if case.position is not None:
        yield f"line {case.position:,} of the list"
    if case.sla_due_at is not None:
        yield "within the SLA" if case.at <= case.sla_due_at else "after the SLA deadline"


def _ids(matter: Matter) -> str:
    batch = f" · batch {say(matter.item.batch_id)}" if matter.item.batch_id else ""
    return f"{'decision' if matter.is_decision else 'feedback'} {say(matter.id)}{batch}"


def _snapshot(matter: Matter) -> Mapping[str, Any]:
    return matter.item.snapshot


def _case(matter: Matter, board: Board) -> Case | None:
    decision = board.decision_with(matter)
    return next(iter(cases_of((decision,))), None) if decision is not None else None


def _number(value: object) -> str:
    """Return a score; a dash where it is not known, which is never zero."""
    known = isinstance(value, int | float) and not isinstance(value, bool)
    return points(float(value)) if known else "–"  # type: ignore[arg-type]  # a number, as was just asked


def _plain(text: str, width: int, ink: Ink) -> Line:
    return Line(" ", ink.text).add(crop(text, width - 2), ink.dim)


def _wrapped(text: str, width: int, ink: Ink, limit: int = 6) -> list[Line]:
    return [Line(" ", ink.text).add(one, ink.text) for one in wrap(text, width - 2, limit)]
