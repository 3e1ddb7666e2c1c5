"""The brief of the lead under the cursor, composed when it is told, in the handler that moved the cursor."""

from __future__ import annotations

from textual.strip import Strip

from screens.cells import Line
from screens.ink import Ink
from screens.lead.brief import brief_lines
from screens.panels.glance import Glance
from screens.widgets.line_pane import LinePane
from triage.domain.lead import LeadId

KEPT = 16
"""Briefs kept ready, of up to 200 kilobytes each: the pause after a key makes those the next may bring."""


class Brief(LinePane):
    """One lead, or nothing."""

    beside = False
    """Whether it stands beside the list: then a line parts the two."""

    def show(self, glance: Glance) -> None:
        """Show a lead, or the same lead as it is now."""
        self.put_strips(self._ready(glance))

    def prepare(self, glance: Glance) -> bool:
        """Make a brief that may be asked for soon; returns whether there was anything to do."""
        if self._kept_of(glance) is not None:
            return False
        self._ready(glance)
        return True

    def __init__(self, ink: Ink, *, id: str | None = None) -> None:  # noqa: A002 - the toolkit's own name
        super().__init__(ink, id=id)
        self._kept: dict[LeadId, tuple[Glance, list[Strip]]] = {}

    def fit(self, width: int, height: int) -> None:
        """Take a size in cells and lines."""
        self._kept = {}
        super().fit(width, height)

    def _ready(self, glance: Glance) -> list[Strip]:
        kept = self._kept_of(glance)
        if kept is not None:
            return kept
        key = glance.entry.lead_id
        strips = self.drawn(self._composed(glance))
        self._kept.pop(key, None)
        while len(self._kept) >= KEPT:
            del self._kept[next(iter(self._kept))]
        self._kept[key] = (glance, strips)
        return strips

    def _kept_of(self, glance: Glance) -> list[Strip] | None:
        """Return the brief that shows the same, if it is there."""
        kept = self._kept.get(glance.entry.lead_id)
        return kept[1] if kept is not None and kept[0].looks_like(glance) else None

    def _composed(self, glance: Glance) -> list[Line]:
        height = self.extent.height
        if not self.beside:
            return brief_lines(glance, height)
        first, *rest = brief_lines(glance.narrowed(glance.width - 1), height)
        faint = glance.ink.faint
        lines = [Line("┌", faint).join(first), *(Line("│", faint).join(line) for line in rest)]
        return lines + [Line("│", faint)] * (height - len(lines))
