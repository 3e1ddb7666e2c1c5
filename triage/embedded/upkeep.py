"""What marketing and administrators do to one lead: give away, correct, archive, merge, delete.

Each is one change inside the transaction of its caller. Decides nothing about who may ask.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import datetime

from msgspec.structs import replace

from triage.embedded import answering, forms, leads, members, rules
from triage.embedded.database import Database, Json
from triage.embedded.problems import unparsable

Change = Callable[[Database, sqlite3.Row, bytes, str, datetime], None]
"""Database, the lead's row, the body of the request, who asks, now."""
_STATE = ("status", "archived")


def assign(database: Database, row: sqlite3.Row, body: bytes, by: str, now: datetime) -> None:
    """Give the lead to another owner, whose clock starts now."""
    owner_id = forms.assignment(body)["owner_id"]
    if not members.may_own(database, owner_id):
        raise unparsable(f"There is no user or queue {owner_id}.")
    leads.change(database, row, rules.assigned_to(owner_id, leads.state_of(row), now), by=by, now=now)


def edit(database: Database, row: sqlite3.Row, body: bytes, by: str, now: datetime) -> None:
    """Change the lead's status or facts, put it into the archive or back, or answer what was said about it.

    Facts alone leave the decision that the lead stands by: it can still be undone.
    """
    form, typed = forms.edit(body)
    if typed is not None:
        answering.on_lead(database, row["lead_id"], typed, by, now)
        row = leads.require(database, row["lead_id"])
    if form:
        _change(database, row, form, by, now)


def _change(database: Database, row: sqlite3.Row, form: Json, by: str, now: datetime) -> None:
    before = leads.state_of(row)
    if "contacted_at" in form and before.status == "accepted":
        form.setdefault("status", "working")  # the first touch is what working begins with
    after = replace(before, **{name: form.pop(name) for name in _STATE if name in form})
    marker = row["last_decision_id"] if after == before else None
    leads.change(database, row, after, by=by, now=now, decision_id=marker, facts=form)


def remove(database: Database, row: sqlite3.Row, body: bytes, by: str, now: datetime) -> None:
    """Delete the lead; where it is merged into another one, that one must be there."""
    into = forms.removal(body)["merged_into"]
    survivor = leads.find(database, into) if into else None
    if into and (survivor is None or survivor["deleted"] or into == row["lead_id"]):
        raise unparsable(f"A lead cannot be merged into {into}.")
    leads.remove(database, row, into, by=by, now=now)
