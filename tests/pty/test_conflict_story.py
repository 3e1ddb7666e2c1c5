"""A rep meets what colleagues did in the meantime: in the real program, on a real terminal, at a real CRM."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys

import httpx
import pytest

from tests.embedded_server import running_server
from tests.terminal import ROOT, Terminal

pytestmark = pytest.mark.pty
TRIAGE = [sys.executable, "-m", "triage"]
SIZES = {"80x24": (80, 24), "160x48": (160, 48)}


class Story:
    """A rep at a shell, and marketing at the same CRM."""

    def __init__(self, server, home) -> None:
        self.environ = {**os.environ, "TRIAGE_HOME": str(home), "TRIAGE_TOKEN": server.rep_token}
        self._marketing = httpx.Client(
            base_url=server.url, headers={"Authorization": f"Bearer {server.marketing_token}"}, timeout=30
        )
        self.run("login", "work", "--crm", "rest", "--url", server.url)
        self.run("pull")

    def run(self, *arguments):
        done = subprocess.run(
            [*TRIAGE, *arguments], cwd=ROOT, env=self.environ, capture_output=True, text=True, timeout=60, check=False
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    def json(self, *arguments):
        return json.loads(self.run(*arguments, "--json"))

    def does(self, lead, what, **body):
        answer = self._marketing.post(f"/v1/leads/{lead['lead_id']}/{what}", json=body)
        assert answer.status_code == 200, answer.text

    def lead(self, lead):
        return self._marketing.get(f"/v1/leads/{lead['lead_id']}").json()

    def effects(self):
        return [row["act"] for row in self._marketing.get("/v1/effects").json()["items"]]

    def close(self):
        self._marketing.close()


@pytest.fixture
def story(tmp_path):
    with running_server(leads=12) as server:
        made = Story(server, tmp_path)
        yield made
        made.close()


def under_cursor(screen):
    """Return the line of the item that digits act on."""
    return next((line for line in screen.text.split("\n") if line.startswith("▌")), "")


def go_to(screen, name):
    """Move the queue's cursor to the item about someone, from the top."""
    screen.press("g", "g")
    screen.wait_for(r"needs? you.*\n▌")
    for _ in range(8):
        if name in under_cursor(screen):
            return
        here = re.escape(under_cursor(screen))
        screen.press("j")
        with contextlib.suppress(AssertionError):  # at the last item the cursor stays
            screen.wait_until_gone(here, patience=3)
    raise AssertionError(f"{name} is not in the queue:\n{screen.text}")


@pytest.mark.timeout(180)
@pytest.mark.parametrize("size", SIZES)
def test_a_rep_sees_both_versions_and_leaves_each_conflict_by_one_key_or_two(story, size):
    mine = [lead for lead in story.json("list") if not lead["contacted_at"] and lead["status"] == "assigned"]
    given, merged, archived, working, survivor = mine[:5]
    story.run("decide", "accept", *(lead["lead_id"] for lead in (given, merged, archived, working)))
    story.does(given, "assign", owner_id="U-02")
    story.does(merged, "remove", merged_into=survivor["lead_id"])
    story.does(archived, "edit", archived=True)
    story.does(working, "edit", status="working")

    columns, lines = SIZES[size]
    with Terminal(TRIAGE, columns=columns, lines=lines, env=story.environ) as screen:
        screen.wait_for("Inbox")
        screen.press("S")
        screen.wait_for("4 in conflict|4 need you")
        screen.press("Q")
        screen.wait_for("Queue  4 need you")

        go_to(screen, given["name"])
        screen.wait_for("Noor Haddad gave the lead to Ines Duarte")
        screen.wait_for(r"status\s+assigned\s+assigned\s+accepted")
        screen.wait_for(r"owner\s+you\s+≠ Ines Duarte\s+you")
        screen.wait_for("1 keep mine   2 decide again   3 drop")
        screen.press("3")
        screen.wait_for("Queue  3 need you")

        go_to(screen, archived["name"])
        screen.wait_for(r"record\s+there\s+≠ archived")
        screen.press("1")
        screen.wait_for("Queue  2 need you")

        go_to(screen, working["name"])
        screen.wait_for(r"status\s+assigned\s+≠ working\s+accepted")
        screen.press("2")
        screen.wait_for("y recycle")
        screen.press("y", "3")
        screen.wait_for("Queue  1 needs you")

        go_to(screen, merged["name"])
        screen.wait_for(f"Noor Haddad merged the lead into {survivor['lead_id']}")
        screen.wait_for(f"2 decide {survivor['name']}")
        screen.press("2")
        screen.wait_for("a accept")
        screen.press("a")
        screen.wait_for("Queue  0 need you")

        screen.press("S")
        screen.wait_for("0 unsent")
        screen.press("q")
        screen.wait_for("Inbox")
        screen.press("q")
        assert screen.wait_for_exit() == 0

    assert sorted(story.effects()) == ["accept", "accept", "recycle"]
    assert story.lead(given)["owner"]["user_id"] == "U-02"
    assert (story.lead(archived)["status"], story.lead(archived)["archived"]) == ("accepted", False)
    assert story.lead(working)["status"] == "recycled"
    assert story.lead(survivor)["status"] == "accepted"
