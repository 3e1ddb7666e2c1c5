"""How good stated probabilities were, by what came of them. Pure: numbers in, numbers out."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct


class Said(Struct, frozen=True):
    """A group of leads for which one probability was stated, and what came of it."""

    probability: float
    """0 to 1; of a band: the mean of what was stated in it."""
    n: int
    k: int
    """How many of the n came true."""


class Quality(Struct, frozen=True):
    """The measures of Brier (1950) and Murphy (1973), and the expected calibration error."""

    brier: float
    """Mean squared distance of what was said from what happened; 0 is perfect."""
    reference: float
    """The Brier score of always saying the base rate a: a(1 - a)."""
    skill: float | None
    """1 - Brier / reference; None where all or none came true."""
    ece: float
    """Mean distance of what was said from the observed share, by group."""


def quality(groups: Iterable[Said]) -> Quality | None:
    """Judge stated probabilities; None of nothing."""
    told = [group for group in groups if group.n]
    n, k = sum(group.n for group in told), sum(group.k for group in told)
    if not n:
        return None
    brier, reference = sum(_squared(group) for group in told) / n, k / n * (1 - k / n)
    skill = 1 - brier / reference if reference else None
    return Quality(
        brier, reference, skill, sum(abs(group.n * group.probability - group.k) for group in told) / n
    )


def _squared(group: Said) -> float:
    missed = group.n - group.k
    return group.k * (1 - group.probability) ** 2 + missed * group.probability**2
