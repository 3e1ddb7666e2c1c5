"""Leads in the database: one by id, a rep's pages, and every way to change one. Never decides whether to."""

from __future__ import annotations

import json
import sqlite3
from datetime import datetime

from msgspec import Struct

from triage.embedded.cursors import Cursor
from triage.embedded.database import Database, Json, pack
from triage.embedded.members import Member, person
from triage.embedded.moments import to_wire
from triage.embedded.problems import Problem, not_found

OPEN = ("assigned", "snoozed", "accepted", "working", "qualifying")
"""The states in which a lead is on its owner's list."""


class State(Struct, frozen=True):
    """What a decision changes of a lead, and what undoing it brings back."""

    owner_id: str
    status: str
    snoozed_until: str | None
    assigned_at: str
    sla_due_at: str | None
    recycles: list[Json]
    last_decision_id: str | None = None
    archived: bool = False
    sla_rule: str = ""


def find(database: Database, lead_id: str) -> sqlite3.Row | None:
    """Return the lead's row, deleted or not."""
    return database.row("SELECT * FROM leads WHERE lead_id = ?", lead_id)


def require(database: Database, lead_id: str) -> sqlite3.Row:
    """Return the lead's row; a 404 where there is none, a 410 where it was deleted."""
    row = find(database, lead_id)
    if row is None:
        raise not_found(f"lead {lead_id}")
    if row["deleted"]:
        raise Problem(410, "gone", f"Lead {lead_id} was deleted.", merged_into=row["merged_into"])
    return row


def wire(database: Database, row: sqlite3.Row) -> Json:
    """Return the lead as the contract shows it."""
    lead: Json = json.loads(row["body"])
    lead["lead_id"] = row["lead_id"]
    lead["version"] = str(row["version"])
    lead["status"] = row["status"]
    lead["owner"] = person(database, row["owner_id"])
    lead["snoozed_until"] = row["snoozed_until"]
    lead["last_decision_id"] = row["last_decision_id"]
    lead["archived"] = bool(row["archived"])
    return lead


def brief(row: sqlite3.Row) -> Json:
    """Return the four fields that marketing needs beside a decision."""
    lead = json.loads(row["body"])
    campaign = lead["campaign"]["name"] if lead["campaign"] else None
    return {"name": lead["name"], "company": lead["company"], "source": lead["source"], "campaign": campaign}


def state_of(row: sqlite3.Row) -> State:
    """Return what a decision could change."""
    lead = json.loads(row["body"])
    return State(
        owner_id=row["owner_id"],
        status=row["status"],
        snoozed_until=row["snoozed_until"],
        assigned_at=lead["assigned_at"],
        sla_due_at=lead["sla_due_at"],
        recycles=lead["recycles"],
        last_decision_id=row["last_decision_id"],
        archived=bool(row["archived"]),
        sla_rule=lead.get("sla_rule", ""),
    )


def contacted_at(row: sqlite3.Row) -> str | None:
    """Return when sales first reached out, if it did."""
    moment: str | None = json.loads(row["body"])["contacted_at"]
    return moment


def insert(database: Database, lead: Json, *, changed_at: str, changed_by: str) -> None:
    """Add a lead at the end of the sequence; `lead` is the contract's shape with `owner_id` for `owner`."""
    body = {key: value for key, value in lead.items() if key not in {"owner_id", "status", "version", "gone"}}
    gone = lead.get("gone")
    database.run(
        "INSERT INTO leads (lead_id, owner_id, status, version, seq, changed_at, changed_by, deleted,"
        " merged_into, last_decision_id, snoozed_until, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        lead["lead_id"],
        lead["owner_id"],
        lead["status"],
        int(lead["version"]),
        database.next_change(),
        changed_at,
        changed_by,
        gone is not None,
        gone["merged_into"] if gone else None,
        None,
        lead["snoozed_until"],
        pack(body),
    )
    _sight(database, lead["lead_id"], lead["owner_id"], lead["status"])


def change(
    database: Database,
    row: sqlite3.Row,
    state: State,
    *,
    by: str,
    now: datetime,
    decision_id: str | None = None,
    facts: Json | None = None,
) -> int:
    """Bring a lead to a state, as its newest change; return its new version.

    `facts` are fields that no decision is judged by: a title, a phone number.
    """
    lead = json.loads(row["body"]) | (facts or {})
    lead |= {"assigned_at": state.assigned_at, "sla_due_at": state.sla_due_at, "recycles": state.recycles}
    lead["sla_rule"] = state.sla_rule
    version = int(row["version"]) + 1
    database.run(
        "UPDATE leads SET owner_id = ?, status = ?, snoozed_until = ?, version = ?, seq = ?, changed_at = ?,"
        " changed_by = ?, last_decision_id = ?, body = ?, archived = ? WHERE lead_id = ?",
        state.owner_id,
        state.status,
        state.snoozed_until,
        version,
        database.next_change(),
        to_wire(now),
        by,
        decision_id,
        pack(lead),
        state.archived,
        row["lead_id"],
    )
    _sight(database, row["lead_id"], state.owner_id, state.status)
    return version


def remove(database: Database, row: sqlite3.Row, merged_into: str | None, *, by: str, now: datetime) -> None:
    """Delete a lead, perhaps because it was merged into another; its owner is told that it is gone."""
    database.run(
        "UPDATE leads SET deleted = 1, merged_into = ?, version = version + 1, seq = ?, changed_at = ?,"
        " changed_by = ?, last_decision_id = NULL WHERE lead_id = ?",
        merged_into,
        database.next_change(),
        to_wire(now),
        by,
        row["lead_id"],
    )


def page(
    database: Database, caller: Member, cursor: Cursor | None, limit: int, since: datetime | None
) -> Json:
    """Return the caller's leads that changed after the cursor, and those that are no longer theirs."""
    first_visit = cursor is None and since is None
    end = database.last_change() if first_visit else 0
    at = cursor or Cursor(0, end)
    rows = database.rows(
        "SELECT leads.* FROM leads JOIN sightings USING (lead_id)"
        " WHERE sightings.user_id = ? AND seq > ? ORDER BY seq LIMIT ?",
        caller.user_id,
        at.after,
        limit + 1,
    )
    shown = rows[:limit]
    wanted = [row for row in shown if since is None or row["changed_at"] >= _padded(since)]
    mine = [row for row in wanted if _is_on_list_of(row, caller.user_id)]
    # A first visitor has no copy of a lead that went before they came.
    later = [row for row in wanted if row["seq"] > at.first_seen_end]
    gone = [row["lead_id"] for row in later if not _is_on_list_of(row, caller.user_id)]
    last = Cursor(shown[-1]["seq"] if shown else at.after, at.first_seen_end)
    items = [wire(database, row) for row in mine]
    return {"items": items, "gone": gone, "next_cursor": last.text(), "more": len(rows) > limit}


def _padded(moment: datetime) -> str:
    """Return the moment so that it sorts before every text of the same second or later."""
    return to_wire(moment).removesuffix("Z")


def _is_on_list_of(row: sqlite3.Row, user_id: str) -> bool:
    there = not row["deleted"] and not row["archived"]
    return row["owner_id"] == user_id and row["status"] in OPEN and there


def _sight(database: Database, lead_id: str, owner_id: str, status: str) -> None:
    if status in OPEN:
        database.run("INSERT OR IGNORE INTO sightings VALUES (?, ?)", owner_id, lead_id)
