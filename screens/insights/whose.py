"""The status line where numbers are read: a rep's own; to marketing, which fetches no leads, whose it is."""

from __future__ import annotations

from screens.cells import Line
from screens.day import Day
from screens.foot import marketer_line


def marketers_status(day: Day, width: int) -> Line | None:
    """Return marketing's status line; None for a rep, whose leads and queue have one of their own."""
    rep, profile = day.session.rep, day.session.profile
    if rep.role != "marketing":
        return None
    return marketer_line(rep.name or rep.user_id or profile, profile, width, day.inks.raised)
