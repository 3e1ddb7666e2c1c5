"""From an item to a completed task, and back, where the org has no object for decisions. Pure.

The subject carries the id by which a task is found again; the description what a person reads, and below a
line the record. Whoever edits a description may break the record: what can still be read is read.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

from triage.crm.fields import Fields
from triage.crm.salesforce.keeping.decision_object import (
    ANSWER,
    DECISION,
    DECISION_OUTCOMES,
    FEEDBACK,
    OUTCOMES,
)
from triage.crm.salesforce.keeping.decision_rows import outcome_of, said_in, wake_in, wake_of
from triage.crm.salesforce.keeping.kept import Kept, Standing, Typed, read_record, record_of
from triage.domain.item import Item
from triage.domain.lead import Owner
from triage.domain.review import Reply
from triage.text import clean, clean_note

MARK = "[triage:"
ANSWER_MARK = "[triage-answer:"
TYPED_SUBJECT = "Triage answer"
"""How the subject of a task begins in which a person answers."""
COLUMNS = (
    "Id",
    "Subject",
    "Description",
    "WhoId",
    "OwnerId",
    "Owner.Name",
    "CreatedDate",
    "SystemModstamp",
)
_DESCRIPTION = 32_000
_READ = 2_000
"""Characters of a description that a person reads; the rest is the record's."""
_LINE = "\n\n--- triage's own record, please leave it as it is ---\n"
_WORDS_IN_SUBJECT = 120
_SUBJECT = re.compile(r"Triage: (\w+)\b.*\[triage:([^\[\]]{1,64})\]", re.DOTALL)
_ANSWER = re.compile(r"Triage answer: (\w+).*\[triage-answer:([^\[\]]{1,64})\]", re.DOTALL)


def task_body(item: Item, before: Standing | None, after: Standing | None) -> dict[str, Any]:
    """Return the columns of an item's task."""
    words = _words(item)
    record = record_of(item, before, after, _DESCRIPTION - len(_LINE) - len(words))
    reason = item.decision.reason if item.decision is not None else None
    said = clean(f"{outcome_of(item)} {reason or ''}".strip(), limit=_WORDS_IN_SUBJECT)
    return {
        "WhoId": item.lead_id,
        "Subject": f"Triage: {said} {MARK}{item.id}]",
        "Status": "Completed",
        "ActivityDate": item.made_at.date().isoformat(),
        "Description": f"{words}{_LINE}{record}",
    }


def answer_body(reply: Reply, to: Kept, record: str) -> dict[str, Any]:
    """Return the columns of the task of an answer that was given in triage."""
    words = str(clean_note(reply.text))[:_READ]
    return {
        "WhoId": to.lead_id,
        "Subject": f"{TYPED_SUBJECT}: {reply.kind.value} {ANSWER_MARK}{reply.reply_id}]",
        "Status": "Completed",
        "Description": f"{words}{_LINE}{record}",
    }


def answer_limit() -> int:
    """Return the characters that the record of an answer may have."""
    return _DESCRIPTION - len(_LINE) - _READ


def read_task(row: Mapping[str, Any]) -> Kept | None:
    """Return what a task of triage's keeps; None for any other task."""
    fields = Fields(row, Counter())
    row_id, subject = fields.id("Id"), fields.text("Subject")
    told = _SUBJECT.match(subject) or _ANSWER.match(subject)
    if row_id is None or told is None:
        return None
    words, record = _parted(row.get("Description"))
    is_answer = subject.startswith(TYPED_SUBJECT)
    return Kept(
        row_id=row_id,
        key=told[2],
        kind=ANSWER if is_answer else _kind(told[1]),
        outcome="" if is_answer else told[1],
        lead_id=fields.text("WhoId"),
        by=_owner(fields),
        created_at=fields.time("CreatedDate"),
        modified_at=fields.time("SystemModstamp"),
        decided_at=_item(record).time("decided_at") or _item(record).time("created_at"),
        about=_about(record),
        reason=_item(record).text("reason"),
        wake_at=wake_in(_item(record).plain("params")),
        words=words,
        typed=Typed(words, told[1]) if is_answer else Typed(),
        record=record,
    )


def read_answer(row: Mapping[str, Any]) -> Kept | None:
    """Return an answer: one that was given in triage, with its key, or one that a person typed, without."""
    return read_task(row) or _typed_task(row)


def _typed_task(row: Mapping[str, Any]) -> Kept | None:
    """Return what a person answered in a task of their own, without what it answers; None for any other."""
    fields = Fields(row, Counter())
    row_id, subject = fields.id("Id"), fields.text("Subject")
    if row_id is None or not subject.startswith(TYPED_SUBJECT) or ANSWER_MARK in subject:
        return None
    kind = subject.removeprefix(TYPED_SUBJECT).strip(" :").partition(" ")[0]
    text = fields.text("Description")
    by = _owner(fields)
    typed = Typed(text, kind, by.name, fields.time("CreatedDate"), place=row_id)
    changed = fields.time("SystemModstamp")
    return Kept(row_id, "", ANSWER, lead_id=fields.text("WhoId"), by=by, typed=typed, modified_at=changed)


def _words(item: Item) -> str:
    """Return what a person reads of an item."""
    if item.feedback is not None:
        return said_in(item.feedback)[:_READ]
    decision = item.decision
    if decision is None:
        return ""
    wakes, score = wake_of(decision), decision.snapshot.score
    lines = (
        decision.note,
        f"Reason: {decision.reason}" if decision.reason else "",
        f"Comes back: {wakes.date().isoformat()}" if wakes else "",
        f"Score at the decision: {score:g}" if score is not None else "",
    )
    return str(clean_note("\n".join(line for line in lines if line)))[:_READ]


def _parted(description: object) -> tuple[str, dict[str, Any]]:
    """Return what a person reads, and the record below the line."""
    if not isinstance(description, str):
        return "", {}
    words, _, record = description.replace("\r\n", "\n").partition(_LINE)
    return words, read_record(record.strip())


def _kind(outcome: str) -> str:
    return DECISION if outcome in DECISION_OUTCOMES or outcome not in OUTCOMES else FEEDBACK


def _about(record: dict[str, Any]) -> str:
    answer = Fields(record, Counter()).child("answer")
    if answer is not None:
        return answer.text("of")
    return _item(record).text("of") or _item(record).text("supersedes")


def _item(record: dict[str, Any]) -> Fields:
    """Return the item of a record; without any field where there is none."""
    return Fields(record, Counter()).child("item") or Fields({}, Counter())


def _owner(fields: Fields) -> Owner:
    owner = fields.child("Owner")
    return Owner(fields.text("OwnerId"), owner.text("Name") if owner else "")
