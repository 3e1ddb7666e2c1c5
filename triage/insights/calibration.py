"""Whether the score's bands mean what they say: acceptance by the band that was seen at the decision."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from itertools import pairwise
from math import isfinite
from statistics import fmean

from msgspec import Struct

from triage.domain.share import ENOUGH
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
from triage.insights.probability import Said, quality
from triage.insights.sameness import grouped

NO_BAND = "no band"
_COLUMNS = (
    Column("scope", "of", Unit.TEXT),
    Column("decided", "decided"),
    Column("accepted", "accepted"),
    Column("acceptance", "accepted of decided", Unit.SHARE),
    Column("lift", "lift", Unit.RATIO),
    Column("stated", "stated", Unit.SHARE),
    Column("brier", "Brier", Unit.SCORE),
    Column("reference", "reference", Unit.SCORE),
    Column("skill", "skill", Unit.SCORE),
    Column("ece", "ECE", Unit.SCORE),
    Column("falls", "falls from band to band", Unit.TEXT),
)
_FORMULA = (
    "Per band of the snapshot at the decision: accepted / decided (n_b), Wilson 95 % interval; lift = that "
    "share / (all accepted / all decided). Where the score is a probability p: stated = the mean p; "
    "Brier = Σ(p − accepted)² / n; reference = a(1 − a) with a = accepted / decided; skill = 1 − Brier / "
    "reference; ECE = Σ n_b |accepted share − stated| / n over the bands."
)
_CIRCULAR = (
    "A rep who sees a band decides by it too: only leads whose score was hidden (the blind sample) tell "
    "whether the band is right. None was hidden in this period."
)
_POINTS = (
    "The score is not a probability, as far as the CRM says: Brier, skill and ECE are unknown. It is taken "
    "for one where the snapshot holds a `probability`, or where all scores of a model lie between 0 and 1 "
    "(ten at least, and not all of them 0 or 1)."
)


class _Scope(Struct, frozen=True, dict=True):
    """Some of the cases, judged by themselves."""

    name: str
    cases: tuple[Case, ...]
    is_judged: bool = True
    """Whether a band that does not fall is worth a finding of its own."""

    @cached_property
    def accepted(self) -> float:
        """The share of all its cases that was accepted."""
        return sum(case.is_accepted for case in self.cases) / max(len(self.cases), 1)

    def labelled(self, text: str) -> str:
        return f"{text}, {self.name}" if self.name else text


def of(evidence: Evidence) -> Insight:
    """Say how acceptance goes with the band, by model and by whether the score was hidden."""
    cases = evidence.cases
    said = _probabilities(cases)
    scopes = tuple(_scopes(cases))
    return Insight(
        name="calibration",
        title="Calibration of the score",
        asks="Is an A really better than a B, and a B than a C?",
        formula=_FORMULA,
        columns=_COLUMNS,
        rows=tuple(row for scope in scopes for row in _rows(scope, said)),
        findings=(*(one for scope in scopes for one in _turned(scope)), *_persuaded(cases)),
        notes=tuple(_notes(cases, said)),
        chart=Chart(ChartKind.RELIABILITY, ("stated", "acceptance"))
        if said
        else Chart(ChartKind.BARS, ("acceptance",)),
        first_column="band",
    )


def _scopes(cases: tuple[Case, ...]) -> Iterator[_Scope]:
    """Yield all leads; then those of each model, and with the score hidden and shown, where there are."""
    if not cases:
        return
    yield _Scope("", cases)
    models = grouped(cases, lambda case: case.model_version)
    if len(models) > 1:
        for version in sorted(models):
            yield _Scope(f"model {version}" if version else "model unknown", tuple(models[version]))
    hidden = grouped(cases, lambda case: case.blind)
    if True in hidden:
        yield _Scope("score hidden", tuple(hidden[True]), is_judged=False)
        yield _Scope("score shown", tuple(hidden.get(False, ())), is_judged=False)


def _rows(scope: _Scope, said: Mapping[str, float]) -> Iterator[Row]:
    bands = _bands(scope.cases)
    for band, cases in bands.items():
        yield _row(scope, scope.labelled(band or NO_BAND), cases, said, ())
    yield _row(scope, scope.labelled("all bands"), scope.cases, said, _judged(scope, bands, said))


def _bands(cases: Iterable[Case]) -> dict[str, list[Case]]:
    """Return the cases of each band, A first; those without one last."""
    bands = grouped(cases, lambda case: case.band.strip())
    return {band: bands[band] for band in sorted(bands, key=lambda band: (not band, band))}


def _row(
    scope: _Scope,
    label: str,
    cases: Iterable[Case],
    said: Mapping[str, float],
    judged: tuple[Figure, ...],
) -> Row:
    decided = [case.lead_id for case in cases]
    accepted = [case.lead_id for case in cases if case.is_accepted]
    rate = share(accepted, decided)
    figures = (
        words(scope.name or "all leads"),
        count(decided),
        count(accepted),
        rate,
        _lift(rate, scope.accepted),
        _stated(cases, said),
        *(judged or (Figure(),) * 5),
    )
    return Row(label, figures, tuple(dict.fromkeys(decided)), is_total=bool(judged))


def _lift(rate: Figure, accepted: float) -> Figure:
    if rate.value is None or not accepted:
        return Figure(k=rate.k, n=rate.n)
    return Figure(rate.value / accepted, k=rate.k, n=rate.n, lead_ids=rate.lead_ids)


def _stated(cases: Iterable[Case], said: Mapping[str, float]) -> Figure:
    known = [case for case in cases if case.decision.decision_id in said]
    if not known:
        return Figure()
    mean = fmean(said[case.decision.decision_id] for case in known)
    return Figure(mean, n=len(known), lead_ids=count(case.lead_id for case in known).lead_ids)


def _judged(scope: _Scope, bands: Mapping[str, list[Case]], said: Mapping[str, float]) -> tuple[Figure, ...]:
    """Return Brier, reference, skill and ECE of all bands together, and whether acceptance falls."""
    known = [case for case in scope.cases if case.decision.decision_id in said]
    each = quality(Said(said[case.decision.decision_id], 1, int(case.is_accepted)) for case in known)
    banded = quality(group for cases in bands.values() if (group := _group(cases, said)) is not None)
    falls = words({True: "yes", False: "no", None: ""}[_falls(bands)])
    if each is None or banded is None:
        return (*(Figure() for _ in range(4)), falls)
    ids = count(case.lead_id for case in known).lead_ids
    values = (each.brier, each.reference, each.skill, banded.ece)
    return (*(Figure(value, n=len(known), lead_ids=ids) for value in values), falls)


def _group(cases: Iterable[Case], said: Mapping[str, float]) -> Said | None:
    known = [case for case in cases if case.decision.decision_id in said]
    if not known:
        return None
    mean = fmean(said[case.decision.decision_id] for case in known)
    return Said(mean, len(known), sum(case.is_accepted for case in known))


def _probabilities(cases: tuple[Case, ...]) -> dict[str, float]:
    """Return what was stated, by decision: its snapshot's probability, else a score that is one."""
    found: dict[str, float] = {}
    for of_model in grouped(cases, lambda case: case.model_version).values():
        scores = [case.score for case in of_model if case.score is not None]
        scored = len(scores) >= ENOUGH and all(0 <= score <= 1 for score in scores)
        by_score = scored and any(0 < score < 1 for score in scores)
        for case in of_model:
            stated = _own(case)
            stated = case.score if stated is None and by_score else stated
            if stated is not None:
                found[case.decision.decision_id] = stated
    return found


