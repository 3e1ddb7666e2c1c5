"""A score that adds up: base, signed contributions after decay and caps, and what the CRM calls the rest."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

RECONCILES_WITHIN = 0.005
"""Points; a difference below half a hundredth is rounding, not a broken score."""
TELLS_SCORE = frozenset(
    {"score", "points", "band", "grade", "fit", "engagement", "fit_grade", "engagement_grade"}
)
"""Names of facts that say a score once more."""


class Dimension(StrEnum):
    """Who the lead is, and what the lead does."""

    FIT = "fit"
    ENGAGEMENT = "engagement"


class Reasons(StrEnum):
    """What a CRM says about why a score is what it is."""

    WEIGHTS = "weights"
    """Points for each part: they can be added up."""
    ORDER = "order"
    """Which way each part pulls, the strongest first: there is nothing to add up."""
    NONE = "none"


class Direction(StrEnum):
    """Which way a part pulls, where the CRM gives no points for it."""

    UP = "up"
    DOWN = "down"


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
    points_after_decay: float | None = None
    """Points that are left with age, before a cap; None: the CRM does not tell decay and cap apart."""
    direction: Direction | None = None
    """Which way it pulls, where the CRM gives no points."""

    @property
    def is_decayed(self) -> bool:
        """Whether age is known to have taken points."""
        return self.points_after_decay is not None and abs(self.points_after_decay) < abs(self.points_earned)

    @property
    def is_capped(self) -> bool:
        """Whether fewer points count than would without a cap; where decay is not told apart, by either."""
        return abs(self.points_applied) < abs(self.points_before_cap)

    @property
    def points_before_cap(self) -> float:
        """Points that would count if nothing were capped."""
        return self.points_earned if self.points_after_decay is None else self.points_after_decay

    @property
    def lifts(self) -> bool | None:
        """Whether it raises the score; None: it does neither."""
        if self.direction is not None:
            return self.direction is Direction.UP
        return self.points_applied > 0 if self.points_applied else None


class CappedGroup(Struct, frozen=True):
    """Contributions that share a cap, and what it took."""

    name: str
    points_applied: float
    points_before_cap: float


class Block(Struct, frozen=True):
    """Contributions that are told together: those of a capped group, or one alone."""

    parts: tuple[Contribution, ...]
    group: CappedGroup | None = None

    @property
    def weight(self) -> float:
        """How much it moves the score, whichever way."""
        return abs(sum(part.points_applied for part in self.parts))


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
    reasons: Reasons = Reasons.WEIGHTS

    @property
    def has_weights(self) -> bool:
        """Whether its parts have points, so that it can be added up."""
        return self.reasons is Reasons.WEIGHTS

    def with_reasons_of(self, known: Score | None) -> Score:
        """Return the score with reasons that someone asked for before, as long as it is the same score."""
        if known is None or self.contributions or not known.contributions:
            return self
        if (self.score, self.model_version) != (known.score, known.model_version):
            return self
        return replace(
            self,
            base_points=known.base_points,
            contributions=known.contributions,
            other=known.other,
            reasons=known.reasons,
        )

    @property
    def residual(self) -> float:
        """Return score - base - Σ applied - other, in points: 0 when it adds up, or has no weights to add."""
        if not self.has_weights:
            return 0.0
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
        """Return the contributions, the largest effect first whatever its sign; ties keep their order.

        Without weights: as the CRM has them, for it says the strongest first.
        """
        if not self.has_weights:
            return self.contributions
        return tuple(sorted(self.contributions, key=lambda part: -abs(part.points_applied)))

    def strongest(self, dimension: Dimension) -> Contribution | None:
        """Return the contribution of a dimension that lifted the score most, or None."""
        return next((part for part in self.by_weight() if part.dimension is dimension and part.lifts), None)

    def capped_groups(self) -> tuple[CappedGroup, ...]:
        """Return the groups of which a cap took something, in the order of their first contribution."""
        groups: dict[str, list[Contribution]] = {}
        for part in self.contributions if self.has_weights else ():
            if part.group:
                groups.setdefault(part.group, []).append(part)
        return tuple(
            CappedGroup(
                name,
                sum(part.points_applied for part in parts),
                sum(part.points_before_cap for part in parts),
            )
            for name, parts in groups.items()
            if any(part.is_capped for part in parts)
        )

    def blocks(self) -> tuple[Block, ...]:
        """Return the contributions, those of a capped group together, the largest effect first."""
        shared = Counter(part.group for part in self.contributions)
        capped = {group.name: group for group in self.capped_groups() if shared[group.name] > 1}
        parts = self.by_weight()
        alone = [Block((part,)) for part in parts if part.group not in capped]
        together = [
            Block(tuple(part for part in parts if part.group == name), group)
            for name, group in capped.items()
        ]
        return tuple(sorted([*together, *alone], key=lambda block: -block.weight) if capped else alone)
