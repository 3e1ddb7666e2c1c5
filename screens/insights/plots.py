"""Figures drawn in terminal cells: bars with their interval, lines over time, said against observed. Pure.

Signs alone carry the meaning, never a colour: filled is certain, shaded is the 95 % interval.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec import Struct

from screens.cells import crop, fit, say, width_of
from triage.insights.figure import ChartKind, Column, Figure, Insight, Unit
from triage.insights.wording import number_words

POINTS = "●○◆◇"
"""The signs of the lines of a plot, in the order of the columns."""
_FILLED, _LOWER, _UPPER, _FEW = "█", "▓", "░", "┄"
_TARGET, _AXIS, _SLIVER = "┃", "│", "▏"
_NOISE = 1e-9
_ROOMY = 12
"""Lines from which a plot has room for more than one line over time."""
_LEAST_STEP = 4
"""Cells between two points from which the way between them is dotted."""
Words = Callable[[float], str]


class Scale(Struct, frozen=True):
    """What the first and the last cell stand for; zero lies between."""

    least: float
    most: float

    @classmethod
    def of(cls, figures: Sequence[Figure], target: float | None = None) -> Scale:
        """Return the scale that holds zero, every value, every interval that is drawn and the target."""
        ends = [0.0, *(() if target is None else (target,))]
        for figure in figures:
            if figure.value is not None:
                ends.append(float(figure.value))
                ends += _interval(figure) or ()
        # An end of a share of none is zero, but for what is lost in computing it.
        ends = [end if abs(end) > _NOISE else 0.0 for end in ends]
        least, most = min(ends), max(ends)
        return cls(least, most if most > least else least + 1.0)

    def cell(self, value: float, cells: int) -> int:
        """Return the cell in which a value lies, of so many."""
        at = int((value - self.least) / (self.most - self.least) * cells)
        return max(0, min(at, cells - 1))

    def middle(self, cell: int, cells: int) -> float:
        """Return what the middle of a cell stands for."""
        return self.least + (cell + 0.5) / cells * (self.most - self.least)


def bar(figure: Figure, scale: Scale, cells: int, target: float | None = None) -> str:
    """Return a bar of so many cells: █ up to the interval, ▓ to the value, ░ to its upper end.

    Of fewer than ten it is a dotted line; of what is unknown there is none.
    """
    if figure.value is None or cells < 1:
        return " " * max(cells, 0)
    value, interval = float(figure.value), _interval(figure)
    signs = [_sign(scale.middle(cell, cells), value, interval, figure) for cell in range(cells)]
    zero = scale.cell(0.0, cells)
    if scale.least < 0:
        signs[zero] = _AXIS
    elif value and not "".join(signs).strip():
        signs[zero] = _SLIVER
    if target is not None:
        signs[scale.cell(target, cells)] = _TARGET
    return "".join(signs)


def _sign(at: float, value: float, interval: tuple[float, float] | None, figure: Figure) -> str:
    if interval is not None and interval[0] <= at <= interval[1]:
        return _LOWER if at <= value else _UPPER
    if min(value, 0.0) <= at <= max(value, 0.0):
        return _FEW if figure.is_direction_only else _FILLED
    return " "


def _interval(figure: Figure) -> tuple[float, float] | None:
    if figure.low is None or figure.high is None or figure.is_direction_only:
        return None
    return figure.low, figure.high


def plotted(insight: Insight, width: int, height: int) -> list[str]:
    """Return the insight's plot in so many cells and lines; nothing where its chart is no plot."""
    chart = insight.chart
    if chart is None or chart.kind is ChartKind.BARS or not insight.rows:
        return []
    rows = [row for row in insight.rows if not row.is_total]
    found = [(column, index) for index, column in enumerate(insight.columns) if column.name in chart.columns]
    found.sort(key=lambda one: chart.columns.index(one[0].name))
    if not found or not rows:
        return []
    labels = [say(row.label) for row in rows]
    if chart.kind is ChartKind.RELIABILITY and len(found) > 1:
        pairs = [(row.figures[found[0][1]], row.figures[found[1][1]]) for row in rows]
        return reliability(labels, pairs, width, height)
    unit = found[0][0].unit
    lines = [(column, [row.figures[index] for row in rows]) for column, index in found if column.unit is unit]
    return series(labels, lines[: len(POINTS)], width, height, chart.target)


