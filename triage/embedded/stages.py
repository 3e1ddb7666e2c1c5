"""What became of leads: each stage that one came to, kept in the order in which the CRM learned it."""

from __future__ import annotations

import json
import sqlite3
from datetime import datetime
from typing import Any
from uuid import uuid4

from triage.embedded.colleagues import outcome_without_names
from triage.embedded.cursors import Cursor
from triage.embedded.database import Database, Json, pack
from triage.embedded.members import Member, person
from triage.embedded.moments import to_wire

CURRENCY = "EUR"
_SOLD = ("opportunity", "won", "lost")
_DEAL = ("opportunity", "amount", "currency")


def body(change_id: str, lead: Json, stage: str, at: datetime, *, owner_id: str) -> Json:
    """Return a stage change as the contract shows it, but for the owner's name."""
    campaign = lead["campaign"]
    return {
        "outcome_id": change_id,
        "lead_id": lead["lead_id"],
        "at": to_wire(at),
        "stage": stage,
        "opportunity": None,
        "amount": None,
        "currency": None,
        "owner": {"user_id": owner_id},
        "name": lead["name"],
        "company": lead["company"],
        "source": lead["source"],
        "campaign": campaign["name"] if campaign else None,
        "account_id": lead["account"]["account_id"],
        "touches": _path(lead) if stage == "won" else [],
    }


def note(
    database: Database, row: sqlite3.Row, lead: Json, stage: str, *, owner_id: str, now: datetime
) -> None:
    """Write down that a lead came to a stage now; an opportunity keeps its name and amount from then on."""
    change = body(str(uuid4()), lead | {"lead_id": row["lead_id"]}, stage, now, owner_id=owner_id)
    if stage in _SOLD:
        change |= _last_deal(database, row["lead_id"])
    append(database, database.next_change(), change)


def append(database: Database, seq: int, change: Json) -> None:
    """Write one down at its place in the sequence of changes."""
    database.run("INSERT INTO stage_changes VALUES (?, ?, ?, ?)", *values(seq, change))


def values(seq: int, change: Json) -> tuple[Any, ...]:
    """Return the row of a stage change."""
    return change["outcome_id"], seq, change["lead_id"], pack(change)


def page(database: Database, caller: Member, cursor: Cursor | None, limit: int) -> Json:
    """Return the stage changes of all reps' leads after the cursor.

    A rep is told no names where it is a colleague's lead.
    """
    at = cursor or Cursor()
    rows = database.rows(
        "SELECT seq, body FROM stage_changes WHERE seq > ? ORDER BY seq LIMIT ?", at.after, limit + 1
    )
    shown = rows[:limit]
    known = None if caller.role == "marketing" else _known_to(database, caller)
    last = shown[-1]["seq"] if shown else at.after
    items = [_wire(database, json.loads(row["body"]), known) for row in shown]
    return {"items": items, "next_cursor": Cursor(last).text(), "more": len(rows) > limit}


def _wire(database: Database, change: Json, known: frozenset[str] | None) -> Json:
    whole = change | {"owner": person(database, change["owner"]["user_id"])}
    hidden = known is not None and change["lead_id"] not in known
    return outcome_without_names(whole) if hidden else whole


def _known_to(database: Database, caller: Member) -> frozenset[str]:
    """Return the leads that a rep has, or has had."""
    rows = database.rows(
        "SELECT lead_id FROM sightings WHERE user_id = ?"
        " UNION SELECT lead_id FROM items WHERE rep_id = ?"
        " UNION SELECT lead_id FROM leads WHERE owner_id = ?",
        caller.user_id,
        caller.user_id,
        caller.user_id,
    )
    return frozenset(row["lead_id"] for row in rows)


def _last_deal(database: Database, lead_id: str) -> Json:
    row = database.row("SELECT body FROM stage_changes WHERE lead_id = ? ORDER BY seq DESC LIMIT 1", lead_id)
    change: Json = json.loads(row["body"]) if row else {}
    return {name: change.get(name) for name in _DEAL}


def _path(lead: Json) -> list[str]:
    """Return what a lead did on its way to us, the oldest first."""
    return [f"{touch['at'][:10]} {touch['summary']} ({touch['channel']})" for touch in lead["touches"]]
