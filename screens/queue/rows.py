"""One line for an item of the queue, in columns that follow the width; the lines over and between them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from msgspec import Struct
from rich.style import Style

from screens.cells import Line, crop, fit, say, width_of
from screens.ink import Ink
from screens.queue.items import GROUP_OF, Group
from screens.queue.lines import Told, causes, goes, what
from screens.words import day, needing
from triage.domain.clocks import spoken
from triage.domain.item import EFFECTIVE, NEEDS_REP, State

SIGNS: Mapping[State, tuple[str, str]] = {
    State.CONFLICT: ("‼", "conflict"),
    State.REFUSED: ("✗", "refused"),
    State.UNKNOWN: ("?", "unknown"),
    State.SENDING: ("→", "sending"),
    State.QUEUED: ("…", "queued"),
    State.APPLIED: ("✓", "sent"),
    State.REVIEWED: ("✓", "reviewed"),
}
"""A sign and a word for each state: never a colour alone."""
_MARK, _SIGN, _AGE, _TRIES = 2, 11, 4, 4
_LONGEST_ACT = 28
"""Cells of "disqualified DO_NOT_CONTACT", and one between."""
_ROOMY = 72
"""Cells from which the title has room for words."""
_MINUTE = timedelta(minutes=1)
_LEAST_CAUSE = 14
"""Cells below which a cause says nothing: then its room is given to the other columns."""


class Columns(Struct, frozen=True):
    """Cells of name, act and cause; the others are fixed."""

    name: int
    act: int
    cause: int

    @classmethod
    def of(cls, width: int) -> Columns:
        """Divide a width."""
        room = width - _MARK - _SIGN - _AGE - _TRIES
        name, act = min(max(room * 30 // 100, 12), 26), min(max(room * 48 // 100, 12), _LONGEST_ACT)
        if room - name - act < _LEAST_CAUSE:
            name = room * 40 // 100
            return cls(name, room - name, 0)
        return cls(name, act, room - name - act)


def item_row(told: Told, now: datetime, width: int, ink: Ink, *, under_cursor: bool) -> Line:
    """Return sign, name, act with reason, age, attempts and cause; under the cursor the cause opens below."""
    item, columns = told.item, Columns.of(width)
    sign, word = SIGNS[item.state]
    settled = item.state in EFFECTIVE
    line = Line("▌ " if under_cursor else "  ", ink.accent)
    line.add(fit(f"{sign} {word}", _SIGN), style_of(item.state, ink))
    line.add(fit(crop(told.name, columns.name - 1), columns.name), ink.dim if settled else ink.strong)
    line.add(fit(crop(what(item), columns.act - 1), columns.act), ink.dim if settled else ink.text)
    line.add(f"{_age(now - item.made_at):>{_AGE - 1}} ", ink.dim)
    line.add(f"{f'×{item.attempts}' if item.attempts else '':<{_TRIES}}", ink.dim)
    if columns.cause and not under_cursor:
        line.add(crop(cause(told, now), columns.cause - 1), ink.dim)
    return line.to(width, ink.text)


def cause(told: Told, now: datetime) -> str:
    """Return the first thing there is to say about an item."""
    item = told.item
    if item.state in EFFECTIVE:
        return day(item.changed_at, now) if item.changed_at is not None else ""
    if item.error and item.state is not State.CONFLICT:
        return say(item.error)
    return goes(told, now) if item.state is State.QUEUED else causes(told, now)[0]


def rule(group: Group, count: int, width: int, ink: Ink) -> Line:
    """Return the line that names a group."""
    line = Line(f"  ─ {group.value} · {count:,} ", ink.dim)
    return line.add("─" * (width - line.width - 1), ink.faint).to(width, ink.text)


def title(counts: Mapping[State, int], now: datetime, width: int, ink: Ink) -> Line:
    """Return how many need the rep and how many are unsent, each state's count, and the zone of all times."""
    stuck = sum(counts.get(state, 0) for state in NEEDS_REP)
    unsent = sum(counts.get(state, 0) for state in (State.QUEUED, State.SENDING, State.UNKNOWN))
    line = Line(" Queue", ink.accent).add(f"  {needing(stuck)}", ink.bad if stuck else ink.dim)
    line.add(f" · {unsent} unsent", ink.warn if unsent else ink.dim)
    zone = f"{'times in ' if width >= _ROOMY else ''}{now.astimezone():%Z} "
    room = width - line.width - width_of(zone) - 4
    forms = ["  ".join(f"{SIGNS[state][0]} {_of_state(state, counts)}" for state in _there(counts))]
    forms += ["  ".join(f"{SIGNS[state][0]} {counts[state]}" for state in _there(counts))]
    forms += [" ".join(f"{SIGNS[state][0]}{counts[state]}" for state in _there(counts))]
    fitting = next((form for form in forms if width_of(form) <= room), "")
    line.add(f"   {fitting}" if fitting else "", ink.dim)
    if width_of(zone) < width - line.width:
        line.to(width - width_of(zone), ink.dim).add(zone, ink.dim)
    return line


def style_of(state: State, ink: Ink) -> Style:
    """Return the style of a state's sign."""
    if state in NEEDS_REP:
        return ink.bad
    return ink.good if state in EFFECTIVE else ink.warn


def _there(counts: Mapping[State, int]) -> list[State]:
    return [state for state in GROUP_OF if counts.get(state)]


def _of_state(state: State, counts: Mapping[State, int]) -> str:
    return f"{counts[state]:,} {SIGNS[state][1]}"


def _age(span: timedelta) -> str:
    """Return an age in three cells where it is common; what is a few seconds old is "now"."""
    return spoken(span) if span >= _MINUTE else "now"
