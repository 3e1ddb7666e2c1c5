"""What a decision or a piece of feedback leaves on the contact: where marketing makes its lists. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta

from triage.crm.hubspot import names
from triage.crm.hubspot.stages import Said
from triage.crm.records.notes import words
from triage.domain.act import Act
from triage.domain.decision import Decision
from triage.domain.feedback import Feedback
from triage.domain.lead import LeadStatus
from triage.domain.people import Rep

_PUT_OFF = (Act.SNOOZE, Act.RECYCLE)
_STANDS_AGAIN = {LeadStatus.ACCEPTED.value: "accepted", LeadStatus.SNOOZED.value: "snoozed"}
"""What a lead that is restored was told apart by before."""


def said_by(decision: Decision, before: Said, status_before: str) -> Said:
    """Return what triage says of a lead after a decision; a restore says again what stood before."""
    if decision.act is Act.RESTORE:
        outcome = _STANDS_AGAIN.get(status_before, names.OUTCOMES[Act.RESTORE])
        return Said(outcome, before.wake_at if outcome == "snoozed" else None)
    return Said(names.OUTCOMES[decision.act], wake_at(decision))


def of_decision(decision: Decision, rep: Rep, said: Said) -> dict[str, str]:
    """Return the properties of a decision; an empty text clears what an earlier one left."""
    snapshot = decision.snapshot
    return {
        names.OUTCOME: said.outcome,
        names.REASON: decision.reason or "",
        names.DECIDED_AT: _written(decision.decided_at),
        names.BY: rep.name or rep.user_id,
        names.KEY: decision.decision_id,
        names.SCORE_THEN: "" if snapshot.score is None else f"{snapshot.score:g}",
        names.DEFINITION: snapshot.definition_version,
        names.WAKE_AT: _written(said.wake_at) if said.wake_at is not None else "",
    } | ({names.FEEDBACK: words(decision.note)} if decision.note else {})


def of_feedback(feedback: Feedback) -> dict[str, str]:
    """Return the property of a piece of feedback: its type, and what was said."""
    said = [f"{name}: {value}" for name, value in feedback.payload.items() if value]
    return {names.FEEDBACK: words("\n".join([feedback.type.value, *said]))}


def known(values: Mapping[str, str], there: Collection[str], reasons: Collection[str]) -> dict[str, str]:
    """Return what a portal has a place for: properties that are there, and a reason among its options.

    HubSpot refuses a whole record for one unknown property or option; the note has all of it anyway.
    """
    kept = {name: value for name, value in values.items() if name in there}
    reason = kept.get(names.REASON)
    if reason and reason not in reasons:
        kept[names.REASON] = ""
    return kept


def wake_at(decision: Decision) -> datetime | None:
    """Return until when a snooze or a recycle lets the lead sleep; None: without an end, or another act."""
    if decision.act not in _PUT_OFF:
        return None
    for name in ("wake", "until"):
        moment = _moment(decision.params.get(name, ""))
        if moment is not None:
            return moment
    return None


def _moment(text: str) -> datetime | None:
    """Return a moment of a parameter: a date is the start of its day, in UTC."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _written(moment: datetime) -> str:
    """Return a moment as a datetime property has it."""
    past = timedelta(microseconds=moment.microsecond % 1000)
    return (moment.astimezone(UTC) - past).isoformat(timespec="milliseconds").replace("+00:00", "Z")
