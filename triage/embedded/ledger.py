"""What was applied: decisions and feedback, with receipts, effects and replies. Judges nothing."""

from __future__ import annotations

import json
import sqlite3
from datetime import datetime

from msgspec import Struct

from triage.embedded import leads
from triage.embedded.colleagues import without_words
from triage.embedded.cursors import Cursor
from triage.embedded.database import Database, Json, pack
from triage.embedded.members import Member, person
from triage.embedded.moments import from_wire, to_wire
from triage.embedded.problems import not_found


class Kind(Struct, frozen=True):
    """Decisions or feedback: what the id is called, which field names the act, what is not content."""

    name: str
    id_field: str
    act_field: str
    beside_content: frozenset[str]


DECISION = Kind("decision", "decision_id", "act", frozenset({"seen", "snapshot", "skew_ms"}))
FEEDBACK = Kind("feedback", "feedback_id", "type", frozenset({"snapshot"}))


def find(database: Database, kind: Kind, item_id: str) -> sqlite3.Row | None:
    """Return the applied item's row."""
    return database.row("SELECT * FROM items WHERE kind = ? AND id = ?", kind.name, item_id)


def content(kind: Kind, item: Json) -> str:
    """Return what must be the same for an item to be the same."""
    return pack({key: value for key, value in item.items() if key not in kind.beside_content})


def next_receipt(database: Database, kind: Kind, item: Json, now: datetime) -> str:
    """Write the row of the audit, and return the receipt's id made from its number."""
    number = database.run(
        "INSERT INTO effects (id, kind, lead_id, act, at) VALUES (?, ?, ?, ?, ?)",
        item[kind.id_field],
        kind.name,
        item["lead_id"],
        item[kind.act_field],
        to_wire(now),
    )
    return f"R-{number:08d}"


def keep(
    database: Database,
    kind: Kind,
    item: Json,
    *,
    rep: Member,
    state: str,
    receipt: Json,
    lead: Json,
    before: Json,
    added: Json | None = None,
) -> None:
    """Write an applied item down; `added` is what the server knows better than the item."""
    database.run(
        "INSERT INTO items VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        kind.name,
        item[kind.id_field],
        rep.user_id,
        item["lead_id"],
        database.next_change(),
        state,
        receipt["applied_at"],
        item["supersedes"],
        content(kind, item),
        pack(item | (added or {})),
        pack(receipt),
        pack(lead),
        pack(before),
    )


def mark(database: Database, kind: str, item_id: str, state: str) -> None:
    """Bring an item to a state, as its newest change."""
    database.run(
        "UPDATE items SET state = ?, seq = ? WHERE kind = ? AND id = ?",
        state,
        database.next_change(),
        kind,
        item_id,
    )


def wire(database: Database, row: sqlite3.Row) -> Json:
    """Return an applied item as the contract shows it."""
    effects = database.row(
        "SELECT count(*) AS n FROM effects WHERE id = ? AND kind = ?", row["id"], row["kind"]
    )
    item: Json = json.loads(row["body"])
    return item | {
        "rep": person(database, row["rep_id"]),
        "state": row["state"],
        "applied_at": row["applied_at"],
        "effects": effects["n"] if effects else 0,
        "lead": json.loads(row["lead"]),
        "replies": replies_to(database, row["kind"], row["id"]),
        "receipt": json.loads(row["receipt"]),
    }


def replies_to(database: Database, kind: str, item_id: str) -> list[Json]:
    """Return the replies to a decision or a feedback, the oldest first, whenever they were seen."""
    rows = database.rows(
        "SELECT body FROM replies WHERE of = ? AND of_kind = ? ORDER BY rowid", item_id, kind
    )
    return sorted(map(reply_of, rows), key=lambda reply: from_wire(reply["at"]))


def reply_of(row: sqlite3.Row) -> Json:
    """Return a reply as kept; one of version 0.1 does not know whether it was seen."""
    return {"seen_at": None, **json.loads(row["body"])}


def require(database: Database, kind: Kind, item_id: str) -> sqlite3.Row:
    """Return the applied item's row; a 404 where there is none."""
    row = find(database, kind, item_id)
    if row is None:
        raise not_found(f"{kind.name} {item_id}")
    return row


