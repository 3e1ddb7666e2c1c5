"""The one point in a series of shares from which they are others: a simple test that guesses no reason. Pure.

Two-proportion z test at every split; the largest counts, against a bound that grows with the number of splits
(Bonferroni), so that looking at many weeks does not make a change out of noise.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

from msgspec import Struct
from msgspec.structs import replace

from triage.domain.share import wilson

ERROR = 0.01
"""How often a series without a change may be said to have one."""
FEWEST = 20
"""Trials on either side below which no split is looked at."""
STAYED = 2
"""Weeks that a change has to last, and those that show whether it does."""

_NEARLY = 3.84
"""How much less of a squared statistic is no worse: the 95 % point of chi squared with one degree."""
Trial = tuple[int, int]
"""Successes, trials."""


class Step(Struct, frozen=True):
    """From this place in the series on, the share is another one."""

    index: int
    before: Trial
    after: Trial
    statistic: float
    """Standard errors between both; below zero where it fell."""
    earliest: int = 0
    latest: int = 0
    """The places that explain the series nearly as well: between them it began."""

    @property
    def fell(self) -> bool:
        """Whether the share went down."""
        return self.statistic < 0


def step_in(series: Sequence[Trial]) -> Step | None:
    """Return the split with the largest difference, if it is beyond chance and stayed; else None."""
    steps = [
        step
        for index in range(STAYED, len(series) - STAYED + 1)
        if (step := _split(series, index)) is not None
    ]
    largest = max(steps, key=lambda step: abs(step.statistic), default=None)
    if largest is None or abs(largest.statistic) <= bound(len(steps)):
        return None
    if not _lie_apart(largest) or not _stayed(series, largest):
        return None
    near = [step.index for step in steps if largest.statistic**2 - step.statistic**2 <= _NEARLY]
    return replace(largest, earliest=min(near), latest=max(near))


def bound(splits: int) -> float:
    """Return the statistic that chance exceeds at `ERROR` over so many splits, on two sides."""
    from statistics import NormalDist  # noqa: PLC0415 - only where there is something to test

    return NormalDist().inv_cdf(1 - ERROR / (2 * max(splits, 1)))


def _split(series: Sequence[Trial], index: int) -> Step | None:
    before, after = _sum(series[:index]), _sum(series[index:])
    if before[1] < FEWEST or after[1] < FEWEST:
        return None
    return Step(index, before, after, two_proportions(before, after))


def _sum(series: Sequence[Trial]) -> Trial:
    return sum(k for k, _ in series), sum(n for _, n in series)


def two_proportions(before: Trial, after: Trial) -> float:
    """Return the pooled z statistic of two shares, above zero where the second is larger; 0 for no spread."""
    pooled = (before[0] + after[0]) / (before[1] + after[1])
    spread = sqrt(pooled * (1 - pooled) * (1 / before[1] + 1 / after[1]))
    return (after[0] / after[1] - before[0] / before[1]) / spread if spread else 0.0


def _lie_apart(step: Step) -> bool:
    low, high = sorted((wilson(*step.before), wilson(*step.after)))
    return low[1] < high[0]


def _stayed(series: Sequence[Trial], step: Step) -> bool:
    """Whether the last weeks lie on the new side of the middle between both shares."""
    k, n = _sum(series[-STAYED:])
    middle = (step.before[0] / step.before[1] + step.after[0] / step.after[1]) / 2
    return n > 0 and (k / n < middle) is step.fell
