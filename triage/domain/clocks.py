"""The two clocks: the SLA (assignment → the rep's act) and speed-to-lead (event → first touch)."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from triage.domain.lead import Lead
from triage.domain.outline import AnyLead

DUE_SOON = timedelta(hours=2)
"""The last stretch before the deadline, in which a lead is shown as at risk."""


class Sla(StrEnum):
    """How a lead stands against its deadline; `none` where the CRM gives no deadline."""

    ON_TIME = "on_time"
    DUE_SOON = "due_soon"
    BREACHED = "breached"
    PAUSED = "paused"
    MET = "met"
    MET_LATE = "met_late"
    NONE = "none"


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
