"""A campaign from end to end: a CRM, a signed-in home, processes that are killed, a full drain, the histories."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tests.cli.shell import Shell
from tests.kill.checker import Acked, Asked, Changed, Histories, Queued, Seen, unsettled
from tests.kill.watched_crm import ROOT, WatchedCrm, Weather, watched_crm
from tests.kill.zygote import Campaign
from triage.house import House
from triage.wiring import open_session

FAULTS = (
    "drop-before-commit:0.08,drop-after-commit:0.1,500-before-commit:0.05,500-after-commit:0.1,partial:0.1,"
    "conflict:0.05,reassign:0.05,truncate:0.02,html:0.01,429:0.005,401:0.005,latency:0.02"
)
"""Faults of a write at 10 % and less; those that strike any request are rarer, for a sync makes a dozen."""
Lives = tuple[tuple[str, tuple[float, float] | None], ...]
LIVES: Lives = (("decider", (0.003, 0.8)), ("syncer", (0.003, 0.8)))
LONG: Lives = (("decider", (0.003, 5.0)), ("syncer", (0.003, 3.0)))
"""Seconds from having opened the files: from the first step to several rounds of work."""
UNKILLED: Lives = (("decider", None), ("syncer", None))
_DRAINS = 12


@dataclass(frozen=True, slots=True)
class Fight:
    """What kind of campaign it is to be."""

    kills: int = 60
    acks: int = 0
    syncs: int = 0
    seed: int = 20261117
    weather: Weather = field(default_factory=lambda: Weather(faults=FAULTS))
    roles: tuple[tuple[str, int], ...] = (("decider", 1), ("syncer", 1), ("meddler", 1))
    lives: Lives = LIVES
    mutant: str = ""
    pace: float = 0.03


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a campaign left behind."""

    histories: Histories
    kills: Counter[str]
    words: Counter[str]
    seconds: float
    stderr: str

    @property
    def acknowledged(self) -> set[str]:
        """The ids that a process said it had recorded."""
        return {one.id for one in self.histories.acked}

    @property
    def figures(self) -> dict[str, Any]:
        """What there is to report."""
        histories = self.histories
        asked = Counter(event.outcome for event in histories.crm if isinstance(event, Asked))
        return {
            "kills": dict(self.kills),
            "acknowledged": len(self.acknowledged),
            "recorded, killed before saying so": len({one.id for one in histories.queue} - self.acknowledged),
            "states": dict(Counter(item.state for item in histories.queue)),
            "effects": len(histories.effects),
            "changed by others": sum(isinstance(event, Changed) for event in histories.crm),
            "answers": dict(asked),
            "syncs": dict(self.words),
            "seconds": round(self.seconds, 1),
        }


def fought(folder: Path, fight: Fight) -> Outcome:
    """Run a campaign to its end, and drain."""
    with watched_crm(folder, fight.weather) as crm:
        shell = Shell(folder / "home", token=crm.rep_token)
        leads = signed_in(shell, crm)
        stderr = _war(folder, fight, crm, leads)
        crm.calm_down()
        queue = drained(shell)
        arrived = len(crm.history())
        shell.run("sync")
        history = crm.history()
        figures = json.loads((folder / "figures.json").read_text())
        histories = Histories(
            acked=[_acked(row) for row in json.loads((folder / "acked.json").read_text())],
            queue=queue,
            effects=crm.effects(),
            crm=history,
            written_when_calm=len(history) - arrived,
        )
    return Outcome(
        histories, Counter(figures["kills"]), Counter(figures["words"]), figures["seconds"], stderr
    )


def drained(shell: Shell) -> list[Queued]:
    """Sync until nothing is under way, or it is no use; return the queue as the command line shows it."""
    for _ in range(_DRAINS):
        asyncio.run(_synced(shell, deliver=True))
        queue = queue_of(shell)
        if not list(unsettled(queue)):
            break
    return queue


def queue_of(shell: Shell) -> list[Queued]:
    """Return the whole queue as the command line shows it."""
    rows = shell.ok("queue", "list", "--all", "--json").json
    return [
        Queued(row["id"], row["lead_id"], row["state"], row["kind"], receipt=row["receipt"] is not None)
        for row in rows
    ]


def signed_in(shell: Shell, crm: WatchedCrm) -> tuple[str, ...]:
    """Sign in and fetch, however often a fault strikes; return the leads."""
    for _ in range(_DRAINS):
        if shell.run("login", "work", "--url", crm.url).code == 0:
            break
    leads: tuple[str, ...] = ()
    for _ in range(_DRAINS):
        leads = leads or asyncio.run(_synced(shell, deliver=False))
    return leads


async def _synced(shell: Shell, *, deliver: bool) -> tuple[str, ...]:
    """Run one sync in this process: half a second cheaper than a start; return the leads in the cache."""
    session = open_session(House.found(shell.environ))
    async for _event in session.sync(everything=True, deliver=deliver):
        pass
    leads = tuple(entry.lead_id for entry in await session.call(session.desk.entries))
    await session.aclose()
    return leads


def _war(folder: Path, fight: Fight, crm: WatchedCrm, leads: tuple[str, ...]) -> str:
    """Run the zygote to its end; return what its children wrote to stderr."""
    campaign = Campaign(
        home=str(folder / "home"),
        folder=str(folder),
        url=crm.url,
        rep_token=crm.rep_token,
        marketing_token=crm.marketing_token,
        leads=leads,
        seed=fight.seed,
        kills=fight.kills,
        acks=fight.acks,
        syncs=fight.syncs,
        roles=dict(fight.roles),
        lives=dict(fight.lives),
        mutant=fight.mutant,
        pace=fight.pace,
    )
    ran = subprocess.run(
        [sys.executable, "-m", "tests.kill.zygote", json.dumps(asdict(campaign))],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stderr


def _acked(row: dict[str, Any]) -> Acked:
    seen = row.pop("seen")
    return Acked(**row, seen=Seen(**seen) if seen else None)
