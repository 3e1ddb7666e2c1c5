"""The two clocks of a lead: the SLA is people's alone, speed-to-lead is of systems and people together."""

from __future__ import annotations

from datetime import timedelta

from screens.cells import Line, say
from screens.panels.glance import Glance
from screens.panels.marketing import fact
from screens.words import ago, day
from triage.domain.clocks import SlaClock, sla_clock, speed_to_lead, spoken
from triage.domain.deadlines import business_left, sla_trouble


def clock_lines(glance: Glance) -> list[Line]:
    """Return both clocks, a line each; one of which nothing is known is left out."""
    clock = sla_clock(glance.entry, glance.now)
    lines = []
    if clock.due_at is not None:
        lines.append(fact(glance, "SLA", _sla(glance, clock), say(glance.lead.sla_rule)))
    elif trouble := sla_trouble(glance.definition):
        lines.append(fact(glance, "SLA", f"not counted: {say(trouble)}"))
    if speed := _speed(glance):
        lines.append(fact(glance, "speed", speed))
    return lines


def _sla(glance: Glance, clock: SlaClock) -> str:
    """Return "due Tue 14:30, 4h of business time left", and of a decided lead when it was decided."""
    assert clock.due_at is not None
    due = f"due {day(clock.due_at, glance.now)}"
    if clock.acted_at is not None:
        return f"{due}, decided {day(clock.acted_at, glance.now)}"
    if clock.remaining is None:
        return f"{due}, when it was decided is not known here"
    business = business_left(glance.lead, clock, glance.definition, glance.now)
    counted = f"{spoken(business)} of business time" if business is not None else spoken(clock.remaining)
    if clock.remaining < timedelta():
        return f"{due}, missed {ago(clock.due_at, glance.now)}"
    return f"{due}, {counted} left{' when it wakes' if clock.paused_until else ''}"


def _speed(glance: Glance) -> str:
    lead = glance.lead
    taken = speed_to_lead(lead)
    if taken is not None:
        return f"first touch after {spoken(taken)}, from the event"
    if lead.event_at is None:
        return ""
    if not lead.contact_known:
        return "the CRM cannot tell about contact"
    return f"no touch yet, {spoken(glance.now - lead.event_at)} since the event"
