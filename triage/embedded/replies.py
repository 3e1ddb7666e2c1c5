"""Marketing's answers to decisions and feedback, each kept once."""

from __future__ import annotations

import sqlite3
from datetime import datetime

from triage.embedded import forms, leads, ledger, rules
from triage.embedded.cursors import Cursor
from triage.embedded.database import Database, Json, pack
from triage.embedded.members import Member
from triage.embedded.moments import to_wire
from triage.embedded.problems import Problem, not_found, unparsable

_VERDICTS = {"returned", "overturned", "upheld"}
_BRINGS_BACK = {"returned", "overturned"}


def answer(database: Database, by: str, form: Json, now: datetime, item: sqlite3.Row | None = None) -> Json:
    """Keep a reply and let it take effect; return it as kept. `item`: what it answers, where known."""
    known = database.row("SELECT content, body FROM replies WHERE reply_id = ?", form["reply_id"])
    if known is not None:
        return _again(known, form)
    item = item or _item(database, form["of"])
    if item["kind"] == "feedback" and form["kind"] in _VERDICTS:
        raise unparsable(f"`{form['kind']}` answers a decision, and this is feedback.")
    if form["kind"] in _BRINGS_BACK:
        _bring_back(database, by, item, now)
    _mark_answered(database, item, form["kind"])
    return _keep(database, by, form, item, now)


def answer_all(database: Database, by: str, items: list[Json], now: datetime) -> list[Json]:
    """Answer each in a transaction of its own; return for each what became of it."""
    return [_answer_one(database, by, form, now) for form in items]


def see(database: Database, rep: Member, reply_ids: list[str], now: datetime) -> list[Json]:
    """Note that a rep has seen replies to their own items, the first time only; return them."""
    return [reply for one in dict.fromkeys(reply_ids) if (reply := _see(database, rep, one, now)) is not None]


def page(database: Database, caller: Member, cursor: Cursor | None, limit: int) -> Json:
    """Return the replies after the cursor: a rep's to their own items, or all for marketing."""
    at = cursor or Cursor()
    rows = database.rows(
        "SELECT replies.seq, replies.body FROM replies JOIN items ON items.id = of AND items.kind = of_kind"
        " WHERE replies.seq > ? AND (? OR rep_id = ?) ORDER BY replies.seq LIMIT ?",
        at.after,
        caller.role == "marketing",
        caller.user_id,
        limit + 1,
    )
    last = rows[:limit][-1]["seq"] if rows else at.after
    items = [ledger.reply_of(row) for row in rows[:limit]]
    return {"items": items, "next_cursor": Cursor(last).text(), "more": len(rows) > limit}


def _answer_one(database: Database, by: str, form: Json, now: datetime) -> Json:
    result: Json = {"reply_id": form["reply_id"], "outcome": "refused", "messages": [], "reply": None}
    try:
        with database.transaction():
            known = database.row("SELECT 1 FROM replies WHERE reply_id = ?", form["reply_id"])
            forms.check_reason(form)
            reply = answer(database, by, form, now)
    except Problem as problem:
        return result | {"messages": [str(problem)]}
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
            raise
        return result | {"outcome": "retry", "messages": [f"The database is busy: {error}."]}
    return result | {"outcome": "already" if known else "applied", "reply": reply}


def _see(database: Database, rep: Member, reply_id: str, now: datetime) -> Json | None:
    row = database.row(
        "SELECT replies.body, items.kind, items.id, items.state"
        " FROM replies JOIN items ON items.id = of AND items.kind = of_kind"
        " WHERE reply_id = ? AND rep_id = ?",
        reply_id,
        rep.user_id,
    )
    if row is None:
        return None
    reply = ledger.reply_of(row)
    if reply["seen_at"] is None:
        reply["seen_at"] = to_wire(now)
        database.run(
            "UPDATE replies SET body = ?, seq = ? WHERE reply_id = ?",
            pack(reply),
            database.next_change(),
            reply_id,
        )
        ledger.mark(database, row["kind"], row["id"], row["state"])
    return reply


def _again(known: sqlite3.Row, form: Json) -> Json:
    if known["content"] != pack(form):
        raise Problem(409, "other_reply", f"Another reply was given under the id {form['reply_id']}.")
    return ledger.reply_of(known)


def _item(database: Database, item_id: str) -> sqlite3.Row:
    for kind in (ledger.DECISION, ledger.FEEDBACK):
        row = ledger.find(database, kind, item_id)
        if row is not None:
            return row
    raise not_found(f"decision or feedback {item_id}")


def _bring_back(database: Database, by: str, decision: sqlite3.Row, now: datetime) -> None:
    lead = leads.require(database, decision["lead_id"])
    if decision["state"] == "superseded" or lead["last_decision_id"] != decision["id"]:
        raise Problem(409, "moved_on", "The lead has moved on since this decision.")
    state = rules.assigned_to(decision["rep_id"], leads.state_of(lead), now)
    leads.change(database, lead, state, by=by, now=now)


def _mark_answered(database: Database, item: sqlite3.Row, kind: str) -> None:
    """Move the item to the end of the sequence, so that its reply is seen; a withdrawn one stays so."""
    state = item["state"]
    if item["kind"] == "feedback" and state == "open":
        state = "answered"
    if item["kind"] == "decision" and state == "applied" and kind in _VERDICTS:
        state = "reviewed"
    ledger.mark(database, item["kind"], item["id"], state)


def _keep(database: Database, by: str, form: Json, item: sqlite3.Row, now: datetime) -> Json:
    reply = form | {
        "of_kind": item["kind"],
        "lead_id": item["lead_id"],
        "by": by,
        "at": to_wire(now),
        "seen_at": None,
    }
    database.run(
        "INSERT INTO replies VALUES (?, ?, ?, ?, ?, ?)",
        form["reply_id"],
        database.next_change(),
        form["of"],
        item["kind"],
        pack(form),
        pack(reply),
    )
    return reply
