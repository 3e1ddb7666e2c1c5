"""A table to export, as a value: names of columns, rows of plain values. Knows no format and no lead."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct

from triage.text import NOTE_LIMIT, clean

Cell = str | float | bool | None
"""A number stays one; None is an empty cell."""


class Sheet(Struct, frozen=True):
    """What is exported: a title, when it was made, and one row per line."""

    title: str
    made_at: datetime
    columns: tuple[str, ...]
    """Names that programs rely on, such as `lead_id`."""
    rows: Sequence[tuple[Cell, ...]]

    @property
    def headings(self) -> tuple[str, ...]:
        """The columns' names for people."""
        return tuple(name.replace("_", " ") for name in self.columns)

    @property
    def subtitle(self) -> str:
        """How many lines there are, and of when."""
        count = len(self.rows)
        return f"{count:,} {'line' if count == 1 else 'lines'}, {self.made_at:%Y-%m-%d %H:%M} UTC"


def shown(cell: Cell) -> str:
    """Return a cell as safe text of one line."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return f"{cell:.0f}"
    return clean(cell, limit=NOTE_LIMIT)
