"""The goals that both teams share: where they stand, and how the last weeks were."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from math import inf
from statistics import median

from msgspec import Struct

from triage.domain.review import ReviewedFeedback
from triage.domain.stages import StageChange
from triage.insights.case import Case
from triage.insights.deals import UNTOLD, currency_of, from_accepted, left_out, sum_of, won_in
from triage.insights.evidence import Evidence
from triage.insights.figure import Column, Figure, Finding, Insight, Row, Unit, count, share, words
from triage.insights.histories import Histories
from triage.insights.measures import Breach, answered_after, breached, is_answered, sla_met
from triage.insights.period import WEEK, Period
from triage.insights.wording import number_words

WEEKS = 8
"""Weeks that are shown beside the period."""
_DAY = timedelta(days=1)
_FORMULA = (
    "Targets are those of the agreed definition; value = over the period, w-8 … w-1 = the last eight weeks, "
    "counted back from the period's end. Accepted of decided: accepts / decided. Decided within the "
    "deadline: as many / (decided, or undecided with the deadline passed). Days to a reply: the median to "
    "the first answer; what waits longer than agreed counts as longer, what waits less is not judged yet. "
    "Revenue: won amounts of leads with an accept made before; the target is of a quarter, so the value is "
    "over the calendar quarter (UTC) that the period ends in, up to that end. n = what was judged or summed."
)
_COLUMNS = (
    Column("value", "now", Unit.TEXT),
    Column("target", "target", Unit.TEXT),
    Column("met", "met", Unit.TEXT),
    *(Column(f"w_{back}", f"w-{back}", Unit.TEXT) for back in range(WEEKS, 0, -1)),
)


class _Looked(Struct, frozen=True):
    """The evidence, read once for the period and the weeks."""

    evidence: Evidence
    cases: tuple[Case, ...]
    told: tuple[ReviewedFeedback, ...]
    breaches: tuple[Breach, ...]
    histories: Histories
    currency: str

    @classmethod
    def at(cls, evidence: Evidence) -> _Looked:
        until = evidence.period.until
        whole = evidence.during(Period(min(evidence.period.since, until - WEEKS * WEEK), until))
        return cls(
            evidence,
            whole.cases,
            whole.told,
            breached(whole),
            Histories.of(evidence),
            currency_of(evidence),
        )


class Target(Struct, frozen=True):
    """One goal: its name in the definition, how it is counted over a period, and when it is reached."""

    name: str
    label: str
    unit: Unit
    count: Callable[[_Looked, Period, float], Figure]
    is_at_most: bool = False
    """Whether less is better."""

    def is_met(self, value: float, target: float) -> bool:
        """Whether a value reaches the target."""
        return value <= target if self.is_at_most else value >= target


def of(evidence: Evidence) -> Insight:
    """Count what the definition sets a target for."""
    looked = _Looked.at(evidence)
    agreed = evidence.definition.targets
    rows = [_row(looked, target, agreed[target.name]) for target in TARGETS if target.name in agreed]
    return Insight(
        name="targets",
        title="Shared targets",
        asks="Do both teams reach what they agreed on?",
        formula=_FORMULA,
        columns=_COLUMNS,
        rows=tuple(rows),
        findings=tuple(_missed(rows)),
        notes=tuple(_notes(looked, rows)),
        currency=looked.currency,
        first_column="target",
    )


def _row(looked: _Looked, target: Target, goal: float) -> Row:
    value = target.count(looked, _stretch(target, looked.evidence.period), goal)
    weeks = (target.count(looked, week, goal) for week in _last_weeks(looked.evidence.period))
    figures = (
        _told(value, target, goal, looked.currency),
        Figure(goal, text=_number(goal, target.unit, looked.currency)),
        words(_met(value, target, goal, looked)),
        *(_told(week, target, goal, looked.currency) for week in weeks),
    )
    return Row(target.label, figures, value.lead_ids)


def _last_weeks(period: Period) -> Iterator[Period]:
    return Period(period.until - WEEKS * WEEK, period.until).weeks()


def _stretch(target: Target, period: Period) -> Period:
    """Return what the value is over: of revenue the quarter to date, as its target is of a quarter."""
    return quarter_to(period.until) if target.unit is Unit.MONEY else period


def quarter_to(until: datetime) -> Period:
    """Return the calendar quarter, in UTC, up to a moment; at its first moment the one before."""
    last = (until - timedelta(microseconds=1)).astimezone(UTC)
    return Period(datetime(last.year, (last.month - 1) // 3 * 3 + 1, 1, tzinfo=UTC), until)


def _is_running(evidence: Evidence) -> bool:
    """Whether the quarter that the period ends in is not over."""
    return quarter_to(evidence.now).since <= quarter_to(evidence.period.until).since


def _told(figure: Figure, target: Target, goal: float, currency: str) -> Figure:
    """Return the figure with its text: one column holds shares, days and money."""
    if figure.value is not None:
        text = _number(figure.value, target.unit, currency)
    elif figure.n and target.unit is Unit.DAYS:
        text = f"over {_number(goal, target.unit, currency)}"
    else:
        text = ""
    return Figure(text=text, **{name: getattr(figure, name) for name in _KEPT})


_KEPT = ("value", "k", "n", "lead_ids")


def _number(value: float, unit: Unit, currency: str) -> str:
    number = number_words(value, unit)
    return f"{currency} {number}" if unit is Unit.MONEY and currency else number


def _met(value: Figure, target: Target, goal: float, looked: _Looked) -> str:
    """Return yes, no, not yet, or nothing where it is not known."""
    if not value.n and not (target.unit is Unit.MONEY and value.value is not None):
        return ""
    if value.value is not None and target.is_met(value.value, goal):
        return "yes"
    return "not yet" if target.unit is Unit.MONEY and _is_running(looked.evidence) else "no"


def _acceptance(looked: _Looked, period: Period, _goal: float) -> Figure:
    cases = [case for case in looked.cases if period.holds(case.at)]
    return share((case.lead_id for case in cases if case.is_accepted), (case.lead_id for case in cases))


def _sla(looked: _Looked, period: Period, _goal: float) -> Figure:
    return sla_met(
        (case for case in looked.cases if period.holds(case.at)),
        (one for one in looked.breaches if period.holds(one.due_at)),
    )


def _reply_days(looked: _Looked, period: Period, goal: float) -> Figure:
    """Return the median days to an answer; k = answered within the agreed days, n = judged."""
    told = [one for one in looked.told if period.holds(one.created_at)]
    waits = [(one, days) for one in told if (days := _waited(one, goal, looked.evidence.now)) is not None]
    if not waits:
        return Figure(n=0)
    middle = median(days for _, days in waits)
    kept = count(one.lead_id for one, days in waits if days <= goal)
    k = int(kept.value or 0)
    return Figure(None if middle == inf else middle, k=k, n=len(waits), lead_ids=kept.lead_ids)


def _waited(one: ReviewedFeedback, goal: float, now: datetime) -> float | None:
    """Return the days to the answer; endless where it is overdue; None where it cannot be judged."""
    after = answered_after(one)
    if after is not None:
        return after / _DAY
    if is_answered(one) or one.created_at is None:
        return None
    return inf if (now - one.created_at) / _DAY > goal else None


def _revenue(looked: _Looked, period: Period, _goal: float) -> Figure:
    if not looked.evidence.stages:
        return Figure()
    return sum_of(_won(looked, period), looked.currency)


def _won(looked: _Looked, period: Period) -> Sequence[StageChange]:
    return from_accepted(won_in(looked.evidence, period), looked.histories)


TARGETS = (
    Target("acceptance", "accepted of decided", Unit.SHARE, _acceptance),
    Target("sla_met", "decided within the deadline", Unit.SHARE, _sla),
    Target("reply_days", "days to a reply", Unit.DAYS, _reply_days, is_at_most=True),
    Target("revenue", "revenue from accepted leads", Unit.MONEY, _revenue),
)
"""What can have a target, in the order in which it is shown. (`attempts` is a rule, not a measure.)"""
_RULES = frozenset({"attempts"})


def _missed(rows: Sequence[Row]) -> Iterator[Finding]:
    """Yield the targets that are not reached."""
    for row in rows:
        value, target, met = row.figures[:3]
        if met.text == "no":
            text = f"{row.label}: {value.text} (n={value.n or 0:,}), agreed on {target.text}."
            yield Finding(text, value.lead_ids, row=row.label)


def _notes(looked: _Looked, rows: Sequence[Row]) -> Iterator[str]:
    evidence = looked.evidence
    agreed = evidence.definition.targets
    if not rows:
        yield "The agreed definition sets no target."
    for name in agreed:
        if name not in _RULES and name not in {target.name for target in TARGETS}:
            yield f"Nothing is counted for the target “{name}”."
    if "reply_days" in agreed:
        yield from _kept_replies(next(row for row in rows if row.label == "days to a reply"))
    if "revenue" in agreed:
        quarter = quarter_to(evidence.period.until)
        won = _won(looked, quarter)
        yield from (left_out(won, looked.currency) if evidence.stages else (UNTOLD,))
    for row in rows:
        if row.figures[0].value is None and not row.figures[0].text:
            yield f"{row.label}: nothing to count in this period."


def _kept_replies(row: Row) -> Iterator[str]:
    value, target = row.figures[:2]
    if value.n:
        yield f"Feedback answered within {target.text}: {value.k or 0:,} of {value.n:,}."
