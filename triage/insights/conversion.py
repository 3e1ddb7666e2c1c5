"""How many leads of a source come from one stage to the next within a window; mature leads only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from functools import cached_property
from math import ceil

from msgspec import Struct

from triage.domain.lead import LeadStatus
from triage.domain.share import ENOUGH
from triage.insights.evidence import Evidence
from triage.insights.figure import Chart, ChartKind, Column, Figure, Insight, Row, Unit, share
from triage.insights.handed import ALL, NO_SOURCE
from triage.insights.histories import Histories

WINDOWS = (7, 14, 30, 60, 90)
"""Days that a window can have: few, so that two periods and two teams can be compared."""
_MOST = 0.8
"""Of the conversions that a window has to hold."""
_DAY = timedelta(days=1)
_FORMULA = (
    "By lead, from its first coming to stage x, where that lies in the period: came to stage y within the "
    "window W / came to x. Only mature leads count: those that came to x at least W ago. W per step: the "
    "shortest of 7, 14, 30, 60, 90 days that holds 80 % of all conversions known so far (fewer than "
    f"{ENOUGH}: the usual one). delivered = stage assigned; accepted = an accept that stands. Intervals: "
    "Wilson, 95 %."
)


class Step(Struct, frozen=True):
    """From one stage to another."""

    name: str
    label: str
    start: LeadStatus
    end: LeadStatus
    usual_days: int
    """The window while too few conversions are known."""


STEPS = (
    Step("accepted", "delivered → accepted", LeadStatus.ASSIGNED, LeadStatus.ACCEPTED, 14),
    Step("opportunity", "accepted → opportunity", LeadStatus.ACCEPTED, LeadStatus.OPPORTUNITY, 30),
    Step("won", "opportunity → won", LeadStatus.OPPORTUNITY, LeadStatus.WON, 60),
    Step("won_of_delivered", "delivered → won", LeadStatus.ASSIGNED, LeadStatus.WON, 90),
)


class Cohort(Struct, frozen=True, dict=True):
    """The leads that came to a step's first stage in the period, and those of them that went on."""

    step: Step
    days: int
    """The window."""
    mature: tuple[str, ...]
    converted: frozenset[str]
    young: tuple[str, ...]
    """Not old enough to be counted."""
    seen: int
    """Conversions that the window was chosen by."""

    def of(self, leads: Mapping[str, None] | None) -> tuple[str, ...]:
        """Return the mature ones, of all or of some leads."""
        return self.mature if leads is None else tuple(one for one in leads if one in self.known)

    def figure(self, leads: Mapping[str, None] | None = None) -> Figure:
        """Return the share of the mature ones, of all or of some leads."""
        own = self.of(leads)
        return share((one for one in own if one in self.converted), own)

    @cached_property
    def known(self) -> frozenset[str]:
        """The mature ones, to look up."""
        return frozenset(self.mature)


def of(evidence: Evidence) -> Insight:
    """Count each step by source."""
    histories = Histories.of(evidence)
    cohorts = tuple(_cohort(evidence, histories, step) for step in STEPS)
    sources = _sources(histories, cohorts) if evidence.stages else {}
    rows = tuple(_row(source or NO_SOURCE, leads, cohorts) for source, leads in sources.items())
    return Insight(
        name="conversion",
        title="Conversion by source",
        asks="What becomes of the leads of a source, stage by stage?",
        formula=_FORMULA,
        columns=tuple(
            Column(one.step.name, f"{one.step.label}, {one.days} d", Unit.SHARE) for one in cohorts
        ),
        rows=(*rows, _row(ALL, None, cohorts)) if rows else (),
        notes=_notes(evidence, cohorts),
        chart=Chart(ChartKind.BARS, ("opportunity",)),
        first_column="source",
    )


def _cohort(evidence: Evidence, histories: Histories, step: Step) -> Cohort:
    took = _durations(histories, step)
    days = window(took.values(), step.usual_days)
    within = days * _DAY
    mature: list[str] = []
    young: list[str] = []
    for lead_id, at in histories.first(step.start):
        if evidence.period.holds(at):
            (mature if evidence.now - at >= within else young).append(lead_id)
    converted = frozenset(lead_id for lead_id in mature if lead_id in took and took[lead_id] <= within)
    return Cohort(step, days, tuple(mature), converted, tuple(young), len(took))


def _durations(histories: Histories, step: Step) -> dict[str, timedelta]:
    """Return how long each lead took that made the step, whenever it was."""
    took = {}
    for lead_id, at in histories.first(step.start):
        then = histories.since(step.end, lead_id, at)
        if then is not None:
            took[lead_id] = then - at
    return took


def window(took: Iterable[timedelta], usual_days: int) -> int:
    """Return the shortest window, in days, that holds most of the conversions; of few the usual one."""
    ordered = sorted(took)
    if len(ordered) < ENOUGH:
        return usual_days
    longest = ordered[ceil(len(ordered) * _MOST) - 1]
    return next((days for days in WINDOWS if longest <= days * _DAY), WINDOWS[-1])


def _sources(histories: Histories, cohorts: Iterable[Cohort]) -> dict[str, dict[str, None]]:
    """Return the leads of each source that came to any stage in the period, the largest source first."""
    found: dict[str, dict[str, None]] = {}
    for cohort in cohorts:
        for lead_id in (*cohort.mature, *cohort.young):
            found.setdefault(histories.source(lead_id), {})[lead_id] = None
    return dict(sorted(found.items(), key=lambda part: (-len(part[1]), part[0])))


def _row(label: str, leads: Mapping[str, None] | None, cohorts: Iterable[Cohort]) -> Row:
    chosen = tuple(cohorts)
    counted = (one for cohort in chosen for one in cohort.of(leads))
    figures = tuple(cohort.figure(leads) for cohort in chosen)
    return Row(label, figures, tuple(dict.fromkeys(counted)), is_total=leads is None)


def _notes(evidence: Evidence, cohorts: Iterable[Cohort]) -> tuple[str, ...]:
    if not evidence.stages:
        return ("The CRM does not tell what became of leads.",)
    said = [_note(cohort) for cohort in cohorts if cohort.mature or cohort.young]
    return tuple(said) or ("No lead came to a stage in this period.",)


def _note(cohort: Cohort) -> str:
    why = (
        f"80 % of {cohort.seen:,} conversions so far"
        if cohort.seen >= ENOUGH
        else f"usual, {cohort.seen} conversion{'' if cohort.seen == 1 else 's'} so far"
    )
    young = len(cohort.young)
    left_out = (
        f"{young:,} younger {'lead is' if young == 1 else 'leads are'} not counted yet"
        if young
        else "all are old enough"
    )
    never = "" if cohort.seen else " As far as the CRM tells, no lead ever made this step."
    return f"{cohort.step.label}: within {cohort.days} days ({why}); {left_out}.{never}"
