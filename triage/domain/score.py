"""A score that adds up: base, signed contributions after decay and caps, and what the CRM calls the rest."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from msgspec import Struct

RECONCILES_WITHIN = 0.005
"""Points; a difference below half a hundredth is rounding, not a broken score."""


class Dimension(StrEnum):
    """Who the lead is, and what the lead does."""

    FIT = "fit"
    ENGAGEMENT = "engagement"


def grade(fit: str, engagement: str) -> str:
    """Return fit × engagement as one word; empty where either is unknown."""
    return f"{fit}{engagement}" if fit and engagement else ""


class Contribution(Struct, frozen=True):
    """One signed part of a score, with what it rests on."""

    label: str
    dimension: Dimension | None = None
    points_earned: float = 0.0
    """Points before decay and caps."""
    points_applied: float = 0.0
    """Points that count."""
    evidence: str = ""
    occurred_at: datetime | None = None
    group: str | None = None
    """The capped group it belongs to, if any."""

    @property
    def is_capped(self) -> bool:
        """Whether fewer points count than were earned."""
        return abs(self.points_applied) < abs(self.points_earned)


class Score(Struct, frozen=True):
    """What the CRM's model said, kept as it was said. Unknown parts are None, never zero."""

    score: float
    base_points: float = 0.0
    contributions: tuple[Contribution, ...] = ()
    other: float = 0.0
    """Points the CRM declares without naming what earned them."""
    fit: float | None = None
    engagement: float | None = None
    fit_grade: str = ""
    engagement_grade: str = ""
    band: str = ""
    """A to D."""
    trend: float | None = None
    """Points gained or lost in 30 days."""
    model_version: str = ""
    scored_at: datetime | None = None

    @property
    def residual(self) -> float:
        """Return score - base - Σ applied - other, in points: 0 when the score adds up."""
        applied = sum(contribution.points_applied for contribution in self.contributions)
        return round(self.score - self.base_points - applied - self.other, 6)

    @property
    def unreconciled(self) -> bool:
        """Whether the parts do not add up to the whole."""
        return abs(self.residual) > RECONCILES_WITHIN

    @property
    def grade(self) -> str:
        """Fit × engagement: A1 is the best, C3 the least; empty where either is unknown."""
        return grade(self.fit_grade, self.engagement_grade)

    def by_weight(self) -> tuple[Contribution, ...]:
        """Return the contributions, the largest effect first whatever its sign; ties keep their order."""
        return tuple(sorted(self.contributions, key=lambda part: -abs(part.points_applied)))

    def strongest(self, dimension: Dimension) -> Contribution | None:
        """Return the contribution of a dimension that lifted the score most, or None."""
        parts = [part for part in self.by_weight() if part.dimension is dimension and part.points_applied > 0]
        return parts[0] if parts else None