def series(
    labels: Sequence[str],
    lines: Sequence[tuple[Column, Sequence[Figure]]],
    width: int,
    height: int,
    target: float | None = None,
) -> list[str]:
    """Return lines over time: a sign for each value, the first line's interval beside it, labels below.

    What rests on fewer than ten is left out; where there is little room, all but the first line is.
    """
    lines = _sure(lines if height >= _ROOMY else lines[:1])
    scale = Scale.of([figure for _, figures in lines for figure in figures], target)
    unit = lines[0][0].unit
    ends = [number_words(end, unit) for end in (scale.most, scale.least)]
    edge = max(map(width_of, ends))
    canvas = _Canvas(max(width - edge - 2, 8), max(height - 2, 3), scale)
    if target is not None:
        canvas.level(target)
    for place, (_, figures) in reversed(list(enumerate(lines))):
        canvas.line(figures, POINTS[place], interval=place == 0)
    body = canvas.lines()
    sides = [f"{ends[0]:>{edge}} ┤", *([" " * edge + " │"] * (len(body) - 2)), f"{ends[1]:>{edge}} ┤"]
    legend = "  ".join(f"{POINTS[place]} {say(column.label)}" for place, (column, _) in enumerate(lines))
    goal = "" if target is None else f"  ╌ target {number_words(target, unit)}"
    return [
        *(side + line for side, line in zip(sides, body, strict=True)),
        " " * (edge + 2) + _below(labels, canvas.width),
        crop(" " * (edge + 2) + legend + goal, width),
    ]


def _sure(lines: Sequence[tuple[Column, Sequence[Figure]]]) -> list[tuple[Column, Sequence[Figure]]]:
    """Return lines without what is a direction only, as long as that leaves something to draw."""
    sure: list[tuple[Column, Sequence[Figure]]] = [
        (column, [Figure() if figure.is_direction_only else figure for figure in figures])
        for column, figures in lines
    ]
    drawn = any(figure.value is not None for _, figures in sure for figure in figures)
    return sure if drawn else list(lines)


def _below(labels: Sequence[str], width: int) -> str:
    """Return the first and the last label under the ends of a plot."""
    first, last = crop(labels[0], width // 2 - 1), crop(labels[-1], width // 2 - 1)
    return first if len(labels) == 1 else fit(first, width - width_of(last)) + last


def reliability(
    labels: Sequence[str], pairs: Sequence[tuple[Figure, Figure]], width: int, height: int
) -> list[str]:
    """Return said against observed: where the two agree, a band stands on the dotted diagonal.

    A band is drawn by the first letter of its label.
    """
    observed = Scale.of([one for pair in pairs for one in pair])
    most = max(observed.most, 1.0) if observed.most <= 1.0 else observed.most
    scale = Scale(observed.least, most)
    canvas = _Canvas(max(min(width - 6, 4 * height), 8), max(height - 2, 3), scale)
    canvas.diagonal()
    for label, (said, seen) in zip(labels, pairs, strict=True):
        if said.value is not None and seen.value is not None:
            canvas.mark(scale.cell(float(said.value), canvas.width), seen, label[:1] or POINTS[0])
    top, foot = (number_words(end, Unit.SHARE) for end in (scale.most, scale.least))
    body = canvas.lines()
    sides = [f"{top:>4} ┤", *(["     │"] * (len(body) - 2)), f"{foot:>4} ┤"]
    return [
        *(side + line for side, line in zip(sides, body, strict=True)),
        f"{'':6}{foot}{top:>{canvas.width - width_of(foot)}}",
        crop("      observed (up) against said (right); · both alike", width),
    ]


class _Canvas:
    """Cells to draw in; the first line is the top."""

    def __init__(self, width: int, height: int, scale: Scale) -> None:
        self.width = width
        self.height = height
        self._scale = scale
        self._cells = [[" "] * width for _ in range(height)]

    def lines(self) -> list[str]:
        """Return what was drawn."""
        return ["".join(row) for row in self._cells]

    def level(self, value: float) -> None:
        """Draw a target from side to side."""
        self._cells[self._y(value)] = ["╌"] * self.width

    def diagonal(self) -> None:
        """Draw where what was said is what was observed."""
        for x in range(self.width):
            self._cells[self._y(self._scale.middle(x, self.width))][x] = "·"

    def line(self, figures: Sequence[Figure], sign: str, *, interval: bool) -> None:
        """Draw one line over time."""
        step = (self.width - 1) / max(len(figures) - 1, 1)
        before: tuple[int, int] | None = None
        for index, figure in enumerate(figures):
            if figure.value is None:
                before = None
                continue
            x, y = round(index * step), self._y(float(figure.value))
            if before is not None and interval and step >= _LEAST_STEP:
                self._dot(before, (x, y))
            self.mark(x, figure if interval else Figure(figure.value), sign)
            before = (x, y)

    def mark(self, x: int, figure: Figure, sign: str) -> None:
        """Draw a value, and its interval as a stroke through it."""
        interval = _interval(figure)
        if interval is not None:
            for y in range(self._y(interval[1]), self._y(interval[0]) + 1):
                self._cells[y][x] = _AXIS
        self._cells[self._y(float(figure.value or 0))][x] = sign

    def _dot(self, start: tuple[int, int], end: tuple[int, int]) -> None:
        for x in range(start[0] + 1, end[0]):
            y = round(start[1] + (end[1] - start[1]) * (x - start[0]) / (end[0] - start[0]))
            if self._cells[y][x] in " ╌":
                self._cells[y][x] = "·"

    def _y(self, value: float) -> int:
        return self.height - 1 - self._scale.cell(value, self.height)
