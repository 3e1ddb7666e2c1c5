"""The brief of one lead for the room there is: all of it where it fits, else the most telling of each."""

from __future__ import annotations

from collections.abc import Callable

from screens.cells import Line, crop, say
from screens.panels.agreement import agreed_line, definition_panel
from screens.panels.glance import Glance
from screens.panels.history import account_lines, recycle_lines
from screens.panels.marketing import (
    asset_lines,
    campaign_line,
    campaign_words,
    fact,
    moment_line,
    nurture_line,
    source_line,
    tipping_line,
)
from screens.panels.person import badge_words, hidden_characters, identity, reach_line, status_line
from screens.panels.score import score_panel, scored_when

MARGIN = 1
"""Cells left free beside the text."""
TWO_COLUMNS = 76
"""Cells from which score and definition stand side by side in the short form."""
SHORT = 24
"""Lines below which the short form is used."""
_GAP = 2
_LEAST_SCORE = 3


def brief_lines(glance: Glance, height: int) -> list[Line]:
    """Return at most `height` lines of at most `glance.width` cells: the title as a rule, then the rest."""
    inner = glance.narrowed(glance.width - 2 * MARGIN)
    body = _body(inner, height - 1)
    short = height - 1 < SHORT  # the long form spells the badges out
    return [
        title_line(glance, with_badges=short),
        *(Line(" " * MARGIN, glance.ink.text).join(line) for line in body),
    ][:height]


def _body(glance: Glance, height: int) -> list[Line]:
    if height < SHORT:
        return _short(glance, height)
    for compose in _FULL:
        lines = compose(glance)
        if len(lines) <= height:
            return lines
    return _short(glance, height)


def title_line(glance: Glance, *, with_badges: bool = True) -> Line:
    """Return who it is, as the rule over the brief: name, title, company, badges."""
    ink, width = glance.ink, glance.width
    badges = " ".join(glance.lead.badges) if with_badges else ""
    line = Line("─ ", ink.faint)
    if hidden_characters(glance):
        line.add("⚠ ", ink.warn)
    line.add(crop(_name(glance), width - 10), ink.strong)
    room = width - line.width - len(badges) - 8
    about = identity(glance)
    if about and room > 0:
        line.add(" ── ", ink.faint).add(crop(about, room - 1), ink.text)
    line.add(" ", ink.faint)
    tail = len(badges) + 3 if badges else 0
    line.add("─" * (width - line.width - tail), ink.faint)
    return line.add(f" {badges} ", ink.warn).add("─", ink.faint) if badges else line


def _name(glance: Glance) -> str:
    return say(glance.lead.name) or say(glance.lead.email) or "(no name)"


def _short(glance: Glance, height: int) -> list[Line]:
    """Compose for a screen of 80×24: facts first, the rest of the room for the score."""
    head = [status_line(glance), reach_line(glance)]
    told = [
        line
        for line in (
            moment_line(glance),
            campaign_line(glance),
            tipping_line(glance),
            nurture_line(glance),
            *recycle_lines(glance, 1),
        )
        if line is not None
    ]
    asset = asset_lines(glance, 2)
    side_by_side = glance.width >= TWO_COLUMNS
    least = _LEAST_SCORE + 1 if side_by_side else 2 * _LEAST_SCORE
    spare = max(height - len(head) - least, 0)
    kept = [*told, *asset][:spare]
    below = [line for line in asset if line in kept]
    room = max(height - len(head) - len(kept), 0)
    why = _side_by_side(glance, room) if side_by_side else _stacked(glance, room)
    lines = [*head, *(line for line in kept if line not in below), *why, *below]
    return lines[:height]


def _side_by_side(glance: Glance, rows: int) -> list[Line]:
    left = glance.narrowed((glance.width - _GAP) * 3 // 5)
    right = glance.narrowed(glance.width - _GAP - left.width)
    score, definition = score_panel(left, rows), definition_panel(right, rows)
    lines = []
    for index in range(min(max(len(score), len(definition)), rows)):
        line = Line()
        if index < len(score):
            line.join(score[index])
        line.to(left.width + _GAP, glance.ink.text)
        if index < len(definition):
            line.join(definition[index])
        lines.append(line)
    return lines


def _stacked(glance: Glance, rows: int) -> list[Line]:
    for_definition = max(rows // 3, 2)
    score = score_panel(glance, rows - for_definition)
    return [*score, *definition_panel(glance, rows - len(score))][:rows]


def _full(glance: Glance, *, airy: bool, contributions: int, recycles: int) -> list[Line]:
    """Compose the long form: panels under each other, blank lines between them where there is room."""
    blank = [Line()] if airy else []
    warning = hidden_characters(glance)
    panels = [
        [*_badges(glance), *([Line(warning, glance.ink.warn)] if warning else [])],
        [status_line(glance), reach_line(glance)],
        [line] if (line := moment_line(glance)) else [],
        _scored(glance, contributions),
        _agreed(glance, airy=airy, contributions=contributions),
        _won_by(glance, airy=airy),
        asset_lines(glance, 0 if airy else 2),
        [*account_lines(glance), *recycle_lines(glance, recycles)],
    ]
    lines: list[Line] = []
    for panel in panels:
        if panel:
            lines.extend([*(blank if lines else []), *panel])
    return lines


def _agreed(glance: Glance, *, airy: bool, contributions: int) -> list[Line]:
    lines = definition_panel(glance, 0 if airy else contributions + 1)
    agreed = agreed_line(glance)
    return [lines[0], agreed, *lines[1:]] if airy and agreed else lines


def _won_by(glance: Glance, *, airy: bool) -> list[Line]:
    lines: list[Line | None] = [campaign_line(glance)]
    if airy and glance.lead.campaign is not None:
        lines = [fact(glance, "campaign", campaign_words(glance)), source_line(glance)]
    lines += [tipping_line(glance), nurture_line(glance)]
    return [line for line in lines if line is not None]


def _badges(glance: Glance) -> list[Line]:
    words = badge_words(glance)
    return [Line(crop(words, glance.width), glance.ink.warn)] if words else []


def _scored(glance: Glance, contributions: int) -> list[Line]:
    lines = score_panel(glance, contributions)
    model = scored_when(glance)
    if model and lines[0].width + len(model) + _GAP <= glance.width:
        lines[0].to(glance.width - len(model), glance.ink.text).add(model, glance.ink.dim)
    return lines


_FULL: tuple[Callable[[Glance], list[Line]], ...] = (
    lambda glance: _full(glance, airy=True, contributions=0, recycles=0),
    lambda glance: _full(glance, airy=True, contributions=8, recycles=2),
    lambda glance: _full(glance, airy=False, contributions=8, recycles=1),
    lambda glance: _full(glance, airy=False, contributions=5, recycles=1),
)
