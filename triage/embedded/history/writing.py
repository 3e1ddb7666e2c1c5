"""Writes the history into the database, in the order in which it happened, in few statements.

Leaves the audit of effects alone: that is of what came over the API.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct

from triage.embedded import leads, ledger, stages
from triage.embedded.database import Database, pack
from triage.embedded.history.cohorts import id_at
from triage.embedded.history.past import Kept, Past
from triage.embedded.history.telling import tell
from triage.embedded.leads import OPEN
from triage.embedded.ledger import DECISION, FEEDBACK, Kind
from triage.embedded.members import CLOSERS_QUEUE, FIRST_REP, MARKETING_QUEUE, reps
from triage.embedded.moments import from_wire, to_wire

Row = tuple[Any, ...]

_NAMES = {member.user_id: member.name for member in reps()} | {
    MARKETING_QUEUE: "Marketing review",
    CLOSERS_QUEUE: "Account executives",
}


_ITEMS = (
    "items (kind, id, rep_id, lead_id, seq, state, applied_at, supersedes, content, body, receipt, lead,"
    " before)"
)
_REPLIES = "replies (reply_id, seq, of, of_kind, content, body)"
_STAGES = "stage_changes (outcome_id, seq, lead_id, body)"


class _Event(Struct, frozen=True):
    """A row that takes a place in the sequence of changes when it is its turn."""

    at: datetime
    table: str
    row: Row
    """Without its place."""
    place: int
    """The column of the sequence."""


def write(database: Database, *, seed: int, now: datetime) -> None:
    """Add the twelve weeks before now, inside a transaction."""
    pasts = tell(seed=seed, now=now)
    tables: dict[str, list[Row]] = {}
    seq = database.last_change()
    random_ = random.Random(f"waiting-{seed}")  # noqa: S311  # a demo's dice, not a secret
    events = [*_waiting(random_, database), *_events(pasts)]
    for event in sorted(events, key=lambda one: one.at):
        seq += 1
        row = (*event.row[: event.place], seq, *event.row[event.place :])
        tables.setdefault(event.table, []).append(row)
    for table, rows in tables.items():
        holes = ", ".join("?" * len(rows[0]))
        database.run_many(f"INSERT INTO {table} VALUES ({holes})", rows)  # noqa: S608 - our own words
    database.run_many("INSERT OR IGNORE INTO sightings VALUES (?, ?)", _sightings(pasts))
    database.run("UPDATE sequence SET last = ?", seq)
    database.run("INSERT INTO meta VALUES ('history', ?)", to_wire(now))


def _events(pasts: Iterable[Past]) -> Iterator[_Event]:
    number = 0
    for past in pasts:
        yield _lead(past)
        brief = _text(leads.brief_of(past.lead))
        for kind, items in ((DECISION, past.decisions), (FEEDBACK, past.feedback)):
            for kept in items:
                number += 1
                yield _item(kind, kept, brief, number)
        for reply in past.replies:
            yield _reply(reply)
        for change in past.stages:
            yield _stage(change)


def _text(value: object) -> str:
    """Return JSON, quicker than `pack`: nothing compares it, and our own words hold no half of a pair."""
    return msgspec.json.encode(value).decode()


def _waiting(random_: random.Random, database: Database) -> Iterator[_Event]:
    """Yield the deliveries of the leads that wait for the first rep: they too were handed over."""
    query = "SELECT body FROM leads WHERE owner_id = ? AND status = 'assigned' AND NOT deleted"
    for row in database.rows(query, FIRST_REP):
        lead = json.loads(row["body"])
        at = from_wire(lead["assigned_at"])
        yield _stage(stages.body(id_at(random_, at), lead, "assigned", at, owner_id=FIRST_REP))


def _stage(change: dict[str, Any]) -> _Event:
    row = stages.values(0, change)
    return _Event(from_wire(change["at"]), _STAGES, (row[0], *row[2:]), 1)


def _lead(past: Past) -> _Event:
    state, at = past.state, past.changed_at or past.role.delivered_at
    contacted = to_wire(past.contacted_at) if past.contacted_at else None
    body = past.lead | {
        "assigned_at": state.assigned_at,
        "sla_due_at": state.sla_due_at,
        "sla_rule": state.sla_rule,
        "recycles": state.recycles,
        "contacted_at": contacted,
        "attempts": past.attempts,
        "last_touch_at": contacted or past.lead["last_touch_at"],
    }
    row = leads.values_of(
        body | {"owner_id": state.owner_id, "status": state.status, "version": past.version},
        changed_at=to_wire(at),
        changed_by=past.changed_by,
        last_decision_id=state.last_decision_id,
        snoozed_until=state.snoozed_until,
        as_text=_text,
    )
    return _Event(at, leads.COLUMNS, row, 4)


def _item(kind: Kind, kept: Kept, brief: str, number: int) -> _Event:
    item = kept.item
    receipt = {
        "receipt_id": f"H-{number:08d}",
        "applied_at": to_wire(kept.applied_at),
        "version": str(kept.version),
        "status": kept.status,
        "owner": {"user_id": kept.owner_id, "name": _NAMES.get(kept.owner_id, kept.owner_id)},
    }
    if kind is FEEDBACK:
        receipt["routed_to"] = kept.routed_to
    row = (
        kind.name,
        item[kind.id_field],
        kept.rep.user_id,
        item["lead_id"],
        kept.state,
        receipt["applied_at"],
        item["supersedes"],
        ledger.content(kind, item),
        _text(item),
        _text(receipt),
        brief,
        _text(kept.before),
    )
    return _Event(kept.applied_at, _ITEMS, row, 4)


def _reply(reply: dict[str, Any]) -> _Event:
    asked = {name: reply[name] for name in ("reply_id", "of", "kind", "text", "link")}
    row = (reply["reply_id"], reply["of"], reply["of_kind"], pack(asked), _text(reply))
    return _Event(from_wire(reply["at"]), _REPLIES, row, 1)


def _sightings(pasts: Iterable[Past]) -> list[Row]:
    return [
        (past.state.owner_id, past.lead["lead_id"])
        for past in pasts
        if past.status in OPEN and past.state.owner_id in _NAMES
    ]
