"""The measures that more than one insight shows, counted here once so that they cannot differ. Pure.

They take events that are already chosen: of a period, of a week, of a rep.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from statistics import median

from msgspec import Struct

from triage.domain.act import Act
from triage.domain.deadlines import due_at
from triage.domain.definition import Definition
from triage.domain.lead import LeadStatus
from triage.domain.review import ReviewedFeedback
from triage.domain.stages import StageChange
from triage.errors import ConfigError
from triage.insights.case import TRIAGES, Case
from triage.insights.evidence import Evidence
from triage.insights.figure import Figure, count, share

OTHER = "OTHER"
"""The code that says nothing which could be counted."""
FEWEST = 5
"""Leads of a rep below which that rep's figures are hidden (product.md §6)."""
_HOUR = timedelta(hours=1)
_SPEAKS = TRIAGES | {Act.SNOOZE}
"""Acts after which a lead no longer waits for a first word; a snooze stops its clock."""


def of_nobody(cases: Sequence[Case]) -> Iterator[str]:
    """Say how many decisions have no line of a rep's: a CRM tells a rep no colleague's name."""
    unnamed = sum(not case.decision.rep.user_id for case in cases)
    if unnamed:
        whose = "whose it is: it is" if unnamed == 1 else "whose they are: they are"
        yield f"Of {unnamed:,} of {len(cases):,} decisions the CRM does not say {whose} in the sums only."


def acted_at(case: Case) -> datetime:
    """Return when the rep acted, by the CRM's clock as far as the skew is known and can be true."""
    try:
        return case.at + timedelta(milliseconds=case.decision.skew_ms or 0)
    except OverflowError:  # a clock at the end of all time
        return case.at


def is_in_time(case: Case) -> bool | None:
    """Whether the act, not its delivery, came by the deadline; None where no deadline is known."""
    return None if case.sla_due_at is None else acted_at(case) <= case.sla_due_at


class Breach(Struct, frozen=True):
    """A delivered lead that nobody said a word on by its deadline."""

    delivery: StageChange
    due_at: datetime

    @property
    def lead_id(self) -> str:
        """The lead's id."""
        return self.delivery.lead_id


def sla_met(cases: Iterable[Case], breaches: Iterable[Breach] = ()) -> Figure:
    """Return decided within the deadline / (decided, or undecided with the deadline passed).

    Decisions without a known deadline are in neither.
    """
    judged = [case for case in cases if case.sla_due_at is not None]
    met = (case.lead_id for case in judged if is_in_time(case))
    return share(met, [*(case.lead_id for case in judged), *(one.lead_id for one in breaches)])


def breached(evidence: Evidence) -> tuple[Breach, ...]:
    """Return the deliveries that nobody said a word on, and whose deadline passed in the period.

    No event tells an undecided lead's deadline, so it is the latest that the agreed definition can give:
    what counts here is late by every rule.
    """
    rules, until = evidence.definition, evidence.now
    dues = ((one, latest_due(rules, one.at)) for one in _waiting(evidence))
    return tuple(
        Breach(one, due)
        for one, due in dues
        if due is not None and due < until and evidence.period.holds(due)
    )


def latest_due(definition: Definition, delivered: datetime) -> datetime | None:
    """Return when a lead is late by whatever rule it is under; None where a rule cannot be counted by."""
    try:
        return max((due_at(rule, definition.calendar, delivered) for rule in definition.sla), default=None)
    except ConfigError:
        return None


def structured(cases: Iterable[Case]) -> Figure:
    """Return non-accepts with a code other than OTHER / non-accepts (reject, recycle, disqualify)."""
    refused = [case for case in cases if case.act in TRIAGES and not case.is_accepted]
    return share(
        (case.lead_id for case in refused if code_of(case) not in ("", OTHER)),
        [case.lead_id for case in refused],
    )


def code_of(case: Case) -> str:
    """Return a decision's code as it is compared; empty where it has none."""
    return case.reason.strip().upper()


def is_answered(one: ReviewedFeedback) -> bool:
    """Whether marketing replied, in whatever kind."""
    return one.state == "answered" or bool(one.replies)


def replied(told: Iterable[ReviewedFeedback]) -> Figure:
    """Return feedback answered (any kind) / feedback sent."""
    sent = tuple(told)
    return share((one.lead_id for one in sent if is_answered(one)), (one.lead_id for one in sent))


def answered_after(one: ReviewedFeedback) -> timedelta | None:
    """Return the time to the first answer, never below zero; None where there is none, or no time of it."""
    moments = [reply.at for reply in one.replies if reply.at is not None]
    if one.created_at is None or not moments:
        return None
    return max(min(moments) - one.created_at, timedelta(0))


def hours_to_answer(told: Iterable[ReviewedFeedback]) -> Figure:
    """Return the median time to the first answer, in hours, of what was answered at a known time."""
    timed = [(one.lead_id, after) for one in told if (after := answered_after(one)) is not None]
    if not timed:
        return Figure(n=0)
    hours = median(after / _HOUR for _, after in timed)
    return Figure(hours, n=len(timed), lead_ids=count(lead_id for lead_id, _ in timed).lead_ids)


def overdue(told: Iterable[ReviewedFeedback], evidence: Evidence) -> Figure:
    """Return the feedback that has waited longer than both teams agreed on; unknown where they did not."""
    agreed = evidence.definition.targets.get("reply_days")
    if agreed is None:
        return Figure()
    return count(one.lead_id for one in told if _waits_longer(one, agreed, evidence.now))


def _waits_longer(one: ReviewedFeedback, days: float, now: datetime) -> bool:
    if is_answered(one) or one.created_at is None:
        return False
    return (now - one.created_at) / timedelta(days=1) > days


def _waiting(evidence: Evidence) -> Iterator[StageChange]:
    """Yield the last delivery of each lead that has not moved on since, and that nobody has spoken on."""
    spoken: dict[str, datetime] = {}
    for case in evidence.all_cases:
        if case.act in _SPEAKS:
            when = acted_at(case)
            spoken[case.lead_id] = max(spoken.get(case.lead_id, when), when)
    last: dict[str, StageChange] = {}
    for one in sorted(evidence.stages, key=lambda change: change.at):
        last[one.lead_id] = one
    for lead_id, one in last.items():
        said = spoken.get(lead_id)
        if one.stage is LeadStatus.ASSIGNED and (said is None or said < one.at):
            yield one
