"""What an insight is made of at a size, top to bottom; each part is drawn when it comes in sight. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property, partial
from itertools import accumulate

from msgspec import Struct
from textual.geometry import Size

from screens.cells import Line, say, wrap
from screens.ink import Inks
from screens.insights.plots import plotted
from screens.insights.table import Table
from triage.insights.figure import Finding, Insight
from triage.insights.wording import FEW

NOTHING = "Nothing to count in this time."
SMALL, TALL = 16, 30
"""Lines of the pane below which less is said, and from which there is room for more."""
LONGEST = 4000
"""Characters of a sentence."""
_PLOT, _PLOT_TALL = 8, 12
_SIGN = 2


class Stop(Struct, frozen=True):
    """What the cursor can stand on, and the leads behind it."""

    title: str = ""
    lead_ids: tuple[str, ...] = ()
    row: int | None = None
    """Which line of the table it is; None: it is none."""


Draw = Callable[[bool, int | None], Sequence[Line]]
"""Draws a part, under the cursor or not, with one figure of it chosen or none."""


class Part(Struct, frozen=True):
    """One part: what the cursor finds there, its lines, and what draws them."""

    stop: Stop | None
    height: int
    draw: Draw


class Parts(Struct, frozen=True, dict=True):
    """The parts of an insight at a size. Made once for as long as neither changes: rows can be many."""

    insight: Insight
    size: Size
    inks: Inks

    @cached_property
    def table(self) -> Table:
        """The insight's table at this width."""
        return Table(self.insight, self.size.width, self.inks)

    @cached_property
    def all(self) -> tuple[Part, ...]:
        """All parts, from top to bottom."""
        return tuple(self._parts())

    @cached_property
    def stops(self) -> tuple[int, ...]:
        """Which of the parts the cursor can stand on."""
        return tuple(index for index, part in enumerate(self.all) if part.stop is not None)

    @cached_property
    def ends(self) -> tuple[int, ...]:
        """The line after each part."""
        return tuple(accumulate(part.height for part in self.all))

    @property
    def height(self) -> int:
        """All lines."""
        return self.ends[-1] if self.ends else 0

    def lines(self, top: int, room: int, here: int | None, column: int | None) -> list[Line]:
        """Return so many lines from a line on; the part `here` is under the cursor."""
        lines: list[Line] = []
        skipped = 0
        for index, (part, end) in enumerate(zip(self.all, self.ends, strict=True)):
            start = end - part.height
            if end <= top or start >= top + room:
                continue
            if not lines:
                skipped = top - start
            lines += part.draw(index == here, column)
        return lines[max(skipped, 0) :][:room]

    @cached_property
    def formula(self) -> str:
        """How the numbers come about."""
        return f"Formula: {say(self.insight.formula, LONGEST)}"

    @property
    def foot_lines(self) -> int:
        """How many lines of the foot a sentence may take."""
        return 4 if self.size.height >= TALL else 2 if self.size.height >= SMALL else 1

    def _parts(self) -> Iterator[Part]:
        for finding in self.insight.findings:
            words = finding_words(finding)
            yield self._sentence(f"• {words}", Stop(words, finding.lead_ids))
        yield _standing(self._plot())
        yield _standing(self._heading())
        for index in range(len(self.insight.rows)):
            yield Part(Stop(row=index), 1, partial(_row, self.table, index))
        for note in self._notes():
            yield self._sentence(note, Stop("note"), pale=True)

    def _plot(self) -> list[Line]:
        height = self.size.height
        lines = _PLOT_TALL if height >= TALL else _PLOT if height >= SMALL else 0
        plot = plotted(self.insight, self.size.width - _SIGN - 1, lines) if lines else []
        ink = self.inks.plain.text
        return [Line("  ", ink).add(one, ink) for one in plot]

    def _heading(self) -> list[Line]:
        if self.insight.rows:
            return self.table.heading(2 if self.size.height >= SMALL else 1)
        return [Line(f"  {NOTHING}", self.inks.plain.strong)]

    def _notes(self) -> list[str]:
        """Return what is said under the table: the whole formula too, where the foot cuts it."""
        figures = [figure for row in self.insight.rows for figure in row.figures]
        few = any(figure.is_direction_only and figure.value is not None for figure in figures)
        is_cut = len(wrap(self.formula, self.size.width - 2)) > self.foot_lines
        return [
            *([f"~ of fewer than ten: {FEW}"] if few else ()),
            *self.insight.notes,
            *([self.formula] if is_cut else ()),
        ]

    def _sentence(self, words: str, stop: Stop, *, pale: bool = False) -> Part:
        ink = self.inks.plain
        style = ink.dim if pale else ink.strong
        wrapped = wrap(say(words, LONGEST), self.size.width - _SIGN - 1)

        def draw(here: bool, _column: int | None) -> list[Line]:  # noqa: FBT001 - as every part is drawn
            return [Line("▌ " if here else "  ", ink.accent).add(one, style) for one in wrapped]

        return Part(stop, len(wrapped), draw)


def _row(table: Table, index: int, here: bool, column: int | None) -> list[Line]:  # noqa: FBT001 - as every part
    return [table.row(index, under_cursor=here, column=column)]


def _standing(lines: list[Line]) -> Part:
    """Return lines on which the cursor cannot stand, as a part."""
    return Part(None, len(lines), lambda _here, _column: lines)


def finding_words(finding: Finding) -> str:
    """Return a finding with its day, where it is about a change that its words do not date."""
    words = say(finding.text, LONGEST)
    return f"{finding.on:%-d %b %Y}: {words}" if finding.on is not None else words


def first_words(insight: Insight) -> str:
    """Return what stands out first."""
    if insight.findings:
        return finding_words(insight.findings[0])
    return "nothing stands out" if insight.rows else NOTHING
