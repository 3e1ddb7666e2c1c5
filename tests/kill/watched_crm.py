"""The embedded CRM as a process of its own that is never killed, with everything it was asked and did written down.

Owns the third history: each change of a lead behind the rep's back, and each decision or feedback that arrived, with
what became of it. A test may make this CRM worse than the real one: `forgetful` (it keeps no ids, so each arrival takes
effect) and `slow` (seconds before a batch is looked at).
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import httpx

from tests.kill.checker import Asked, Changed, Effect
from triage.embedded import decisions, feedback, forms, leads, ledger, server

ROOT = Path(__file__).parents[2]
REP = "Robin Vale"
"""Whose changes are the rep's own; all others are made behind the rep's back."""


@dataclass(frozen=True, slots=True)
class Weather:
    """What kind of CRM it is, and what befalls it."""

    leads: int = 60
    seed: int = 7
    faults: str = ""
    forgetful: bool = False
    slow: float = 0.0


@dataclass(slots=True)
class WatchedCrm:
    """A CRM that listens, as the tests see it."""

    url: str
    rep_token: str
    marketing_token: str
    log: Path
    process: subprocess.Popen[str] = field(repr=False)

    def calm_down(self) -> None:
        """End all faults, and wait until that holds."""
        self.process.send_signal(signal.SIGUSR1)
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "calm\n"

    def history(self) -> list[Changed | Asked]:
        """Return what happened at the CRM, in order."""
        kinds = {"changed": Changed, "asked": Asked}
        found: list[Changed | Asked] = []
        for line in self.log.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            found.append(kinds[row.pop("what")](**row))
        return found

    def effects(self) -> list[Effect]:
        """Return the audit: every effect ever made, in order. Ask when the CRM has calmed down."""
        found: list[Effect] = []
        params: dict[str, str] = {"limit": "500"}
        with httpx.Client(
            base_url=self.url, headers={"Authorization": f"Bearer {self.marketing_token}"}
        ) as client:
            while True:
                page = client.get("/v1/effects", params=params).raise_for_status().json()
                found += [Effect(row["id"], row["lead_id"], row["kind"]) for row in page["items"]]
                if not page["more"]:
                    return found
                params["cursor"] = page["next_cursor"]


@contextmanager
def watched_crm(folder: Path, weather: Weather) -> Iterator[WatchedCrm]:
    """Run the CRM for the length of the block; `folder` takes its log. It also ends when this process does."""
    folder.mkdir(parents=True, exist_ok=True)
    log, words = folder / "crm.log", folder / "crm.stderr"
    with (
        words.open("w") as stderr,
        subprocess.Popen(
            [sys.executable, "-m", "tests.kill.watched_crm", json.dumps(asdict(weather)), str(log)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
            cwd=ROOT,
            env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"},
        ) as process,
    ):
        try:
            assert process.stdout is not None
            facts = json.loads(process.stdout.readline() or "{}")
            assert facts, words.read_text()
            yield WatchedCrm(facts["url"], facts["rep_token"], facts["marketing_token"], log, process)
        finally:
            process.terminate()


class _Log:
    """Writes what happens, in the order in which it happens: the database lets one thread in at a time."""

    def __init__(self, path: Path) -> None:
        self._handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def write(self, what: str, **facts: Any) -> None:
        os.write(self._handle, (json.dumps({"what": what, **facts}) + "\n").encode())


def _watch_changes(log: _Log) -> None:
    plain = leads.change

    def change(database: Any, row: Any, state: Any, *, by: str, **rest: Any) -> int:
        version = plain(database, row, state, by=by, **rest)
        if by != REP:
            now = {"version": version, "owner": state.owner_id, "status": state.status}
            log.write("changed", lead_id=row["lead_id"], **now)
        return version

    leads.change = change


def _watch_arrivals(log: _Log, *, forgetful: bool) -> None:
    for module, name, kind in ((decisions, "decide", ledger.DECISION), (feedback, "give", ledger.FEEDBACK)):
        setattr(module, name, _watched(getattr(module, name), kind, log, forgetful=forgetful))


def _watched(take: Any, kind: Any, log: _Log, *, forgetful: bool) -> Any:
    def taken(database: Any, rep: Any, item: Any, now: Any) -> Any:
        if forgetful and ledger.find(database, kind, item[kind.id_field]) is not None:
            ledger.next_receipt(database, kind, item, now)  # nothing tells it that this one was here before
        answer = take(database, rep, item, now)
        log.write(
            "asked",
            id=item[kind.id_field],
            lead_id=item["lead_id"],
            kind=kind.name,
            outcome=answer["outcome"],
            **_lead_of(answer["receipt"]),
        )
        return answer

    return taken


def _lead_of(receipt: dict[str, Any] | None) -> dict[str, Any]:
    if receipt is None:
        return {}
    return {
        "version": int(receipt["version"]),
        "owner": receipt["owner"]["user_id"],
        "status": receipt["status"],
    }


def _dawdle(seconds: float) -> None:
    for name in ("decisions", "feedback"):
        plain = getattr(forms, name)

        def slowly(body: bytes, plain: Any = plain) -> Any:
            time.sleep(seconds)
            return plain(body)

        setattr(forms, name, slowly)


def _let_calm_down() -> None:
    plain = server.__dict__["parse_plan"]

    def parse_plan(text: str, seed: int = 0) -> Any:
        plan = plain(text, seed)

        def calm(_number: int, _frame: Any) -> None:
            plan.chances = ()
            os.write(1, b"calm\n")

        signal.signal(signal.SIGUSR1, calm)
        return plan

    server.__dict__["parse_plan"] = parse_plan


def _tell(facts: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Serve until told to end."""
    weather = Weather(**json.loads(sys.argv[1]))
    log = _Log(Path(sys.argv[2]))
    _watch_changes(log)
    _watch_arrivals(log, forgetful=weather.forgetful)
    _let_calm_down()
    if weather.slow:
        _dawdle(weather.slow)
    server.serve(
        port=0,
        leads=weather.leads,
        seed=weather.seed,
        state=None,
        faults=weather.faults,
        parent_pipe=0,
        on_listening=_tell,
    )


if __name__ == "__main__":
    main()
