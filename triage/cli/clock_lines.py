"""The two clocks of a lead for `show`: in words, and as JSON."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from triage.cli.output import moment
from triage.domain.clocks import Sla, SlaClock, sla_clock, speed_to_lead, spoken
from triage.domain.deadlines import business_left, sla_trouble
from triage.domain.decision import Decision
from triage.domain.definition import Definition
from triage.domain.inbox import Entry
from triage.domain.lead import Lead, Recycle


def clock_shape(entry: Entry, definition: Definition, now: datetime) -> dict[str, Any]:
    """Return both clocks as `show --json` prints them; spans are whole seconds, negative once run out."""
    lead, clock = entry.lead, sla_clock(entry, now)
    return {
        "sla": {
            "state": clock.state.value,
            "due_at": moment(clock.due_at),
            "rule": lead.sla_rule or None,
            "remaining": _seconds(clock.remaining),
            "remaining_business": _seconds(business_left(lead, clock, definition, now)),
            "paused_until": moment(clock.paused_until),
            "acted_at": moment(clock.acted_at),
            "trouble": _trouble(clock, definition) or None,
        },
        "speed_to_lead": {
            "event_at": moment(lead.event_at),
            "first_touch_at": moment(lead.contacted_at),
            "seconds": _seconds(speed_to_lead(lead)),
        },
    }


def clock_lines(entry: Entry, definition: Definition, now: datetime) -> list[str]:
    """Return both clocks, a line each."""
    lead, clock = entry.lead, sla_clock(entry, now)
    due = f", due {clock.due_at.astimezone():%d %b %H:%M}" if clock.due_at else ""
    rule = f" ({lead.sla_rule})" if lead.sla_rule else ""
    trouble = f": {words}" if (words := _trouble(clock, definition)) else ""
    return [
        f"SLA       {_state(clock)}{due}{_left(lead, clock, definition, now)}{rule}{trouble}",
        f"speed     {_speed(lead, now)}",
    ]


def recycle_lines(lead: Lead) -> list[str]:
    """Return when, why and by whom a lead was recycled before, and what is new since, the latest first."""
    return [_recycle(one) for one in reversed(lead.recycles)]


def skew_words(decision: Decision | None) -> str:
    """Say how far the clock of this machine was off when a decision was made; empty where it was not."""
    if decision is None or not decision.skew_ms:
        return ""
    side = "behind" if decision.skew_ms > 0 else "ahead of"
    return f"  (this clock was {spoken(timedelta(milliseconds=decision.skew_ms))} {side} the CRM's)"


def _recycle(one: Recycle) -> str:
    when = f"{one.at.astimezone():%d %b %Y}" if one.at else "before"
    by = f" by {one.by}" if one.by else ""
    wake = f", to wake {one.wake_at.astimezone():%d %b %Y}" if one.wake_at else ""
    new = f"; new since: {', '.join(one.new_since)}" if one.new_since else ""
    return f"recycled  {when}{by}: {one.reason}{wake}{new}"


def _state(clock: SlaClock) -> str:
    if clock.state is Sla.NONE:
        return "not running" if clock.due_at else "no deadline"
    words = clock.state.value.replace("_", " ")
    if clock.acted_at is not None:
        return f"{words}, decided {clock.acted_at.astimezone():%d %b %H:%M}"
    return f"{words} until {clock.paused_until.astimezone():%d %b %H:%M}" if clock.paused_until else words


def _left(lead: Lead, clock: SlaClock, definition: Definition, now: datetime) -> str:
    if clock.remaining is None:
        return ""
    if clock.remaining < timedelta():
        return f", {spoken(clock.remaining)} ago"
    business = business_left(lead, clock, definition, now)
    open_for = f", {spoken(business)} of it business hours" if business is not None else ""
    return f", {spoken(clock.remaining)} left{open_for}"


def _speed(lead: Lead, now: datetime) -> str:
    taken = speed_to_lead(lead)
    if taken is not None:
        return f"first touch {spoken(taken)} after the event"
    if lead.event_at is None:
        return "unknown: the CRM tells no event"
    if not lead.contact_known:
        return "unknown: the CRM cannot tell about contact"
    return f"no touch yet, {spoken(now - lead.event_at)} since the event"


def _trouble(clock: SlaClock, definition: Definition) -> str:
    return sla_trouble(definition) if clock.due_at is None else ""


def _seconds(span: timedelta | None) -> int | None:
    return None if span is None else round(span.total_seconds())
