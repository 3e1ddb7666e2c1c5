"""Why leads were not taken: the codes by weight, and which line of the definition they point at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate

from triage.domain.act import Act
from triage.domain.reasons import Reason
from triage.domain.share import ENOUGH
from triage.insights.case import TRIAGES, Case
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
    count,
    share,
    words,
)
from triage.insights.measures import OTHER, code_of, structured
from triage.insights.sameness import grouped, same, text_of

_ACTS = (Act.REJECT, Act.RECYCLE, Act.DISQUALIFY)
_VITAL = 0.8
"""The share of the vital few (Pareto)."""
_MUCH = 0.15
"""OTHER beyond this share asks for another code."""
_COLUMNS = (
    Column("act", "act", Unit.TEXT),
    Column("code", "code", Unit.TEXT),
    Column("decisions", "decisions"),
    Column("share", "of the act", Unit.SHARE),
    Column("cumulative", "cumulative", Unit.SHARE),
    Column("after_accept", "after an accept"),
    Column("of_code", "of the code", Unit.SHARE),
    Column("structured", "with a code that counts", Unit.SHARE),
    Column("kind", "kind", Unit.TEXT),
    Column("against", "counts against the MQL", Unit.TEXT),
    Column("owner", "owner", Unit.TEXT),
)
_FORMULA = (
    "Of the period's decisions, also those after an accept: share = decisions with the code / decisions of "
    "the act; cumulative = those of the codes so far / decisions of the act; with a code that counts = "
    "non-accepts with a code other than OTHER / non-accepts (reject, recycle, disqualify). What a "
    "definitional reject points at: its criterion or contribution / rejects with the code. Reasons to "
    "accept: of all accepts."
)


def of(evidence: Evidence) -> Insight:
    """Rank the reason codes of each act."""
    cases = [case for case in (*evidence.cases, *evidence.follow_ups) if case.act in TRIAGES]
    by_act = grouped(cases, lambda case: case.act)
    refused = [case for act in _ACTS for case in by_act.get(act, [])]
    rows = [row for act in _ACTS for row in _pareto(evidence, by_act.get(act, []))]
    return Insight(
        name="reasons",
        title="Reasons",
        asks="Why are leads not taken, and who can change that?",
        formula=_FORMULA,
        columns=_COLUMNS,
        rows=(
            *rows,
            *_points(evidence, by_act.get(Act.REJECT, [])),
            *_praise(evidence, by_act.get(Act.ACCEPT, [])),
            *([_sum("all non-accepts", "", refused)] if refused else []),
        ),
        findings=(*_vital(evidence, by_act.get(Act.REJECT, [])), *_unsaid(refused)),
        notes=() if refused else ("Nothing was rejected, recycled or disqualified in this period.",),
        chart=Chart(ChartKind.BARS, ("share",)),
        first_column="reason",
    )


def _ranked(cases: Sequence[Case]) -> list[tuple[str, list[Case]]]:
    """Return the cases of each code, the most frequent first; then by the code."""
    return sorted(grouped(cases, code_of).items(), key=lambda item: (-len(item[1]), item[0]))


def _pareto(evidence: Evidence, cases: Sequence[Case]) -> Iterator[Row]:
    ranked, everyone = _ranked(cases), [case.lead_id for case in cases]
    so_far = accumulate((_ids(some) for _, some in ranked), lambda before, these: before + these)
    for (code, some), until_here in zip(ranked, so_far, strict=True):
        yield _row(evidence, code, some, share(_ids(some), everyone), share(until_here, everyone))
    if cases:
        yield _sum(f"all to {cases[0].act}", cases[0].act, cases)


def _row(evidence: Evidence, code: str, cases: Sequence[Case], rate: Figure, cumulative: Figure) -> Row:
    act, known = cases[0].act, _reason(evidence, cases[0].act, code)
    figures = (
        words(act),
        words(code),
        count(_ids(cases)),
        rate,
        cumulative,
        count(case.lead_id for case in cases if not case.is_triage),
        Figure(),
        Figure(),
        words(known.kind if known else ""),
        words((known.counts_against_mql if known else "") or ""),
        words(known.routes_to if known else ""),
    )
    return Row(known.label if known else code or "no code", figures, _leads(cases))


def _sum(label: str, act: str, cases: Sequence[Case]) -> Row:
    figures = (
        words(act),
        words(""),
        count(_ids(cases)),
        Figure(),
        Figure(),
        count(case.lead_id for case in cases if not case.is_triage),
        Figure(),
        structured(cases),
        *(words("") for _ in range(3)),
    )
    return Row(label, figures, _leads(cases), is_total=True)


def _points(evidence: Evidence, rejects: Sequence[Case]) -> Iterator[Row]:
    """Yield which line of the definition, or part of the score, the definitional rejects point at."""
    for code, cases in _ranked(rejects):
        known = _reason(evidence, Act.REJECT, code)
        if known is None or not known.points_at_definition:
            continue
        targets = grouped(cases, lambda case: same(_target(case)))
        for target, some in sorted(targets.items(), key=lambda item: (-len(item[1]), item[0])):
            label = _criterion(evidence, _target(some[0])) if target else "nothing named"
            figures = (words(Act.REJECT), words(code), count(_ids(some)), *(Figure() for _ in range(3)))
            of_code = share(_ids(some), _ids(cases))
            told = (words(known.kind), words(known.counts_against_mql or ""), words(known.routes_to))
            yield Row(f"{code} points at: {label}", (*figures, of_code, Figure(), *told), _leads(some))


def _target(case: Case) -> str:
    return text_of(case.decision.params, "criterion") or text_of(case.decision.params, "contribution")


def _criterion(evidence: Evidence, target: str) -> str:
    lines = evidence.definition.criteria
    return next((line.label for line in lines if same(line.criterion_id) == same(target)), target)


def _praise(evidence: Evidence, accepts: Sequence[Case]) -> Iterator[Row]:
    """Yield why leads were taken, where a rep said so."""
    for code, cases in _ranked(accepts):
        if code:
            yield _row(evidence, code, cases, share(_ids(cases), _ids(accepts)), Figure())


def _vital(evidence: Evidence, rejects: Sequence[Case]) -> Iterator[Finding]:
    """Yield the few codes that make most of the rejects."""
    if len(rejects) < ENOUGH:
        return
    ranked, few = _ranked(rejects), list[tuple[str, list[Case]]]()
    for item in ranked:
        if sum(len(cases) for _, cases in few) >= _VITAL * len(rejects):
            break
        few.append(item)
    codes = ", ".join(f"{code or 'no code'} {len(cases):,}" for code, cases in few)
    made = sum(len(cases) for _, cases in few)
    known = _reason(evidence, Act.REJECT, few[0][0])
    part = f"{made / len(rejects):.0%} of {len(rejects):,} rejects"
    make = "code makes" if len(few) == len(ranked) == 1 else "codes makes" if len(few) == 1 else "codes make"
    yield Finding(
        f"{len(few):,} of {len(ranked):,} {make} {part}: {codes}.",
        _leads([case for _, cases in few for case in cases]),
        row=known.label if known else few[0][0] or "no code",
    )


def _unsaid(refused: Sequence[Case]) -> Iterator[Finding]:
    """Yield OTHER where it is so frequent that a code may be missing."""
    other = [case for case in refused if code_of(case) == OTHER]
    if len(refused) >= ENOUGH and len(other) > _MUCH * len(refused):
        part = f"{len(other) / len(refused):.0%} of {len(refused):,} refusals"
        yield Finding(f"OTHER makes {part}: its notes may tell which code is missing.", _leads(other))


def _reason(evidence: Evidence, act: Act, code: str) -> Reason | None:
    """Return a code of an act, a retired one too."""
    book = evidence.reasons.reasons
    return next((one for one in book if one.act is act and one.code.upper() == code), None)


def _ids(cases: Sequence[Case]) -> list[str]:
    return [case.lead_id for case in cases]


def _leads(cases: Sequence[Case]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_ids(cases)))
