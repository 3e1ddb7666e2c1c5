"""All insights at a glance: number, title, and what stands out first. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from textual.geometry import Size

from screens.cells import Line, crop, fit, say, width_of
from screens.ink import Inks
from screens.insights.parts import first_words
from triage.insights.figure import Insight

_NUMBER = 5
_MOST_TITLE = 28
_LEAST_FINDING = 12
"""Cells below which a finding says nothing."""


class Overview(Struct, frozen=True):
    """The list of insights at a size, one of them chosen."""

    insights: Sequence[Insight]
    size: Size
    inks: Inks
    index: int = 0

    @property
    def height(self) -> int:
        """The lines that one insight takes: two where there is room for all."""
        return 2 if 2 * len(self.insights) <= self.size.height else 1

    @property
    def first(self) -> int:
        """The first insight in sight: as many before the chosen one as after it."""
        room = max(self.size.height // self.height, 1)
        return max(0, min(self.index - room // 2, len(self.insights) - room))

    def lines(self) -> list[Line]:
        """Return the insights in sight."""
        lines: list[Line] = []
        for index in range(self.first, len(self.insights)):
            if len(lines) + self.height > self.size.height:
                break
            lines += self._of(index)
        return lines

    def at(self, line: int) -> int | None:
        """Return which insight is drawn on a line; None: none."""
        index = self.first + line // self.height
        return index if 0 <= line < self.size.height and index < len(self.insights) else None

    def _of(self, index: int) -> list[Line]:
        insight, here = self.insights[index], index == self.index
        ink, width = self.inks.cursor if here else self.inks.plain, self.size.width
        line = Line("▌" if here else " ", ink.accent).add(f"{index + 1:>2}  ", ink.dim)
        title, words = say(insight.title), first_words(insight)
        quiet = ink.text if insight.findings else ink.dim
        if self.height > 1:
            line.add(fit(title, width - line.width), ink.strong)
            second = Line("▌" if here else " ", ink.accent).to(_NUMBER, ink.text)
            return [line, second.add(fit(words, width - _NUMBER), quiet)]
        room = width - _NUMBER - 2
        cells = min(max(width_of(say(one.title)) for one in self.insights), _MOST_TITLE, room)
        if room - cells < _LEAST_FINDING:
            mark = " •" if insight.findings else "  "
            return [line.add(fit(title, room), ink.strong).add(mark, ink.accent)]
        line.add(fit(title, cells), ink.strong).add("  ", ink.text)
        return [line.add(fit(crop(words, width - line.width), width - line.width), quiet)]
