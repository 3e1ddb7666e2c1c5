"""API keys of the stand-in for Odoo: how long they are good, and how one makes the next."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.odoo.conftest import Switchboard, Talk
from tests.odoo.server import Odoo
from tests.odoo.server.clock import text
from tests.tempo import FastTempo

KEYS = "res.users.apikeys"


def until(odoo: Odoo, days: float) -> str:
    return text(odoo.state.clock.now() + timedelta(days=days))


def generate(odoo: Odoo, talk: Talk, days: float = 89, **more: Any) -> str:
    body = {"key": talk.key, "scope": "rpc", "name": "triage", "expiration_date": until(odoo, days), **more}
    return str(talk.ok(KEYS, "generate", **body))


def test_a_key_that_has_ended_is_401(odoo: Odoo, talk: Talk) -> None:
    odoo.expire_key()
    assert talk.refused("res.users", "context_get") == (401, "Unauthorized", "Invalid apikey")
    said = talk.rpc("object", "execute_kw", odoo.database, 7, odoo.key, "res.users", "context_get", [])
    assert said["error"]["data"]["name"] == "odoo.exceptions.AccessDenied"


def test_a_key_ends_by_itself(odoo: Odoo, talk: Talk) -> None:
    odoo.advance(59 * 86_400)
    assert talk("res.users", "context_get").status_code == 200
    odoo.advance(2 * 86_400)
    assert talk("res.users", "context_get").status_code == 401
    talk.key = odoo.admin_key
    assert talk("res.users", "context_get").status_code == 200


def test_a_key_of_somebody_who_has_left_is_401(odoo: Odoo, talk: Talk) -> None:
    odoo.state.tables.models["res.users"].rows[odoo.me]["active"] = False
    assert talk("res.users", "context_get").status_code == 401


def test_one_sees_ones_own_keys_and_their_end_and_never_the_key(odoo: Odoo, talk: Talk) -> None:
    (row,) = talk.ok(KEYS, "search_read", domain=[], fields=[])
    assert (row["user_id"], row["name"]) == ([7, "Rhea Rep"], "laptop")
    assert row["expiration_date"] == until(odoo, 60)[:10] + row["expiration_date"][10:]
    assert odoo.key not in str(row)


def test_a_key_makes_the_next_and_is_ended_then(odoo: Odoo, talk: Talk) -> None:
    old, talk.key = talk.key, generate(odoo, talk)
    assert talk.ok(KEYS, "revoke", key=old) is True
    assert talk.ok("res.users", "context_get")["uid"] == odoo.me
    talk.key = old
    assert talk("res.users", "context_get").status_code == 401


@pytest.mark.parametrize(
    ("more", "status", "words"),
    [
        ({"expiration_date": False}, 422, "The API key must have an expiration date"),
        ({"expiration_date": "2020-01-01"}, 422, "You cannot set an expiration date in the past."),
        ({"expiration_date": "2099-01-01"}, 422, "You cannot exceed 90 days."),
        ({"key": "wrong"}, 403, "The provided API key is invalid or does not belong to the current user."),
        ({"scope": None}, 403, "The provided API key is invalid or does not belong to the current user."),
    ],
)
def test_a_key_that_may_not_be_is_not_made(
    odoo: Odoo, talk: Talk, more: dict[str, Any], status: int, words: str
) -> None:
    body = {"key": talk.key, "scope": "rpc", "name": "triage", "expiration_date": until(odoo, 89), **more}
    assert talk.refused(KEYS, "generate", **body)[::2] == (status, words)
    assert talk.ok(KEYS, "search_count", domain=[]) == 1


def test_somebody_elses_key_makes_none(odoo: Odoo, talk: Talk) -> None:
    body = {"key": odoo.colleague_key, "scope": "rpc", "name": "x", "expiration_date": until(odoo, 1)}
    assert talk.refused(KEYS, "generate", **body)[:2] == (403, "AccessDenied")


def test_there_are_ten_keys_at_most(odoo: Odoo, talk: Talk) -> None:
    for _ in range(9):
        generate(odoo, talk)
    body = {"key": talk.key, "scope": "rpc", "name": "x", "expiration_date": until(odoo, 1)}
    status, name, words = talk.refused(KEYS, "generate", **body)
    assert (status, name, words.startswith("Limit of 10")) == (422, "UserError", True)


def test_a_key_that_is_unknown_is_not_ended(talk: Talk) -> None:
    said = talk.refused(KEYS, "revoke", key="wrong")
    assert said == (403, "AccessDenied", "The provided API key is invalid.")


def test_keys_are_made_by_programs_only_where_that_is_turned_on(odoo: Odoo, talk: Talk) -> None:
    odoo.state.programmatic_keys = False
    assert talk.refused(KEYS, "revoke", key=odoo.key) == (
        422,
        "UserError",
        "Programmatic API keys are not enabled",
    )
    talk.key = odoo.admin_key
    assert len(generate(odoo, talk, expiration_date=False)) == 40


def test_a_key_is_not_made_by_hand(odoo: Odoo, talk: Talk) -> None:
    assert talk.refused(KEYS, "create", vals_list=[{"name": "x"}])[:2] == (403, "AccessError")


def test_before_19_no_program_makes_keys(switchboard: Switchboard, talk: Talk) -> None:
    odoo = talk.odoo = switchboard.plug(Odoo(FastTempo(), version="18.0"))
    said = talk.classic(KEYS, "generate", odoo.key, "rpc", "x", "2026-12-01")["error"]["data"]
    assert said["message"] == "The method 'res.users.apikeys.generate' does not exist"
