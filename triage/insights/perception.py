"""Where the score and sales see a lead differently: band by decision, and the gap between them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from triage.domain.act import Act
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
    count,
    share,
    words,
)
from triage.insights.sameness import grouped, short

HIGH, LOW = frozenset("AB"), frozenset("CD")
_ACTS = (Act.ACCEPT, Act.REJECT, Act.RECYCLE, Act.DISQUALIFY)
_COLUMNS = (
    Column("about", "about", Unit.TEXT),
    Column("decided", "decided"),
    Column("accepted", "accepted", Unit.SHARE),
    Column("rejected", "rejected", Unit.SHARE),
    Column("recycled", "recycled", Unit.SHARE),
    Column("disqualified", "disqualified", Unit.SHARE),
    Column("high_rejected", "A and B rejected", Unit.SHARE),
    Column("low_accepted", "C and D accepted", Unit.SHARE),
)
_FORMULA = (
    "By the band of the snapshot at the decision: decisions of an act / decided in the band. The gap: "
    "rejected of A and B / decided of A and B; accepted of C and D / decided of C and D."
)


def of(evidence: Evidence) -> Insight:
    """Lay the decisions against the bands."""
    cases = evidence.cases
    bands, sources = grouped(cases, _band), grouped(cases, lambda case: case.source)
    rows = [_row("band", band or "no band", bands[band]) for band in sorted(bands, key=lambda b: (not b, b))]
    ranked = sorted(sources, key=lambda source: (-len(sources[source]), source))
    rows += [_row("source", source or "no source", sources[source], gap=True) for source in ranked]
    total = [_row("all", "all decided", cases, gap=True, is_total=True)] if cases else []
    return Insight(
        name="perception",
        title="Perception gap",
        asks="Which leads does the score praise and sales refuse, and the other way round?",
        formula=_FORMULA,
        columns=_COLUMNS,
        rows=(*rows, *total),
        findings=tuple(_apart(sources)),
        notes=tuple(_notes(cases)),
        chart=Chart(ChartKind.BARS, ("accepted",)),
        first_column="band or source",
    )


def _band(case: Case) -> str:
    return case.band.strip()


def _row(about: str, label: str, cases: Sequence[Case], *, gap: bool = False, is_total: bool = False) -> Row:
    ids = [case.lead_id for case in cases]
    acts = (share((case.lead_id for case in cases if case.act is act), ids) for act in _ACTS)
    gaps = (_high_rejected(cases), _low_accepted(cases)) if gap else (Figure(), Figure())
    return Row(label, (words(about), count(ids), *acts, *gaps), tuple(dict.fromkeys(ids)), is_total)


def _high_rejected(cases: Sequence[Case]) -> Figure:
    high = [case for case in cases if _band(case) in HIGH]
    return share((c.lead_id for c in high if c.act is Act.REJECT), (c.lead_id for c in high))


def _low_accepted(cases: Sequence[Case]) -> Figure:
    low = [case for case in cases if _band(case) in LOW]
    return share((c.lead_id for c in low if c.is_accepted), (c.lead_id for c in low))


def _apart(sources: dict[str, list[Case]]) -> Iterator[Finding]:
    """Yield the sources whose gap lies above that of the others taken together, interval by interval."""
    kinds = ((_high_rejected, "A and B leads are rejected"), (_low_accepted, "C and D leads are accepted"))
    for measured, told in kinds:
        for source in sorted(sources):
            one = measured(sources[source])
            if one.is_direction_only:
                continue
            others = [case for other, cases in sources.items() if other != source for case in cases]
            rest = measured(others)
            if not _is_above(one, rest):
                continue
            label = source or "no source"
            text = f"{short(label)}: {told} in {_in_words(one)}, from other sources in {_in_words(rest)}."
            yield Finding(text, one.lead_ids, row=label)


def _is_above(one: Figure, rest: Figure) -> bool:
    if one.low is None or rest.high is None or rest.is_direction_only:
        return False
    return one.low > rest.high


def _in_words(rate: Figure) -> str:
    return f"{rate.value or 0:.0%} of {rate.n:,}"


def _notes(cases: Sequence[Case]) -> Iterator[str]:
    if not cases:
        yield "Nothing was decided in this period."
    unbanded = sum(_band(case) not in HIGH | LOW for case in cases)
    if unbanded:
        yield f"Without a band from A to D, and not in the gap: {unbanded:,} of {len(cases):,} decisions."
