"""The two clocks: the SLA (assignment → the rep's act) and speed-to-lead (event → first touch).

The SLA is credited at the time of the act, whenever that is delivered. Where deadlines come from is in
`deadlines`. Reads no clock.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import StrEnum

from msgspec import Struct

from triage.domain.act import Act
from triage.domain.decision import Decision
from triage.domain.entry import Entry
from triage.domain.lead import UNDECIDED, Lead, LeadStatus
from triage.domain.outline import AnyLead

DUE_SOON = timedelta(hours=2)
"""The last stretch before the deadline, in which a lead is shown as at risk."""


class Sla(StrEnum):
    """How a lead stands against its deadline; `none` where there is no deadline."""

    ON_TIME = "on_time"
    DUE_SOON = "due_soon"
    BREACHED = "breached"
    PAUSED = "paused"
    MET = "met"
    MET_LATE = "met_late"
    NONE = "none"


class SlaClock(Struct, frozen=True):
    """The SLA of one lead as it stands now."""

    state: Sla
    due_at: datetime | None = None
    remaining: timedelta | None = None
    """Time left, negative once it has run out; it stands still while the lead is asleep. None once acted."""
    acted_at: datetime | None = None
    """When the rep acted, by the CRM's clock as far as the skew is known."""
    paused_until: datetime | None = None


def sla_state(lead: AnyLead, now: datetime, acted_at: datetime | None = None) -> Sla:
    """Judge by the time of the rep's act, not of its delivery; a running snooze pauses the clock."""
    if lead.sla_due_at is None:
        return Sla.NONE
    if acted_at is not None:
        return Sla.MET if acted_at <= lead.sla_due_at else Sla.MET_LATE
    if lead.snoozed_until is not None and lead.snoozed_until > now:
        return Sla.PAUSED
    if now > lead.sla_due_at:
        return Sla.BREACHED
    return Sla.DUE_SOON if lead.sla_due_at - now <= DUE_SOON else Sla.ON_TIME


def sla_clock(entry: Entry, now: datetime) -> SlaClock:
    """Return the SLA of a lead with what the rep has said about it here.

    A lead that someone decided at a moment not known here has no running clock: its state is `none`.
    """
    lead = entry.outline
    due = lead.sla_due_at
    if due is None:
        return SlaClock(Sla.NONE)
    acted = acted_at(entry)
    if acted is not None:
        return SlaClock(sla_state(lead, now, acted), due, acted_at=acted)
    if lead.status not in UNDECIDED and lead.status is not LeadStatus.UNKNOWN and not entry.is_restoring:
        return SlaClock(Sla.NONE, due)
    until = asleep_until(entry, now)
    if until is not None:
        return SlaClock(Sla.PAUSED, due, due - until, paused_until=until)
    return SlaClock(sla_state(lead, now), due, due - now)


def acted_at(entry: Entry) -> datetime | None:
    """Return when the rep acted on a lead, or None while the clock runs; a returned lead runs again."""
    decision = entry.decision.decision if entry.decision is not None else None
    if decision is None or not decision.act.decides:
        return None
    still_holds = entry.decided or entry.outline.status not in UNDECIDED
    return by_their_clock(decision) if still_holds else None


def by_their_clock(decision: Decision) -> datetime:
    """Return when a decision was made, by the CRM's clock as far as the skew is known and can be true."""
    try:
        return decision.decided_at + timedelta(milliseconds=decision.skew_ms or 0)
    except OverflowError:  # a clock at the end of all time
        return decision.decided_at


def asleep_until(entry: Entry, now: datetime) -> datetime | None:
    """Return when a snooze that runs now ends, one of the CRM's or of the rep's own; None where none runs."""
    own = entry.decision.decision if entry.decision is not None and entry.decided else None
    until = entry.outline.snoozed_until
    if own is not None and own.act is Act.SNOOZE:
        until = wakes_at(entry.put_off_until)
    return until if until is not None and until > now else None


def wakes_at(until: str) -> datetime | None:
    """Return the moment that a snooze's `until` names: a day begins where the rep is. None: not readable."""
    try:
        moment = datetime.fromisoformat(until)
        return moment.astimezone(UTC)  # one without a zone is a time of the rep's own
    except (ValueError, OverflowError, OSError):
        return None


def speed_to_lead(lead: Lead) -> timedelta | None:
    """Return event → first logged contact, or None while either is missing."""
    if lead.event_at is None or lead.contacted_at is None:
        return None
    return lead.contacted_at - lead.event_at


def age(lead: AnyLead, now: datetime) -> timedelta | None:
    """Return the time since the assignment (since creation where that is unknown), or None."""
    since = lead.assigned_at or lead.created_at
    return now - since if since else None


def spoken(span: timedelta) -> str:
    """Return a span in its largest unit, three cells at most for what is common: 45m, 3h, 2d, 11w."""
    minutes = int(abs(span.total_seconds()) // 60)
    for size, unit in ((60 * 24 * 14, "w"), (60 * 24, "d"), (60, "h")):
        if minutes >= size:
            per = 60 * 24 * 7 if unit == "w" else size
            return f"{minutes // per}{unit}"
    return f"{minutes}m"
