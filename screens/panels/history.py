"""What happened before: recycles, the standing decision, marketing's touches in full, colleagues."""

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
    return fact(glance, "recycled", f"{when}{by}: {say(why)}", new)


def recycle_lines(glance: Glance, rows: int) -> list[Line]:
    """Return the recycles, the latest first, `rows` of them at most (0 = all)."""
    latest = glance.lead.recycles[::-1]
    return [recycle_line(glance, one) for one in (latest[:rows] if rows else latest)]


def account_lines(glance: Glance) -> list[Line]:
    """Return what the CRM knows of the account: opportunity, duplicate, colleagues."""
    account, lines = glance.lead.account, []
    if account.open_opportunity:
        lines.append(fact(glance, "open deal", say(account.open_opportunity)))
    if match := account.duplicate_of:
        sure = f", {match.confidence:.0%} sure" if match.confidence is not None else ""
        lines.append(fact(glance, "same as", say(match.name or match.lead_id), f"{say(match.match)}{sure}"))
    if account.siblings:
        names = ", ".join(say(one.name or one.lead_id) for one in account.siblings)
        lines.append(fact(glance, "also here", names))
    return lines


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
