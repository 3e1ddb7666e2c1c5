"""An insight in lines and columns; what has no room is told of the line under the cursor. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from msgspec import Struct
from rich.style import Style

from screens.cells import Line, crop, fit, say, width_of, wrap
from screens.ink import Ink, Inks
from screens.insights.plots import Scale, bar
from triage.insights.figure import ChartKind, Column, Figure, Insight, Unit
from triage.insights.wording import figure_words, number_words, value_words

_SIGN = 2
_GAP = 2
_LEAST_LABEL, _MOST_LABEL = 10, 34
_LEAST_BAR, _MOST_BAR = 10, 44
_HEADING = (24, 14, 9)
"""Cells of a column's heading, in the long form, the brief and the bare one."""
_WORD = 13
"""Cells up to which a word of a heading is not broken."""
_TEXT = (40, 24, 14)
"""Cells of a text, likewise."""
_TELLING = 4000
_BARE = 2


def cell_words(figure: Figure, column: Column, currency: str, form: int) -> str:
    """Return a figure, long (0), brief (1: without its interval) or bare (2); ~ is a direction only."""
    currency = say(currency)
    if column.unit is Unit.TEXT:
        return crop(say(figure.text, _TELLING) or "–", _TEXT[form])
    if form == 0:
        return figure_words(figure, column.unit, currency)
    words = value_words(figure, column.unit, currency if form == 1 else "")
    if figure.value is None:
        return words
    words += "~" if figure.is_direction_only else ""
    return f"{words} n={figure.n:,}" if form == 1 and figure.n is not None else words


