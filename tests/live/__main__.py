"""`make live`: a real BottleCRM on loopback, what is promised played on it, and nothing of it left.

python -m tests.live [--stay | PYTEST ARGUMENT ...]

With --stay nothing is tested: the server stays up until Ctrl-C, for whoever works on the adapter.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.live import database, packages, prerequisites, seeding, services, shell
from tests.live.place import VARIABLE, Place, made
from tests.live.service import Failed, tail
from tests.live.steps import say, step

ROOT = Path(__file__).parents[2]
STAY = "--stay"
_LAST_WORDS = 60.0
"""Seconds for the tests to leave when they are told to."""


def main() -> int:
    """Run it all; returns 0 where everything passed, 2 where the machine lacks something, else 1."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _leave)
    started = time.monotonic()
    try:
        interpreter = prerequisites.check()
        programs = _debian()
        with packages.one_at_a_time(), step(f"packages of BottleCRM, on {interpreter}") as remarks:
            remarks.append("kept by an earlier run" if packages.is_ready(interpreter) else "installed")
            venv = packages.environment(interpreter)
        with _folder() as folder, _running(made(folder, venv, programs)) as place:
            if sys.argv[1:] == [STAY]:
                return _stay(place)
            code = _tested(place, sys.argv[1:])
            figures = place.figures.read_text(encoding="utf-8") if place.figures.exists() else ""
    except prerequisites.Missing as missing:
        say(f"✗ {missing}")
        return 2
    except Failed as failed:
        say(f"✗ {failed}")
        return 1
    except KeyboardInterrupt:
        say("✗ interrupted")
        return 130
    say(f"Figures:\n{figures}" if figures else "No figures.")
    say(f"{'✓ all passed' if code == 0 else '✗ not all passed'} in {time.monotonic() - started:.0f} s")
    return code


def _leave(number: int, _frame: object) -> None:
    raise KeyboardInterrupt(f"signal {number}")


def _debian() -> Path:
    missing = prerequisites.missing_packages()
    if missing:
        with step(f"apt-get install {' '.join(missing)}"):
            prerequisites.install(missing)
    programs = prerequisites.server_programs()
    if programs is None:
        raise prerequisites.Missing(
            "PostgreSQL was installed, and its programs are not in /usr/lib/postgresql."
        )
    return programs


@contextmanager
def _folder() -> Iterator[Path]:
    """Make the run's own folder, and remove it; PostgreSQL's user must be able to pass through it."""
    folder = Path(tempfile.mkdtemp(prefix="triage-live-"))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _running(place: Place) -> Iterator[Place]:
    """Bring the server up and seed it; take it down whatever happens, once nobody can interrupt that."""
    try:
        _brought_up(place)
        yield place
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        with step("down") as remarks:
            remarks.append(_taken_down(place))


def _brought_up(place: Place) -> None:
    with step("PostgreSQL") as remarks:
        database.make(place)
        remarks.append(f"port {place.postgres_port}")
    with packages.one_at_a_time():
        if database.kept_schema(place).exists():
            with step("schema, from an earlier run's dump"):
                database.restore(place)
        else:
            with step("schema, by the server's own migrations (minutes, the first time)"):
                database.migrate(place)
    _, *others = services.all_of(place)
    for service in others:
        with step(service.name):
            service.start()
    with step("people and their tokens") as remarks:
        who = seeding.people(place)
        remarks.append(f"{len(who)} at {place.url}")
    with step("leads") as remarks:
        remarks.append(str(seeding.leads(place, who)))
    with step("triage login and triage setup, by an admin") as remarks:
        remarks.append(shell.fields_made(place))


def _taken_down(place: Place) -> str:
    for service in reversed(services.all_of(place)):
        service.stop()
    left = [
        f"{service.name} ({service.pid})" for service in services.all_of(place) if service.pid is not None
    ]
    if left:
        raise Failed(f"still running: {', '.join(left)}")
    return "nothing is left running"


def _stay(place: Place) -> int:
    say(f"{place.url} is up until Ctrl-C: {VARIABLE}={place.write()} python -m pytest -m live tests/live")
    with suppress(KeyboardInterrupt):
        signal.pause()
    return 0


def _tested(place: Place, asked: list[str]) -> int:
    """Run the tests in a process of their own; returns its exit code."""
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-m",
        "live",
        "-rs",
        "-v",
        "--timeout",
        "900",
    ]
    environ = {**os.environ, VARIABLE: str(place.write())}
    tests = subprocess.Popen([*command, *(asked or ["tests/live"])], cwd=ROOT, env=environ)
    try:
        code = tests.wait()
    except BaseException:
        tests.terminate()
        tests.wait(_LAST_WORDS)
        raise
    if code:
        say(f"The server's last words:\n{tail(services.server(place).log)}")
    return code


if __name__ == "__main__":
    sys.exit(main())
