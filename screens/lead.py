"""One lead in full: all contributions with evidence and age, definition, touches, account and recycles."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style

from screens.actions import LEAD
from screens.bindings import bindings
from screens.brief_lines import title_line
from screens.cells import Line, crop, say
from screens.day import Day
from screens.deciding import DecidingScreen
from screens.paging import PagedScreen
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
from screens.panels.person import badge_words, hidden_characters, reach_line, status_line
from screens.panels.score import contribution_line, score_panel, scored_when
from triage.domain.inbox import Entry
from triage.domain.lead import LeadId

WIDEST = 110
"""Cells a line takes at most: longer ones are hard to follow."""
MARGIN = 2
"""Cells before each line, for the line cursor."""
Told = tuple[Line, str]
"""A line, and the contribution it is about (empty: none)."""


def lead_lines(glance: Glance) -> list[Told]:
    """Return everything there is to say about a lead."""
    lines: list[Told] = []
    for panel in _panels(glance):
        told = list(panel)
        if told:
            lines.extend([(Line(), "")] if lines else [])
            lines.extend(told)
    return lines


def _panels(glance: Glance) -> Iterator[list[Told]]:
    ink = glance.ink
    warning, badges, model = hidden_characters(glance), badge_words(glance), scored_when(glance)
    yield _plain(
        Line(crop(badges, glance.width), ink.warn) if badges else None,
        Line(warning, ink.warn) if warning else None,
        status_line(glance),
        reach_line(glance),
        moment_line(glance),
    )
    yield _score(glance, model)
    yield _plain(*_definition(glance))
    campaign = fact(glance, "campaign", campaign_words(glance)) if glance.lead.campaign else None
    yield _plain(campaign, _promise(glance), source_line(glance), tipping_line(glance), nurture_line(glance))
    yield _plain(*asset_lines(glance, 0))
    yield _plain(*account_lines(glance), *recycle_lines(glance, 0))
    touches = touch_lines(glance)
    yield _plain(Line("Touches, the latest first", ink.dim), *touches) if touches else []


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


class LeadScreen(PagedScreen, DecidingScreen, inherit_bindings=False):
    """A lead in full. The keys that decide work here too; then the next lead comes."""

    CONTEXT = LEAD
    BINDINGS: ClassVar = bindings(LEAD)

    def __init__(self, day: Day, *, only: LeadId | None = None) -> None:
        """`only`: the rep came for this lead, and goes back as soon as it is decided."""
        super().__init__(day, day.inks.plain)
        self._only = only
        self._stood = _standing(day.tray.entry) if only is not None else None
        self._line = 0
        self._of: LeadId | None = None
        self._told: list[Told] = []

    @property
    def length(self) -> int:
        """The lines there are."""
        return len(self._told)

    @property
    def page(self) -> int:
        """A screenful, less two lines."""
        return self.pane.extent.height - 2

    def show(self) -> None:
        """Draw the lead under the inbox's cursor; with none left, go back."""
        entry = self.day.tray.entry
        if entry is None or self._is_done_with(entry):
            self.app.call_later(self.action_quit)
            return
        if entry.lead_id != self._of:
            self._of, self._line = entry.lead_id, 0
            self.pane.turn()  # another lead may differ in its name alone, which stands in the title
        self.day.saw(entry.lead_id)
        now, width = self.day.clock(), self.pane.extent.width
        glance = self.day.glance(entry, min(width - MARGIN - 1, WIDEST), now)
        self._told = lead_lines(glance)
        self.title_bar.say(title_line(self.day.glance(entry, width, now), with_badges=False))
        self._draw()
        super().show()

    def _is_done_with(self, entry: Entry) -> bool:
        """Whether the lead that the rep came for has been decided."""
        if self._only is None:
            return False
        return entry.lead_id != self._only or _standing(entry) != self._stood

    async def painted(self) -> bool:
        """Wait until the lead that is shown was painted."""
        return not self.is_too_small and await self.pane.painted(self.day.pressed_at)

    def targets(self) -> tuple[LeadId, ...]:
        """Return the lead that is shown, whatever is marked in the list."""
        cursor = self.day.tray.cursor
        return (cursor,) if cursor is not None else ()

    def move(self, by: int) -> None:
        """Move the line cursor."""
        self._line = max(0, min(self._line + by, len(self._told) - 1))
        self._draw()

    def _draw(self) -> None:
        room = self.pane.extent.height
        top = max(0, min(self.pane.top, self._line - 1))
        top = max(top, self._line - room + 2)
        top = max(0, min(top, len(self._told) - room))
        self.pane.put([self._margined(index) for index in range(len(self._told))], top)

    def _margined(self, index: int) -> Line:
        ink = self.day.inks.plain
        here = index == self._line
        line = Line("▌ " if here else "  ", ink.accent).join(self._told[index][0])
        if not here:
            return line
        ground = Style(bgcolor=self.day.inks.cursor.text.bgcolor)
        line.to(self.pane.extent.width, ink.text)
        lit = Line()
        lit.segments = [Segment(text, (style or ink.text) + ground) for text, style, _ in line.segments]
        lit.width = line.width
        return lit

    async def action_dispute(self) -> None:
        """Dispute the contribution under the cursor."""
        label = self._told[self._line][1] if self._line < len(self._told) else ""
        if label:
            await self._run(self.day.telling.dispute(label))
        else:
            self.say("Move to a line of the score: Enter disputes it.")


def _standing(entry: Entry | None) -> str | None:
    """Return the id of the decision that stands on a lead."""
    return entry.decision.id if entry is not None and entry.decision is not None else None
