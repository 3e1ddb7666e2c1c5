"""Whether one group of durations is longer than another, whatever their shape: by ranks. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from math import sqrt


def rank_sum(one: Sequence[float], other: Sequence[float]) -> float:
    """Return the normal approximation of U (Mann and Whitney 1947), above zero where `one` is larger.

    Equals share their middle rank, and the spread is corrected for them. 0 where there is no spread.
    """
    n, m = len(one), len(other)
    if not n or not m:
        return 0.0
    ranks = _ranks([*one, *other])
    u = sum(ranks[value] for value in one) - n * (n + 1) / 2
    total = n + m
    ties = sum(t**3 - t for t in Counter([*one, *other]).values())
    spread = sqrt(n * m / 12 * (total + 1 - ties / (total * (total - 1))))
    return (u - n * m / 2) / spread if spread else 0.0


def _ranks(values: Sequence[float]) -> dict[float, float]:
    """Return the rank of each value, from 1; equals share the middle one."""
    ranks: dict[float, float] = {}
    below = 0
    for value, times in sorted(Counter(values).items()):
        ranks[value] = below + (times + 1) / 2
        below += times
    return ranks
