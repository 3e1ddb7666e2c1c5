"""`kill -9` at random moments, of the process that decides and of the one that syncs, on a CRM that misbehaves.

Three histories are compared afterwards: what was acknowledged, what the queue holds, and what took effect at the CRM,
which is never killed. A kill leaves what the system was given: that a commit is also flushed to the disk is held by
the power-loss model in tests/store, and cannot be seen here.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.cli.shell import Shell
from tests.kill.campaigns import FAULTS, LONG, Fight, Outcome, drained, fought, signed_in
from tests.kill.checker import Acked, Histories, violations
from tests.kill.watched_crm import Weather, watched_crm

BULK = 3
CAMPAIGNS = 20
"""Of the long form: each with another seed and a fresh home, for opening a long journal is not what is tested."""
MOST = 4
"""So many times the rounds are played until something was acknowledged and something was killed."""
WINDOW = (0.5, 2.5)
"""Within which part of its usual length a command is killed: two at a time take longer than one."""
ALONE = (("decider", 1), ("syncer", 1), ("meddler", 1))
CROWD = (("decider", 2), ("syncer", 2), ("meddler", 1))


def judged(outcome: Outcome) -> Outcome:
    """Print the figures, and fail over anything that is wrong."""
    sys.stdout.write(f"{json.dumps(outcome.figures)}\n")
    assert outcome.stderr == ""
    assert [str(one) for one in violations(outcome.histories)] == []
    return outcome


@pytest.mark.kill
@pytest.mark.timeout(300)
def test_no_acknowledged_decision_is_lost_or_doubled_by_kill_9(tmp_path: Path) -> None:
    outcome = judged(fought(tmp_path, Fight(kills=60, acks=60)))
    assert outcome.kills.total() >= 60
    assert min(outcome.kills["decider"], outcome.kills["syncer"]) > 0
    assert outcome.acknowledged
    assert outcome.histories.effects


@pytest.mark.kill
@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_a_thousand_kills_lose_and_double_nothing(tmp_path: Path) -> None:
    kills: Counter[str] = Counter()
    acknowledged = 0
    for number in range(CAMPAIGNS):
        weather = Weather(leads=150, seed=number, faults=FAULTS)
        roles = CROWD if number % 2 else ALONE
        fight = Fight(
            kills=1050 // CAMPAIGNS,
            acks=12_000 // CAMPAIGNS,
            seed=number,
            weather=weather,
            roles=roles,
            lives=LONG,
            pace=0.01,
        )
        outcome = judged(fought(tmp_path / str(number), fight))
        kills += outcome.kills
        acknowledged += len(outcome.acknowledged)
    sys.stdout.write(f"{dict(kills)} kills, {acknowledged} acknowledged\n")
    assert kills.total() >= 1000
    assert acknowledged >= 10_000


def kill_later(process: subprocess.Popen[str], usual: float, chance: random.Random) -> threading.Timer:
    """Kill a process at a random moment of its usual length, mostly after its imports."""
    timer = threading.Timer(chance.uniform(*WINDOW) * usual, process.kill)
    timer.start()
    return timer


def ended(process: subprocess.Popen[str], timer: threading.Timer) -> tuple[str, bool]:
    """Wait for the end; return what was printed, and whether it was the kill that ended it."""
    out, err = process.communicate()
    timer.cancel()
    assert "Traceback" not in err
    return out, process.returncode == -9


def acknowledged_in(printed: str) -> list[dict[str, Any]]:
    """Return the decisions of a complete answer; half a document acknowledged nothing."""
    try:
        answer = json.loads(printed)
    except ValueError:
        return []
    return [one for one in answer if "decision_id" in one]


def commands_killed(folder: Path, rounds: int) -> None:
    """Kill `triage decide` and `triage sync` themselves, side by side, and compare the histories."""
    chance = random.Random(20261117)
    acked: list[Acked] = []
    kills: Counter[str] = Counter()
    with watched_crm(folder, Weather(leads=BULK * MOST * rounds + 20, faults=FAULTS)) as crm:
        shell = Shell(folder / "home", token=crm.rep_token)
        signed_in(shell, crm)
        leads = [one["lead_id"] for one in shell.ok("list", "--json").json if not one["contacted_at"]]
        begun = time.monotonic()
        shell.run("list")
        usual = time.monotonic() - begun
        for number in range(MOST * rounds):
            if number >= rounds and acked and kills.total():
                break
            chosen = leads[number * BULK : (number + 1) * BULK]
            deciding = shell.start("decide", "reject", *chosen, "--reason", "NOT_A_BUYER", "--json")
            syncing = shell.start("sync", "--json")
            timers = [kill_later(process, usual, chance) for process in (deciding, syncing)]
            printed, was_killed = ended(deciding, timers[0])
            kills["decide"] += was_killed
            acked += [Acked(one["decision_id"], one["lead_id"]) for one in acknowledged_in(printed)]
            kills["sync"] += ended(syncing, timers[1])[1]
        crm.calm_down()
        queue = drained(shell)
        histories = Histories(acked, queue, crm.effects(), crm.history())
    sys.stdout.write(
        f"{number} rounds: {dict(kills)} kills, {len(acked)} acknowledged, {len(queue)} in the queue\n"
    )
    assert acked
    assert kills.total() > 0
    assert [str(one) for one in violations(histories)] == []


@pytest.mark.kill
@pytest.mark.timeout(300)
def test_the_commands_themselves_may_be_killed(tmp_path: Path) -> None:
    commands_killed(tmp_path, rounds=4)


@pytest.mark.kill
@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_the_commands_themselves_may_be_killed_many_times(tmp_path: Path) -> None:
    commands_killed(tmp_path, rounds=60)
