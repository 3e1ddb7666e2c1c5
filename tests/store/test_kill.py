"""Processes that write at the same time, and processes that are killed at a random moment."""

from __future__ import annotations

import random
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from triage.store.tiny import JournalDB

ROOT = Path(__file__).parents[2]

INSERTS = """
import sys
from triage.store.tiny import JournalDB
db = JournalDB(sys.argv[1], patience=60)
for number in range(250):
    if number % 5:
        db.table("items").insert({"by": sys.argv[2], "n": number})
    else:
        db.table("items").insert_multiple([{"by": sys.argv[2], "n": number}])
"""

# Acknowledges each act on a line of its own, after it returned.
VICTIM = """
import os, sys
from tinydb import where
from triage.store.tiny import JournalDB
db = JournalDB(sys.argv[1], indexes={"items": ("id", "state")}, patience=60)
items, name = db.table("items"), sys.argv[2]
number = 0
while True:
    number += 1
    key = f"{name}-{number}"
    kind = number % 7
    if kind == 3:
        with db.transaction():
            items.insert_multiple([{"id": f"{key}/{part}", "batch": key} for part in range(20)])
            db.table("batches").insert({"id": key})
    elif kind == 5:
        items.insert({"id": key, "state": "queued"})
        items.update({"state": "applied"}, where("id") == key)
        key += " applied"
    elif kind == 6 and number % 5 == 0:
        db.compact()
        continue
    else:
        items.insert({"id": key, "state": "queued"})
    os.write(1, (key + "\\n").encode())
"""


def start(code: str, *arguments: object) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT)


def test_two_processes_that_write_at_the_same_time_lose_nothing(path) -> None:
    writers = [start(INSERTS, path, name) for name in ("one", "two")]
    for writer in writers:
        assert writer.wait(60) == 0
        writer.stdout.close()
    rows = JournalDB(path).table("items").all()
    assert len(rows) == 500
    assert {(row["by"], row["n"]) for row in rows} == {(by, n) for by in ("one", "two") for n in range(250)}
    assert len({row.doc_id for row in rows}) == 500


def killed_after(victim: subprocess.Popen[bytes], seconds: float) -> list[str]:
    """Let it work for a moment behind its first acknowledgement, kill it, and return what it acknowledged."""
    assert select.select([victim.stdout], [], [], 60)[0]
    time.sleep(seconds)  # the random moment itself, not a wait for something
    victim.send_signal(signal.SIGKILL)
    acknowledged = victim.stdout.read().decode().split("\n")[:-1]
    victim.stdout.close()
    victim.wait()
    return acknowledged


def check(path: Path, acknowledged: list[str]) -> None:
    db = JournalDB(path, indexes={"items": ("id", "state")})
    items = db.table("items")
    batches = {row["id"] for row in db.table("batches").all()}
    for key in acknowledged:
        name, _, applied = key.partition(" ")
        row = items.one_by("id", name)
        if name in batches:
            assert len([True for part in range(20) if items.one_by("id", f"{name}/{part}")]) == 20
        else:
            assert row is not None, f"{name} was acknowledged and is lost"
        if applied:
            assert row["state"] == "applied"
    parts = [row["batch"] for row in items.all() if "batch" in row]
    assert {name: parts.count(name) for name in set(parts)} == dict.fromkeys(batches, 20)
    db.close()


@pytest.mark.kill
def test_no_kill_loses_an_acknowledged_record_or_leaves_half_a_transaction(path) -> None:
    dice = random.Random(7)
    acknowledged: list[str] = []
    for kill in range(24):
        acknowledged += killed_after(start(VICTIM, path, f"v{kill}"), dice.uniform(0, 0.12))
        check(path, acknowledged)
    assert len(acknowledged) > 100


@pytest.mark.kill
def test_a_writer_that_is_killed_takes_nothing_from_the_one_beside_it(path) -> None:
    dice = random.Random(11)
    acknowledged: list[str] = []
    for kill in range(6):
        survivor, victim = start(VICTIM, path, f"s{kill}"), start(VICTIM, path, f"v{kill}")
        acknowledged += killed_after(victim, dice.uniform(0, 0.1))
        acknowledged += killed_after(survivor, 0.05)
        check(path, acknowledged)
