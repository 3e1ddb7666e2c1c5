"""All there is to say about one lead, as lines: in one column, or in two where the window is wide. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import zip_longest

from msgspec import Struct

from screens.cells import Line, say, wrap
from screens.folding import UNBOUNDED, folded
from screens.panels.account import LeadLink, account_lines
from screens.panels.agreement import agreed_line, definition_panel
from screens.panels.answers import all_answers
from screens.panels.clocks import clock_lines
from screens.panels.glance import Glance
from screens.panels.history import recycle_lines
from screens.panels.marketing import (
    LABEL,
    absent_lines,
    asset_lines,
    band_line,
    campaign_words,
    fact,
    nurture_line,
    source_line,
    tipping_line,
)
from screens.panels.person import badge_line, hidden_characters, part_lines, reach_lines, status_line
from screens.panels.record import record_lines
from screens.panels.score import score_lines
from screens.panels.timeline import PROSE, timeline
from triage.text import clean

WIDEST = 110
"""Cells a line takes at most: longer ones are hard to follow."""
TWO_COLUMNS = 140
"""Cells from which the score with its reasons and what marketing did stand side by side."""
BETWEEN = 4
"""Cells between the two."""
Told = tuple[Line, str | LeadLink]
"""A line, and what it is about: a contribution to the score, another lead, or nothing (empty)."""


class Row(Struct, frozen=True):
    """One line of the page."""

    line: Line
    label: str = ""
    """The contribution it is about; empty: none."""
    opens: str = ""
    """The lead that it is about, where that is here; empty: none."""
    beside: Line | None = None
    """What stands in the second column."""

    @classmethod
    def of(cls, line: Line, about: str | LeadLink, beside: Line | None = None) -> Row:
        """Return a line with what it is about."""
        if isinstance(about, LeadLink):
            return cls(line, opens=about.lead_id, beside=beside)
        return cls(line, about, beside=beside)


def lead_page(glance: Glance, dispute_key: str = "Enter") -> tuple[list[Row], int]:
    """Return everything there is to say about a lead, and how wide the column of the line cursor is."""
    if glance.is_part:
        return [Row(line) for line in part_lines(glance)], glance.width
    if glance.width < TWO_COLUMNS:
        narrow = glance.narrowed(min(glance.width, WIDEST))
        return [Row.of(line, about) for line, about in lead_lines(narrow, dispute_key)], glance.width
    half = glance.narrowed(min((glance.width - BETWEEN) // 2, WIDEST))
    left = _spaced(
        [_who(half), _plain(*all_answers(half)), *_why(half, dispute_key), _behind(half, dispute_key)]
    )
    right = _spaced(_how(half))
    nothing: Told = (Line(), "")
    shorter = left if len(left) < len(right) else right
    shorter += [nothing, *_plain(*record_lines(half))]
    rows = [
        Row.of(line, about, beside)
        for (line, about), (beside, _about) in zip_longest(left, right, fillvalue=nothing)
    ]
    return rows, half.width


def lead_lines(glance: Glance, dispute_key: str = "Enter") -> list[Told]:
    """Return everything there is to say about a lead, in one column."""
    panels = [
        _who(glance),
        _plain(*all_answers(glance)),
        *_why(glance, dispute_key),
        _behind(glance, dispute_key),
        *_how(glance),
    ]
    return _spaced([*panels, _plain(*record_lines(glance))])


def _spaced(panels: Iterable[Sequence[Told]]) -> list[Told]:
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
        *_whole(glance, clock_lines(_wide(glance))),
        *reach_lines(glance, 3),
        *_moment(glance),
    )


def _why(glance: Glance, dispute_key: str) -> list[Sequence[Told]]:
    """Return what the score is made of, and how the lead meets the definition."""
    return [score_lines(glance, dispute_key), _plain(*_definition(glance))]


def _behind(glance: Glance, key: str) -> list[Told]:
    """Return what is known of the account, and what happened before: where the line cursor gets."""
    told = [*account_lines(_wide(glance), key), *_plain(*recycle_lines(_wide(glance), 0))]
    return [(one, about) for line, about in told for one in folded(line, glance.width, LABEL)]


def _how(glance: Glance) -> list[list[Told]]:
    """Return what marketing did."""
    wide = _wide(glance)
    campaign = fact(wide, "campaign", campaign_words(glance)) if glance.lead.campaign else None
    fared = (source_line(wide), band_line(wide))
    told = (campaign, _promise(wide), *fared, tipping_line(wide), nurture_line(wide))
    return [
        _plain(*_whole(glance, [*(line for line in told if line), *absent_lines(wide)])),
        _plain(*_whole(glance, asset_lines(wide, 0)[:1]), *asset_lines(glance, 0)[1:], *_template(glance)),
        _plain(*timeline(glance)),
    ]


def _wide(glance: Glance) -> Glance:
    """Return the look in which no line is cut; `_whole` brings what it says back to the width there is."""
    return glance.narrowed(UNBOUNDED)


def _whole(glance: Glance, lines: Iterable[Line], indent: int = LABEL) -> list[Line]:
    return [one for line in lines for one in folded(line, glance.width, indent)]


def _moment(glance: Glance) -> list[Line]:
    """Return the one interesting moment, all of it."""
    if not (moment := say(glance.lead.moment, limit=PROSE)):
        return []
    return folded(Line("★ ", glance.ink.accent).add(moment, glance.ink.strong), glance.width, 2)


def _template(glance: Glance) -> list[Line]:
    """Return the mail that goes with the asset, its fields still open: copying it fills them in."""
    asset, ink = glance.lead.asset, glance.ink
    if asset is None or not asset.template:
        return []
    text = clean(asset.template, limit=PROSE, multiline=True)
    told = [
        part for line in text.split("\n") for part in wrap(say(line, PROSE), glance.width - LABEL) or [""]
    ]
    labels = ["template", *[""] * (len(told) - 1)]
    return [
        Line(f"{label:<{LABEL}}", ink.dim).add(part, ink.text)
        for label, part in zip(labels, told, strict=True)
    ]


def _plain(*lines: Line | None) -> list[Told]:
    return [(line, "") for line in lines if line is not None]


def _definition(glance: Glance) -> list[Line]:
    title, *lines = definition_panel(_wide(glance), 0)
    agreed = agreed_line(_wide(glance))
    told = [title, agreed] if agreed else [title]
    return [*_whole(glance, told, 2), *_whole(glance, lines, 2)]


def _promise(glance: Glance) -> Line | None:
    campaign = glance.lead.campaign
    if campaign is None or not campaign.promise:
        return None
    return fact(glance, "promise", say(campaign.promise, limit=PROSE))
