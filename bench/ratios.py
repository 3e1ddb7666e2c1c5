"""Measuring in alternation, and saying it as ratios: the machine's speed drifts, a ratio does not."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ratio:
    """One line of the table: how many times as long as what ran beside it, and what is demanded."""

    what: str
    beside: str
    ratio: float | None
    """None: not measured."""
    at_most: float | None = None
    at_least: float | None = None
    remark: str = ""

    @property
    def broken(self) -> bool:
        """Whether a demand does not hold."""
        if self.ratio is None:
            return False
        too_much = self.at_most is not None and self.ratio > self.at_most
        return too_much or (self.at_least is not None and self.ratio < self.at_least)

    @property
    def demand(self) -> str:
        """The demand in words."""
        if self.at_most is not None:
            return f"≤ {self.at_most:g}×"
        return f"≥ {self.at_least:g}×" if self.at_least is not None else "–"


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


def print_table(ratios: Iterable[Ratio]) -> int:
    """Print the lines; returns how many demands are broken."""
    broken = 0
    print(f"{'what':58}  {'beside':38}  {'ratio':>8}  {'demand':>8}")
    for one in ratios:
        figure = "–" if one.ratio is None else f"{one.ratio:.2f}×"
        verdict = "  BROKEN" if one.broken else ""
        print(f"{one.what:58}  {one.beside:38}  {figure:>8}  {one.demand:>8}{verdict}  {one.remark}".rstrip())
        broken += one.broken
    return broken
