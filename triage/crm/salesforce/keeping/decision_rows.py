"""From an item to its row of the custom object, and back. Pure; the one place that knows its columns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from triage.crm.fields import Fields
from triage.crm.rest.bodies import wire_time
from triage.crm.salesforce.keeping.decision_object import (
    DECISION,
    FEEDBACK,
    KEY,
    RECORD_LIMIT,
    TEXT_LIMIT,
)
from triage.crm.salesforce.keeping.kept import Kept, Standing, Typed, read_record, record_of
from triage.domain.act import Act
from triage.domain.clocks import wakes_at
from triage.domain.decision import Decision
from triage.domain.feedback import Feedback
from triage.domain.item import Item
from triage.domain.lead import Owner
from triage.text import clean, clean_note

FEW = (
    "Id",
    KEY,
    "Kind__c",
    "Outcome__c",
    "Lead__c",
    "Decided_By__c",
    "Decided_By__r.Name",
    "Decided_At__c",
    "About__c",
    "Reason__c",
    "Wake_At__c",
    "Marketing_Answer__c",
    "Answer_Kind__c",
    "Answered_By__c",
    "Answered_At__c",
    "Answer_Link__c",
    "Seen_At__c",
    "CreatedDate",
    "SystemModstamp",
)
"""All but the record: what a list of many rows needs."""
ALL = (*FEW, "Record__c", "Feedback__c", "Score_At_Decision__c", "Definition__c")
OF_LEAD = ("Lead__r.Name", "Lead__r.Title", "Lead__r.Company", "Lead__r.LeadSource", "Lead__r.Status")
_NO_DATE = "none"


def row_body(item: Item, by: str, before: Standing | None, after: Standing | None) -> dict[str, Any]:
    """Return the columns of an item's row; those without a value are left out."""
    if item.decision is not None:
        columns = _decision(item.decision)
    elif item.feedback is not None:
        columns = _feedback(item.feedback)
    else:
        raise ValueError("an item holds a decision or a feedback")
    columns |= {
        KEY: item.id,
        "Lead__c": item.lead_id,
        "Decided_At__c": wire_time(item.made_at),
        "Decided_By__c": by,
        "Record__c": record_of(item, before, after, RECORD_LIMIT),
    }
    return {name: value for name, value in columns.items() if value not in (None, "")}


def wake_of(decision: Decision) -> datetime | None:
    """Return when a lead that was put off or recycled comes back; None where no day was said."""
    return wake_in(decision.params)


def wake_in(params: Mapping[str, str]) -> datetime | None:
    """Return when a lead comes back by the parameters of its decision."""
    day = params.get("until") or params.get("wake") or _NO_DATE
    return None if day == _NO_DATE else wakes_at(day)


def said_in(feedback: Feedback) -> str:
    """Return a feedback's payload as a person reads it: one line a field."""
    return clean_note("\n".join(f"{name}: {value}" for name, value in feedback.payload.items()))


def outcome_of(item: Item) -> str:
    """Return the word of an item's outcome: accepted, rejected … or the feedback's type."""
    if item.decision is not None:
        return item.decision.act.done
    return item.feedback.type.value if item.feedback is not None else ""


def read_row(row: Mapping[str, Any]) -> Kept | None:
    """Return what a row keeps; None for one without an id or a key, as a person may make by hand."""
    fields = Fields(row, Counter())
    row_id, key = fields.id("Id"), fields.id(KEY)
    if row_id is None or key is None:
        return None
    return Kept(
        row_id=row_id,
        key=key,
        kind=fields.text("Kind__c") or DECISION,
        outcome=fields.text("Outcome__c"),
        lead_id=fields.text("Lead__c"),
        by=Owner(fields.text("Decided_By__c"), _name(fields.child("Decided_By__r"))),
        decided_at=fields.time("Decided_At__c"),
        created_at=fields.time("CreatedDate"),
        modified_at=fields.time("SystemModstamp"),
        about=fields.text("About__c"),
        reason=fields.text("Reason__c"),
        wake_at=fields.time("Wake_At__c"),
        words=fields.text("Feedback__c"),
        seen_at=fields.time("Seen_At__c"),
        typed=_typed(fields),
        # Not by `fields`: a text of theirs is bounded at a fraction of what a record may hold.
        record=read_record(raw) if isinstance(raw := row.get("Record__c"), str) else {},
        lead=_lead(fields.child("Lead__r")),
    )


def _decision(decision: Decision) -> dict[str, Any]:
    wakes = wake_of(decision)
    return {
        "Kind__c": DECISION,
        "Outcome__c": decision.act.done,
        "Reason__c": clean(decision.reason or "", limit=60),
        "Feedback__c": str(clean_note(decision.note))[:TEXT_LIMIT],
        "Score_At_Decision__c": decision.snapshot.score,
        "Definition__c": clean(decision.snapshot.definition_version, limit=60),
        "Wake_At__c": wire_time(wakes) if wakes else None,
        "About__c": decision.of if decision.act is Act.RESTORE else None,
    }


def _feedback(feedback: Feedback) -> dict[str, Any]:
    return {
        "Kind__c": FEEDBACK,
        "Outcome__c": feedback.type.value,
        "Feedback__c": said_in(feedback)[:TEXT_LIMIT],
        "Score_At_Decision__c": score if isinstance(score := feedback.snapshot.get("score"), float) else None,
        "About__c": feedback.supersedes or feedback.decision_id,
    }


def _typed(fields: Fields) -> Typed:
    return Typed(
        text=fields.text("Marketing_Answer__c"),
        kind=fields.text("Answer_Kind__c"),
        by=fields.text("Answered_By__c"),
        at=fields.time("Answered_At__c"),
        link=fields.text("Answer_Link__c"),
    )


def _name(fields: Fields | None) -> str:
    return fields.text("Name") if fields else ""


def _lead(fields: Fields | None) -> dict[str, Any]:
    if fields is None:
        return {}
    said = {
        "name": fields.text("Name"),
        "title": fields.text("Title"),
        "company": fields.text("Company"),
        "source": fields.text("LeadSource"),
        "status": fields.text("Status"),
    }
    return {name: value for name, value in said.items() if value}
