"""The MQL definition both teams agreed on, and its trace on one lead: pass, fail or unknown, line by line."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from msgspec import Struct, field

from triage.domain.lead import Fact
from triage.domain.score import TELLS_SCORE


class Result(StrEnum):
    """What a criterion says about a lead; unknown is never taken for a fail."""

    PASS = "pass"  # noqa: S105 - the word of the product, not a password
    FAIL = "fail"
    UNKNOWN = "unknown"


class Criterion(Struct, frozen=True):
    """One line: a fact of the lead compared with a value."""

    criterion_id: str
    label: str
    fact: str
    op: str
    """One of >=, <=, ==, in, not_in, truthy."""
    value: Any = None
    weight: float = 0.0
    dimension: str = ""

    def evaluate(self, facts: Mapping[str, Fact]) -> Result:
        """Compare; a fact that is missing or of another kind is unknown."""
        fact = facts.get(self.fact)
        if fact is None or self.op not in _COMPARE or not self._is_comparable(fact):
            return Result.UNKNOWN
        return Result.PASS if _COMPARE[self.op](fact, self.value) else Result.FAIL

    def _is_comparable(self, fact: Fact) -> bool:
        if self.op == "truthy":
            return True
        if self.op in ("in", "not_in"):
            values = self.value if isinstance(self.value, list | tuple) else ()
            return any(_kind(value) is _kind(fact) for value in values)
        return _kind(self.value) is _kind(fact)


_COMPARE: dict[str, Any] = {
    ">=": lambda fact, value: fact >= value,
    "<=": lambda fact, value: fact <= value,
    "==": lambda fact, value: fact == value,
    "in": lambda fact, value: fact in value,
    "not_in": lambda fact, value: fact not in value,
    "truthy": lambda fact, _value: bool(fact),
}


def _kind(value: object) -> type:
    """Return what a value can be compared with: numbers are one kind, yes and no are not numbers."""
    return float if type(value) is int else type(value)


class TracedCriterion(Struct, frozen=True):
    """A criterion with its result on one lead."""

    criterion: Criterion
    result: Result


class Calendar(Struct, frozen=True):
    """When a team works. `triage.domain.business_hours` counts by it."""

    time_zone: str = ""
    """An IANA name, such as Europe/Berlin."""
    hours: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Weekday in English, lower case → spans such as "09:00-12:30"; a day that is not named is closed."""
    holidays: tuple[date, ...] = ()


class SlaRule(Struct, frozen=True):
    """Within what time sales acts on a lead."""

    name: str
    """As it is shown: "raised hand: 4 business hours"."""
    hours: float
    applies_to: str = "all"
    """hand_raise, threshold or all; what a lead became an MQL by goes before all."""
    counted_in: str = "business"
    """business (the calendar's open hours) or wall (round the clock)."""


class Definition(Struct, frozen=True):
    """One agreed version: what makes an MQL, what makes an SQL, the shared targets, the SLA."""

    version: str
    criteria: tuple[Criterion, ...] = ()
    sql_criteria: tuple[Criterion, ...] = ()
    agreed_at: datetime | None = None
    agreed_by: tuple[str, ...] = ()
    review_due: datetime | None = None
    threshold: float | None = None
    hand_raise: tuple[str, ...] = ()
    targets: dict[str, float] = field(default_factory=dict)
    sla: tuple[SlaRule, ...] = ()
    """For leads of a CRM that tells no deadline."""
    calendar: Calendar | None = None
    owners: dict[str, str] = field(default_factory=dict)
    """Side (sales, marketing) → who says yes or no to another version."""

    def trace(self, facts: Mapping[str, Fact]) -> tuple[TracedCriterion, ...]:
        """Evaluate every line of the MQL part on one lead's facts."""
        return tuple(TracedCriterion(line, line.evaluate(facts)) for line in self.criteria)

    def failing(self, facts: Mapping[str, Fact], about: Collection[str] = ()) -> Criterion | None:
        """Return the failing line with the largest weight, those `about` these facts first; or None."""
        failed = [traced.criterion for traced in self.trace(facts) if traced.result is Result.FAIL]
        return max(failed, key=lambda line: (line.fact in about, line.weight), default=None)

    def unmet(self, facts: Mapping[str, Fact], about: Collection[str] = ()) -> Criterion | None:
        """Return the line a lead can only be said not to meet: the heaviest that fails, or the one unknown.

        Of the failing lines those on the facts that a reason is `about` come first. Of several unknown lines
        none is guessed, nor one about the score: it may be hidden so far.
        """
        unknown = [
            traced.criterion
            for traced in self.trace(facts)
            if traced.result is Result.UNKNOWN and traced.criterion.fact not in TELLS_SCORE
        ]
        return self.failing(facts, about) or (unknown[0] if len(unknown) == 1 else None)

    @property
    def agreed_attempts(self) -> int:
        """Attempts that both teams agreed on before "no response" may be said; 0 when not agreed."""
        return int(self.targets.get("attempts", 0))
