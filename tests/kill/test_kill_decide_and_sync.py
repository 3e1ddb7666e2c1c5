"""`kill -9` at random moments, of the shell that decides and of the one that syncs, on a CRM that misbehaves.

Three histories are compared afterwards: what was acknowledged on stdout, what the queue holds, and what took
effect at the CRM, which is never killed.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.cli.shell import Shell
from tests.embedded_server import RunningServer, running_server

ROUNDS = int(os.environ.get("TRIAGE_KILL_ROUNDS", "12"))
FAULTS = "drop-after-commit,drop-before-commit,500-after-commit,429"
BULK = 3
WINDOW = (0.5, 2.5)
"""Within which part of its usual length a process is killed: two at a time take longer than one."""
DRAINED_WITHIN = 60
SETTLED = {"applied", "reviewed", "conflict", "refused", "withdrawn", "superseded"}


def took(shell: Shell, *arguments: str) -> float:
    """Run a command to its end; returns how many seconds that takes on this machine."""
    begun = time.monotonic()
    shell.run(*arguments)
    return time.monotonic() - begun


def kill_later(process: subprocess.Popen[str], usual: float, chance: random.Random) -> threading.Timer:
    """Kill a process at a random moment of its usual length, mostly after its imports."""
    timer = threading.Timer(chance.uniform(*WINDOW) * usual, process.kill)
    timer.start()
    return timer


def ended(process: subprocess.Popen[str], timer: threading.Timer) -> tuple[str, bool]:
    """Wait for the end; returns what was printed, and whether it was the kill that ended it."""
    out, _ = process.communicate()
    timer.cancel()
    return out, process.returncode == -9


def acknowledged_in(printed: str) -> list[dict[str, Any]]:
    """Return the decisions of a complete answer; half a document acknowledged nothing."""
    try:
        answer = json.loads(printed)
    except ValueError:
        return []
    return [one for one in answer if "decision_id" in one]


def effects_at(server: RunningServer) -> Counter[str]:
    found: list[str] = []
    cursor, more = "", True
    while more:
        page = httpx.get(
            f"{server.url}/v1/effects",
            params={"limit": "500"} | ({"cursor": cursor} if cursor else {}),
            headers={"Authorization": f"Bearer {server.marketing_token}"},
        )
        if page.status_code != 200:
            continue
        body = page.json()
        found += [row["id"] for row in body["items"]]
        cursor, more = body["next_cursor"], body["more"]
    return Counter(found)


def patient_effects(server: RunningServer) -> Counter[str]:
    """Ask for the effects again where a fault struck the question."""
    deadline = time.monotonic() + DRAINED_WITHIN
    while True:
        try:
            return effects_at(server)
        except (httpx.HTTPError, ValueError):
            assert time.monotonic() < deadline


def drain(shell: Shell) -> list[dict[str, Any]]:
    """Sync until nothing is on its way; returns the queue."""
    deadline = time.monotonic() + DRAINED_WITHIN
    while time.monotonic() < deadline:
        shell.run("sync")
        queue: list[dict[str, Any]] = shell.ok("queue", "list", "--all", "--json").json
        if all(item["state"] in SETTLED for item in queue):
            return queue
    raise AssertionError(Counter(item["state"] for item in queue))


@pytest.mark.kill
@pytest.mark.timeout(900)
def test_no_acknowledged_decision_is_lost_or_doubled_by_kill_9(tmp_path: Path) -> None:
    chance = random.Random(20261117)
    acknowledged: list[str] = []
    kills: Counter[str] = Counter()
    with running_server(leads=BULK * ROUNDS + 20, faults=FAULTS) as server:
        shell = Shell(tmp_path, token=server.rep_token)
        while shell.run("login", "work", "--url", server.url).code:
            pass
        while shell.run("pull").code:
            pass
        leads = [one["lead_id"] for one in shell.ok("list", "--json").json if not one["contacted_at"]]
        usual = took(shell, "list")
        for number in range(ROUNDS):
            chosen = leads[number * BULK : (number + 1) * BULK]
            syncing = shell.start("sync", "--json")
            deciding = shell.start("decide", "reject", *chosen, "--reason", "NOT_A_BUYER", "--json")
            timers = [kill_later(process, usual, chance) for process in (deciding, syncing)]
            printed, was_killed = ended(deciding, timers[0])
            kills["decide"] += was_killed
            acknowledged += [one["decision_id"] for one in acknowledged_in(printed)]
            _, was_killed = ended(syncing, timers[1])
            kills["sync"] += was_killed
        queue = drain(shell)
        effects = patient_effects(server)
    states = Counter(item["id"] for item in queue)
    by_id = {item["id"]: item["state"] for item in queue}
    figures = f"{dict(kills)} kills, {len(acknowledged)} acknowledged, {len(queue)} in the queue"
    sys.stdout.write(f"{ROUNDS} rounds: {figures}\n")
    assert acknowledged
    assert kills["decide"] + kills["sync"] > 0
    assert all(states[item_id] == 1 for item_id in acknowledged)
    assert all(count == 1 for count in states.values())
    assert max(effects.values()) == 1
    assert {item_id for item_id, state in by_id.items() if state == "applied"} == set(effects)
