"""A reject comes back: marketing returns it, the rep sees it on top with the words, decides anew, and it holds."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest

from tests.pty.test_story import Plug, Rep, crm, quit_app, rep  # noqa: F401 - fixtures

pytestmark = pytest.mark.pty
WORDS = "Have another look: the title was wrong, she is the plant manager"


def answer(crm: Plug, decision_id: str, kind: str, text: str = WORDS, **more: str) -> None:  # noqa: F811
    body = {"reply_id": f"r-{kind}-{decision_id[-6:]}", "of": decision_id, "kind": kind, "text": text, **more}
    headers = {"Authorization": f"Bearer {crm.marketing_token}"}
    told = httpx.post(f"{crm.url}/v1/replies", json=body, headers=headers, timeout=20)
    assert told.is_success, told.text


def effects(crm: Plug, lead_id: str) -> list[str]:  # noqa: F811
    headers = {"Authorization": f"Bearer {crm.marketing_token}"}
    rows = httpx.get(f"{crm.url}/v1/effects?limit=500", headers=headers, timeout=20).json()["items"]
    return [row["id"] for row in rows if row["lead_id"] == lead_id]


def decisions(rep: Rep, lead_id: str) -> list[dict[str, Any]]:  # noqa: F811
    return list(rep.json("show", lead_id)["decisions"])


@pytest.mark.timeout(180)
@pytest.mark.parametrize("size", ["80x24", "160x48"])
def test_a_returned_lead_is_on_top_with_what_marketing_said_and_can_be_accepted(crm, rep, size):  # noqa: F811
    lead = rep.json("list")[3]
    lead_id, name = lead["lead_id"], lead["name"]
    done = rep.run("decide", "reject", lead_id, "--reason", "NOT_A_BUYER")
    assert done.returncode == 0, done.stderr
    assert rep.json("sync")["applied"] == 1
    (rejected,) = decisions(rep, lead_id)
    with rep.app(size) as screen:
        screen.wait_for(r"Inbox \d+")
        answer(crm, rejected["decision_id"], "returned")
        screen.press("S")
        screen.wait_for(r"Synced")  # the sync of the start may have brought it already
        screen.wait_for(r"· R 1\b")
        screen.press("g", "g")
        row = screen.wait_for(rf"^▌.*{re.escape(name[:8])}.*\bRET R\b")
        assert row
        screen.wait_for("returned .*Have another look")
        screen.wait_for(r"since .*your reject NOT_A_BUYER: ")
        screen.press("enter")
        screen.wait_for("Marketing answered")
        screen.wait_until_gone(r"· R 1\b")  # it stood there for a moment: it is read
        screen.press("q")
        screen.wait_for(r"^▌.*\bRET\b")
        screen.press("a")
        screen.wait_for("accepted.*u undoes")
        screen.press("S")
        screen.wait_for(r"Synced: 1 decision sent")
        quit_app(screen)
    first, second = decisions(rep, lead_id)
    assert (first["act"], first["state"]) == ("reject", "reviewed")
    assert (second["act"], second["state"]) == ("accept", "applied")
    assert effects(crm, lead_id) == [first["decision_id"], second["decision_id"]]
    shown = rep.json("show", lead_id)
    assert shown["status"] == "accepted"
    assert shown["returned"] is None
    assert [(one["kind"], one["text"], one["unread"]) for one in shown["replies"]] == [
        ("returned", WORDS, False)
    ]
    _check_that_marketing_knows_it_was_seen(crm)


def _check_that_marketing_knows_it_was_seen(crm: Plug) -> None:  # noqa: F811
    headers = {"Authorization": f"Bearer {crm.marketing_token}"}
    told = httpx.get(f"{crm.url}/v1/replies", headers=headers, timeout=20).json()["items"]
    assert [bool(one["seen_at"]) for one in told if one["kind"] == "returned"] == [True]


@pytest.mark.timeout(120)
def test_a_shell_hears_of_each_thing_once_and_another_machine_knows_what_was_read(crm, rep, tmp_path):  # noqa: F811
    def told() -> list[dict[str, Any]]:
        import json

        done = rep.run("sync", "--events")
        assert done.returncode == 0, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]

    assert [one["event"] for one in told()] == ["sync_finished"]
    lead_id = rep.json("list")[0]["lead_id"]
    rep.run(
        "decide",
        "reject",
        lead_id,
        "--reason",
        "NOT_A_BUYER",
        "--note",
        "ask ada@buyer.example +49 30 5550 123",
    )
    applied, ended = told()
    assert (applied["event"], applied["lead_id"], applied["reason"]) == (
        "decision_applied",
        lead_id,
        "NOT_A_BUYER",
    )
    assert "5550" not in applied["text"]
    assert "@" not in applied["text"]
    assert ended["counts"]["applied"] == 1
    answer(crm, applied["id"], "overturned", link="definition v5")
    returned, _ended = told()
    assert (returned["event"], returned["of"], returned["link"]) == (
        "lead_returned",
        applied["id"],
        "definition v5",
    )
    assert [one["event"] for one in told()] == ["sync_finished"]
    assert rep.json("list")[0]["badges"][:2] == ["RET", "R"]
