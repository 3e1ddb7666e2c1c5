"""When a lead is due by the agreed definition, where the CRM tells no deadline. Never guesses."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from triage.domain.business_hours import business_time_after, business_time_between
from triage.domain.clocks import SlaClock
from triage.domain.definition import Calendar, Definition, SlaRule
from triage.domain.lead import Lead
from triage.domain.outline import AnyLead
from triage.errors import ConfigError

LONGEST_RULE = 8760.0
"""Hours that a rule may give at most: a year."""
APPLIES_TO = ("hand_raise", "threshold", "all")
COUNTED_IN = ("business", "wall")
_ANY_MOMENT = datetime(2026, 1, 1, tzinfo=UTC)


def agreed_deadline(lead: Lead, definition: Definition) -> tuple[datetime, str] | None:
    """Return when a lead is due by the definition, and the name of the rule; None where none is for it.

    ConfigError with a sentence where the rule or its calendar cannot be counted by.
    """
    rule = rule_for(lead, definition)
    if rule is None or lead.assigned_at is None:
        return None
    return due_at(rule, definition.calendar, lead.assigned_at), rule.name


def rule_for(lead: AnyLead, definition: Definition) -> SlaRule | None:
    """Return the rule for what a lead became an MQL by, else the one for all, else None."""
    by = lead.mql.by if lead.mql is not None else ""
    own = (rule for rule in definition.sla if rule.applies_to == by and by)
    return next(own, None) or next((rule for rule in definition.sla if rule.applies_to == "all"), None)


def due_at(rule: SlaRule, calendar: Calendar | None, assigned_at: datetime) -> datetime:
    """Return the deadline of a lead that was assigned at a moment.

    ConfigError with a sentence where the rule, or the calendar it needs, cannot be counted by.
    """
    if not 0 < rule.hours <= LONGEST_RULE:
        raise ConfigError(f"The SLA rule “{rule.name}” gives {rule.hours:g} hours.", hint="Up to a year.")
    span = timedelta(hours=rule.hours)
    if rule.counted_in == "wall":
        return _later(assigned_at, span)
    if rule.counted_in != "business":
        raise ConfigError(f"The SLA rule “{rule.name}” is counted in “{rule.counted_in}”.")
    if calendar is None:
        raise ConfigError(f"The SLA rule “{rule.name}” counts business hours, and there is no calendar.")
    return business_time_after(calendar, assigned_at, span)


def sla_trouble(definition: Definition) -> str:
    """Say why a rule of the definition gives no deadlines; empty where all of them do."""
    for rule in definition.sla:
        try:
            due_at(rule, definition.calendar, _ANY_MOMENT)
        except ConfigError as error:
            return error.message
    return ""


def business_left(lead: Lead, clock: SlaClock, definition: Definition, now: datetime) -> timedelta | None:
    """Return how much business time is left of a running clock; None where its rule counts none."""
    calendar = definition.calendar
    by_hours = any(rule.name == lead.sla_rule and rule.counted_in == "business" for rule in definition.sla)
    if clock.due_at is None or clock.remaining is None or calendar is None or not by_hours:
        return None
    try:
        return business_time_between(calendar, clock.paused_until or now, clock.due_at)
    except ConfigError:
        return None


def _later(moment: datetime, span: timedelta) -> datetime:
    try:
        return moment + span
    except OverflowError:
        raise ConfigError("A moment at the edge of all time is not counted from.") from None
