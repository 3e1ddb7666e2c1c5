"""Who may come in: the ten reps, marketing, the queues, and the token each one signs in with."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

from msgspec import Struct

from triage.embedded.database import Database
from triage.embedded.problems import Problem

ACCOUNT_ID = "A-1"
ACCOUNT_NAME = "Plainfield Systems"
FIRST_REP = "U-01"
MARKETING = "U-90"
MARKETER = "Noor Haddad"
MARKETING_QUEUE = "Q-MKT"
CLOSERS_QUEUE = "Q-AE"
"""Who takes a lead on once it is qualified."""

_REPS = (
    ("U-01", "Robin Vale", "Central Europe", "Europe/Berlin"),
    ("U-02", "Ines Duarte", "Iberia", "Europe/Madrid"),
    ("U-03", "Tomas Lindqvist", "Nordics", "Europe/Stockholm"),
    ("U-04", "Aoife Brennan", "UK and Ireland", "Europe/London"),
    ("U-05", "Marek Zielinski", "Eastern Europe", "Europe/Warsaw"),
    ("U-06", "Chiara Fontana", "Italy", "Europe/Rome"),
    ("U-07", "Dana Whitfield", "North America East", "America/New_York"),
    ("U-08", "Luis Cardenas", "North America West", "America/Los_Angeles"),
    ("U-09", "Hana Mori", "Asia Pacific", "Asia/Tokyo"),
    ("U-10", "Bruno Teles", "Latin America", "America/Sao_Paulo"),
)
_QUEUES = (
    (MARKETING_QUEUE, "Marketing review", None),
    (CLOSERS_QUEUE, "Account executives", None),
    ("Q-PARTNER", "Partner desk", "Partners"),
    ("Q-ENTERPRISE", "Enterprise desk", "5,000 employees and more"),
)


class Member(Struct, frozen=True):
    """Someone who has signed in."""

    user_id: str
    name: str
    role: str
    time_zone: str

    @property
    def person(self) -> dict[str, str]:
        """Who, as the wire says it."""
        return {"user_id": self.user_id, "name": self.name}


def rep_ids() -> tuple[str, ...]:
    """Return the reps' ids; the first one is whom `rep_token` belongs to."""
    return tuple(row[0] for row in _REPS)


def reps() -> tuple[Member, ...]:
    """Return the reps, the first one first."""
    return tuple(Member(user_id, name, "rep", zone) for user_id, name, _, zone in _REPS)


def token_of(user_id: str, seed: int) -> str:
    """Return a member's token: the same seed, the same token, so that a restart signs nobody out."""
    digest = hmac.new(f"embedded-crm-{seed}".encode(), user_id.encode(), hashlib.sha256)
    return f"{'mkt' if user_id == MARKETING else 'rep'}_{digest.hexdigest()[:40]}"


def enrol(database: Database) -> None:
    """Write down everyone, once."""
    insert = "INSERT INTO people VALUES (?, ?, ?, ?, ?, ?)"
    for user_id, name, territory, zone in _REPS:
        database.run(insert, user_id, name, "user", "rep", territory, zone)
    database.run(insert, MARKETING, MARKETER, "user", "marketing", None, "Europe/Berlin")
    for queue_id, name, queue_territory in _QUEUES:
        database.run(insert, queue_id, name, "queue", None, queue_territory, "Etc/UTC")


def doors(database: Database, seed: int) -> dict[str, Member]:
    """Return who each token lets in."""
    rows = database.rows("SELECT * FROM people WHERE role IS NOT NULL")
    return {
        token_of(row["user_id"], seed): Member(row["user_id"], row["name"], row["role"], row["time_zone"])
        for row in rows
    }


def person(database: Database, user_id: str) -> dict[str, str]:
    """Return id and name of a user or queue."""
    row = database.row("SELECT name FROM people WHERE user_id = ?", user_id)
    return {"user_id": user_id, "name": row["name"] if row else user_id}


def may_own(database: Database, user_id: str) -> bool:
    """Say whether a lead may go to this user or queue."""
    # Ids are ASCII; half a surrogate pair could not even be asked for.
    row = database.row("SELECT role FROM people WHERE user_id = ?", user_id) if user_id.isascii() else None
    return row is not None and row["role"] != "marketing"


def listing(database: Database) -> list[dict[str, Any]]:
    """Return the users and queues that a lead may go to."""
    rows = database.rows("SELECT * FROM people WHERE role IS NOT 'marketing' ORDER BY user_id DESC")
    return [{key: row[key] for key in ("user_id", "name", "kind", "territory")} for row in reversed(rows)]


def colleague_of(user_id: str) -> str:
    """Return another rep: the next one in the list."""
    ids = rep_ids()
    return ids[(ids.index(user_id) + 1) % len(ids)] if user_id in ids else ids[1]


def only(member: Member, role: str) -> None:
    """Let only this role go on; a 403 for the other."""
    if member.role != role:
        raise Problem(403, "forbidden", f"This is for {role}; you are signed in as {member.role}.")
