"""Marketing's answer typed into the CRM itself: two fields on the lead, the decision or the feedback.

Makes a reply of them, and flat fields of a lead's decision for lists and workflows. Nothing to install.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from datetime import datetime
from typing import Any

from triage.embedded import ledger, replies, rules
from triage.embedded.database import Database, Json, pack
from triage.embedded.ledger import Kind
from triage.embedded.members import person
from triage.embedded.moments import from_wire
from triage.embedded.problems import Problem

_CONTENT = ("kind", "text", "link")
_DECISION_FIELDS = (
    "triage_outcome",
    "triage_reason",
    "triage_note",
    "triage_wake_at",
    "triage_score",
    "triage_band",
    "triage_definition_version",
    "triage_decided_at",
    "triage_decided_by",
)


def on_item(database: Database, item: sqlite3.Row, form: Json, by: str, now: datetime) -> Json:
    """Answer a decision or a feedback; return the reply. The same answer again is the same reply."""
    last = _last_reply(database, item)
    return last if last is not None and _says(last, form) else _answer(database, item, form, by, now)


def on_lead(database: Database, lead_id: str, form: Json, by: str, now: datetime) -> Json:
    """Answer the lead's last decision, or where there is none its newest open feedback; return the reply."""
    decision = _last_decision(database, lead_id)
    if decision is not None:
        return on_item(database, decision, form, by, now)
    told = _feedback(database, lead_id)
    waiting = next((one for one in told if one["state"] == "open"), None)
    answered = [one for one in told if one["state"] == "answered"]
    said = next((last for one in answered if _is_said(last := _last_reply(database, one), form)), None)
    if said is not None and (waiting is None or not _is_newer(waiting, said)):
        return said
    if waiting is None and not answered:
        raise Problem(409, "nothing_to_answer", "No decision and no feedback stands on this lead.")
    return _answer(database, waiting or answered[0], form, by, now)


def fields_of(database: Database, lead_id: str) -> Json:
    """Return the last decision on a lead and its answer as flat fields; null where there is none."""
    decision = _last_decision(database, lead_id)
    shown = dict.fromkeys(_DECISION_FIELDS) if decision is None else _decided(database, decision)
    answerable = [decision] if decision is not None else _feedback(database, lead_id)
    said = (_last_reply(database, one) for one in answerable)
    last = next((reply for reply in said if reply is not None), None)
    return shown | {
        "triage_answer": last["text"] if last else None,
        "triage_answer_kind": last["kind"] if last else None,
        "triage_answer_link": last["link"] if last else None,
    }


def _decided(database: Database, row: sqlite3.Row) -> Json:
    item = json.loads(row["body"])
    seen = item["snapshot"]
    return {
        "triage_outcome": item["act"],
        "triage_reason": item["reason"],
        "triage_note": item["note"],
        "triage_wake_at": _wake_at(item, from_wire(row["applied_at"])),
        "triage_score": _number(seen.get("score")),
        "triage_band": _text(seen.get("band")),
        "triage_definition_version": _text(seen.get("definition_version")),
        "triage_decided_at": item["decided_at"],
        "triage_decided_by": person(database, row["rep_id"])["name"],
    }


def _wake_at(item: Json, applied_at: datetime) -> str | None:
    try:
        return rules.wake_at(item, applied_at) if item["act"] in ("recycle", "snooze") else None
    except (ValueError, OverflowError):
        return None


def _number(value: Any) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _answer(database: Database, item: sqlite3.Row, form: Json, by: str, now: datetime) -> Json:
    row = database.row(
        "SELECT count(*) AS n FROM replies WHERE of = ? AND of_kind = ?", item["id"], item["kind"]
    )
    assert row is not None
    content = pack([item["kind"], item["id"], row["n"], *(form[name] for name in _CONTENT)])
    reply_id = f"answer-{hashlib.sha256(content.encode()).hexdigest()[:32]}"
    return replies.answer(database, by, form | {"reply_id": reply_id, "of": item["id"]}, now, item)


def _last_decision(database: Database, lead_id: str) -> sqlite3.Row | None:
    """Return the decision that was taken last, and stands: what is undone or replaced needs no answer."""
    taken = _newest_first(database, ledger.DECISION, lead_id)
    standing = (row for row in taken if row["state"] != "superseded")
    return next((row for row in standing if json.loads(row["body"])["act"] != "restore"), None)


def _feedback(database: Database, lead_id: str) -> list[sqlite3.Row]:
    taken = _newest_first(database, ledger.FEEDBACK, lead_id)
    return [row for row in taken if row["state"] != "retracted"]


def _newest_first(database: Database, kind: Kind, lead_id: str) -> list[sqlite3.Row]:
    rows = database.rows(
        "SELECT * FROM items WHERE kind = ? AND lead_id = ? ORDER BY rowid", kind.name, lead_id
    )
    return sorted(rows, key=lambda row: from_wire(row["applied_at"]))[::-1]


def _last_reply(database: Database, item: sqlite3.Row) -> Json | None:
    found = ledger.replies_to(database, item["kind"], item["id"])
    return found[-1] if found else None


def _is_said(reply: Json | None, form: Json) -> bool:
    return reply is not None and _says(reply, form)


def _says(reply: Json, form: Json) -> bool:
    return all(reply[name] == form[name] for name in _CONTENT)


def _is_newer(item: sqlite3.Row, reply: Json) -> bool:
    return from_wire(item["applied_at"]) > from_wire(reply["at"])
