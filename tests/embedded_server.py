"""Starts the embedded CRM as a process of its own, for any suite that needs a CRM to talk to."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from triage.embedded.members import token_of

_PROGRAM = """
import json, pathlib, sys
from triage.embedded.server import serve
wanted = json.loads(sys.argv[1])
state = pathlib.Path(wanted["state"]) if wanted["state"] else None
faults = wanted["faults"]
serve(
    port=wanted["port"], leads=wanted["leads"], seed=wanted["seed"], state=state, parent_pipe=0,
    history=wanted["history"],
    faults=faults if isinstance(faults, str) else [tuple(entry) for entry in faults],
    on_listening=lambda facts: print(json.dumps(facts), flush=True),
)
"""


@dataclass(slots=True)
class RunningServer:
    """A CRM that listens; ends with the test, or earlier on request."""

    url: str
    rep_token: str
    marketing_token: str
    pid: int
    note: str | None
    seed: int
    process: subprocess.Popen[str]

    def token_of(self, user_id: str) -> str:
        """Return another member's token: U-01 (rep_token) to U-10 are reps."""
        return token_of(user_id, self.seed)

    def stop(self) -> int:
        """End it with SIGTERM; return its exit code."""
        return self._end(signal.SIGTERM)

    def kill(self) -> int:
        """End it with SIGKILL, as a power cut would; return its exit code."""
        return self._end(signal.SIGKILL)

    def _end(self, number: signal.Signals) -> int:
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(timeout=10)


@contextlib.contextmanager
def running_server(
    *,
    leads: int = 12,
    seed: int = 7,
    state: Path | None = None,
    faults: str | Sequence[tuple[int | str, str]] = "",
    port: int = 0,
    history: bool = False,
) -> Iterator[RunningServer]:
    """Run the server until the block ends. It also ends when this process does, however that comes about."""
    server = start_server(leads=leads, seed=seed, state=state, faults=faults, port=port, history=history)
    try:
        yield server
    finally:
        server.stop()
        _close_pipes(server.process)


def start_server(
    *,
    leads: int = 12,
    seed: int = 7,
    state: Path | None = None,
    faults: str | Sequence[tuple[int | str, str]] = "",
    port: int = 0,
    history: bool = False,
) -> RunningServer:
    """Start the server and wait until it listens; RuntimeError with its last words if it does not."""
    wanted = {
        "leads": leads,
        "seed": seed,
        "state": str(state) if state else None,
        "faults": faults,
        "port": port,
        "history": history,
    }
    process = subprocess.Popen(
        [sys.executable, "-c", _PROGRAM, json.dumps(wanted)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parent.parent,
        env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"},
    )
    assert process.stdout is not None
    assert process.stderr is not None
    line = process.stdout.readline()
    if not line:
        process.wait(timeout=10)
        words = process.stderr.read()
        _close_pipes(process)
        raise RuntimeError(f"The server did not start: {words}")
    facts = json.loads(line)
    return RunningServer(
        url=facts["url"],
        rep_token=facts["rep_token"],
        marketing_token=facts["marketing_token"],
        pid=facts["pid"],
        note=facts.get("note"),
        seed=seed,
        process=process,
    )


def _close_pipes(process: subprocess.Popen[str]) -> None:
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe is not None:
            pipe.close()
