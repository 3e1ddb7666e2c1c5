"""The parent of all processes that a campaign kills: imports everything once, then forks, kills and forks again.

A fork costs a hundredth of what a start does, so that a thousand kills take minutes. It has no thread and opens no
store: a child begins as a fresh process would. Must be a process of its own, never the one that runs the tests.
"""

from __future__ import annotations

import json
import logging
import math
import os
import random
import select
import signal
import sys
import time
import traceback
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import keyring  # noqa: F401 - so that no child pays for the import
import stamina  # noqa: F401
import truststore  # noqa: F401

import triage.crm.rest
from tests.kill.children import OPENED, ROLES, Place
from tests.kill.mutants import MUTANTS

assert triage.crm.rest  # the adapter, loaded before the first fork
_BUG = 70
"""Exit code of a child that raised."""
_LOOK_EVERY = 0.05
_STILLBORN = 0.25
"""The share of those that die while they open their files, however long that takes on a busy machine."""
_OPENING = (0.003, 0.3)


@dataclass(frozen=True, slots=True)
class Campaign:
    """Whom to run and for how long.

    `lives` are the shortest and the longest life of a role, in seconds from its having opened its files; None
    for no kill.
    """

    home: str
    folder: str
    url: str
    rep_token: str
    marketing_token: str
    leads: tuple[str, ...]
    seed: int
    kills: int
    acks: int
    syncs: int
    """How many syncs are to reach their end, well or not."""
    roles: dict[str, int]
    lives: dict[str, tuple[float, float] | None]
    mutant: str = ""
    pace: float = 0.03
    patience: float = 600.0
    """Seconds after which it gives up."""


@dataclass(slots=True)
class _Child:
    """One running process."""

    role: str
    pid: int
    pipe: int
    dies_at: float
    life: float | None
    """Seconds to live from its first word on; None where that changes nothing."""
    said: bytearray = field(default_factory=bytearray)

    def hear(self) -> bool:
        """Take in what it says; False at its end."""
        chunk = os.read(self.pipe, 65536)
        self.said += chunk
        return bool(chunk)

    def lines(self) -> list[Any]:
        """Return what it said in whole lines since the last look."""
        whole, _, self.said[:] = self.said.rpartition(b"\n")
        return [json.loads(line) for line in whole.splitlines()]


class Zygote:
    """Keeps a campaign's processes running, and kills them."""

    def __init__(self, campaign: Campaign) -> None:
        self._campaign = campaign
        self._dice = random.Random(campaign.seed)
        self._children: list[_Child] = []
        self._born = 0
        self.kills: Counter[str] = Counter()
        self.words: Counter[str] = Counter()
        self.acked: list[Any] = []
        self.bugs = 0

    def run(self) -> None:
        """Run until enough was killed and acknowledged; then end everyone, the unkilled ones gently."""
        until = time.monotonic() + self._campaign.patience
        while not self._is_enough() and time.monotonic() < until and not self.bugs:
            self._fill_up()
            self._hear(min(child.dies_at for child in self._children))
            for child in [child for child in self._children if child.dies_at <= time.monotonic()]:
                self._kill(child)
        for child in list(self._children):
            lives = self._campaign.lives.get(child.role)
            self._end(child, signal.SIGKILL if lives else signal.SIGTERM)

    def _is_enough(self) -> bool:
        campaign = self._campaign
        syncs = self.words.total() - self.words[OPENED]
        return (
            self.kills.total() >= campaign.kills
            and len(self.acked) >= campaign.acks
            and syncs >= campaign.syncs
        )

    def _fill_up(self) -> None:
        running = Counter(child.role for child in self._children)
        for role, wanted in self._campaign.roles.items():
            for _ in range(wanted - running[role]):
                self._children.append(self._bear(role))

    def _bear(self, role: str) -> _Child:
        self._born += 1
        reading, writing = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(reading)
            self._live(role, writing)
        os.close(writing)
        lives = self._campaign.lives.get(role)
        life = self._span(*lives) if lives else None
        born_at = time.monotonic()
        if life is not None and self._dice.random() < _STILLBORN:
            return _Child(role, pid, reading, born_at + self._span(*_OPENING), None)
        return _Child(role, pid, reading, born_at + self._campaign.patience, life)

    def _span(self, shortest: float, longest: float) -> float:
        """Draw a time: as many die in their first steps as after several rounds of work."""
        return math.exp(self._dice.uniform(math.log(shortest), math.log(longest)))

    def _live(self, role: str, out: int) -> None:
        """Be a child; never returns."""
        campaign = self._campaign
        seed = f"{campaign.seed}-{self._born}"
        random.seed(seed)  # or every child would wait the same backoff
        environ = {
            "TRIAGE_HOME": campaign.home,
            "TRIAGE_TOKEN": campaign.rep_token,
            "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
        }
        place = Place(
            environ,
            campaign.url,
            campaign.marketing_token,
            tuple(campaign.leads),
            random.Random(seed),
            out,
            campaign.pace,
        )
        try:
            if campaign.mutant:
                MUTANTS[campaign.mutant](place)
            ROLES[role](place)
            os._exit(0)
        except BaseException:  # noqa: BLE001 - the end of a process: said, never inherited by the parent's stack
            traceback.print_exc()
            sys.stderr.flush()
            os._exit(_BUG)

    def _hear(self, until: float) -> None:
        pipes = {child.pipe: child for child in self._children}
        wait = max(min(until - time.monotonic(), _LOOK_EVERY), 0)
        for pipe in select.select(list(pipes), [], [], wait)[0]:
            goes_on = pipes[pipe].hear()
            self._note(pipes[pipe])
            if not goes_on:
                self._bury(pipes[pipe])

    def _note(self, child: _Child) -> None:
        for line in child.lines():
            if child.life is not None:
                child.dies_at, child.life = time.monotonic() + child.life, None
            if isinstance(line, dict):
                self.words[line["word"]] += 1
            else:
                self.acked += line

    def _kill(self, child: _Child) -> None:
        self.kills[child.role] += 1
        self._end(child, signal.SIGKILL)

    def _end(self, child: _Child, number: signal.Signals) -> None:
        os.kill(child.pid, number)
        while child.hear():
            pass
        self._note(child)
        self._bury(child)

    def _bury(self, child: _Child) -> None:
        self._children.remove(child)
        os.close(child.pipe)
        _, status = os.waitpid(child.pid, 0)
        self.bugs += os.waitstatus_to_exitcode(status) == _BUG


def main() -> None:
    """Run one campaign, and write down what was acknowledged and how it went."""
    logging.getLogger("triage").addHandler(logging.NullHandler())  # what a log file would take is no output
    campaign = Campaign(**json.loads(sys.argv[1]))
    zygote = Zygote(campaign)
    begun = time.monotonic()
    zygote.run()
    figures = {
        "kills": zygote.kills,
        "words": zygote.words,
        "seconds": time.monotonic() - begun,
        "bugs": zygote.bugs,
    }
    Path(campaign.folder, "acked.json").write_text(json.dumps(zygote.acked))
    Path(campaign.folder, "figures.json").write_text(json.dumps(figures))


if __name__ == "__main__":
    main()
