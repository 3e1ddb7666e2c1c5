"""Tasks and events of a lead: whether its owner has called or met it, and what marketing has sent.

Contact is what the lead's own owner completed; what nobody can tell is said to be unknown. Not confirmed
against a live account: a list mail is a task of the subtype ListEmail; a change of owner is a row of
LeadHistory whose field is Owner, ownerAssignment or ownerAccepted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

from msgspec import Struct

from triage.crm.fields import Fields
from triage.crm.salesforce.api import Row
from triage.crm.salesforce.reading.questions import Question
from triage.domain.touch import Touch

TASKS = Question(
    "Task",
    "WhoId",
    ("Subject", "Type", "TaskSubtype", "Status", "OwnerId", "CompletedDateTime", "CreatedDate"),
    where="IsClosed = true",
    newest_by="CreatedDate",
)
EVENTS = Question(
    "Event",
    "WhoId",
    ("Subject", "Type", "OwnerId", "StartDateTime", "CreatedDate"),
    newest_by="CreatedDate",
)
OWNER_CHANGES = Question(
    "LeadHistory",
    "LeadId",
    ("CreatedDate", "Field"),
    where="Field IN ('Owner', 'ownerAssignment', 'ownerAccepted')",
    newest_by="CreatedDate",
)
"""Only where the org tracks the owner's history."""
_CONTACTS = frozenset({"call", "email", "meeting"})
_LIST_MAIL = "listemail"
_BY_MARKETING = ("pardot", "list email", "marketing")
OURS = "[triage:"


class Contact(Struct, frozen=True):
    """What the owner has done about a lead."""

    first_at: datetime | None = None
    last_at: datetime | None = None
    attempts: int | None = None
    known: bool = False


def contact(
    tasks: Sequence[Row] | None,
    events: Sequence[Row] | None,
    owner_id: str,
    since: datetime | None,
    now: datetime,
) -> Contact:
    """Return the contact since a moment; None for rows that the user may not read."""
    known = tasks is not None and events is not None
    moments = sorted(
        at
        for at in (*_of_tasks(tasks or (), owner_id), *_of_events(events or (), owner_id))
        if (since is None or at >= since) and at <= now
    )
    if not moments:
        return Contact(attempts=0 if known else None, known=known)
    return Contact(moments[0], moments[-1], len(moments) if known else None, known=True)


def assigned_at(changes: Sequence[Row]) -> datetime | None:
    """Return when the owner changed last; None where that is not tracked, or never happened."""
    return max(_moments_of(changes), default=None)


def tracked_since(changes: Iterable[Sequence[Row]], known: datetime | None) -> datetime | None:
    """Return since when changes of owners are certainly kept, by the oldest there is; None: perhaps never."""
    told = [at for rows in changes for at in _moments_of(rows)]
    return min([*told, *([known] if known else [])], default=None)


def _moments_of(changes: Sequence[Row]) -> Iterable[datetime]:
    moments = (Fields(row, Counter()).time("CreatedDate") for row in changes)
    return (at for at in moments if at is not None)


def mails(tasks: Iterable[Row]) -> list[Touch]:
    """Return the touches among the tasks: what marketing has sent."""
    found = []
    for row in tasks:
        fields = Fields(row, Counter())
        if _is_marketing(fields):
            at = fields.time("CompletedDateTime") or fields.time("CreatedDate")
            subject = fields.text("Subject")
            found.append(Touch(fields.text("Id"), at, kind="mail", channel="Email", summary=subject))
    return found


def _of_tasks(rows: Iterable[Row], owner_id: str) -> Iterable[datetime]:
    for row in rows:
        fields = Fields(row, Counter())
        at = fields.time("CompletedDateTime") or fields.time("CreatedDate")
        if at is not None and fields.text("OwnerId") == owner_id and _is_contact(fields):
            yield at


def _of_events(rows: Iterable[Row], owner_id: str) -> Iterable[datetime]:
    for row in rows:
        fields = Fields(row, Counter())
        at = fields.time("StartDateTime")
        if at is not None and fields.text("OwnerId") == owner_id:
            yield at


def _is_contact(fields: Fields) -> bool:
    kinds = {fields.text("Type").casefold(), fields.text("TaskSubtype").casefold()}
    return bool(kinds & _CONTACTS) and not _is_marketing(fields) and OURS not in fields.text("Subject")


def _is_marketing(fields: Fields) -> bool:
    subject = fields.text("Subject").casefold()
    return fields.text("TaskSubtype").casefold() == _LIST_MAIL or subject.startswith(_BY_MARKETING)
