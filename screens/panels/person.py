"""Who it is, where it stands, and how to reach it."""

from __future__ import annotations

from rich.style import Style

from screens.cells import Line, crop, say, width_of
from screens.panels.agreement import mql_reason
from screens.panels.glance import Glance
from screens.words import BADGES, ago, contact_in_words, decided_in_words, local_time, place, sla_in_words
from triage.links import web_address
from triage.text import LINE_LIMIT, is_altered

BEWARE = frozenset({"DNC", "CUST", "OPP", "DUP"})
"""Badges that may change the decision; the others only tell something."""
_LEAST_MAIL, _LEAST_PLACE, _LEAST_PART = 16, 4, 8
_WHO, _TWO_LINES = 2, 2
"""Title and company; the lines that reaching a lead mostly takes."""
_Part = tuple[str, Style]


def identity(glance: Glance, room: int = 0) -> str:
    """Return title and company, and what is known of the company as far as it fits whole; 0 = all of it."""
    lead = glance.lead
    size = f"{lead.employees:,} people" if lead.employees is not None else ""
    parts = [part for part in (say(lead.title), say(lead.company), say(lead.industry), size) if part]
    while room and len(parts) > _WHO and width_of(" · ".join(parts)) > room:
        parts.pop()
    return " · ".join(parts)


def badge_line(glance: Glance) -> Line | None:
    """Return the badges with what they mean."""
    badges = (*glance.entry.signs, *glance.lead.badges)
    if not badges:
        return None
    words = " · ".join(f"{badge} {BADGES.get(badge, '')}".strip() for badge in badges)
    return Line(
        crop(words, glance.width), glance.ink.warn if BEWARE.intersection(badges) else glance.ink.text
    )


def status_line(glance: Glance, *, with_reason: bool = True) -> Line:
    """Return what was decided or where the lead stands, the clock, contact, and why it is an MQL."""
    ink, lead, now = glance.ink, glance.lead, glance.now
    line = Line()
    if glance.entry.gone:
        line.add("no longer on your list", ink.bad).add(" · ", ink.dim)
    if glance.entry.decided:
        line.add(decided_in_words(glance.entry), ink.good).add(" · ", ink.dim)
    line.add(" ".join(part for part in (lead.status.value, ago(lead.assigned_at, now)) if part), ink.text)
    words, style = sla_in_words(glance.entry, now, ink)
    line.add(" · ", ink.dim).add(words, style)
    rule = say(lead.sla_rule) if lead.sla_due_at is not None else ""
    forbidden = "✗ do not contact" if lead.account.do_not_contact else ""
    if forbidden:  # a badge at the end of a line is easily missed before a call
        line.add(" · ", ink.dim).add(crop(forbidden, glance.width - line.width), ink.bad)
    contact = "" if forbidden and lead.contacted_at is None else contact_in_words(lead)
    for part in (contact, mql_reason(glance) if with_reason else "", rule):
        if part and line.width + 3 + len(part) <= glance.width:
            line.add(" · ", ink.dim).add(part, ink.text)
    return line


def part_lines(glance: Glance) -> list[Line]:
    """Return what is known of a lead that could not be read whole: nothing is said of what may be there."""
    words = "Only a part of this lead can be read here; the next sync fetches the rest."
    return [status_line(glance), Line(crop(words, glance.width), glance.ink.bad)]


def reach_lines(glance: Glance, rows: int) -> list[Line]:
    """Return how to reach the lead: on one line if all fits, else on two or three where there are `rows`."""
    parts = mail, phone, there, link = _reach(glance)
    if rows == 1 or not link[0] or _needed(*parts) <= glance.width:
        return [reach_line(glance)]
    if _needed(mail, phone) <= glance.width:
        return [_joined(glance, mail, phone), _joined(glance, there, link)]
    if rows > _TWO_LINES and _needed(phone, there, link) > glance.width:
        return [_joined(glance, mail), _joined(glance, phone, there), _joined(glance, link)]
    return [_joined(glance, mail), _joined(glance, phone, there, link)]


def reach_line(glance: Glance) -> Line:
    """Return e-mail, phone, place with the time there, and the profile.

    The profile gives way first, then the name of the place: the time there says more.
    """
    (mail, style), phone, (there, plain), link = _reach(glance)
    room = glance.width - _needed((mail, style), phone) - 3
    if width_of(there) > room:
        there = _where_in(glance, room)
    others = sum(width_of(text) + 3 for text in (phone[0], there) if text)
    short = crop(mail, max(glance.width - others, _LEAST_MAIL))
    return _joined(glance, (short, style), phone, (there, plain), link)


def _reach(glance: Glance) -> tuple[_Part, _Part, _Part, _Part]:
    """Return e-mail, phone, place with the time there, and the profile."""
    ink, lead = glance.ink, glance.lead
    return (
        (say(lead.email) or "no e-mail", ink.accent if lead.email else ink.dim),
        (say(lead.phone) or "no phone", ink.text if lead.phone else ink.dim),
        (where(glance), ink.text),
        (short_link(lead.profile_url), ink.dim),
    )


def _needed(*parts: _Part) -> int:
    """Return the cells that parts take on one line."""
    widths = [width_of(text) for text, _style in parts if text]
    return sum(widths) + 3 * (len(widths) - 1)


def _joined(glance: Glance, *parts: _Part) -> Line:
    """Return what there is of some parts on one line, cut where there is room for some of it at least."""
    line = Line()
    for text, style in parts:
        gap = " · " if line.width else ""
        room = glance.width - line.width - len(gap)
        if text and room >= _LEAST_PART:
            line.add(gap, glance.ink.dim).add(crop(text, room), style)
    return line


def where(glance: Glance) -> str:
    """Return place and local time: "Berlin, DE 14:32"."""
    return " ".join(part for part in (place(glance.lead), local_time(glance.lead, glance.now)) if part)


def _where_in(glance: Glance, room: int) -> str:
    """Return place and local time with as much of the place as there is room for."""
    there = local_time(glance.lead, glance.now)
    named = crop(place(glance.lead), max(room - width_of(there) - 1, _LEAST_PLACE))
    return " ".join(part for part in (named, there) if part)


def short_link(url: str) -> str:
    """Return a link without its scheme, as it is read."""
    return (
        say(web_address(url) or url)
        .removeprefix("https://")
        .removeprefix("http://")
        .removeprefix("www.")
        .rstrip("/")
    )


def hidden_characters(glance: Glance) -> str:
    """Warn when what is shown of a field is not what it holds."""
    lead = glance.lead
    suspect = (lead.name, lead.title, lead.company, lead.email, lead.phone, lead.moment)
    altered = any(is_altered(value[:LINE_LIMIT]) for value in suspect)
    return "⚠ hidden characters were replaced" if altered else ""
