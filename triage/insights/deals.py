"""Opportunities and how they ended, and the money in them: one answer for every insight. Pure.

Sums are of one currency, the one that most amounts are in; what is in another is left out and said.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from math import fsum, isfinite

from triage.domain.lead import LeadStatus
from triage.domain.stages import StageChange
from triage.insights.evidence import Evidence
from triage.insights.figure import Figure
from triage.insights.histories import Histories
from triage.insights.period import Period

CLOSINGS = (LeadStatus.WON, LeadStatus.LOST)
_ENDS = (*CLOSINGS, LeadStatus.REJECTED, LeadStatus.RECYCLED, LeadStatus.DISQUALIFIED)
"""After these an opportunity is open no more."""
_TELLING = frozenset({LeadStatus.OPPORTUNITY, *_ENDS})
UNTOLD = "The CRM does not tell what became of leads."


def currency_of(evidence: Evidence) -> str:
    """Return the currency of most amounts; empty where none is named."""
    named = Counter(one.currency or "" for one in evidence.stages if one.amount is not None)
    return min(named, key=lambda currency: (-named[currency], currency), default="")


def closings(evidence: Evidence, period: Period | None = None) -> tuple[StageChange, ...]:
    """Return each lead's last closing (won or lost) in the period, the oldest first."""
    period = period or evidence.period
    held = (one for one in evidence.stages if one.stage in CLOSINGS and period.holds(one.at))
    last = {one.lead_id: one for one in sorted(held, key=_in_time)}
    return tuple(sorted(last.values(), key=_in_time))


def won_in(evidence: Evidence, period: Period | None = None) -> tuple[StageChange, ...]:
    """Return the leads whose last closing in the period is won."""
    return tuple(one for one in closings(evidence, period) if one.stage is LeadStatus.WON)


def open_deals(evidence: Evidence) -> tuple[StageChange, ...]:
    """Return the opportunities that are open at the period's end, each as it was last told."""
    held = (one for one in evidence.stages if one.stage in _TELLING and one.at < evidence.period.until)
    last = {one.lead_id: one for one in sorted(held, key=_in_time)}
    return tuple(one for one in last.values() if one.stage is LeadStatus.OPPORTUNITY)


def from_accepted(changes: Iterable[StageChange], histories: Histories) -> tuple[StageChange, ...]:
    """Return what came of leads that sales had accepted before."""
    accepted = histories.moments.get(LeadStatus.ACCEPTED, {})
    return tuple(one for one in changes if one.lead_id in accepted and accepted[one.lead_id][0] <= one.at)


def is_in(change: StageChange, currency: str) -> bool:
    """Whether a change has an amount in this currency."""
    return change.amount is not None and (change.currency or "") == currency


def sum_of(changes: Iterable[StageChange], currency: str) -> Figure:
    """Return the sum of the amounts in a currency, with how many; of some without any it is unknown."""
    every = tuple(changes)
    told = [one for one in every if is_in(one, currency)]
    if every and not told:
        return Figure(n=0)
    return Figure(_total(one.amount or 0 for one in told), n=len(told), lead_ids=_leads(told))


def _total(amounts: Iterable[float]) -> float | None:
    """Return the sum; None where it is larger than a number can be: a CRM may send anything."""
    try:
        total = fsum(amounts)
    except (OverflowError, ValueError):
        return None
    return total if isfinite(total) else None


def mean_of(changes: Iterable[StageChange], currency: str) -> Figure:
    """Return the mean of the amounts in a currency; of none it is unknown."""
    summed = sum_of(changes, currency)
    if summed.value is None or not summed.n:
        return Figure(n=0)
    return Figure(summed.value / summed.n, n=summed.n, lead_ids=summed.lead_ids)


def left_out(changes: Iterable[StageChange], currency: str) -> tuple[str, ...]:
    """Say which amounts are not in the sums: of another currency, or not told."""
    others = Counter(
        one.currency or "no currency"
        for one in changes
        if one.amount is not None and not is_in(one, currency)
    )
    untold = len({one.lead_id for one in changes if one.amount is None})
    said = [f"Left out: {number:,} in {name}." for name, number in sorted(others.items())]
    if untold:
        said.append(f"Without an amount: {untold:,}.")
    return tuple(said)


def _leads(changes: Iterable[StageChange]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.lead_id for one in changes))


def _in_time(change: StageChange) -> tuple[datetime, str]:
    return change.at, change.change_id
