"""The money that came of accepted leads: open and won, by source and by campaign."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from msgspec import Struct

from triage.domain.stages import StageChange
from triage.insights.case import Case
from triage.insights.deals import (
    UNTOLD,
    currency_of,
    from_accepted,
    left_out,
    open_deals,
    sum_of,
    won_in,
)
from triage.insights.evidence import Evidence
from triage.insights.figure import Chart, ChartKind, Column, Figure, Insight, Row, Unit, count, words
from triage.insights.handed import ALL, NO_CAMPAIGN, NO_SOURCE
from triage.insights.histories import Histories
from triage.insights.sameness import grouped

_FORMULA = (
    "Of leads with an accept that stands, made before. pipeline = sum of the amounts of opportunities open "
    "at the end of the period (not won, lost, recycled, disqualified or rejected since), each by its last "
    "amount. won value = sum of the amounts of leads whose last closing in the period is won. accepted = "
    "accepts of the period. Beside money, n = amounts that were summed. A lead counts under the source and "
    "the campaign that its last decision tells."
)
_COLUMNS = (
    Column("source", "source", Unit.TEXT),
    Column("accepted", "accepted"),
    Column("open", "open opportunities"),
    Column("pipeline", "pipeline", Unit.MONEY),
    Column("won", "won"),
    Column("won_value", "won value", Unit.MONEY),
)


class _Part(Struct, frozen=True):
    """What came of the leads of one source or campaign."""

    accepted: tuple[Case, ...]
    open: tuple[StageChange, ...]
    won: tuple[StageChange, ...]

    @property
    def lead_ids(self) -> tuple[str, ...]:
        """Return every lead that is in it, once."""
        changes = (one.lead_id for one in (*self.open, *self.won))
        return tuple(dict.fromkeys([*(case.lead_id for case in self.accepted), *changes]))

    def figures(self, currency: str, *, is_told: bool) -> Iterator[Figure]:
        """Yield the figures after the source; without a word of the CRM all but the accepts are unknown."""
        yield count(case.lead_id for case in self.accepted)
        for deals in (self.open, self.won):
            yield count(one.lead_id for one in deals) if is_told else Figure()
            yield sum_of(deals, currency) if is_told else Figure()


def of(evidence: Evidence) -> Insight:
    """Sum pipeline and won value by source and campaign."""
    histories, currency = Histories.of(evidence), currency_of(evidence)
    whole = _Part(
        tuple(case for case in evidence.cases if case.is_accepted),
        from_accepted(open_deals(evidence), histories),
        from_accepted(won_in(evidence), histories),
    )
    return Insight(
        name="revenue",
        title="Revenue by source and campaign",
        asks="Which sources and campaigns bring money, and how much is on its way?",
        formula=_FORMULA,
        columns=_COLUMNS,
        rows=tuple(_rows(whole, histories, currency, is_told=bool(evidence.stages))),
        notes=_notes(evidence, whole, currency),
        chart=Chart(ChartKind.BARS, ("won_value", "pipeline")),
        currency=currency,
        first_column="campaign",
    )


def _rows(whole: _Part, histories: Histories, currency: str, *, is_told: bool) -> Iterator[Row]:
    """Yield the campaigns of each source with a line of sums, and at the end that of all."""

    def row(label: str, source: str, part: _Part, *, is_total: bool = False) -> Row:
        figures = (words(source), *part.figures(currency, is_told=is_told))
        return Row(label, figures, part.lead_ids, is_total=is_total)

    of_source = _split(whole, lambda lead_id: (histories.source(lead_id), ""))
    of_campaign = _split(whole, lambda lead_id: (histories.source(lead_id), histories.campaign(lead_id)))
    for source, _ in _ordered(of_source, currency):
        named = source or NO_SOURCE
        own = {key: part for key, part in of_campaign.items() if key[0] == source}
        for key in _ordered(own, currency):
            yield row(key[1] or NO_CAMPAIGN, named, own[key])
        yield row(f"{named}: {ALL}", named, of_source[source, ""], is_total=True)
    if of_source:
        yield row(ALL, "", whole, is_total=True)


_Key = tuple[str, str]
"""Source, campaign."""


def _split(whole: _Part, key: Callable[[str], _Key]) -> dict[_Key, _Part]:
    """Return the parts by what a lead counts under."""
    accepted = grouped(whole.accepted, lambda case: key(case.lead_id))
    opened = grouped(whole.open, lambda one: key(one.lead_id))
    won = grouped(whole.won, lambda one: key(one.lead_id))
    return {
        name: _Part(tuple(accepted.get(name, ())), tuple(opened.get(name, ())), tuple(won.get(name, ())))
        for name in (*accepted, *opened, *won)
    }


def _ordered(parts: dict[_Key, _Part], currency: str) -> list[_Key]:
    return sorted(parts, key=lambda key: _largest(parts[key], currency, key))


def _largest(part: _Part, currency: str, key: _Key) -> tuple[float, float, int, _Key]:
    """Return what orders lines: most won first, then most on its way, then most accepted."""
    won, pipeline = sum_of(part.won, currency).value or 0, sum_of(part.open, currency).value or 0
    return -won, -pipeline, -len(part.accepted), key


def _notes(evidence: Evidence, whole: _Part, currency: str) -> tuple[str, ...]:
    if not evidence.stages:
        return (UNTOLD,)
    deals: Sequence[StageChange] = (*whole.open, *whole.won)
    return _said(deals, whole.accepted) or left_out(deals, currency)


def _said(deals: Iterable[StageChange], accepted: Iterable[Case]) -> tuple[str, ...]:
    if tuple(deals):
        return ()
    said = "No accepted lead is an open opportunity, and none was won in this period."
    return (said,) if tuple(accepted) else ("Nothing was accepted, is open or was won in this period.",)
