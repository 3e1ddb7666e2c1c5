"""Habits that make decisions say less, for each rep to see first: about the habit, never about the person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from triage.insights.case import TRIAGES, Case
from triage.insights.evidence import Evidence
from triage.insights.figure import Chart, ChartKind, Column, Figure, Finding, Insight, Row, Unit, share, words
from triage.insights.figure import count as counted
from triage.insights.measures import FEWEST, OTHER, code_of, of_nobody
from triage.insights.sameness import grouped

QUICK_MS = 2_000
"""A lead that was shown for less was hardly read."""
TEAM = "the team"
_MARKED = 1.5
"""So many times the team's share is a habit of one's own."""
_COLUMNS = (
    Column("decided", "decided"),
    Column("default_code", "most used code", Unit.TEXT),
    Column("default_share", "its share", Unit.SHARE),
    Column("quick", "under 2 s", Unit.SHARE),
    Column("other", "OTHER", Unit.SHARE),
    Column("bulk", "in bulk", Unit.SHARE),
)
_FORMULA = (
    "Of the period's decisions (accept, reject, recycle, disqualify): its share = non-accepts with the most "
    "used code / non-accepts with a code; under 2 s = shown for less than 2 s / decisions whose time shown "
    "is known; OTHER = non-accepts with OTHER / non-accepts; in bulk = decisions that share an act with "
    "others / decisions."
)
_ASKS = {
    2: "One code is the reason in {one} refusals here; the team's first code has {team}: is a code missing?",
    3: "{one} decisions took less than 2 s here, {team} in the team: is the reason seen in the list?",
    4: "OTHER is the reason in {one} refusals here, in {team} of the team's: which code is missing?",
    5: "{one} decisions were made in bulk here, {team} in the team: do the marked leads share the reason?",
}
"""What a habit asks, by its column."""


def of(evidence: Evidence) -> Insight:
    """Set each rep's habits against the team's."""
    cases = evidence.cases
    batches = Counter(batch for case in cases if (batch := case.decision.batch_id))
    named = [case for case in cases if case.decision.rep.user_id]
    reps = grouped(named, lambda case: case.decision.rep.user_id)
    shown = {user_id: some for user_id, some in sorted(reps.items()) if _is_enough(some)}
    rows = [_row(_name(some), some, batches) for some in shown.values()]
    team = [_row(TEAM, cases, batches, is_total=True)] if cases else []
    return Insight(
        name="watchdog",
        title="Watchdog",
        asks="Do my decisions say as much as they could?",
        formula=_FORMULA,
        columns=_COLUMNS,
        rows=(*rows, *team),
        findings=tuple(finding for row in rows for finding in _habits(row, team[0])),
        notes=tuple(_notes(cases, hidden=len(reps) - len(shown))),
        chart=Chart(ChartKind.BARS, ("quick",)),
        first_column="rep",
    )


def _is_enough(cases: Sequence[Case]) -> bool:
    return len({case.lead_id for case in cases}) >= FEWEST


def _name(cases: Sequence[Case]) -> str:
    return cases[0].decision.rep.name or cases[0].decision.rep.user_id


def _row(label: str, cases: Sequence[Case], batches: Counter[str], *, is_total: bool = False) -> Row:
    refused = [case for case in cases if case.act in TRIAGES and not case.is_accepted]
    timed = [case for case in cases if case.dwell_ms is not None]
    code, default = _default(refused)
    ids = tuple(case.lead_id for case in cases)
    figures = (
        counted(ids),
        words(code),
        default,
        share((c.lead_id for c in timed if (c.dwell_ms or 0) < QUICK_MS), _ids(timed)),
        share((c.lead_id for c in refused if code_of(c) == OTHER), _ids(refused)),
        share((c.lead_id for c in cases if batches[c.decision.batch_id or ""] > 1), ids),
    )
    return Row(label, figures, tuple(dict.fromkeys(ids)), is_total)


def _ids(cases: Sequence[Case]) -> list[str]:
    return [case.lead_id for case in cases]


def _default(refused: Sequence[Case]) -> tuple[str, Figure]:
    """Return the code that is used most, the first by name of several, and its share."""
    coded = [case for case in refused if code_of(case)]
    if not coded:
        return "", Figure(k=0, n=0)
    uses = Counter(code_of(case) for case in coded)
    code = min(uses, key=lambda one: (-uses[one], one))
    return code, share((c.lead_id for c in coded if code_of(c) == code), (c.lead_id for c in coded))


def _habits(row: Row, team: Row) -> Iterator[Finding]:
    """Yield what lies well above the team's, beyond both intervals and with enough decisions to say so."""
    for column, asks in _ASKS.items():
        one, all_ = row.figures[column], team.figures[column]
        if not _is_above(one, all_):
            continue
        text = asks.format(one=f"{one.value or 0:.0%} of {one.n:,}", team=f"{all_.value or 0:.0%}")
        yield Finding(text, one.lead_ids, row=row.label)


def _is_above(one: Figure, team: Figure) -> bool:
    if one.is_direction_only or one.low is None or team.high is None:
        return False
    return one.low > team.high and (one.value or 0.0) > _MARKED * (team.value or 0.0)


def _notes(cases: Sequence[Case], *, hidden: int) -> Iterator[str]:
    if not cases:
        yield "Nothing was decided in this period."
        return
    if hidden:
        yield f"Reps with fewer than {FEWEST} leads are in the team's line only."
    yield from of_nobody(cases)
    unknown = sum(case.dwell_ms is None for case in cases)
    if unknown:
        yield f"Of {unknown:,} of {len(cases):,} decisions it is not known how long the lead was shown."
    yield "A habit has reasons: the screen, the codes, the leads of that week. Ask for them first."
