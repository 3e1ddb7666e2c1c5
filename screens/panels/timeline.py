"""Marketing's touches as the story they are: what, when, where, of which campaign, and its part in it."""

from __future__ import annotations

from screens.cells import Line, say, width_of, wrap
from screens.folding import folded
from screens.panels.glance import Glance
from screens.panels.marketing import campaign_words
from screens.words import ago
from triage.domain.touch import Touch

PROSE = 2_000
"""Characters of what a person wrote that are shown on a page."""
_WHEN, _SIGN = 10, 2
_MOST_ROLES = 28
"""Cells of the parts that a touch plays, beside what it was; more of them stand below it."""


def timeline(glance: Glance) -> list[Line]:
    """Return all touches, the latest first, each whole: nothing of one is cut off."""
    touches = glance.lead.touches
    if not touches:
        return []
    title = Line("Touches, the latest first", glance.ink.dim)
    return [title, *(line for touch in reversed(touches) for line in _touch(glance, touch))]


def _touch(glance: Glance, touch: Touch) -> list[Line]:
    ink, roles = glance.ink, " · ".join(say(role) for role in touch.roles)
    beside = roles if width_of(roles) <= _MOST_ROLES else ""
    room = glance.width - _WHEN - _SIGN - (width_of(beside) + 2 if beside else 0)
    first, *rest = wrap(_words(touch), room)
    line = Line(f"{ago(touch.at, glance.now):<{_WHEN}}", ink.dim)
    line.add("◆ " if roles else "· ", ink.accent if roles else ink.faint)
    line.add(first, ink.strong if touch.plays("tipping") else ink.text)
    if beside:
        line.to(glance.width - width_of(beside), ink.text).add(beside, ink.accent)
    indent = " " * (_WHEN + _SIGN)
    lines = [line, *(Line(indent, ink.text).add(text, ink.text) for text in rest)]
    about = _about(glance, touch, "" if beside else roles)
    if about:
        told = Line(indent, ink.text).add(about, ink.dim)
        lines += folded(told, glance.width, _WHEN + _SIGN)
    return lines


def _words(touch: Touch) -> str:
    """Return what it was; what it is called by where nobody put it in words."""
    return (
        say(touch.summary, limit=PROSE) or say(touch.asset) or say(touch.campaign) or say(touch.kind) or "?"
    )


def _about(glance: Glance, touch: Touch, roles: str) -> str:
    """Return kind, channel, campaign, asset and funnel stage, each once."""
    said = _words(touch)
    stage = f"{say(touch.stage)} stage" if touch.stage else ""
    kind = say(touch.kind).replace("_", " ")
    parts = (kind, say(touch.channel), _campaign(glance, touch), say(touch.asset), stage, roles)
    return " · ".join(dict.fromkeys(part for part in parts if part.strip() and part not in said))


def _campaign(glance: Glance, touch: Touch) -> str:
    """Return the campaign in human words where they are known, or raw where that is asked for."""
    campaign = glance.lead.campaign
    if campaign is not None and touch.campaign == campaign.name:
        return campaign_words(glance)
    return say(touch.campaign)
