"""How fast the leads of a source move, and which sources are slower than the others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from statistics import NormalDist, median

from msgspec import Struct

from triage.domain.lead import LeadStatus
from triage.domain.share import ENOUGH
from triage.insights.case import Case
from triage.insights.deals import UNTOLD
from triage.insights.evidence import Evidence
from triage.insights.figure import Chart, ChartKind, Column, Figure, Finding, Insight, Row, Unit, count
from triage.insights.handed import ALL, NO_SOURCE
from triage.insights.histories import Histories
from triage.insights.ranks import rank_sum
from triage.insights.sameness import grouped

_ERROR = 0.05
"""How often a source that is as fast as the others may be said to be slower, over all comparisons."""
_DAY, _HOUR = timedelta(days=1), timedelta(hours=1)
_FORMULA = (
    "Leads that were accepted in the period, from the accept on: median days to the stage opportunity, and "
    "median hours to sales' first touch (stage working), each of those that came there (n). Slower = longer "
    f"than the leads of all other sources by the rank-sum test, {ENOUGH} or more on both sides, wrong in 5 "
    "of 100 periods or fewer (Bonferroni over the comparisons). What is still on its way is not in it."
)


class Leg(Struct, frozen=True):
    """One stretch that is timed."""

    name: str
    label: str
    to: LeadStatus
    unit: Unit
    length: timedelta
    says: str
    """What a slower source means for both teams."""


LEGS = (
    Leg(
        *("opportunity_days", "accept → opportunity", LeadStatus.OPPORTUNITY, Unit.DAYS, _DAY),
        "Proposal: nurture them longer before they are handed over",
    ),
    Leg(
        *("first_touch_hours", "accept → first touch", LeadStatus.WORKING, Unit.HOURS, _HOUR),
        "Sales gets to them later",
    ),
)
_Timed = tuple[str, float]
"""A lead, and how long it took in the leg's unit."""


def of(evidence: Evidence) -> Insight:
    """Time the accepted leads of the period by source."""
    histories = Histories.of(evidence)
    accepts = [case for case in evidence.cases if case.is_accepted]
    by_source = grouped(accepts, lambda case: case.source)
    ordered = sorted(by_source, key=lambda source: (-len(by_source[source]), source))
    rows = [_row(source or NO_SOURCE, by_source[source], histories) for source in ordered]
    return Insight(
        name="pace",
        title="Pace by source",
        asks="Whose leads move slower than the others?",
        formula=_FORMULA,
        columns=(
            Column("accepted", "accepted"),
            *(Column(leg.name, leg.label, leg.unit) for leg in LEGS),
        ),
        rows=(*rows, _row(ALL, accepts, histories, is_total=True)) if rows else (),
        findings=tuple(_slower(by_source, histories)),
        notes=_notes(evidence, accepts),
        chart=Chart(ChartKind.BARS, ("opportunity_days",)),
        first_column="source",
    )


def _row(label: str, accepts: Sequence[Case], histories: Histories, *, is_total: bool = False) -> Row:
    accepted = count(case.lead_id for case in accepts)
    figures = (_median(_timed(accepts, leg, histories)) for leg in LEGS)
    return Row(label, (accepted, *figures), accepted.lead_ids, is_total=is_total)


def _timed(accepts: Sequence[Case], leg: Leg, histories: Histories) -> list[_Timed]:
    reached = ((case, histories.since(leg.to, case.lead_id, case.at)) for case in accepts)
    return [(case.lead_id, (then - case.at) / leg.length) for case, then in reached if then is not None]


def _median(timed: Sequence[_Timed]) -> Figure:
    if not timed:
        return Figure(n=0)
    leads = tuple(dict.fromkeys(lead_id for lead_id, _ in timed))
    return Figure(median(span for _, span in timed), n=len(timed), lead_ids=leads)


def _slower(by_source: Mapping[str, list[Case]], histories: Histories) -> Iterator[Finding]:
    """Yield the sources that are slower than all others together, leg by leg."""
    pairs = [pair for leg in LEGS for pair in _pairs(by_source, leg, histories)]
    bound = NormalDist().inv_cdf(1 - _ERROR / max(len(pairs), 1))
    for pair in pairs:
        if pair.statistic > bound:
            yield pair.finding


class _Pair(Struct, frozen=True):
    """One source against all others, on one leg."""

    leg: Leg
    source: str
    own: list[_Timed]
    others: list[_Timed]

    @property
    def statistic(self) -> float:
        return rank_sum([span for _, span in self.own], [span for _, span in self.others])

    @property
    def finding(self) -> Finding:
        label, own, others = self.source or NO_SOURCE, _median(self.own), _median(self.others)
        mark = "d" if self.leg.unit is Unit.DAYS else "h"
        return Finding(
            f"{label}: {self.leg.label} {own.value:,.1f} {mark} (median, n={own.n:,}), the other sources "
            f"{others.value:,.1f} {mark} (n={others.n:,}). {self.leg.says}.",
            lead_ids=own.lead_ids,
            row=label,
        )


def _pairs(by_source: Mapping[str, list[Case]], leg: Leg, histories: Histories) -> Iterator[_Pair]:
    """Yield each source with enough leads against all others with enough."""
    spans = {source: _timed(accepts, leg, histories) for source, accepts in by_source.items()}
    for source, own in spans.items():
        if len(own) < ENOUGH:
            continue
        others = [one for name, rest in spans.items() if name != source for one in rest]
        if len(others) >= ENOUGH:
            yield _Pair(leg, source, own, others)


def _notes(evidence: Evidence, accepts: Sequence[Case]) -> tuple[str, ...]:
    if not accepts:
        return ("No lead was accepted in this period.",)
    return () if evidence.stages else (UNTOLD,)
