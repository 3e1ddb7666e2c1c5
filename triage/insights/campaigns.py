"""How much of what marketing sent was taken, by campaign, and which campaigns fall behind their source."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, date

from triage.domain.share import ENOUGH
from triage.insights.case import Case
from triage.insights.evidence import Evidence
from triage.insights.figure import Chart, ChartKind, Column, Figure, Finding, Insight, Row, Unit, share, words
from triage.insights.handed import (
    COLUMNS,
    FORMULA,
    NO_CAMPAIGN,
    NO_SOURCE,
    Handed,
    handed,
    notes,
    split,
    total,
)
from triage.insights.sameness import grouped


def of(evidence: Evidence) -> Insight:
    """Count decided, accepted and delivered leads by campaign."""
    whole = handed(evidence)
    parts = split(whole, lambda case: case.campaign, lambda change: change.campaign)
    sources = {campaign: _source(part) for campaign, part in parts.items()}
    rows = tuple(
        Row(
            campaign or NO_CAMPAIGN,
            (words(sources[campaign] or NO_SOURCE), *part.figures()),
            part.lead_ids,
        )
        for campaign, part in parts.items()
    )
    return Insight(
        name="campaigns",
        title="Acceptance by campaign",
        asks="Which campaigns bring leads that sales takes, and which do not?",
        formula=f"{FORMULA} A campaign stands out where its interval lies below that of the other campaigns "
        f"of its source taken together, with {ENOUGH} decisions or more on both sides.",
        columns=(Column("source", "source", Unit.TEXT), *COLUMNS),
        rows=(*rows, total(whole, words(""))) if rows else (),
        findings=tuple(_behind(evidence, parts, sources)),
        notes=notes(whole),
        chart=Chart(ChartKind.BARS, ("acceptance",), target=evidence.definition.targets.get("acceptance")),
        first_column="campaign",
    )


def _source(part: Handed) -> str:
    """Return the source that most of a campaign's leads have; of equals the first by name."""
    counted = Counter(
        [*(case.source for case in part.cases), *(one.change.source for one in part.delivered or ())]
    )
    return min(counted, key=lambda source: (-counted[source], source))


def _behind(evidence: Evidence, parts: dict[str, Handed], sources: dict[str, str]) -> Iterator[Finding]:
    """Yield the campaigns that lie below the rest of their source, the farthest first."""
    found = []
    by_source = grouped((case for case in evidence.cases if case.campaign), lambda case: case.source)
    for campaign, part in parts.items():
        source = sources[campaign]
        own = _taken(case for case in part.cases if case.source == source)
        if not campaign or own.is_direction_only:
            continue
        rest = _taken(case for case in by_source.get(source, ()) if case.campaign != campaign)
        if _is_below(own, rest):
            found.append((_gap(own, rest), _finding(evidence, campaign, source, own, rest)))
    for _, finding in sorted(found, key=lambda one: -one[0]):
        yield finding


def _taken(cases: Iterable[Case]) -> Figure:
    chosen = tuple(cases)
    return share((case.lead_id for case in chosen if case.is_accepted), (case.lead_id for case in chosen))


def _is_below(own: Figure, rest: Figure) -> bool:
    if rest.is_direction_only or own.high is None or rest.low is None:
        return False
    return own.high < rest.low


def _gap(own: Figure, rest: Figure) -> float:
    return float((rest.value or 0) - (own.value or 0))


def _finding(evidence: Evidence, campaign: str, source: str, own: Figure, rest: Figure) -> Finding:
    since = _first_day(evidence, campaign)
    leads = tuple(dict.fromkeys(case.lead_id for case in evidence.cases if case.campaign == campaign))
    begun = f", first delivered or decided on {since.day} {since:%b %Y}" if since else ""
    return Finding(
        f"{campaign}: {_words(own)} accepted; the other campaigns of {source or NO_SOURCE}: "
        f"{_words(rest)}{begun}.",
        lead_ids=leads,
        on=since,
        row=campaign,
    )


def _words(taken: Figure) -> str:
    low, high = (taken.low or 0) * 100, (taken.high or 0) * 100
    return f"{taken.value or 0:.0%} (n={taken.n:,}, {low:.0f}–{high:.0f}%)"


def _first_day(evidence: Evidence, campaign: str) -> date | None:
    """Return the day, in UTC, from which anything is known of a campaign."""
    moments = [case.at for case in evidence.all_cases if case.campaign == campaign]
    moments += [one.at for one in evidence.stages if one.campaign == campaign]
    first = min(moments, default=None)
    return first.astimezone(UTC).date() if first else None
