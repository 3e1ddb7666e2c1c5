"""What another score threshold would have done to the leads that were decided. A what-if, not a forecast."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import ceil, floor, isfinite, log10

from msgspec import Struct

from triage.domain.act import Act
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

_STEPS = 20
"""Candidates there are about."""
_FINEST = 0.01
"""Points between two candidates, at least."""
_TOLERABLE = 0.05
"""Share of the accepts that a higher threshold may cost to be worth a finding."""
_COLUMNS = (
    Column("mark", "mark", Unit.TEXT),
    Column("delivered", "would have come"),
    Column("acceptance", "accepted of these", Unit.SHARE),
    Column("accepts_lost", "accepts lost"),
    Column("rejects_saved", "rejects saved"),
)
_FORMULA = (
    "Of the period's decisions with a score: would have come = those with a score of the threshold or above; "
    "accepted of these = accepted / would have come; accepts lost, rejects saved = accepts and rejects below "
    "the threshold."
)
_UNSEEN = (
    "Leads below the threshold of their day were never delivered: what a lower one would bring is not known, "
    "only what a higher one would have kept back."
)
_HANDS = (
    "Who raised a hand comes whatever the score. The CRM does not say of a decided lead whether it did, so "
    "those are among the others: a higher threshold would not have kept them back."
)


class _Judged(Struct, frozen=True):
    """A decision that a threshold could have spared."""

    case: Case
    score: float


def of(evidence: Evidence) -> Insight:
    """Try thresholds on the period's decisions."""
    hands = [case for case in evidence.cases if _raised_a_hand(case)]
    others = [case for case in evidence.cases if not _raised_a_hand(case)]
    judged = [_Judged(case, case.score) for case in others if case.score is not None and isfinite(case.score)]
    unscored = [case for case in others if case.score is None or not isfinite(case.score)]
    present = evidence.definition.threshold
    now = present if present is not None and isfinite(present) else None
    tried = [(one, _row(one, judged, is_now=one == now)) for one in _candidates(judged, now)]
    apart = (("raised a hand", hands), ("no score", unscored))
    return Insight(
        name="threshold",
        title="What another threshold would have done",
        asks="Where should the threshold lie, and what would that cost?",
        formula=_FORMULA,
        columns=_COLUMNS,
        rows=(*(row for _, row in tried), *(_apart(label, cases) for label, cases in apart if cases)),
        findings=(*_cheap(tried, judged, now), *_below(judged, now)),
        notes=tuple(_notes(evidence, hands, now)),
        chart=Chart(ChartKind.SERIES, ("acceptance",), evidence.definition.targets.get("acceptance")),
        first_column="threshold",
    )


def _raised_a_hand(case: Case) -> bool:
    """Whether the CRM says that it became an MQL by a raised hand: no score decided it."""
    return "hand_raise" in (case.decision.snapshot.get("mql_by"), case.decision.lead.get("mql_by"))


def _candidates(judged: Sequence[_Judged], now: float | None) -> list[float]:
    """Return thresholds at round distances over the range of scores, the present one among them."""
    if not judged:
        return []
    low, high = min(one.score for one in judged), max(one.score for one in judged)
    step = _step(high - low)
    if not isfinite(step):
        return [] if now is None else [now]
    count_from, count_to = floor(low / step), ceil(high / step)
    found = {round(number * step, 6) for number in range(count_from, count_to + 1)}
    return sorted(found | ({now} if now is not None else set()))


def _step(span: float) -> float:
    """Return 1, 2 or 5 times a power of ten that parts a span into about twenty."""
    rough = max(span / _STEPS, _FINEST)
    if not isfinite(rough):
        return rough
    power = 10.0 ** floor(log10(rough))
    return next(power * times for times in (1, 2, 5, 10) if power * times >= rough * 0.999999)


def _row(threshold: float, judged: Sequence[_Judged], *, is_now: bool) -> Row:
    above = [one.case for one in judged if one.score >= threshold]
    below = [one.case for one in judged if one.score < threshold]
    figures = (
        words("now" if is_now else ""),
        count(case.lead_id for case in above),
        _accepted(above),
        count(case.lead_id for case in below if case.is_accepted),
        count(case.lead_id for case in below if case.act is Act.REJECT),
    )
    return Row(f"{threshold:g}", figures, _leads(above))


def _apart(label: str, cases: Sequence[Case]) -> Row:
    """Return the line of leads that no threshold moves."""
    figures = (
        words("not by the score"),
        count(case.lead_id for case in cases),
        _accepted(cases),
        Figure(),
        Figure(),
    )
    return Row(label, figures, _leads(cases), is_total=True)


def _accepted(cases: Sequence[Case]) -> Figure:
    return share((case.lead_id for case in cases if case.is_accepted), (case.lead_id for case in cases))


def _leads(cases: Sequence[Case]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(case.lead_id for case in cases))


def _cheap(
    tried: Sequence[tuple[float, Row]], judged: Sequence[_Judged], now: float | None
) -> Iterator[Finding]:
    """Yield how far the threshold could rise at little cost."""
    accepted = sum(one.case.is_accepted for one in judged)
    higher = [row for threshold, row in tried if now is not None and threshold > now]
    cheap = [row for row in higher if (row.figures[3].value or 0) <= _TOLERABLE * accepted]
    if accepted < ENOUGH or not cheap:
        return
    best = cheap[-1]
    lost, saved = best.figures[3], best.figures[4]
    if saved.value:
        rejects = "reject" if saved.value == 1 else "rejects"
        text = f"At {best.label} there would have been {saved.value:,} {rejects} fewer"
        text = f"{text}, for {lost.value or 0:,} of {accepted:,} accepts (now: {now:g})."
        yield Finding(text, saved.lead_ids, row=best.label)


def _below(judged: Sequence[_Judged], now: float | None) -> Iterator[Finding]:
    """Yield what came although it lay below what both teams agreed on."""
    if now is None:
        return
    below = [one.case for one in judged if one.score < now]
    above = [one.case for one in judged if one.score >= now]
    if below:
        text = f"Decisions below the agreed threshold of {now:g}: {len(below):,} of {len(judged):,}"
        text = (
            f"{text}, by a raised hand, or under another one. {_told(_accepted(below))} of them are accepts"
        )
        yield Finding(f"{text}, {_told(_accepted(above))} of those above.", _leads(below), row=f"{now:g}")


def _told(rate: Figure) -> str:
    return "none" if rate.value is None else f"{rate.value:.0%}"


def _notes(evidence: Evidence, hands: Sequence[Case], now: float | None) -> Iterator[str]:
    if not evidence.cases:
        yield "Nothing was decided in this period."
        return
    if now is None:
        yield "The definition names no threshold."
    yield _UNSEEN
    if not hands:
        yield _HANDS
