"""Leads in the database: one by id, a rep's pages, and every way to change one. Never decides whether to."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct

from triage.embedded import stages
from triage.embedded.cursors import Cursor
from triage.embedded.database import Database, Json, pack
from triage.embedded.members import Member, person
from triage.embedded.moments import to_wire, utc_now
from triage.embedded.problems import Problem, not_found

OPEN = ("assigned", "snoozed", "accepted", "working", "qualifying")
"""The states in which a lead is on its owner's list."""

WON_LISTED = timedelta(days=14)
"""So long a lead that was won stays there, so that its owner can say why it was."""

COLUMNS = (
    "leads (lead_id, owner_id, status, version, seq, changed_at, changed_by, deleted, merged_into,"
    " last_decision_id, snoozed_until, body)"
)
"""What a new lead fills, in the order of `values_of`."""
_BESIDE_BODY = {"owner_id", "status", "version", "gone"}


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
    """Return the few fields that marketing needs beside a decision."""
    return brief_of(json.loads(row["body"]))


def brief_of(lead: Json) -> Json:
    """Return the same of a lead that is not in the database."""
    campaign = lead["campaign"] or {}
    return {
        "name": lead["name"],
        "title": lead.get("title", ""),
        "company": lead["company"],
        "source": lead["source"],
        "campaign": campaign.get("name"),
        "campaign_owner": campaign.get("owner", ""),
        "account_id": lead["account"]["account_id"],
    }


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
    row = values_of(lead, changed_at=changed_at, changed_by=changed_by)
    database.run(
        f"INSERT INTO {COLUMNS} VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608 - our own words
        *row[:4],
        database.next_change(),
        *row[4:],
    )
    _sight(database, lead["lead_id"], lead["owner_id"], lead["status"])


def values_of(
    lead: Json,
    *,
    changed_at: str,
    changed_by: str,
    last_decision_id: str | None = None,
    snoozed_until: str | None = None,
    as_text: Callable[[Json], str] = pack,
) -> tuple[Any, ...]:
    """Return the values of `COLUMNS` for a lead, without its place in the sequence, which is the fifth."""
    body = {key: value for key, value in lead.items() if key not in _BESIDE_BODY}
    gone = lead.get("gone")
    return (
        lead["lead_id"],
        lead["owner_id"],
        lead["status"],
        int(lead["version"]),
        changed_at,
        changed_by,
        gone is not None,
        gone["merged_into"] if gone else None,
        last_decision_id,
        snoozed_until or lead["snoozed_until"],
        as_text(body),
    )


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
        " changed_by = ?, last_decision_id = ?, body = ?, archived = ?, listed_until = ? WHERE lead_id = ?",
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
        _listed_until(row, state, now),
        row["lead_id"],
    )
    _sight(database, row["lead_id"], state.owner_id, state.status)
    if _comes_to_a_stage(row, state):
        stages.note(database, row, lead, state.status, owner_id=state.owner_id, now=now)
    return version


def _comes_to_a_stage(row: sqlite3.Row, state: State) -> bool:
    """Whether it comes to another stage, or is delivered once more."""
    delivered = state.status == "assigned" and row["owner_id"] != state.owner_id
    return row["status"] != state.status or delivered


def _listed_until(row: sqlite3.Row, state: State, now: datetime) -> str | None:
    """Return until when a lead that was won is on its owner's list."""
    if state.status != "won":
        return None
    return to_wire(now + WON_LISTED) if row["status"] != "won" else row["listed_until"]


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
    database: Database,
    caller: Member,
    cursor: Cursor | None,
    limit: int,
    since: datetime | None,
    *,
    now: datetime | None = None,
) -> Json:
    """Return the caller's leads that changed after the cursor, and those that are no longer theirs."""
    _take_off_lists(database, now)
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
    listed = row["status"] in OPEN or row["listed_until"] is not None
    return row["owner_id"] == user_id and listed and there


def _take_off_lists(database: Database, now: datetime | None) -> None:
    """Let the leads that were won long enough ago be gone, as their newest change."""
    until = to_wire(now or utc_now())
    query = "SELECT lead_id FROM leads WHERE listed_until IS NOT NULL AND listed_until <= ?"
    if database.row(query, until) is None:
        return
    with database.transaction():
        for row in database.rows(query, until):
            database.run(
                "UPDATE leads SET listed_until = NULL, seq = ? WHERE lead_id = ?",
                database.next_change(),
                row["lead_id"],
            )


def _sight(database: Database, lead_id: str, owner_id: str, status: str) -> None:
    if status in OPEN:
        database.run("INSERT OR IGNORE INTO sightings VALUES (?, ?)", owner_id, lead_id)
