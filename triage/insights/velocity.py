"""What a source brings per day: opportunities × average value × win rate / cycle length."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from math import isfinite
from statistics import fmean

from msgspec import Struct

from triage.domain.lead import LeadStatus
from triage.domain.stages import StageChange
from triage.insights.deals import UNTOLD, closings, currency_of, left_out, mean_of
from triage.insights.evidence import Evidence
from triage.insights.figure import Chart, ChartKind, Column, Figure, Insight, Row, Unit, count, share
from triage.insights.handed import ALL, NO_SOURCE
from triage.insights.histories import Histories
from triage.insights.sameness import grouped

_DAY = timedelta(days=1)
_FORMULA = (
    "opportunities × average value × win rate / cycle length in days. opportunities = leads that first came "
    "to that stage in the period; win rate = won / (won + lost), each by its last closing of the period; "
    "average value = mean amount of the won ones that have one; cycle length = mean days from the first "
    "opportunity to won, of the won ones. One part unknown: velocity unknown. The total is of all leads, not "
    "a sum of the lines."
)
_COLUMNS = (
    Column("opportunities", "opportunities"),
    Column("won", "won"),
    Column("lost", "lost"),
    Column("win_rate", "won of won and lost", Unit.SHARE),
    Column("average_value", "average value", Unit.MONEY),
    Column("cycle_days", "cycle length", Unit.DAYS),
    Column("velocity", "velocity per day", Unit.MONEY),
)


class _Part(Struct, frozen=True):
    """The opportunities and closings of one source."""

    opened: tuple[str, ...]
    closed: tuple[StageChange, ...]

    @property
    def won(self) -> tuple[StageChange, ...]:
        return tuple(one for one in self.closed if one.stage is LeadStatus.WON)


def of(evidence: Evidence) -> Insight:
    """Count velocity and its parts by source."""
    histories, currency = Histories.of(evidence), currency_of(evidence)
    opened = tuple(
        lead_id for lead_id, at in histories.first(LeadStatus.OPPORTUNITY) if evidence.period.holds(at)
    )
    whole = _Part(opened, closings(evidence))
    parts = _parts(whole, histories)
    rows = tuple(_row(source or NO_SOURCE, part, histories, currency) for source, part in parts.items())
    return Insight(
        name="velocity",
        title="Sales velocity by source",
        asks="Which source brings money fastest, and by which of its parts?",
        formula=_FORMULA,
        columns=_COLUMNS,
        rows=(*rows, _row(ALL, whole, histories, currency, is_total=True)) if rows else (),
        notes=_notes(evidence, whole, currency),
        chart=Chart(ChartKind.BARS, ("velocity",)),
        currency=currency,
        first_column="source",
    )


def _parts(whole: _Part, histories: Histories) -> dict[str, _Part]:
    opened = grouped(whole.opened, histories.source)
    closed = grouped(whole.closed, lambda one: histories.source(one.lead_id))
    parts = {
        source: _Part(tuple(opened.get(source, ())), tuple(closed.get(source, ())))
        for source in (*opened, *closed)
    }
    return dict(sorted(parts.items(), key=lambda part: (-len(part[1].opened), part[0])))


def _row(label: str, part: _Part, histories: Histories, currency: str, *, is_total: bool = False) -> Row:
    won = [one.lead_id for one in part.won]
    closed = [one.lead_id for one in part.closed]
    rate = share(won, closed)
    value = mean_of(part.won, currency)
    cycle = _cycle(part.won, histories)
    figures = (
        count(part.opened),
        count(won),
        count(one.lead_id for one in part.closed if one.stage is LeadStatus.LOST),
        *(rate, value, cycle),
        _velocity(part.opened, rate, value, cycle),
    )
    return Row(label, figures, tuple(dict.fromkeys([*part.opened, *closed])), is_total=is_total)


def _cycle(won: Sequence[StageChange], histories: Histories) -> Figure:
    """Return the mean days from opportunity to won; a lead that was no opportunity before is left out."""
    opened = histories.moments.get(LeadStatus.OPPORTUNITY, {})
    took = {one.lead_id: one.at - opened[one.lead_id][0] for one in won if one.lead_id in opened}
    days = {lead_id: span / _DAY for lead_id, span in took.items() if span >= timedelta(0)}
    return Figure(fmean(days.values()), n=len(days), lead_ids=tuple(days)) if days else Figure(n=0)


def _velocity(opened: tuple[str, ...], rate: Figure, value: Figure, cycle: Figure) -> Figure:
    """Return money per day; it rests on the fewest that one of its parts rests on."""
    fewest = min(len(opened), rate.n or 0, value.n or 0, cycle.n or 0)
    if rate.value is None or value.value is None or not cycle.value:
        return Figure(n=fewest)
    money = len(opened) * value.value * rate.value / cycle.value
    return Figure(money if isfinite(money) else None, n=fewest, lead_ids=opened)


def _notes(evidence: Evidence, whole: _Part, currency: str) -> tuple[str, ...]:
    if not evidence.stages:
        return (UNTOLD,)
    if not whole.opened and not whole.closed:
        return ("No opportunity was opened or closed in this period.",)
    return left_out(whole.won, currency)
