"""One lead in full: all contributions with evidence and age, definition, touches, account and recycles."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.app import ComposeResult

from screens.actions import LEAD
from screens.arrangement import BARS
from screens.bindings import bindings
from screens.brief_lines import title_line
from screens.cells import Line, crop, say
from screens.day import Day
from screens.deciding import DecidingScreen
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
from screens.widgets.bars import Bar
from screens.widgets.line_pane import LinePane
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


class LeadScreen(DecidingScreen, inherit_bindings=False):
    """A lead in full. The keys that decide work here too; then the next lead comes."""

    CONTEXT = LEAD
    BINDINGS: ClassVar = bindings(LEAD)

    def __init__(self, day: Day) -> None:
        super().__init__(day)
        self.title_bar = Bar(day.inks.plain, id="title")
        self.pane = LinePane(day.inks.plain, id="lead")
        self._line = 0
        self._of: LeadId | None = None
        self._told: list[Told] = []

    def compose(self) -> ComposeResult:
        """Yield title, pane and bars."""
        yield self.title_bar
        yield self.pane
        yield from self.compose_bars()

    def lay_out(self) -> None:
        """Give the pane all there is."""
        super().lay_out()
        width, height = self.app.size
        self.title_bar.fit(width)
        self.pane.fit(width, max(height - BARS, 1))

    def show(self) -> None:
        """Draw the lead under the inbox's cursor; with none left, go back."""
        entry = self.day.tray.entry
        if entry is None:
            self.app.call_later(self.action_quit)
            return
        if entry.lead_id != self._of:
            self._of, self._line = entry.lead_id, 0
        self.day.saw(entry.lead_id)
        now, width = self.day.clock(), self.pane.extent.width
        glance = self.day.glance(entry, min(width - MARGIN - 1, WIDEST), now)
        self._told = lead_lines(glance)
        self.title_bar.say(title_line(self.day.glance(entry, width, now), with_badges=False))
        self._draw()
        super().show()

    def targets(self) -> tuple[LeadId, ...]:
        """Return the lead that is shown, whatever is marked in the list."""
        cursor = self.day.tray.cursor
        return (cursor,) if cursor is not None else ()

    def move(self, lines: int) -> None:
        """Move the line cursor."""
        self._line = max(0, min(self._line + lines, len(self._told) - 1))
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

    def action_down(self) -> None:
        """Move down a line."""
        self.move(1)

    def action_up(self) -> None:
        """Move up a line."""
        self.move(-1)

    def action_page_down(self) -> None:
        """Move down a page."""
        self.move(max(self.pane.extent.height - 2, 1))

    def action_page_up(self) -> None:
        """Move up a page."""
        self.move(-max(self.pane.extent.height - 2, 1))

    def action_top(self) -> None:
        """Go to the first line."""
        self.move(-len(self._told))

    def action_bottom(self) -> None:
        """Go to the last line."""
        self.move(len(self._told))

    async def action_dispute(self) -> None:
        """Dispute the contribution under the cursor."""
        label = self._told[self._line][1] if self._line < len(self._told) else ""
        if label:
            await self._run(self.day.telling.dispute(label))
        else:
            self.say("Move to a line of the score: Enter disputes it.")

    def action_back(self) -> None:
        """Go back to the list."""
        self.action_quit()

    def action_quit(self) -> None:
        """Go back to the list."""
        if self.is_current:
            self.app.pop_screen()
