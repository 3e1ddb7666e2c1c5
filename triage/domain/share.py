"""How sure a share is: never told without what it is of, and below ten as a direction only. Pure."""

from __future__ import annotations

from math import sqrt

from triage.domain.review import BandStatistics, SourceStatistics

ENOUGH = 10
"""Below this many decisions a share is a direction only."""
_Z = 1.959964
"""Standard deviations to either side that hold 95 % of a normal distribution."""


def wilson(successes: int, trials: int) -> tuple[float, float]:
    """Return the Wilson 95 % interval of a share (Wilson 1927)."""
    share, squared = successes / trials, _Z * _Z / trials
    middle, half = share + squared / 2, _Z * sqrt(share * (1 - share) / trials + squared / (4 * trials))
    return max((middle - half) / (1 + squared), 0.0), min((middle + half) / (1 + squared), 1.0)


def accepted_in_words(found: SourceStatistics | BandStatistics) -> str:
    """Return "90 d: 34% accepted, n=58, 24–47%" of what has decisions; few are a direction only."""
    words = f"{found.days} d: {found.accepted / found.decided:.0%} accepted, n={found.decided}"
    if found.decided < ENOUGH:
        return f"{words}, direction only"
    low, high = wilson(found.accepted, found.decided)
    return f"{words}, {low * 100:.0f}–{high * 100:.0f}%"
