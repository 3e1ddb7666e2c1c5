"""One insight at a size: what stands out, plot and table, and at the foot always how it is counted. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from functools import cached_property

from msgspec import Struct

from screens.cells import Line, crop, say, wrap
from screens.insights.parts import SMALL, Parts, Stop


class Place(Struct, frozen=True):
    """Where the cursor is: on which stop, and on which figure of it; None: on the line as a whole."""

    stop: int = 0
    column: int | None = None


class Page(Struct, frozen=True, dict=True):
    """An insight at a size, with the cursor somewhere on it."""

    parts: Parts
    place: Place
    heading: str = ""
    """What stands before the title: which of how many it is."""
    top: int = 0
    """The first line of the scrolled part, as it was drawn last."""

    def lines(self) -> list[Line]:
        """Return all lines, the foot at the bottom."""
        body = self.parts.lines(self.first, self.room, self._part, self._column)
        return [*self._head, *body, *([Line()] * (self.room - len(body))), *self._foot]

    @cached_property
    def first(self) -> int:
        """The first line of the scrolled part in sight: moved as little as shows the cursor's lines."""
        parts = self.parts
        start = end = 0
        if self._part is not None:
            end = parts.ends[self._part]
            # From the first stop all is shown that stands above it.
            start = 0 if self.place.stop == 0 else end - parts.all[self._part].height
        top = max(min(self.top, start), min(end, start + self.room) - self.room)
        return max(0, min(top, parts.height - self.room))

    @property
    def room(self) -> int:
        """The lines of the scrolled part that are in sight."""
        return max(self.parts.size.height - len(self._head) - len(self._foot), 1)

    @property
    def length(self) -> int:
        """What there is that the cursor can stand on."""
        return len(self.parts.stops)

    @property
    def stop(self) -> Stop | None:
        """What the cursor stands on; None: on nothing."""
        return self.parts.all[self._part].stop if self._part is not None else None

    @property
    def _column(self) -> int | None:
        """The chosen figure; None where there are fewer columns than when it was chosen."""
        column = self.place.column
        return column if column is not None and column < len(self.parts.insight.columns) else None

    @cached_property
    def _part(self) -> int | None:
        stops = self.parts.stops
        if self.place.stop < 0 or not stops:
            return None
        return stops[min(self.place.stop, len(stops) - 1)]

    def stop_at(self, line: int) -> int | None:
        """Return which stop is drawn on a line of the page; None: none."""
        parts, y = self.parts, line - len(self._head)
        if not 0 <= y < self.room or self.first + y >= parts.height:
            return None
        part = bisect_right(parts.ends, self.first + y)
        return parts.stops.index(part) if part in parts.stops else None

    def chosen(self) -> tuple[str, tuple[str, ...]]:
        """Return the leads behind what the cursor stands on, and what to call them."""
        stop, column, insight = self.stop, self._column, self.parts.insight
        if stop is None:
            return "", ()
        if stop.row is None:
            return stop.title, stop.lead_ids
        row = insight.rows[stop.row]
        if column is not None:
            heading = insight.columns[column].label
            return f"{say(row.label)}: {say(heading)}", row.figures[column].lead_ids
        return say(row.label), row.lead_ids or _together([figure.lead_ids for figure in row.figures])

    @cached_property
    def _head(self) -> list[Line]:
        ink, (width, height) = self.parts.inks.plain, self.parts.size
        title = Line(f" {self.heading}", ink.dim)
        lines = [title.add(crop(say(self.parts.insight.title), width - title.width), ink.strong)]
        if height >= SMALL:
            lines.append(Line(crop(f" {say(self.parts.insight.asks)}", width), ink.dim))
        return lines

    @cached_property
    def _foot(self) -> list[Line]:
        """Return what the cursor stands on in full, and how the numbers come about."""
        ink, width, most = self.parts.inks.plain, self.parts.size.width, self.parts.foot_lines
        told = wrap(self._told, width - 2, most) if self._told else []
        formula = wrap(self.parts.formula, width - 2, most)
        below = (*((one, ink.text) for one in told), *((one, ink.dim) for one in formula))
        return [Line("─" * width, ink.faint), *(Line(f" {one}", style) for one, style in below)]

    @cached_property
    def _told(self) -> str:
        stop = self.stop
        leads = len(self.chosen()[1])
        opens = f"{leads:,} {'lead' if leads == 1 else 'leads'} behind this" if leads else ""
        if stop is None or stop.row is None:
            return opens
        told = self.parts.table.told(stop.row, self._column)
        return f"{told} · {opens}" if opens else told


def _together(parts: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one for part in parts for one in part))
