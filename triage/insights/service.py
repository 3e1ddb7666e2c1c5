"""What both teams promised each other, and how it is kept: answers in time, on either side."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from msgspec import Struct

from triage.domain.review import ReviewedFeedback
from triage.domain.stages import StageChange
from triage.insights.case import Case
from triage.insights.evidence import Evidence
from triage.insights.figure import (
    Chart,
    ChartKind,
    Column,
    Figure,
    Finding,
    Insight,
    Row,
    Unit,
    share,
    words,
)
from triage.insights.handed import Delivery, handed
from triage.insights.measures import (
    FEWEST,
    Breach,
    breached,
    hours_to_answer,
    latest_due,
    of_nobody,
    overdue,
    replied,
    sla_met,
    structured,
)
from triage.insights.period import Period
from triage.insights.sameness import grouped

_COLUMNS = (
    Column("about", "about", Unit.TEXT),
    Column("sla_met", "SLA met", Unit.SHARE),
    Column("reply_rate", "replied", Unit.SHARE),
    Column("hours_to_answer", "hours to an answer (median)", Unit.HOURS),
    Column("overdue", "answers overdue"),
    Column("coverage", "decided of delivered", Unit.SHARE),
    Column("structured", "with a code that counts", Unit.SHARE),
)
_FORMULA = (
    "SLA met = decided within the deadline / (decided, or undecided with the deadline passed), by the time "
    "of the act, corrected by the clock's skew where known. Replied = feedback answered (any kind) / "
    "feedback sent. Hours = median from the feedback to its first answer. Overdue = unanswered for longer "
    "than the agreed days. Decided of delivered = leads with a decision since they came / leads that came "
    "to sales, each by its last assignment. With a code that counts = non-accepts with a code other than "
    "OTHER / non-accepts, after an accept too."
)


class _Part(Struct, frozen=True):
    """Some of the period's events: all, those of a week, those of a rep."""

    cases: tuple[Case, ...]
    follow_ups: tuple[Case, ...]
    told: tuple[ReviewedFeedback, ...]
    breaches: tuple[Breach, ...]
    delivered: tuple[Delivery, ...] | None
    """None where the CRM tells of no delivery at all."""

    @classmethod
    def of(cls, evidence: Evidence) -> _Part:
        return cls(
            evidence.cases,
            evidence.follow_ups,
            evidence.told,
            breached(evidence),
            handed(evidence).delivered,
        )

    def of_rep(self, user_id: str) -> _Part:
        return self._only(
            lambda case: case.decision.rep.user_id == user_id,
            lambda one: one.rep.user_id == user_id,
            lambda one: _is_of(one.delivery, user_id),
            lambda one: _is_of(one.change, user_id),
        )

    def during(self, week: Period) -> _Part:
        return self._only(
            lambda case: week.holds(case.at),
            lambda one: week.holds(one.created_at),
            lambda one: week.holds(one.due_at),
            lambda one: week.holds(one.change.at),
        )

    def _only(
        self,
        decided: Callable[[Case], bool],
        told: Callable[[ReviewedFeedback], bool],
        late: Callable[[Breach], bool],
        delivered: Callable[[Delivery], bool],
    ) -> _Part:
        return _Part(
            tuple(filter(decided, self.cases)),
            tuple(filter(decided, self.follow_ups)),
            tuple(filter(told, self.told)),
            tuple(filter(late, self.breaches)),
            None if self.delivered is None else tuple(filter(delivered, self.delivered)),
        )

    @property
    def is_empty(self) -> bool:
        return not (self.cases or self.follow_ups or self.told or self.breaches or self.delivered)

    @property
    def lead_ids(self) -> tuple[str, ...]:
        ids: Iterable[str] = (
            *(case.lead_id for case in (*self.cases, *self.follow_ups)),
            *(one.lead_id for one in self.told),
            *(one.lead_id for one in self.breaches),
            *(one.change.lead_id for one in self.delivered or ()),
        )
        return tuple(dict.fromkeys(ids))

    @property
    def coverage(self) -> Figure:
        if self.delivered is None:
            return Figure()
        return share(
            (one.change.lead_id for one in self.delivered if one.said),
            (one.change.lead_id for one in self.delivered),
        )


