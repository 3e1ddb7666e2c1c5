"""API keys: whose they are, until when, and new ones made with old ones."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from tests.odoo.server.clock import read_datetime
from tests.odoo.server.environment import Env, Records
from tests.odoo.server.fields import Row
from tests.odoo.server.people import SYSTEM
from tests.odoo.server.problems import access_denied, user_error, validation_error

if TYPE_CHECKING:
    from tests.odoo.server.state import State

MOST_DAYS = 90
"""How long a key lives at most, for who is not an administrator."""
_MOST_KEYS = 10


def issue(state: State, user_id: int, name: str, *, days: float | None, scope: str | None = None) -> str:
    """Make a key as a person does in the preferences; without days one that does not end."""
    until = state.clock.now() + timedelta(days=days) if days is not None else None
    return _made(state.env(user_id), name, scope, until)


def _made(env: Env, name: str, scope: str | None, until: Any) -> str:
    model = env["res.users.apikeys"]
    stamps = {"create_date": env.state.now, "create_uid": env.uid, "write_date": env.state.now}
    values = {"name": name, "user_id": env.uid, "scope": scope, "expiration_date": until, **stamps}
    row = env.state.tables.insert(model, {**values, "write_uid": env.uid})
    row["_key"] = hashlib.sha256(f"not a real key {row['id']}".encode()).hexdigest()[:40]
    return str(row["_key"])


def row_of(state: State, key: str) -> Row | None:
    """The key that is good now: known, not ended, of somebody who is still there."""
    rows = state.tables.models["res.users.apikeys"].rows.values()
    found = next((row for row in rows if row["_key"] == key and row["scope"] in (None, "rpc")), None)
    if found is None or not state.tables.models["res.users"].rows[found["user_id"]]["active"]:
        return None
    until = found["expiration_date"]
    return None if until is not None and until <= state.clock.now() else found


def user_of(state: State, key: str) -> int | None:
    row = row_of(state, key)
    return None if row is None else int(row["user_id"])


def generate(env: Env, records: Records, key: Any, scope: Any, name: Any, expiration_date: Any) -> str:  # noqa: PLR0917 - the vendor's own arguments
    """Make a key with one that is good. The old one stays."""
    _allowed(env)
    mine = [row for row in records.model.rows.values() if row["user_id"] == env.uid]
    if len(mine) >= _MOST_KEYS:
        raise user_error(f"Limit of {_MOST_KEYS} API keys is reached for programmatic creation")
    old = row_of(env.state, str(key))
    if old is None or old["user_id"] != env.uid or (old["scope"] and old["scope"] != scope):
        raise access_denied("The provided API key is invalid or does not belong to the current user.")
    until = read_datetime(expiration_date) if expiration_date else None
    _bounded(env, until)
    return _made(env, str(name), scope or None, until)


def revoke(env: Env, records: Records, key: Any) -> bool:
    """End a key at once."""
    _allowed(env)
    row = row_of(env.state, str(key))
    if row is None:
        raise access_denied("The provided API key is invalid.")
    env.state.tables.remove(records.model, row["id"])
    return True


def _allowed(env: Env) -> None:
    if SYSTEM not in env.groups and not env.state.programmatic_keys:
        raise user_error("Programmatic API keys are not enabled")


def _bounded(env: Env, until: Any) -> None:
    if SYSTEM in env.groups:
        return
    if until is None:
        raise validation_error("The API key must have an expiration date")
    if until > env.state.now + timedelta(days=MOST_DAYS):
        raise validation_error(f"You cannot exceed {MOST_DAYS} days.")
    if until < env.state.now:
        raise validation_error("You cannot set an expiration date in the past.")
