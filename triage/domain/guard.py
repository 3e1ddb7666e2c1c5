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
        return f"contacted {_day(lead.contacted_at)}: {_closing(lead)}"
    if act is Act.DISQUALIFY and lead.contacted is False and not _any_time(reason):
        return f"not contacted yet: {_keys(lead)}"
    if act is Act.SNOOZE and sla_state(lead, now) is Sla.BREACHED:
        return f"the SLA ended {_day(lead.sla_due_at)}: accept a, {_keys(lead)}"
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
    missing = _missing(act, reason, params)
    if missing is None and reason is not None and reason.requires == "attempts":
        return _too_few_attempts(params, definition)
    return missing


def _missing(act: Act, reason: Reason | None, params: Mapping[str, str]) -> str | None:
    if act is Act.REROUTE and not params.get("to"):
        return "reroute needs whom it goes to (to)"
    if act is Act.SNOOZE and not params.get("until"):
        return "snooze needs a date (until)"
    if reason is None:
        return None
    if act is Act.RECYCLE and not (params.get("wake") or params.get("signal")):
        return "recycle needs a wake date or a signal, or wake=none said outright"
    if reason.requires and reason.requires not in NEVER_BLOCKS and not params.get(reason.requires):
        return f"{reason.code} needs {reason.requires}"
    return None


def _wrong_status(lead: Lead, act: Act) -> str | None:
    allowed = UNDECIDED | IN_WORK if act in (Act.RECYCLE, Act.DISQUALIFY) else UNDECIDED
    if lead.status in allowed or (lead.status is LeadStatus.UNKNOWN and act is not Act.REROUTE):
        return None
    if lead.status in IN_WORK:
        return f"already {lead.status}: {_closing(lead)}"
    return f"already {lead.status}: u undoes a decision of yours"


def _keys(lead: Lead) -> str:
    """Name the keys that say no, of those that apply to this lead."""
    before_contact = lead.status not in IN_WORK and not lead.contacted
    return f"reject r, {_closing(lead)}" if before_contact else _closing(lead)


def _closing(lead: Lead) -> str:
    disqualify = "d with DO_NOT_CONTACT" if lead.contacted is False else "disqualify d"
    return f"recycle y, or {disqualify}"


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
    if moment is None:
        return "earlier"
    local = moment.astimezone()
    return f"{local.day} {local:%b}"
