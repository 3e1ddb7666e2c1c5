"""All there is to say about one lead, as lines: in one column, or in two where the window is wide. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import zip_longest

from msgspec import Struct

from screens.cells import Line, say
from screens.panels.agreement import agreed_line, definition_panel
from screens.panels.glance import Glance
from screens.panels.history import account_lines, recycle_lines, touch_lines
from screens.panels.marketing import (
    asset_lines,
    campaign_words,
    fact,
    moment_line,
    nurture_line,
    source_line,
    tipping_line,
)
from screens.panels.person import badge_line, hidden_characters, part_lines, reach_lines, status_line
from screens.panels.score import contribution_line, score_panel, scored_when

WIDEST = 110
"""Cells a line takes at most: longer ones are hard to follow."""
TWO_COLUMNS = 140
"""Cells from which the score with its reasons and what marketing did stand side by side."""
BETWEEN = 4
"""Cells between the two."""
Told = tuple[Line, str]
"""A line, and the contribution it is about (empty: none)."""


class Row(Struct, frozen=True):
    """One line of the page."""

    line: Line
    label: str = ""
    """The contribution it is about; empty: none."""
    beside: Line | None = None
    """What stands in the second column."""


def lead_page(glance: Glance) -> tuple[list[Row], int]:
    """Return everything there is to say about a lead, and how wide the column of the line cursor is."""
    if glance.is_part:
        return [Row(line) for line in part_lines(glance)], glance.width
    if glance.width < TWO_COLUMNS:
        narrow = glance.narrowed(min(glance.width, WIDEST))
        return [Row(line, label) for line, label in lead_lines(narrow)], glance.width
    half = glance.narrowed(min((glance.width - BETWEEN) // 2, WIDEST))
    left = _spaced([_who(half), *_why(half)])
    right = _spaced(_how(half))
    nothing: Told = (Line(), "")
    rows = [
        Row(line, label, beside)
        for (line, label), (beside, _label) in zip_longest(left, right, fillvalue=nothing)
    ]
    return rows, half.width


def lead_lines(glance: Glance) -> list[Told]:
    """Return everything there is to say about a lead, in one column."""
    return _spaced([_who(glance), *_why(glance), *_how(glance)])


def _spaced(panels: Iterable[list[Told]]) -> list[Told]:
    """Return panels under each other, with a blank line between them."""
    lines: list[Told] = []
    for panel in panels:
        if panel:
            lines.extend([(Line(), "")] if lines else [])
            lines.extend(panel)
    return lines


def _who(glance: Glance) -> list[Told]:
    warning = hidden_characters(glance)
    return _plain(
        badge_line(glance),
        Line(warning, glance.ink.warn) if warning else None,
        status_line(glance),
        *reach_lines(glance, 2),
        moment_line(glance),
    )


def _why(glance: Glance) -> list[list[Told]]:
    """Return what the score is made of, and how the lead meets the definition."""
    return [_score(glance, scored_when(glance)), _plain(*_definition(glance))]


def _how(glance: Glance) -> list[list[Told]]:
    """Return what marketing did, the account, and what happened before."""
    campaign = fact(glance, "campaign", campaign_words(glance)) if glance.lead.campaign else None
    touches = touch_lines(glance)
    return [
        _plain(campaign, _promise(glance), source_line(glance), tipping_line(glance), nurture_line(glance)),
        _plain(*asset_lines(glance, 0)),
        _plain(*account_lines(glance), *recycle_lines(glance, 0)),
        _plain(Line("Touches, the latest first", glance.ink.dim), *touches) if touches else [],
    ]


def _plain(*lines: Line | None) -> list[Told]:
    return [(line, "") for line in lines if line is not None]


def _score(glance: Glance, model: str) -> list[Told]:
    score = glance.lead.score
    if score is None:
        return _plain(*score_panel(glance, 0))
    parts = score.by_weight()
    head = score_panel(glance, 0)[: 1 + bool(score.unreconciled)]
    scale = max((abs(part.points_applied) for part in parts), default=1) or 1
    lines = _plain(*head)
    lines += [(contribution_line(glance, part, scale), part.label) for part in parts]
    hint = "Enter on a line disputes it" if parts else "the CRM does not say what it is made of"
    lines += _plain(Line(f"      {' · '.join(one for one in (hint, model) if one)}", glance.ink.dim))
    return lines


def _definition(glance: Glance) -> list[Line]:
    lines = definition_panel(glance, 0)
    agreed = agreed_line(glance)
    return [lines[0], agreed, *lines[1:]] if agreed else lines


def _promise(glance: Glance) -> Line | None:
    campaign = glance.lead.campaign
    if campaign is None or not campaign.promise:
        return None
    return fact(glance, "promise", say(campaign.promise))
