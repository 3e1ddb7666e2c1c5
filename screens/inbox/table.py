"""The rows of the lead list: which columns fit a width, what stands over them, what one row says. Pure."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache

from msgspec import Struct

from screens.cells import Line, fit
from screens.inbox.columns import COLUMNS, Column
from screens.ink import Ink
from triage.domain.inbox import Entry

GUTTER = 3
"""Cells before the first column: cursor, mark, blank."""
GAP = 2
_BLANKS = " " * GAP
_FREE = 1
"""Cells left free behind the last column."""


class Placed(Struct, frozen=True):
    """A column with its place."""

    column: Column
    start: int
    """The first cell, counted from the left edge of the list."""
    width: int


@lru_cache(maxsize=64)
def columns_for(width: int) -> tuple[Placed, ...]:
    """Return the columns that fit, with their places: together with gutter and gaps `width` cells."""
    shown = [column for column in COLUMNS if width >= column.from_width]
    widths = _shared(shown, width - GUTTER - _FREE - GAP * (len(shown) - 1))
    placed, start = [], GUTTER
    for column, cells in zip(shown, widths, strict=True):
        placed.append(Placed(column, start, cells))
        start += cells + GAP
    return tuple(placed)


def _shared(columns: list[Column], room: int) -> list[int]:
    """Return the columns' widths: the least of each, and what is left over by their shares."""
    widths = [column.least for column in columns]
    spare = room - sum(widths)
    while spare > 0:
        before = spare
        for index, column in enumerate(columns):
            grown = min(column.share, spare, column.most - widths[index])
            if grown > 0:
                widths[index] += grown
                spare -= grown
        if spare == before:
            break
    return widths


def heading(width: int, ink: Ink, *, order: str = "", falling: bool = False) -> Line:
    """Return the line over the list: the columns' names, a sign at the one that the list is sorted by."""
    line = Line()
    for placed in columns_for(width):
        column, cells = placed.column, placed.width
        line.to(placed.start, ink.dim)
        if column.id == order:
            line.add(_headed(column, f"{column.heading}{'▼' if falling else '▲'}", cells), ink.accent)
        else:
            line.add(_headed(column, column.heading, cells), ink.dim)
    return line


def _headed(column: Column, name: str, cells: int) -> str:
    """Return a heading in its cells; a name that is too long for them loses its end, never its sign."""
    if len(name) > cells:
        name = name[: cells - 1] + name[-1] if name[-1] in "▲▼" else name[:cells]
    return name.rjust(cells) if column.right else name.ljust(cells)


def heading_places(width: int) -> list[tuple[int, int, str]]:
    """Return where each heading stands, first cell and the one after the last, with its column's id."""
    return [(one.start, one.start + one.width, one.column.id) for one in columns_for(width)]


def row(
    entry: Entry, now: datetime, width: int, ink: Ink, *, under_cursor: bool = False, marked: bool = False
) -> Line:
    """Return one lead as a line of `width` cells at most."""
    line = Line(f"{'▌' if under_cursor else ' '}{'●' if marked else ' '} ", ink.accent)
    placed = columns_for(width)
    last = placed[-1]
    for one in placed:
        text, style = one.column.say(entry, now, ink)
        cells = one.width
        shown = fit(text, cells)
        if one.column.right and shown.endswith(" "):
            shown = shown.rstrip(" ").rjust(cells)
        line.add(shown if one is last else shown + _BLANKS, style)
    return line