def one(database: Database, kind: Kind, caller: Member, item_id: str) -> Json:
    """Return one applied item; a 404 where there is none, or another rep's."""
    row = find(database, kind, item_id)
    if row is None or (caller.role == "rep" and row["rep_id"] != caller.user_id):
        raise not_found(f"{kind.name} {item_id}")
    return wire(database, row)


def page(
    database: Database, kind: Kind, caller: Member, cursor: Cursor | None, limit: int, *, team: bool = False
) -> Json:
    """Return the applied items that are new or changed after the cursor.

    `team`: a rep is told of colleagues' too, without names and words.
    """
    at = cursor or Cursor()
    rows = database.rows(
        "SELECT * FROM items WHERE kind = ? AND seq > ? AND (? OR rep_id = ?) ORDER BY seq LIMIT ?",
        kind.name,
        at.after,
        team or caller.role == "marketing",
        caller.user_id,
        limit + 1,
    )
    items = [_as_seen_by(caller, row["rep_id"], wire(database, row)) for row in rows[:limit]]
    last = rows[:limit][-1]["seq"] if rows else at.after
    return {"items": items, "next_cursor": Cursor(last).text(), "more": len(rows) > limit}


def _as_seen_by(caller: Member, rep_id: str, item: Json) -> Json:
    return item if caller.role == "marketing" or caller.user_id == rep_id else without_words(item)


def effects_page(database: Database, cursor: Cursor | None, limit: int) -> Json:
    """Return the rows of the audit after the cursor."""
    at = cursor or Cursor()
    rows = database.rows("SELECT * FROM effects WHERE n > ? ORDER BY n LIMIT ?", at.after, limit + 1)
    items = [dict(row) for row in rows[:limit]]
    last = items[-1]["n"] if items else at.after
    return {"items": items, "next_cursor": Cursor(last).text(), "more": len(rows) > limit}


def result(
    kind: Kind,
    item: Json,
    outcome: str,
    *messages: str,
    receipt: Json | None = None,
    theirs: Json | None = None,
    retry_after: float | None = None,
) -> Json:
    """Return what the answer says of one item."""
    return {
        kind.id_field: item[kind.id_field],
        "outcome": outcome,
        "receipt": receipt,
        "theirs": theirs,
        "messages": list(messages),
        "retry_after": retry_after,
    }


def again(kind: Kind, item: Json, rep: Member, known: sqlite3.Row) -> Json:
    """Return the answer to an id that was applied before: its first receipt, or a refusal if it differs."""
    if known["content"] != content(kind, item) or known["rep_id"] != rep.user_id:
        return result(
            kind, item, "refused", f"Another {kind.name} was applied under this id; nothing was changed."
        )
    return result(kind, item, "already", receipt=json.loads(known["receipt"]))


def conflict(database: Database, kind: Kind, item: Json, lead: sqlite3.Row) -> Json:
    """Return the answer that shows the lead as others have made it."""
    theirs = {
        "version": str(lead["version"]),
        "status": lead["status"],
        "owner": person(database, lead["owner_id"]),
        "changed_by": lead["changed_by"],
        "changed_at": lead["changed_at"],
        "deleted": bool(lead["deleted"]),
        "archived": bool(lead["archived"]),
        "merged_into": lead["merged_into"],
    }
    return result(kind, item, "conflict", _what_happened(database, lead), theirs=theirs)


def _what_happened(database: Database, lead: sqlite3.Row) -> str:
    if lead["deleted"]:
        into = lead["merged_into"]
        return f"{lead['changed_by']} {f'merged the lead into {into}' if into else 'deleted the lead'}."
    if lead["archived"]:
        return f"{lead['changed_by']} archived the lead."
    owner = person(database, lead["owner_id"])["name"]
    return f"{lead['changed_by']} changed the lead: it is {lead['status']}, its owner is {owner}."


def receipt_for(
    database: Database, kind: Kind, item: Json, now: datetime, *, version: int, state: leads.State
) -> Json:
    """Apply for the audit: write the effect's row and return the receipt."""
    return {
        "receipt_id": next_receipt(database, kind, item, now),
        "applied_at": to_wire(now),
        "version": str(version),
        "status": state.status,
        "owner": person(database, state.owner_id),
    }