def _own(case: Case) -> float | None:
    value = case.decision.snapshot.get("probability")
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        return None
    return float(value) if isfinite(value) else None


def _rates(bands: Mapping[str, list[Case]]) -> list[tuple[str, Figure]]:
    """Return the acceptance of the bands that have enough decisions, the best band first."""
    rates = (
        (band, share((c.lead_id for c in cases if c.is_accepted), (c.lead_id for c in cases)))
        for band, cases in bands.items()
        if band
    )
    return [(band, rate) for band, rate in rates if not rate.is_direction_only]


def _falls(bands: Mapping[str, list[Case]]) -> bool | None:
    """Whether no band is accepted more often than a better one; None of fewer than two with ten decisions."""
    rates = [rate.value or 0.0 for _, rate in _rates(bands)]
    return all(better >= worse for better, worse in pairwise(rates)) if len(rates) > 1 else None


def _turned(scope: _Scope) -> Iterator[Finding]:
    rates = _rates(_bands(scope.cases)) if scope.is_judged else []
    for (better, above), (worse, below) in pairwise(rates):
        if (below.value or 0.0) > (above.value or 0.0):
            apart = (
                "their intervals overlap" if (below.low or 0) <= (above.high or 0) else "by more than chance"
            )
            text = f"{worse} is accepted more often than {better}: {_told(below)} against {_told(above)}"
            yield Finding(f"{scope.labelled(text)}; {apart}.", below.lead_ids, row=scope.labelled(worse))


def _persuaded(cases: tuple[Case, ...]) -> Iterator[Finding]:
    """Yield the bands that are accepted otherwise when the score is seen."""
    hidden, shown = ([case for case in cases if case.blind is blind] for blind in (True, False))
    without, seen = dict(_rates(_bands(hidden))), dict(_rates(_bands(shown)))
    for band in sorted(without.keys() & seen.keys()):
        one, other = without[band], seen[band]
        if (one.low or 0) > (other.high or 0) or (other.low or 0) > (one.high or 0):
            text = (
                f"{band} is accepted in {_told(other)} with the score shown, in {_told(one)} with it hidden."
            )
            yield Finding(text, one.lead_ids, row=f"{band}, score hidden")


def _told(rate: Figure) -> str:
    return f"{rate.value or 0:.0%} of {rate.n:,}"


def _notes(cases: tuple[Case, ...], said: Mapping[str, float]) -> Iterator[str]:
    if not cases:
        yield "Nothing was decided in this period."
        return
    unbanded = sum(not case.band.strip() for case in cases)
    if unbanded:
        yield f"Made without a band, a line of their own: {unbanded:,} of {len(cases):,} decisions."
    if not said:
        yield _POINTS
    elif len(said) < len(cases):
        part = f"{len(said):,} of {len(cases):,} decisions"
        yield f"A probability was stated for {part}: only these are judged."
    if not any(case.blind for case in cases):
        yield _CIRCULAR
