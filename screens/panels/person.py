"""Who it is, where it stands, and how to reach it."""

from __future__ import annotations

from screens.cells import Line, crop, say, width_of
from screens.panels.agreement import mql_reason
from screens.panels.glance import Glance
from screens.words import ago, contact_in_words, decided_in_words, local_time, place, sla_in_words
from triage.links import web_address
from triage.text import LINE_LIMIT, is_altered

_BADGES = {
    "DNC": "do not contact",
    "CUST": "customer",
    "OPP": "open opportunity",
    "DUP": "duplicate",
    "SIB": "colleagues here",
    "RE": "recycled before",
}
_LEAST_MAIL, _LEAST_PART = 16, 8


def identity(glance: Glance) -> str:
    """Return title, company and what is known of the company."""
    lead = glance.lead
    size = f"{lead.employees:,} people" if lead.employees is not None else ""
    parts = (say(lead.title), say(lead.company), say(lead.industry), size)
    return " · ".join(part for part in parts if part)


def badge_words(glance: Glance) -> str:
    """Return the badges with what they mean."""
    return " · ".join(f"{badge} {_BADGES.get(badge, '')}".strip() for badge in glance.lead.badges)


def status_line(glance: Glance) -> Line:
    """Return what was decided or where the lead stands, the clock, contact, and why it is an MQL."""
    ink, lead, now = glance.ink, glance.lead, glance.now
    line = Line()
    if glance.entry.gone:
        line.add("no longer on your list", ink.bad).add(" · ", ink.dim)
    if glance.entry.decided:
        line.add(decided_in_words(glance.entry), ink.good).add(" · ", ink.dim)
    line.add(" ".join(part for part in (lead.status.value, ago(lead.assigned_at, now)) if part), ink.text)
    words, style = sla_in_words(lead, now, ink)
    line.add(" · ", ink.dim).add(words, style)
    for part in (contact_in_words(lead), mql_reason(glance)):
        if part and line.width + 3 + len(part) <= glance.width:
            line.add(" · ", ink.dim).add(part, ink.text)
    return line


def reach_line(glance: Glance) -> Line:
    """Return e-mail, phone, place with the time there, and the profile; the profile gives way first."""
    ink, lead = glance.ink, glance.lead
    phone, there, link = say(lead.phone) or "no phone", where(glance), short_link(lead.profile_url)
    fixed = sum(width_of(part) + 3 for part in (phone, there) if part)
    email = crop(say(lead.email) or "no e-mail", max(glance.width - fixed, _LEAST_MAIL))
    line = Line(email, ink.accent if lead.email else ink.dim)
    parts = ((phone, ink.text if lead.phone else ink.dim), (there, ink.text), (link, ink.dim))
    for text, style in parts:
        room = glance.width - line.width - 3
        if text and room >= _LEAST_PART:
            line.add(" · ", ink.dim).add(crop(text, room), style)
    return line


def where(glance: Glance) -> str:
    """Return place and local time: "Berlin, DE 14:32"."""
    return " ".join(part for part in (place(glance.lead), local_time(glance.lead, glance.now)) if part)


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
