"""The lines of the review: a group on one, and beneath the list what there is to know of it."""

from __future__ import annotations

from datetime import datetime

from rich.style import Style

from screens.cells import Line, crop, fit, say, width_of, wrap
from screens.ink import Ink
from screens.review.board import Board
from screens.words import counted, day
from triage.domain.clocks import spoken
from triage.domain.review_groups import Facet, Group
from triage.domain.reviewing import Matter, Standing

_COUNT, _SINCE, _DUE = 5, 9, 12
_WIDE = 120
"""Cells from which who said it has a column too."""
_NAMED = 4
"""Values of a facet that are named; of more it is said how many."""


def group_row(group: Group, board: Board, now: datetime, width: int, ink: Ink) -> Line:
    """Return a group: how many, what, where, since when, and until when it is to be answered."""
    words = say(board.words(group.matters[0]), 300)
    reps = _some(group, Facet.REP, "reps") if width >= _WIDE else ""
    rest = width - _COUNT - _SINCE - _DUE - (22 if reps else 0) - 3
    told = max(rest * 6 // 10, 8)
    line = Line(f"{group.count:>{_COUNT - 1},} ", ink.strong)
    line.add(fit(words, told), ink.text).add(" ", ink.text)
    line.add(fit(_some(group, Facet.CAMPAIGN, "campaigns"), max(rest - told, 4)), ink.dim).add(" ", ink.text)
    if reps:
        line.add(fit(reps, 21), ink.dim).add(" ", ink.text)
    line.add(fit(day(group.oldest, now) if group.oldest else "", _SINCE), ink.dim).add(" ", ink.text)
    text, style = due_words(group, now, ink)
    return line.add(fit(text, _DUE), style)


def due_words(group: Group, now: datetime, ink: Ink) -> tuple[str, Style]:
    """Return until when a group is to be answered: a sign and a word, never a colour alone."""
    if group.overdue and group.next_due is not None:
        return f"‼ {spoken(now - group.next_due)} late", ink.bad
    if not group.unanswered:
        return "✓ answered", ink.dim
    if group.next_due is None:
        return "open", ink.text
    return f"due in {spoken(group.next_due - now)}", ink.text


def under_group(group: Group, board: Board, now: datetime, width: int, ink: Ink) -> list[Line]:
    """Return what there is to know of a group before it is opened."""
    first = group.matters[0]
    lines = [Line(" ", ink.text).add(text, ink.strong) for text in _head(group, board, width - 2)]
    facts = (_whom(group), _answered_by(group, first, now), _campaigns(group))
    lines += [Line(" ", ink.text).add(crop(text, width - 2), ink.dim) for text in facts if text]
    for matter in group.matters:
        if why := board.refused.get(matter.id):
            lines.append(Line(" ✗ ", ink.bad).add(crop(f"not answered: {say(why)}", width - 4), ink.bad))
            break
    said = next((one for one in reversed(group.matters) if one.words), None)
    if said is not None:
        told = f"“{say(said.words, 400)}” {say(said.rep)}"
        lines += [Line(" ", ink.text).add(one, ink.text) for one in wrap(told, width - 2, 2)]
    return lines


def _head(group: Group, board: Board, width: int) -> list[str]:
    return wrap(say(board.words(group.matters[0]), 300), width, 2)


def _whom(group: Group) -> str:
    parts = [counted(group.leads, "lead")]
    if group.accounts:
        parts.append(counted(group.accounts, "account"))
    parts.append(_some(group, Facet.REP, "reps"))
    if sources := _some(group, Facet.SOURCE, "sources"):
        parts.append(sources)
    return " · ".join(parts)


def _answered_by(group: Group, first: Matter, now: datetime) -> str:
    parts = [f"routed to {say(first.routed_to)}"] if first.routed_to else []
    if group.oldest is not None:
        parts.append(f"since {day(group.oldest, now)}")
    stands = group.standings
    parts += [
        f"{stands[one]:,} {one}"
        for one in (Standing.OVERDUE, Standing.OPEN, Standing.ANSWERED)
        if stands[one]
    ]
    if group.next_due is not None and group.next_due >= now:
        parts.append(f"answer due {day(group.next_due, now)}")
    return " · ".join(parts)


def _campaigns(group: Group) -> str:
    names = group.values(Facet.CAMPAIGN)
    told = ", ".join(say(one) for one in names[:_NAMED])
    return f"{'campaigns' if len(names) > 1 else 'campaign'}: {told}" if told else ""


def _some(group: Group, facet: Facet, plural: str) -> str:
    """Return the one value, or how many there are."""
    values = group.values(facet)
    if len(values) > 1:
        return f"{len(values)} {plural}"
    return say(values[0]) if values else ""


def title(board: Board, count: int | None, width: int, ink: Ink) -> Line:
    """Return what is looked at: how many wait, and what it was narrowed to."""
    line = Line(" Review", ink.accent)
    if count is not None:
        line.add(f"  reading: {count:,} so far …", ink.dim)
    if board.read is None:
        return line
    overdue = sum(one.standing is Standing.OVERDUE for one in board.shown)
    line.add(f"  {board.sieve.wanted.value}", ink.strong)
    line.add(f"  {len(board.shown):,} in {counted(len(board.groups), 'group')}", ink.dim)
    if overdue:
        line.add(f" · ‼ {overdue:,} overdue", ink.bad)
    for part in narrowed(board):
        if line.width + 3 + width_of(part) < width:
            line.add(f" · {part}", ink.warn)
    return line


def narrowed(board: Board) -> list[str]:
    """Return what it was narrowed to, in words; empty: to nothing."""
    sieve = board.sieve
    parts = [f"{facet} {say(value) or 'not known'}" for facet, value in sieve.facets.items()]
    if sieve.mine:
        parts.append("mine")
    if sieve.changed_since is not None:
        parts.append("new since your last visit")
    if sieve.said_since is not None:
        parts.append(f"since {sieve.said_since:%-d %b}")
    return parts
