"""Accepted and then left alone: the twin that keeps acceptance honest."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from triage.domain.lead import LeadStatus
from triage.insights.case import Case
from triage.insights.evidence import Evidence
from triage.insights.figure import Chart, ChartKind, Column, Figure, Insight, Row, Unit, count, share
from triage.insights.handed import ALL
from triage.insights.histories import Histories
from triage.insights.measures import FEWEST, of_nobody
from triage.insights.sameness import grouped

WAITS = (timedelta(hours=24), timedelta(hours=72))
"""After these it is asked whether sales has touched an accepted lead."""
TOUCHED = (
    LeadStatus.WORKING,
    LeadStatus.QUALIFYING,
    LeadStatus.QUALIFIED,
    LeadStatus.OPPORTUNITY,
    LeadStatus.WON,
    LeadStatus.LOST,
)
"""A lead that came to one of these was worked on."""
_HOUR = timedelta(hours=1)
_FORMULA = (
    "Accepts of the period that are at least 24 (72) hours old; untouched = not contacted before the accept, "
    "and not at working or a stage beyond it within 24 (72) hours from the accept / those accepts. Figures "
    f"of fewer than {FEWEST} leads of a rep are not shown, but are in the sums. Intervals: Wilson, 95 %."
)
_COLUMNS = (
    Column("accepted", "accepted"),
    *(
        Column(f"untouched_{wait // _HOUR}h", f"untouched after {wait // _HOUR} h", Unit.SHARE)
        for wait in WAITS
    ),
)


def of(evidence: Evidence) -> Insight:
    """Count the accepted leads that nobody touched, by rep and in all."""
    accepts = [case for case in evidence.cases if case.is_accepted]
    histories = Histories.of(evidence)
    named = [case for case in accepts if case.decision.rep.user_id]
    by_rep = grouped(named, lambda case: case.decision.rep.user_id)
    shown = {rep: own for rep, own in by_rep.items() if _leads(own) >= FEWEST}
    ordered = sorted(shown.values(), key=lambda own: (-len(own), _name(own)))
    rows = [_row(_name(own), own, evidence, histories) for own in ordered]
    return Insight(
        name="untouched",
        title="Accepted, then untouched",
        asks="Are accepted leads followed up?",
        formula=_FORMULA,
        columns=_COLUMNS,
        rows=(*rows, _row(ALL, accepts, evidence, histories, is_total=True)) if accepts else (),
        notes=_notes(accepts, histories, len(by_rep) - len(shown)),
        chart=Chart(ChartKind.BARS, ("untouched_24h",)),
        first_column="rep",
    )


def _leads(accepts: Sequence[Case]) -> int:
    return len({case.lead_id for case in accepts})


def _name(accepts: Sequence[Case]) -> str:
    rep = accepts[-1].decision.rep
    return rep.name or rep.user_id


def _row(
    label: str, accepts: Sequence[Case], evidence: Evidence, histories: Histories, *, is_total: bool = False
) -> Row:
    accepted = count(case.lead_id for case in accepts)
    figures = [_untouched(accepts, wait, evidence, histories) for wait in WAITS]
    if not is_total:
        figures = [figure if (figure.n or 0) >= FEWEST else Figure() for figure in figures]
    return Row(label, (accepted, *figures), accepted.lead_ids, is_total=is_total)


def _untouched(accepts: Sequence[Case], wait: timedelta, evidence: Evidence, histories: Histories) -> Figure:
    if not _are_touches_told(histories):
        return Figure()
    old = [case for case in accepts if evidence.now - case.at >= wait]
    idle = (case.lead_id for case in old if not _is_touched(case, wait, histories))
    return share(idle, (case.lead_id for case in old))


def _is_touched(case: Case, wait: timedelta, histories: Histories) -> bool:
    moments = (histories.since(stage, case.lead_id, case.at) for stage in TOUCHED)
    return case.contacted is True or any(at is not None and at - case.at <= wait for at in moments)


def _are_touches_told(histories: Histories) -> bool:
    return any(stage in histories.moments for stage in TOUCHED)


def _notes(accepts: Sequence[Case], histories: Histories, hidden: int) -> tuple[str, ...]:
    if not accepts:
        return ("No lead was accepted in this period.",)
    said = [] if _are_touches_told(histories) else ["The CRM does not tell of any touch by sales."]
    if hidden:
        reps = "rep" if hidden == 1 else "reps"
        said.append(f"{hidden} {reps} with fewer than {FEWEST} accepted leads: only in the sums.")
    return (*said, *of_nobody(accepts))
