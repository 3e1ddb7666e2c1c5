"""The leads behind a number: who they are, what was decided about them, and why."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from msgspec import Struct

from screens.actions import INSIGHT_LEADS
from screens.bindings import bindings
from screens.cells import Line, crop, fit, say, width_of
from screens.day import Day
from screens.ink import Ink
from screens.insights.whose import marketers_status
from screens.reading import Block, ReadingScreen
from screens.words import counted, day
from triage.domain.lead import LeadId
from triage.domain.review import ReviewedFeedback
from triage.domain.stages import StageChange
from triage.insights.case import Case
from triage.insights.evidence import Evidence

_WHEN = 12
_NARROW = 72
NOT_HERE = "That lead is not on your list here."


class Known(Struct, frozen=True):
    """What the events tell of a lead; each is the latest."""

    lead_id: str
    case: Case | None = None
    stage: StageChange | None = None
    told: ReviewedFeedback | None = None

    @property
    def name(self) -> str:
        """The lead's name, or nothing where it is a colleague's."""
        decided = self.case.decision.lead if self.case else {}
        told = self.told.lead if self.told else {}
        named = decided.get("name") or told.get("name") or (self.stage.name if self.stage else "")
        return str(named or "")

    @property
    def company(self) -> str:
        """Its company, or nothing."""
        decided = self.case.decision.lead if self.case else {}
        told = self.told.lead if self.told else {}
        at = decided.get("company") or told.get("company") or (self.stage.company if self.stage else "")
        return str(at or "")

    @property
    def at(self) -> datetime | None:
        """When the last thing happened that is told of it."""
        if self.case is not None:
            return self.case.at
        return self.stage.at if self.stage is not None else self.told.created_at if self.told else None

    def became(self, evidence: Evidence) -> str:
        """Return what was decided and why; else what became of it, or what was told about it."""
        if self.case is not None:
            reason = evidence.reasons.label(self.case.act, self.case.reason or None)
            return f"{self.case.act.done}: {reason}" if reason else self.case.act.done
        if self.stage is not None:
            return "delivered" if self.stage.stage == "assigned" else self.stage.stage.value
        return f"told: {self.told.type.replace('_', ' ')}" if self.told else ""


def known_of(evidence: Evidence, lead_ids: tuple[str, ...]) -> list[Known]:
    """Return what the events tell of some leads, in their order."""
    wanted = frozenset(lead_ids)
    cases = {one.lead_id: one for one in evidence.all_cases if one.lead_id in wanted}
    moved = sorted((one for one in evidence.stages if one.lead_id in wanted), key=lambda one: one.at)
    stages = {one.lead_id: one for one in moved}
    told = {one.lead_id: one for one in evidence.feedback if one.lead_id in wanted}
    return [Known(one, cases.get(one), stages.get(one), told.get(one)) for one in lead_ids]


class InsightLeadsScreen(ReadingScreen, inherit_bindings=False):
    """One lead a line."""

    CONTEXT = INSIGHT_LEADS
    BINDINGS: ClassVar = bindings(INSIGHT_LEADS)

    def __init__(self, day: Day, title: str, lead_ids: tuple[str, ...], evidence: Evidence) -> None:
        """`title` says of which number they are; it is safe to draw."""
        super().__init__(day)
        self._title = title
        self._evidence = evidence
        self._known = known_of(evidence, lead_ids)

    async def reload(self) -> None:
        """Draw what is known: nothing of it changes here."""
        if self.is_current:
            self.show()

    def heading(self) -> Line:
        """Return of which number they are, and how many."""
        ink = self.day.inks.raised
        count = f"  {counted(len(self._known), 'lead')}"
        room = self.app.size.width - width_of(count) - 1
        return Line(f" {crop(self._title, room)}", ink.accent).add(count, ink.dim)

    def nothing(self) -> str:
        """Say that there is none."""
        return "No lead is behind this number."

    def blocks(self, width: int) -> list[Block]:
        """Return a line for each lead."""
        ink, now = self.day.inks.plain, self.day.clock()
        return [Block((self._line(known, now, width, ink),)) for known in self._known]

    def leads_at(self, index: int) -> tuple[LeadId, ...]:
        """Return the lead of a line."""
        return (LeadId(self._known[index].lead_id),)

    def show_status(self) -> None:
        """Draw how things stand; to marketing whose numbers they are."""
        line = marketers_status(self.day, self.app.size.width)
        if line is None:
            super().show_status()
        else:
            self.status.say(line)

    async def action_open(self) -> None:
        """Show the lead in full, where it is here."""
        for lead_id in self.targets():
            if lead_id in self.day.tray.inbox.entries:
                await self.desktop.visit(lead_id)
            else:
                self.refuse(NOT_HERE)

    def _line(self, known: Known, now: datetime, width: int, ink: Ink) -> Line:
        here = LeadId(known.lead_id) in self.day.tray.inbox.entries
        entry = self.day.tray.inbox.entries.get(LeadId(known.lead_id))
        name = say(entry.outline.name if entry is not None else known.name)
        company = say(entry.outline.company if entry is not None else known.company)
        line = Line("▸ " if here else "  ", ink.accent)
        line.add(fit(name or f"lead {say(known.lead_id)}", max(width * 24 // 100, 14)), ink.strong)
        line.add(" ", ink.text).add(fit(company or "–", max(width * 22 // 100, 12)), ink.text)
        when = day(known.at, now) if known.at is not None and width >= _NARROW else ""
        room = width - line.width - (_WHEN + 2 if when else 1)
        line.add(" ", ink.text).add(fit(say(known.became(self._evidence)), room), ink.dim)
        return line.add(f" {fit(when, _WHEN)}", ink.dim) if when else line