def _is_of(change: StageChange, user_id: str) -> bool:
    return change.owner is not None and change.owner.user_id == user_id


def of(evidence: Evidence) -> Insight:
    """Count promises kept, in all, week by week, and by rep where there is enough to count."""
    whole = _Part.of(evidence)
    rows = () if whole.is_empty else tuple(_rows(evidence, whole))
    return Insight(
        name="service",
        title="Promises to each other",
        asks="Does sales decide in time, and does marketing answer?",
        formula=_FORMULA,
        columns=_COLUMNS,
        rows=rows,
        findings=tuple(_findings(rows[-1])) if rows else (),
        notes=tuple(_notes(evidence, whole)),
        chart=Chart(ChartKind.SERIES, ("sla_met", "reply_rate"), evidence.definition.targets.get("sla_met")),
        first_column="week or rep",
    )


def _rows(evidence: Evidence, whole: _Part) -> Iterator[Row]:
    for week in evidence.period.weeks():
        yield _row("week", f"{week.since:%Y-%m-%d}", whole.during(week), evidence)
    for user_id, label in _reps(whole.cases).items():
        yield _row("rep", label, whole.of_rep(user_id), evidence, is_total=True)
    yield _row("all", "all", whole, evidence, is_total=True)


def _row(about: str, label: str, part: _Part, evidence: Evidence, *, is_total: bool = False) -> Row:
    figures = (
        words(about),
        sla_met(part.cases, part.breaches),
        replied(part.told),
        hours_to_answer(part.told),
        overdue(part.told, evidence),
        part.coverage,
        structured((*part.cases, *part.follow_ups)),
    )
    return Row(label, figures, part.lead_ids, is_total)


def _reps(cases: Iterable[Case]) -> dict[str, str]:
    """Return the names of the reps who decided enough leads, by their id."""
    named = (case for case in cases if case.decision.rep.user_id)
    by_rep = grouped(named, lambda case: case.decision.rep.user_id)
    return {
        user_id: some[0].decision.rep.name or user_id
        for user_id, some in sorted(by_rep.items())
        if len({case.lead_id for case in some}) >= FEWEST
    }


def _findings(total: Row) -> Iterator[Finding]:
    late = total.figures[4]
    if late.value:
        told = "piece of feedback waits" if late.value == 1 else "pieces of feedback wait"
        text = f"{late.value:,} {told} for an answer longer than agreed."
        yield Finding(text, late.lead_ids, row=total.label)


def _notes(evidence: Evidence, whole: _Part) -> Iterator[str]:
    if whole.is_empty:
        yield "Nothing was delivered, decided or told in this period."
        return
    without = sum(case.sla_due_at is None for case in whole.cases)
    if without:
        part = f"{without:,} of {len(whole.cases):,} decisions"
        yield f"Without a known deadline, and not in “SLA met”: {part}."
    if latest_due(evidence.definition, evidence.now) is None:
        yield "The definition gives no deadline, so leads that nobody decided are not counted as late."
    else:
        yield (
            "An undecided lead is late here only when it is by every rule of the definition; one that "
            "sleeps, or moved on in the CRM without a decision, is not counted."
        )
    if whole.told:
        yield "Feedback of the last days may still be answered in time: “replied” rises for a while."
    if evidence.definition.targets.get("reply_days") is None:
        yield "The definition has no target `reply_days`: what is overdue is not known."
    yield from of_nobody(whole.cases)
    if len({case.decision.rep.user_id for case in whole.cases} - {""}) > len(_reps(whole.cases)):
        yield f"Reps with fewer than {FEWEST} leads are in the sums only."
