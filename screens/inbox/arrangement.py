"""Where list and brief stand: side by side where there is room, else one over the other."""

from __future__ import annotations

from msgspec import Struct

SMALLEST = (60, 16)
"""Columns and lines below which nothing can be told apart any more."""
SIDE_BY_SIDE = 120
"""Columns from which the brief stands beside the list."""
BARS = 3
"""Lines of the views, the foot and the status."""
_LEAST_BRIEF, _MOST_BRIEF = 60, 84
_SHORT_BRIEF, _TALL_BRIEF = 14, 22


class Arrangement(Struct, frozen=True):
    """Cells and lines of list (its heading excluded) and brief."""

    side_by_side: bool
    list_width: int
    list_height: int
    brief_width: int
    brief_height: int


def arrange(width: int, height: int) -> Arrangement | None:
    """Return where things stand, or None when the window is too small."""
    if width < SMALLEST[0] or height < SMALLEST[1]:
        return None
    room = height - BARS
    if width >= SIDE_BY_SIDE:
        brief = min(max(width * 42 // 100, _LEAST_BRIEF), _MOST_BRIEF)
        return Arrangement(
            side_by_side=True,
            list_width=width - brief,
            list_height=room - 1,
            brief_width=brief,
            brief_height=room,
        )
    brief_height = min(max(room * 6 // 10, min(_SHORT_BRIEF, room - 5)), _TALL_BRIEF)
    return Arrangement(
        side_by_side=False,
        list_width=width,
        list_height=room - 1 - brief_height,
        brief_width=width,
        brief_height=brief_height,
    )
