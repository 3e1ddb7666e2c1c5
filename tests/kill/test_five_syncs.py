"""Five `triage sync` at once beside the app: one works, the others say who does; and an app that dies on its word."""

from __future__ import annotations

import os
import re
import signal
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cli.shell import Shell
from tests.kill.campaigns import drained, queue_of, signed_in
from tests.kill.checker import Asked, Histories, violations
from tests.kill.watched_crm import WatchedCrm, Weather, watched_crm
from tests.terminal import Terminal

pytestmark = [pytest.mark.kill, pytest.mark.pty]
SYNCS = 5
A_ROUND = 3
"""Leads that are decided before the five start, and again while they run."""
MARKED = 5
"""Leads that are rejected at once: of those that were contacted, which cannot be, some gather at the top."""
PATIENCE = 40.0
TRIAGE = [sys.executable, "-m", "triage"]
OTHER = re.compile(
    r"Another sync is running \((?:process (\d+) since \d\d:\d\d:\d\d|another process)\)\. Nothing"
)
"""It has no number only in the moment between taking the lock and writing down who did."""


@contextmanager
def an_office(folder: Path, weather: Weather) -> Iterator[tuple[WatchedCrm, Shell]]:
    with watched_crm(folder, weather) as crm:
        shell = Shell(folder / "home", token=crm.rep_token)
        signed_in(shell, crm)
        yield crm, shell


class Desk:
    """The app in a terminal, and how many leads were accepted in it by key."""

    def __init__(self, screen: Terminal) -> None:
        self.screen = screen
        self.screen.wait_for("▌", patience=PATIENCE)
        self._left = int(screen.wait_for(r"Inbox (\d+)")[1])
        self.decided = 0
        self.senders = {screen.pid}
        """Who may have been syncing so far."""

    def accept(self, count: int) -> None:
        """Accept leads; on return the screen has said so."""
        self.screen.press(*["a"] * count)
        self._left -= count
        self.decided += count
        self.screen.wait_for(rf"Inbox {self._left}\b", patience=PATIENCE)


def five_syncs(shell: Shell, desk: Desk) -> tuple[int, int]:
    """Run five at once while leads are decided; return how many worked, and how many named who does."""
    desk.accept(A_ROUND)
    running = [shell.start("sync") for _ in range(SYNCS)]
    desk.accept(A_ROUND)
    desk.senders |= {process.pid for process in running}
    worked = others = 0
    for process in running:
        _, err = process.communicate(timeout=3 * PATIENCE)
        assert process.returncode == 0, err
        assert "locked" not in err
        assert "Traceback" not in err
        found = OTHER.search(err)
        assert found is None or found[1] is None or int(found[1]) in desk.senders
        worked, others = worked + (found is None), others + (found is not None)
    return worked, others


def rounds_of_five_syncs(folder: Path, rounds: int) -> None:
    worked, others = 0, 0
    weather = Weather(leads=2 * A_ROUND * rounds + 20, slow=0.8)
    with an_office(folder, weather) as (crm, shell):
        with Terminal(TRIAGE, env=shell.environ) as screen:
            desk = Desk(screen)
            for _ in range(rounds):
                one, rest = five_syncs(shell, desk)
                worked, others = worked + one, others + rest
            assert b"locked" not in bytes(screen.raw)
            assert b"Traceback" not in bytes(screen.raw)
        queue = drained(shell)
        histories = Histories((), queue, crm.effects(), crm.history())
    arrivals = Counter(event.id for event in histories.crm if isinstance(event, Asked))
    sys.stdout.write(
        f"{rounds} rounds: {worked} worked, {others} named who does, {len(arrivals)} decisions\n"
    )
    assert Counter(item.state for item in queue) == {"applied": desk.decided}
    assert set(arrivals.values()) == {1}
    assert violations(histories) == []
    assert worked
    assert others


@pytest.mark.timeout(300)
def test_of_five_syncs_beside_the_app_one_works_and_the_others_say_who(tmp_path: Path) -> None:
    rounds_of_five_syncs(tmp_path, rounds=2)


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_fifty_rounds_of_five_syncs_send_nothing_twice(tmp_path: Path) -> None:
    rounds_of_five_syncs(tmp_path, rounds=50)


def apps_killed_on_their_word(folder: Path, rounds: int) -> None:
    """Kill the app as soon as it says that leads are rejected; they are in the queue."""
    said = 0
    with an_office(folder, Weather(leads=MARKED * rounds + 40)) as (_, shell):
        for _ in range(rounds):
            with Terminal(TRIAGE, env=shell.environ) as screen:
                screen.wait_for("▌", patience=PATIENCE)
                screen.press(*["space"] * MARKED, "r", "8")
                found = screen.wait_for(r"(\d+) rejected.*u undoes|rejected: .*u undoes", patience=PATIENCE)
                os.kill(screen.pid, signal.SIGKILL)
                screen.wait_for_exit()
            said += int(found[1] or 1)
            ids = Counter(item.id for item in queue_of(shell))
            assert ids.total() == len(ids) == said
    sys.stdout.write(f"{rounds} apps killed: {said} rejections said, all in the queue\n")
    assert said >= rounds


@pytest.mark.timeout(300)
def test_an_app_that_is_killed_on_its_word_has_kept_it(tmp_path: Path) -> None:
    apps_killed_on_their_word(tmp_path, rounds=2)


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_thirty_apps_that_are_killed_on_their_word_have_kept_it(tmp_path: Path) -> None:
    apps_killed_on_their_word(tmp_path, rounds=30)
