"""The brief of one lead for the room there is: all of it where it fits, else the most telling of each."""

from __future__ import annotations

from collections.abc import Callable

from screens.cells import Line, crop, say, width_of
from screens.folding import UNBOUNDED, folded
from screens.panels.account import account_line, account_lines, names_another
from screens.panels.agreement import agreed_line, definition_panel, mql_reason
from screens.panels.answers import answer_lines
from screens.panels.glance import Glance
from screens.panels.history import recycle_lines, touch_lines
from screens.panels.marketing import (
    LABEL,
    absent_lines,
    asset_lines,
    band_briefly,
    band_line,
    campaign_and_band_line,
    campaign_line,
    campaign_words,
    fact,
    moment_line,
    nurture_line,
    source_line,
    tipping_line,
)
from screens.panels.person import (
    badge_line,
    hidden_characters,
    identity,
    part_lines,
    reach_lines,
    status_line,
)
from screens.panels.score import score_panel

MARGIN = 1
"""Cells left free beside the text."""
TWO_COLUMNS = 76
"""Cells from which score and definition stand side by side in the short form."""
SHORT = 24
"""Lines below which the short form is used."""
_GAP = 2
_LEAST_SCORE = 3
_LEAST_TOUCHES = 2
_REACH = 2
"""Lines that e-mail, phone, place and profile take where none of them is cut."""


def brief_lines(glance: Glance, height: int) -> list[Line]:
    """Return at most `height` lines of at most `glance.width` cells: the title as a rule, then the rest."""
    inner = glance.narrowed(glance.width - 2 * MARGIN)
    body = _body(inner, height - 1)
    short = height - 1 < SHORT  # the long form spells the badges out
    return [
        title_line(glance, with_badges=short),
        # A blank line is the same wherever it stands: then it is not sent again.
        *(Line(" " * MARGIN, glance.ink.text).join(line) if line.width else line for line in body),
    ][:height]


def _body(glance: Glance, height: int) -> list[Line]:
    if glance.is_part:
        return part_lines(glance)
    if height < SHORT:
        return _short(glance, height)
    for compose in _FULL:
        panels = [panel for panel in compose(glance) if panel]
        spare = height - sum(len(panel) for panel in panels)
        if spare >= 0:
            return _spaced([*panels, _touched(glance, spare - len(panels))], height)
    return _short(glance, height)


def _spaced(panels: list[list[Line]], height: int) -> list[Line]:
    """Put panels under each other, a blank line before each where there is room, the later ones first."""
    panels = [panel for panel in panels if panel]
    spare = height - sum(len(panel) for panel in panels)
    lines: list[Line] = []
    for index, panel in enumerate(panels):
        if index and spare >= len(panels) - index:
            lines.append(Line())
        lines.extend(panel)
    return lines


def _touched(glance: Glance, rows: int) -> list[Line]:
    """Return the touches, the latest first, where there is room for the title and some of them."""
    touches = touch_lines(glance)[: rows - 1] if rows > _LEAST_TOUCHES else []
    return [Line("Touches, the latest first", glance.ink.dim), *touches] if touches else []


def title_line(glance: Glance, *, with_badges: bool = True) -> Line:
    """Return who it is, as the rule over the brief: name, title, company, badges."""
    ink, width = glance.ink, glance.width
    badges = " ".join((*glance.entry.signs, *glance.lead.badges)) if with_badges else ""
    line = Line("─ ", ink.faint)
    if hidden_characters(glance):
        line.add("⚠ ", ink.warn)
    line.add(crop(_name(glance), width - 10), ink.strong)
    room = width - line.width - len(badges) - 8
    about = identity(glance, max(room - 1, 1))
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
    account = account_line(glance)
    campaign, has_band = campaign_and_band_line(glance)
    told = [
        line
        for line in (
            *answer_lines(glance),
            moment_line(glance),
            account if names_another(glance) else None,
            campaign,
            tipping_line(glance),
            nurture_line(glance),
            *recycle_lines(glance, 1),
        )
        if line is not None
    ]
    asset = asset_lines(glance, 2)
    side_by_side = glance.width >= TWO_COLUMNS
    least = _LEAST_SCORE + 1 if side_by_side else 2 * _LEAST_SCORE
    if glance.lead.score is not None and glance.lead.score.unreconciled:
        least += 1  # the line that says so takes none from the reasons
    spare = height - 1 - least - len(told) - len(asset)
    if account is not None and account not in told and spare > _REACH:
        told, spare = [*told, account], spare - 1
    head = [status_line(glance), *reach_lines(glance, max(spare, 1))]
    kept = [*told, *asset][: max(height - len(head) - least, 0)]
    below = [line for line in asset if line in kept]
    room = max(height - len(head) - len(kept), 0)
    why = _side_by_side(glance, room, with_band=not has_band) if side_by_side else _stacked(glance, room)
    lines = [*head, *(line for line in kept if line not in below), *why, *below]
    return [*lines, *absent_lines(glance)][:height]


