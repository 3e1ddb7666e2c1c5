"""The columns of the lead list: which fit a width, and what one row says in them. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from rich.style import Style

from screens.cells import Line, fit, say
from screens.ink import Ink
from screens.words import decided_in_words, grade_of, points, sla_sign
from triage.domain.clocks import age, spoken
from triage.domain.inbox import Entry

Cell = tuple[str, Style]
_Say = Callable[[Entry, datetime, Ink], Cell]
GUTTER = 3
"""Cells before the first column: cursor, mark, blank."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its heading, how wide it is at least, what it takes of the rest, and when it is there."""

    heading: str
    least: int
    say: _Say
    share: int = 0
    """Parts of the width that is left over; 0 = a fixed column."""
    most: int = 0
    """Cells it never exceeds; 0 = no limit."""
    from_width: int = 0
    """The list has to be this wide for the column to be shown."""
    right: bool = False


def _sla(entry: Entry, now: datetime, ink: Ink) -> Cell:
    return sla_sign(entry.outline, now, ink)


def _band(entry: Entry, _now: datetime, ink: Ink) -> Cell:
    score = entry.outline.score
    if score is None:
        return "", ink.dim
    return say(f"{score.band:1.1} {grade_of(score)}"), ink.strong if score.band == "A" else ink.text


def _score(entry: Entry, _now: datetime, ink: Ink) -> Cell:
    score = entry.outline.score
    return ("?", ink.dim) if score is None else (points(score.score), ink.text)


def _name(entry: Entry, _now: datetime, ink: Ink) -> Cell:
    name = say(entry.outline.name) or say(entry.outline.email) or "(no name)"
    if entry.gone:
        return f"✗ {name}", ink.dim
    return name, ink.dim if entry.decided else ink.strong


def _title(entry: Entry, _now: datetime, ink: Ink) -> Cell:
    return say(entry.outline.title), ink.dim


def _company(entry: Entry, _now: datetime, ink: Ink) -> Cell:
    return say(entry.outline.company), ink.text


def _source(entry: Entry, _now: datetime, ink: Ink) -> Cell:
    return say(entry.outline.source), ink.dim


def _badges(entry: Entry, _now: datetime, ink: Ink) -> Cell:
    if entry.gone:
        return "off your list", ink.bad
    if entry.decided:
        return decided_in_words(entry), ink.good
    return " ".join(entry.outline.badges), ink.warn


def _age(entry: Entry, now: datetime, ink: Ink) -> Cell:
    waited = age(entry.outline, now)
    return (spoken(waited) if waited else "?"), ink.dim


COLUMNS = (
    Column("SLA", 5, _sla, right=True),
    Column("band", 4, _band),
    Column("pts", 3, _score, right=True),
    Column("name", 12, _name, share=4, most=26),
    Column("title", 14, _title, share=4, most=34, from_width=86),
    Column("company", 10, _company, share=4, most=30),
    Column("source", 12, _source, share=1, most=14, from_width=102),
    Column("", 7, _badges, share=2, most=26),
    Column("age", 3, _age, right=True),
)


@dataclass(frozen=True, slots=True)
class Placed:
    """A column with its width."""

    column: Column
    width: int


@lru_cache(maxsize=64)
def columns_for(width: int) -> tuple[Placed, ...]:
    """Return the columns that fit, with their widths: together with gutter and gaps `width` cells."""
    shown = [column for column in COLUMNS if width >= column.from_width]
    widths = [column.least for column in shown]
    spare = width - GUTTER - 1 - sum(widths) - 2 * (len(shown) - 1)
    while spare > 0:
        grown = spare
        for index, column in enumerate(shown):
            room = min(column.share, spare, (column.most or width) - widths[index])
            if column.share and room > 0:
                widths[index] += room
                spare -= room
        if grown == spare:
            break
    return tuple(Placed(column, cells) for column, cells in zip(shown, widths, strict=True))


def heading(width: int, ink: Ink) -> Line:
    """Return the line over the list: the columns' names."""
    line = Line().to(GUTTER, ink.dim)
    for index, placed in enumerate(columns_for(width)):
        if index:
            line.add("  ", ink.dim)
        name, cells = placed.column.heading, placed.width
        line.add(name.rjust(cells)[:cells] if placed.column.right else fit(name, cells), ink.dim)
    return line


def row(
    entry: Entry, now: datetime, width: int, ink: Ink, *, under_cursor: bool = False, marked: bool = False
) -> Line:
    """Return one lead as a line of `width` cells at most."""
    line = Line("▌" if under_cursor else " ", ink.accent)
    line.add("●" if marked else " ", ink.accent).add(" ", ink.text)
    for index, placed in enumerate(columns_for(width)):
        if index:
            line.add("  ", ink.text)
        text, style = placed.column.say(entry, now, ink)
        cells = placed.width
        shown = fit(text, cells)
        if placed.column.right and shown.endswith(" "):
            shown = shown.rstrip(" ").rjust(cells)
        line.add(shown, style)
    return line
