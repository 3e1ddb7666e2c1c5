"""The lines of the table: what was measured, beside what, and what is demanded. Measures nothing itself.

The machine's speed drifts by a quarter, a ratio of two things measured in turn does not: hence ratios.
"""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

TIMES = "×"
_WIDTHS = (62, 46, 9, 9)


@dataclass(frozen=True, slots=True)
class Ratio:
    """One line of the table: how many times as much as what ran beside it, and what is demanded."""

    what: str
    beside: str
    ratio: float | None
    """None: there is no figure; `not_measured` says why, or every press was a miss."""
    at_most: float | None = None
    at_least: float | None = None
    remark: str = ""
    unit: str = TIMES
    """The few demands that are no ratio say in what they are: ms, %."""
    misses: int = 0
    """How often the effect was never seen. One breaks the line, whatever the figure."""
    not_measured: str = ""
    """Why there is no figure, and what to do about it."""

    @property
    def broken(self) -> bool:
        """Whether a demand does not hold."""
        if self.not_measured:
            return False
        if self.misses or self.ratio is None:
            return True
        too_much = self.at_most is not None and self.ratio > self.at_most
        return too_much or (self.at_least is not None and self.ratio < self.at_least)

    @property
    def demand(self) -> str:
        """The demand in words."""
        if self.at_most is not None:
            return f"≤ {self.at_most:g}{self.unit}"
        return f"≥ {self.at_least:g}{self.unit}" if self.at_least is not None else "–"

    @property
    def words(self) -> str:
        """The line as it is printed."""
        figure = "–" if self.ratio is None else f"{self.ratio:.2f}{self.unit}"
        verdict = "BROKEN" if self.broken else ""
        missed = f"{self.misses} MISSED" if self.misses else ""
        absent = f"not measured ({self.not_measured})" if self.not_measured else ""
        notes = "  ".join(filter(None, (verdict, missed, absent, self.remark)))
        return f"{_columns((self.what, self.beside, figure, self.demand))}  {notes}".rstrip()


def alternated(works: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, list[float]]:
    """Run each work once a round, in turn; returns seconds by name."""
    seconds: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            started = time.perf_counter()
            work()
            seconds[name].append(time.perf_counter() - started)
    return seconds


def median(seconds: Iterable[float]) -> float:
    """Return the median."""
    return statistics.median(seconds)


def percentile(values: Sequence[float], share: float) -> float:
    """Return the nearest-rank percentile of at least one value; `share` is from 0 to 1."""
    ranked = sorted(values)
    return ranked[max(math.ceil(share * len(ranked)), 1) - 1]


def print_table(ratios: Iterable[Ratio]) -> int:
    """Print each line as soon as it is measured; returns how many demands are broken."""
    broken = 0
    print(f"{_columns(('what', 'beside', 'figure', 'demand'))}  ")
    for one in ratios:
        print(one.words, flush=True)
        broken += one.broken
    return broken


def _columns(cells: tuple[str, str, str, str]) -> str:
    what, beside, figure, demand = cells
    return f"{what:{_WIDTHS[0]}}  {beside:{_WIDTHS[1]}}  {figure:>{_WIDTHS[2]}}  {demand:>{_WIDTHS[3]}}"