def _side_by_side(glance: Glance, rows: int, *, with_band: bool) -> list[Line]:
    left = glance.narrowed((glance.width - _GAP) * 3 // 5)
    right = glance.narrowed(glance.width - _GAP - left.width)
    score, definition = score_panel(left, rows), definition_panel(right, rows)
    if with_band:
        _add_band(right, definition, min(len(score), rows))
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


def _add_band(glance: Glance, lines: list[Line], rows: int) -> None:
    """Say how the band does in cells that nothing else wants: under the definition, or behind its end."""
    if len(lines) < rows and (told := band_briefly(glance, glance.width)):
        lines.append(Line(*told))
    elif lines and (told := band_briefly(glance, glance.width - lines[-1].width - 3)):
        lines[-1].add(" · ", glance.ink.dim).add(*told)


def _stacked(glance: Glance, rows: int) -> list[Line]:
    for_definition = max(rows // 3, 2)
    score = score_panel(glance, rows - for_definition)
    return [*score, *definition_panel(glance, rows - len(score))][:rows]


def _full(glance: Glance, *, whole: bool, contributions: int, recycles: int) -> list[list[Line]]:
    """Compose the panels of the long form; `whole` also tells what can be left out."""
    warning, badges = hidden_characters(glance), badge_line(glance)
    return [
        [*([badges] if badges else []), *([Line(warning, glance.ink.warn)] if warning else [])],
        [status_line(glance, with_reason=False), *reach_lines(glance, 3)],
        [*answer_lines(glance), *([line] if (line := moment_line(glance)) else [])],
        _scored(glance, whole=whole, contributions=contributions),
        _agreed(glance, whole=whole, contributions=contributions),
        _won_by(glance, whole=whole),
        asset_lines(glance, 0 if whole else 2),
        [*(line for line, _ in account_lines(glance)), *recycle_lines(glance, recycles)],
    ]


def _scored(glance: Glance, *, whole: bool, contributions: int) -> list[Line]:
    lines = score_panel(glance, contributions)
    told = band_briefly(glance, glance.width - lines[0].width - _GAP)
    if told and not whole:  # else it has a line of its own, beside the source
        lines[0].to(glance.width - width_of(told[0]), glance.ink.text).add(*told)
    return lines


def _agreed(glance: Glance, *, whole: bool, contributions: int) -> list[Line]:
    lines = definition_panel(glance, 0 if whole else contributions + 1)
    _set_right(glance, lines[0], mql_reason(glance).removeprefix("MQL "))
    agreed = agreed_line(glance)
    return [lines[0], agreed, *lines[1:]] if whole and agreed else lines


def _set_right(glance: Glance, line: Line, words: str) -> None:
    """Set words at the right end of a line, if they fit."""
    if words and line.width + width_of(words) + _GAP <= glance.width:
        line.to(glance.width - width_of(words), glance.ink.text).add(words, glance.ink.dim)


def _won_by(glance: Glance, *, whole: bool) -> list[Line]:
    lines: list[Line | None] = [campaign_line(glance)]
    if whole and glance.lead.campaign is not None:
        lines = [fact(glance, "campaign", campaign_words(glance)), source_line(glance), band_line(glance)]
    nurture = nurture_line(glance.narrowed(UNBOUNDED))
    lines += [tipping_line(glance), *(folded(nurture, glance.width, LABEL) if nurture else [])]
    return [line for line in (*lines, *(absent_lines(glance) if whole else [])) if line is not None]


_FULL: tuple[Callable[[Glance], list[list[Line]]], ...] = (
    lambda glance: _full(glance, whole=True, contributions=0, recycles=0),
    lambda glance: _full(glance, whole=True, contributions=8, recycles=2),
    lambda glance: _full(glance, whole=False, contributions=8, recycles=1),
    lambda glance: _full(glance, whole=False, contributions=5, recycles=1),
)
