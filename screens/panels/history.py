"""What happened before: recycles, the standing decision, marketing's touches in full."""

from __future__ import annotations

from screens.cells import Line, crop, say
from screens.panels.glance import Glance
from screens.panels.marketing import fact, touch_words
from screens.words import ago, day
from triage.domain.lead import Recycle


def recycle_line(glance: Glance, recycle: Recycle) -> Line:
    """Return when, why and by whom it was recycled, and what is new since."""
    when = day(recycle.at, glance.now) if recycle.at else "before"
    why = glance.reason_label.get(recycle.reason, recycle.reason)
    by = f" by {say(recycle.by)}" if recycle.by else ""
    new = "new: " + ", ".join(say(one) for one in recycle.new_since) if recycle.new_since else ""
    wake = f"was to wake {day(recycle.wake_at, glance.now)}" if recycle.wake_at else ""
    after = " · ".join(part for part in (new, wake) if part)
    return fact(glance, "recycled", f"{when}{by}: {say(why)}", after)


def recycle_lines(glance: Glance, rows: int) -> list[Line]:
    """Return the recycles, the latest first, `rows` of them at most (0 = all)."""
    latest = glance.lead.recycles[::-1]
    return [recycle_line(glance, one) for one in (latest[:rows] if rows else latest)]


def touch_lines(glance: Glance) -> list[Line]:
    """Return all touches, the latest first, each with its part in the story."""
    lines = []
    for touch in reversed(glance.lead.touches):
        line = Line(f"{ago(touch.at, glance.now):<10}", glance.ink.dim)
        roles = f" [{', '.join(say(role) for role in touch.roles)}]" if touch.roles else ""
        stage = f" · {say(touch.stage)}" if touch.stage else ""
        room = glance.width - line.width - len(roles)
        line.add(crop(touch_words(touch) + stage, room), glance.ink.text).add(roles, glance.ink.dim)
        lines.append(line)
    return lines
