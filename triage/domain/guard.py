"""When an act is allowed. A refusal is a sentence that names the keys that do apply."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from triage.domain.act import Act
from triage.domain.clocks import Sla, sla_state
from triage.domain.definition import Definition
from triage.domain.lead import IN_WORK, UNDECIDED, Lead, LeadStatus
from triage.domain.reasons import Reason

ANY_TIME = frozenset({"DO_NOT_CONTACT"})
"""Reasons to disqualify that need no contact first."""
NEVER_BLOCKS = frozenset({"criterion", "contribution"})
"""Pointers into the definition and the score: filled in where one fits, never asked for where none does."""


def refusal(lead: Lead, act: Act, reason: Reason | None, now: datetime) -> str | None:
    """Say why an act is not allowed on this lead now, or None when it is.

    Where the CRM cannot tell about contact, the act is allowed: `warning` says so.
    """
    if act is Act.RESTORE:
        return None
    if wrong_status := _wrong_status(lead, act):
        return wrong_status
    if act is Act.REJECT and lead.contacted:
        return f"contacted {_day(lead.contacted_at)}: recycle y, or disqualify d"
    if act is Act.DISQUALIFY and lead.contacted is False and not _any_time(reason):
        return "not contacted yet: reject r, recycle y, or d with DO_NOT_CONTACT"
    if act is Act.SNOOZE and sla_state(lead, now) is Sla.BREACHED:
        return f"the SLA ended {_day(lead.sla_due_at)}: accept a, reject r, or recycle y"
    return None


def warning(lead: Lead, act: Act) -> str | None:
    """Say what the rep should know although the act is allowed, or None."""
    if act in (Act.REJECT, Act.DISQUALIFY) and lead.contacted is None:
        return "the CRM cannot tell whether this lead was contacted"
    if act is Act.ACCEPT and lead.account.do_not_contact:
        return "marked do-not-contact"
    return None


def parameter_refusal(
    act: Act, reason: Reason | None, params: Mapping[str, str], definition: Definition
) -> str | None:
    """Say what is missing or too little among an act's parameters, or None."""
    if act is Act.REROUTE and not params.get("to"):
        return "reroute needs whom it goes to (to)"
    if act is Act.SNOOZE and not params.get("until"):
        return "snooze needs a date (until)"
    if reason is None:
        return None
    if reason.requires and reason.requires not in NEVER_BLOCKS and not params.get(reason.requires):
        return f"{reason.code} needs {reason.requires}"
    if reason.requires == "attempts":
        return _too_few_attempts(params, definition)
    return None


def _wrong_status(lead: Lead, act: Act) -> str | None:
    allowed = UNDECIDED | IN_WORK if act in (Act.RECYCLE, Act.DISQUALIFY) else UNDECIDED
    if lead.status in allowed or (lead.status is LeadStatus.UNKNOWN and act is not Act.REROUTE):
        return None
    if lead.status in IN_WORK:
        return f"already {lead.status}: recycle y, or disqualify d"
    return f"already {lead.status}: u undoes a decision of yours"


def _any_time(reason: Reason | None) -> bool:
    return reason is not None and reason.code in ANY_TIME


def _too_few_attempts(params: Mapping[str, str], definition: Definition) -> str | None:
    agreed = definition.agreed_attempts
    try:
        attempts = int(params["attempts"])
    except ValueError:
        return f"attempts is a number, not “{params['attempts']}”"
    return f"{attempts} of the agreed {agreed} attempts made" if attempts < agreed else None


def _day(moment: datetime | None) -> str:
    return f"{moment.day} {moment:%b}" if moment else "earlier"
