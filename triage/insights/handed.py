"""What was handed to sales in a period, and what was said about it since: counted by any label. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from msgspec import Struct

from triage.domain.lead import LeadStatus
from triage.domain.stages import StageChange
from triage.insights.case import Case
from triage.insights.evidence import Evidence
from triage.insights.figure import Column, Figure, Row, Unit, count, share
from triage.insights.measures import acted_at
from triage.insights.sameness import grouped

ALL = "all"
"""The label of the line of sums."""
NO_SOURCE, NO_CAMPAIGN = "no source", "no campaign"
"""Our words for what the CRM leaves empty."""
COLUMNS = (
    Column("decided", "decided"),
    Column("accepted", "accepted"),
    Column("acceptance", "accepted of decided", Unit.SHARE),
    Column("delivered", "delivered"),
    Column("coverage", "decided of delivered", Unit.SHARE),
    Column("accepted_of_delivered", "accepted of delivered", Unit.SHARE),
)
FORMULA = (
    "decided = decisions of the period on leads that were handed over (accept, reject, recycle, disqualify; "
    "replaced and undone ones are left out). accepted of decided = accepts / decided. delivered = leads "
    "assigned to sales in the period, each by its last assignment. decided of delivered = leads with such a "
    "decision since that assignment / delivered; accepted of delivered = leads with an accept since / "
    "delivered. Intervals: Wilson, 95 %."
)
UNTOLD = "The CRM does not tell when leads were delivered: what is of delivered is not known."
NOTHING = "Nothing was decided or delivered in this period."


class Delivery(Struct, frozen=True):
    """A lead's last assignment of the period, and the decisions of the period on it since."""

    change: StageChange
    said: tuple[Case, ...]

    @property
    def is_accepted(self) -> bool:
        """Whether sales took it."""
        return any(case.is_accepted for case in self.said)


class Handed(Struct, frozen=True):
    """Decisions and deliveries under one label; `delivered` is None where the CRM tells of none at all."""

    cases: tuple[Case, ...]
    delivered: tuple[Delivery, ...] | None

    def figures(self) -> tuple[Figure, ...]:
        """Return a figure for each of `COLUMNS`."""
        decided = [case.lead_id for case in self.cases]
        accepted = [case.lead_id for case in self.cases if case.is_accepted]
        return (count(decided), count(accepted), share(accepted, decided), *self._of_delivered())

    def _of_delivered(self) -> tuple[Figure, ...]:
        if self.delivered is None:
            return (Figure(), Figure(), Figure())
        leads = [one.change.lead_id for one in self.delivered]
        decided = [one.change.lead_id for one in self.delivered if one.said]
        accepted = [one.change.lead_id for one in self.delivered if one.is_accepted]
        return (count(leads), share(decided, leads), share(accepted, leads))

    @property
    def lead_ids(self) -> tuple[str, ...]:
        """Return every lead that was decided or delivered, once."""
        delivered = (one.change.lead_id for one in self.delivered or ())
        return tuple(dict.fromkeys([*(case.lead_id for case in self.cases), *delivered]))

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to count."""
        return not self.cases and not self.delivered


def handed(evidence: Evidence) -> Handed:
    """Return all that was decided and delivered in the period."""
    if not any(one.stage is LeadStatus.ASSIGNED for one in evidence.stages):
        return Handed(evidence.cases, None)
    said = grouped(evidence.cases, lambda case: case.lead_id)
    last: dict[str, StageChange] = {}
    for one in sorted(evidence.stages, key=lambda change: change.at):
        if one.stage is LeadStatus.ASSIGNED and evidence.period.holds(one.at):
            last[one.lead_id] = one
    return Handed(evidence.cases, tuple(_delivery(one, said.get(one.lead_id, ())) for one in last.values()))


def _delivery(change: StageChange, said: Iterable[Case]) -> Delivery:
    return Delivery(change, tuple(case for case in said if acted_at(case) >= change.at))


def split(
    whole: Handed, of_case: Callable[[Case], str], of_change: Callable[[StageChange], str]
) -> dict[str, Handed]:
    """Return the parts by label, the one with most decisions first."""
    cases = grouped(whole.cases, of_case)
    delivered = grouped(whole.delivered or (), lambda one: of_change(one.change))
    known = whole.delivered is not None
    parts = {
        label: Handed(tuple(cases.get(label, ())), tuple(delivered.get(label, ())) if known else None)
        for label in (*cases, *delivered)
    }
    return dict(sorted(parts.items(), key=_most_decided))


def _most_decided(part: tuple[str, Handed]) -> tuple[int, int, str]:
    label, one = part
    return -len(one.cases), -len(one.delivered or ()), label


def total(whole: Handed, *before: Figure) -> Row:
    """Return the line of sums; `before`: figures of columns in front of `COLUMNS`."""
    return Row(ALL, (*before, *whole.figures()), whole.lead_ids, is_total=True)


def notes(whole: Handed) -> tuple[str, ...]:
    """Say what is not known."""
    if whole.is_empty:
        return (NOTHING,)
    return (UNTOLD,) if whole.delivered is None else ()
