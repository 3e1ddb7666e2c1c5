"""Marketing's answers and the columns that hold them, in both directions. Pure.

An answer given in triage is a row of its own, with its text unchanged in the record; the item's row shows it
too. An answer that a person typed stands on the item's row alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from triage.crm.fields import Fields
from triage.crm.rest.bodies import wire_time
from triage.crm.rest.review import read_replies
from triage.crm.salesforce.keeping.decision_object import ANSWER, KEY, RECORD_LIMIT, TEXT_LIMIT
from triage.crm.salesforce.keeping.kept import Kept, Typed, packed
from triage.crm.salesforce.reviewing.typed_ids import same, typed_id
from triage.domain.review import Reply, ReplyKind
from triage.text import clean, clean_note


def row_body(reply: Reply, to: Kept) -> dict[str, Any]:
    """Return the columns of an answer's own row; it names whose item it answers, who can ask for it so."""
    columns = {
        KEY: reply.reply_id,
        "Kind__c": ANSWER,
        "About__c": reply.of,
        "Lead__c": to.lead_id,
        "Decided_By__c": to.by.user_id,
        "Record__c": record_of(reply, to),
        **fields_of(typed_of(reply)),
    }
    return {name: value for name, value in columns.items() if value not in (None, "")}


def fields_of(typed: Typed) -> dict[str, Any]:
    """Return the answer's columns; cut to what they hold, for the record has the whole."""
    return {
        "Marketing_Answer__c": str(clean_note(typed.text))[:TEXT_LIMIT],
        "Answer_Kind__c": typed.kind,
        "Answered_By__c": clean(typed.by, limit=100),
        "Answered_At__c": wire_time(typed.at) if typed.at else None,
        "Answer_Link__c": clean(typed.link, limit=200),
    }


def typed_of(reply: Reply) -> Typed:
    """Return an answer as the fields of a row show it."""
    return Typed(reply.text, reply.kind.value, reply.by, reply.at, reply.link or "")


def record_of(reply: Reply, to: Kept, limit: int = RECORD_LIMIT) -> str:
    """Return the JSON of an answer, in the open contract's form; its text is cut where it does not fit."""
    answer: dict[str, Any] = {
        "reply_id": reply.reply_id,
        "of": reply.of,
        "of_kind": to.kind,
        "kind": reply.kind.value,
        "text": reply.text,
        "lead_id": to.lead_id,
        "by": reply.by,
        "at": wire_time(reply.at) if reply.at else None,
        "link": reply.link,
    }
    text = packed({"v": 1, "answer": answer})
    while len(text) > limit:
        answer["text"] = answer["text"][: len(answer["text"]) // 2]
        text = packed({"v": 1, "answer": answer})
    return text


def given(rows: Iterable[Kept]) -> tuple[Reply, ...]:
    """Return the answers that were given in triage, by their rows; one of an unknown kind is left out."""
    found: list[Reply] = []
    for row in rows:
        told = Fields(row.record, Counter()).plain("answer")
        told |= {
            "reply_id": row.key,
            "of": row.about,
            "seen_at": _wire(row.seen_at),
            "by": told.get("by") or row.typed.by,
            "at": told.get("at") or _wire(row.typed.at or row.created_at),
            "kind": told.get("kind") or row.typed.kind,
            "text": told.get("text") or row.typed.text,
            "lead_id": told.get("lead_id") or row.lead_id,
        }
        found += read_replies([told])
    return tuple(found)


def typed(rows: Iterable[Kept], answers: Iterable[Reply]) -> tuple[Reply, ...]:
    """Return the answers that people typed; what only shows an answer given in triage is no second one."""
    shown = {(one.of, one.kind.value, same(str(clean_note(one.text))[:TEXT_LIMIT])) for one in answers}
    read = (_typed(row) for row in rows if row.kind != ANSWER and row.typed.text.strip())
    return tuple(one for one in read if (one.of, one.kind.value, same(one.text)) not in shown)


def kind_of(word: str) -> ReplyKind:
    """Return the kind that a person chose; without a word of ours they have at least read it."""
    said = word.strip().lower().replace(" ", "_")
    return ReplyKind(said) if said in list(ReplyKind) else ReplyKind.ACKNOWLEDGED


def _typed(row: Kept) -> Reply:
    told, kind = row.typed, kind_of(row.typed.kind)
    return Reply(
        reply_id=typed_id(told.place or row.key, kind.value, told.text),
        of=row.key,
        kind=kind,
        text=told.text,
        of_kind=row.kind,
        lead_id=row.lead_id,
        by=told.by,
        at=told.at or row.modified_at,
        link=told.link or None,
        seen_at=row.seen_at,
    )


def _wire(moment: datetime | None) -> str | None:
    return wire_time(moment) if moment else None
