"""The raw events that every number is counted from, for one period. Pure; asks nobody."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import cached_property

from msgspec import Struct
from msgspec.structs import replace

from triage.domain.definition import Definition
from triage.domain.reasons import ReasonBook
from triage.domain.review import ReviewedDecision, ReviewedFeedback
from triage.domain.stages import StageChange
from triage.insights.case import Case, cases_of
from triage.insights.period import Period


class Evidence(Struct, frozen=True, dict=True):
    """What the CRM keeps of all reps, and the period that is looked at."""

    decisions: tuple[ReviewedDecision, ...]
    feedback: tuple[ReviewedFeedback, ...]
    stages: tuple[StageChange, ...]
    definition: Definition
    reasons: ReasonBook
    period: Period
    now: datetime

    @classmethod
    def of(
        cls,
        decisions: Iterable[ReviewedDecision],
        feedback: Iterable[ReviewedFeedback],
        stages: Iterable[StageChange],
        *,
        definition: Definition,
        reasons: ReasonBook,
        period: Period,
        now: datetime,
    ) -> Evidence:
        """Take the events as they came."""
        return cls(tuple(decisions), tuple(feedback), tuple(stages), definition, reasons, period, now)

    def during(self, period: Period) -> Evidence:
        """Return the same events, looked at over another period."""
        other = replace(self, period=period)
        other.__dict__["all_cases"] = self.all_cases  # the same decisions: read once
        return other

    @cached_property
    def all_cases(self) -> tuple[Case, ...]:
        """The decisions that stand, of all time, the oldest first."""
        return cases_of(self.decisions)

    @cached_property
    def cases(self) -> tuple[Case, ...]:
        """The decisions of the period on leads that were handed over: what acceptance is counted over."""
        return tuple(case for case in self.all_cases if case.is_triage and self.period.holds(case.at))

    @cached_property
    def follow_ups(self) -> tuple[Case, ...]:
        """The decisions of the period on leads that sales had taken already."""
        return tuple(
            case
            for case in self.all_cases
            if not case.is_triage and case.act.decides and self.period.holds(case.at)
        )

    @cached_property
    def told(self) -> tuple[ReviewedFeedback, ...]:
        """The feedback of the period that was not taken back."""
        return tuple(
            one
            for one in self.feedback
            if one.state != "retracted" and one.type != "retraction" and self.period.holds(one.created_at)
        )
