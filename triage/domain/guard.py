"""When an act is allowed. A refusal is a sentence that names the keys that do apply."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from triage.domain.act import Act
from triage.domain.clocks import Sla, sla_state, wakes_at
from triage.domain.definition import Definition
from triage.domain.lead import IN_WORK, UNDECIDED, Lead, LeadStatus
from triage.domain.reasons import Reason, ReasonBook

ANY_TIME = frozenset({"DO_NOT_CONTACT"})
"""Reasons to disqualify that need no contact first."""
NO_REASONS = ReasonBook("", ())
NEVER_BLOCKS = frozenset({"criterion", "contribution"})
"""Pointers into the definition and the score: filled in where one fits, never asked for where none does."""


def refusal(
    lead: Lead, act: Act, reason: Reason | None, now: datetime, reasons: ReasonBook = NO_REASONS
) -> str | None:
    """Say why an act is not allowed on this lead now, or None when it is.

    `reasons` tell the digit of a reason that still applies. Where the CRM cannot tell about contact, the
    act is allowed: `warning` says so.
    """
    if act is Act.RESTORE:
        return None
    if wrong_status := _wrong_status(lead, act, reasons):
        return wrong_status
    if act is Act.REJECT and lead.contacted:
        return f"contacted {_day(lead.contacted_at)}: {_closing(lead, reasons)}"
    if act is Act.DISQUALIFY and lead.contacted is False and not _any_time(reason):
        reject = "" if lead.status in IN_WORK else "reject r, "
        return f"not contacted yet: {reject}{_closing(lead, reasons)}"
    if act is Act.SNOOZE and sla_state(lead, now) is Sla.BREACHED:
        return f"SLA ended {_day(lead.sla_due_at)}: {_instead(lead)}"
    return None


def oversleeps(lead: Lead, act: Act, params: Mapping[str, str], now: datetime) -> str | None:
    """Say why a snooze ends too late or not at all, and until when it can last; None when it is allowed."""
    if act is not Act.SNOOZE or not params.get("until"):
        return None
    until, due = wakes_at(params["until"]), lead.sla_due_at
    if until is None:
        return f"“{params['until']}” is no moment"
    if until <= now:
        return f"{_moment(until)} is past: snooze z until later, or accept a"
    if due is None or until <= due:
        return None
    return f"SLA ends {_moment(due)}: snooze z until then at most, or accept a"


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


def _wrong_status(lead: Lead, act: Act, reasons: ReasonBook) -> str | None:
    allowed = UNDECIDED | IN_WORK if act in (Act.RECYCLE, Act.DISQUALIFY) else UNDECIDED
    if lead.status in allowed or (lead.status is LeadStatus.UNKNOWN and act is not Act.REROUTE):
        return None
    if lead.status in IN_WORK:
        return f"already {lead.status}: {_closing(lead, reasons)}"
    return f"already {lead.status}: u undoes a decision of yours"


def _instead(lead: Lead) -> str:
    """Name the keys that decide this lead now; the one reason to disqualify before contact is left to `d`."""
    if lead.contacted:
        return "accept a, recycle y, or disqualify d"
    if lead.contacted is False:
        return "accept a, reject r, or recycle y"
    return "accept a, reject r, recycle y, or disqualify d"


def _closing(lead: Lead, reasons: ReasonBook) -> str:
    return f"recycle y, or {_before_contact(reasons) if lead.contacted is False else 'disqualify d'}"


def _before_contact(reasons: ReasonBook) -> str:
    """Name the keys of the reason to disqualify that needs no contact first: "d 6 DO_NOT_CONTACT"."""
    of_act = (reason for reason in reasons.of(Act.DISQUALIFY) if reason.code in ANY_TIME)
    known = next(of_act, None)
    return f"d {known.hotkey} {known.code}" if known else "d with DO_NOT_CONTACT"


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


def _moment(moment: datetime) -> str:
    return f"{_day(moment)} {moment.astimezone():%H:%M}"