class Table(Struct, frozen=True, dict=True):
    """An insight's table at a width."""

    insight: Insight
    width: int
    inks: Inks

    @cached_property
    def form(self) -> int:
        """The longest form in which all columns fit; else the bare one."""
        return next((form for form in (0, 1) if self._room(form) >= 0), _BARE)

    @cached_property
    def shown(self) -> tuple[int, ...]:
        """Which columns have room: the one that is drawn before all others, then from the left."""
        drawn, cells = self._bar_column, self._cells(self.form)
        room = self.width - _SIGN - self._label
        room -= _LEAST_BAR + _GAP + 1 if drawn >= 0 and self.form == _BARE else 0
        found: list[int] = []
        for at in sorted(range(len(cells)), key=lambda at: at != drawn):
            room -= cells[at] + _GAP
            if room < 0:
                break
            found.append(at)
        return tuple(sorted(found))

    def heading(self, most: int = 1) -> list[Line]:
        """Return what stands over the columns, on so many lines at most, and over the bars their scale."""
        ink = self.inks.plain.dim
        words = [wrap(say(column.label), cells, most) for column, cells in self._columns()]
        height = max([*map(len, words), len(self._over_bars(most)) if self._bar else 1])
        lines = [Line(" " * (_SIGN + self._label), ink) for _ in range(height - 1)]
        lines.append(Line(" " * _SIGN, ink).add(fit(say(self.insight.first_column), self._label), ink))
        over = self._over_bars(most)
        for at, line in enumerate(lines):
            if self._bar:
                index = at - (height - len(over))
                line.add("  ", ink).add(fit(over[index] if index >= 0 else "", self._bar), ink)
            for (column, cells), parts in zip(self._columns(), words, strict=True):
                index = at - (height - len(parts))
                line.add("  ", ink).add(_placed(parts[index] if index >= 0 else "", cells, column), ink)
        return lines

    def row(self, index: int, *, under_cursor: bool = False, column: int | None = None) -> Line:
        """Return one line; the chosen figure has a pointer before it."""
        row = self.insight.rows[index]
        ink = self.inks.cursor if under_cursor else self.inks.plain
        line = Line("▌ " if under_cursor else "  ", ink.accent)
        line.add(fit(say(row.label) or "–", self._label), ink.strong if row.is_total else ink.text)
        if self._bar:
            figure = row.figures[self._bar_column]
            drawn = "" if row.is_total and self._is_sum else bar(figure, self._scale, self._bar, self._target)
            # Turned round, a bar would say the opposite of what it is filled to.
            ground = self.inks.plain if ink.text.reverse else ink
            line.add("  ", ink.text).add(fit(drawn, self._bar), _bar_style(figure, ground))
        for at, (heading, cells) in zip(self.shown, self._columns(), strict=True):
            figure = row.figures[at]
            words = crop(cell_words(figure, heading, self.insight.currency, self.form), cells)
            chosen = under_cursor and at == column
            line.add(" ▸" if chosen else "  ", ink.accent)
            style = ink.strong if chosen or row.is_total else _figure_style(figure, ink)
            line.add(_placed(words, cells, heading), style)
        return line

    def told(self, index: int, column: int | None = None) -> str:
        """Return a line, or one figure of it, with nothing left out."""
        row, insight = self.insight.rows[index], self.insight
        wanted = range(len(insight.columns)) if column is None else (column,)
        parts = [
            f"{say(insight.columns[at].label)}: {self._whole(row.figures[at], insight.columns[at])}"
            for at in wanted
        ]
        return f"{say(row.label) or '–'} · {' · '.join(parts)}"

    def _whole(self, figure: Figure, column: Column) -> str:
        if column.unit is Unit.TEXT:
            return say(figure.text, _TELLING) or "–"
        return figure_words(figure, column.unit, say(self.insight.currency))

    def _columns(self) -> list[tuple[Column, int]]:
        cells = self._cells(self.form)
        return [(self.insight.columns[at], cells[at]) for at in self.shown]

    def _room(self, form: int) -> int:
        """Return the cells that a form leaves for bars; less than none: it does not fit."""
        room = self.width - _SIGN - self._label - sum(cells + _GAP for cells in self._cells(form))
        return room - (_LEAST_BAR + _GAP) if self._bar_column >= 0 else room

    def _cells(self, form: int) -> tuple[int, ...]:
        """Return the cells of each column in a form; measured once."""
        if form not in self._measured:
            self._measured[form] = tuple(
                self._widest(at, column, form) for at, column in enumerate(self.insight.columns)
            )
        return self._measured[form]

    @cached_property
    def _measured(self) -> dict[int, tuple[int, ...]]:
        return {}

    def _widest(self, at: int, column: Column, form: int) -> int:
        insight = self.insight
        words = (cell_words(row.figures[at], column, insight.currency, form) for row in insight.rows)
        heading = min(width_of(say(column.label)), max(_HEADING[form], _longest_word(column.label)))
        return max(heading, *map(width_of, words), 1)

    @cached_property
    def _label(self) -> int:
        widest = max((width_of(say(row.label)) for row in self.insight.rows), default=0)
        wanted = max(widest, width_of(say(self.insight.first_column)), _LEAST_LABEL)
        return min(wanted, _MOST_LABEL, max(self.width * 3 // 10, _LEAST_LABEL))

    @cached_property
    def _bar_column(self) -> int:
        chart = self.insight.chart
        if chart is None or chart.kind is not ChartKind.BARS or not chart.columns:
            return -1
        names = [column.name for column in self.insight.columns]
        return names.index(chart.columns[0]) if chart.columns[0] in names else -1

    @cached_property
    def _bar(self) -> int:
        """The cells of the bars; none where there is no room."""
        used = sum(cells + _GAP for _, cells in self._columns())
        room = self.width - _SIGN - self._label - used - _GAP - 1
        return min(room, _MOST_BAR) if self._bar_column >= 0 and room >= _LEAST_BAR else 0

    @cached_property
    def _is_sum(self) -> bool:
        """Whether the bars' column adds up: a total's bar would dwarf all others."""
        return self.insight.columns[self._bar_column].unit in (Unit.COUNT, Unit.MONEY, Unit.POINTS)

    @property
    def _target(self) -> float | None:
        return self.insight.chart.target if self.insight.chart else None

    @cached_property
    def _scale(self) -> Scale:
        rows: Sequence[Figure] = [
            row.figures[self._bar_column] for row in self.insight.rows if not (row.is_total and self._is_sum)
        ]
        return Scale.of(rows, self._target)

    def _over_bars(self, most: int) -> list[str]:
        """Return of what the bars are, and from where to where they go."""
        column = self.insight.columns[self._bar_column]
        ends = "–".join(number_words(end, column.unit) for end in (self._scale.least, self._scale.most))
        goal = f" ┃ {number_words(self._target, column.unit)}" if self._target is not None else ""
        whole = f"{say(column.label)} {ends}{goal}"
        if width_of(whole) <= self._bar or most == 1:
            return [crop(whole, self._bar)]
        return [crop(say(column.label), self._bar), crop(f"{ends}{goal}", self._bar)]


def _longest_word(label: str) -> int:
    """Return the cells of a heading's longest word, as far as it is not broken."""
    return min(max(map(width_of, say(label).split()), default=0), _WORD)


def _placed(words: str, cells: int, column: Column) -> str:
    """Return a cell's words: numbers to the right, texts to the left."""
    if column.unit is Unit.TEXT:
        return fit(words, cells)
    return " " * (cells - width_of(words)) + words


def _figure_style(figure: Figure, ink: Ink) -> Style:
    return ink.dim if figure.is_direction_only else ink.text


def _bar_style(figure: Figure, ink: Ink) -> Style:
    return ink.dim if figure.is_direction_only else ink.good
