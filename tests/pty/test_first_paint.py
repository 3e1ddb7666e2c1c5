"""The cached inbox is on the screen before the keyring or the network is touched, and while neither answers.

Nothing is timed: the keyring stops the whole process at the first look at it, and what is on the screen by then
was painted before.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bench.leads import believable
from config import write
from config.paths import paths
from config.settings import Profile
from tests.terminal import Terminal
from triage.house import House
from triage.wiring import open_session

pytestmark = pytest.mark.pty
TRIAGE = [sys.executable, "-m", "triage"]
LEADS = 40
STOPPING = {"PYTHON_KEYRING_BACKEND": "tests.pty.stopping_keyring.Stopping"}
IN_FRONT = (
    "from config.credentials import Keyring;"
    "Keyring().read('triage', 'rep'); from triage.__main__ import main; main()"
)
"""The program with the protection taken out: the keyring is asked before the app is opened."""
PATIENCE = 60.0


@pytest.fixture
def silent() -> Iterator[socket.socket]:
    """A CRM's address where connections are taken and nothing is ever answered."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening


@pytest.fixture
def environ(tmp_path: Path, silent: socket.socket) -> dict[str, str]:
    """The surroundings of a rep with cached leads, who has no token outside the keyring."""
    known = {name: value for name, value in os.environ.items() if not name.startswith("TRIAGE_TOKEN")}
    environ = {**known, "TRIAGE_HOME": str(tmp_path)}
    profile = Profile(url=f"http://127.0.0.1:{silent.getsockname()[1]}", account_id="here")
    write.save_profile(paths(environ).settings_file, "work", profile)
    session = open_session(House.found(environ))
    leads = list(believable(LEADS, datetime.now(UTC)))
    session.wait(session.desk.leads.replace_all, leads, frozenset(), "1")
    asyncio.run(session.aclose())
    return environ


def is_stopped(pid: int) -> bool:
    """Whether the process stands still; looked at without taking note of its end."""
    return os.waitid(os.P_PID, pid, os.WSTOPPED | os.WNOHANG | os.WNOWAIT) is not None


def shown_when_it_stopped(command: list[str], environ: dict[str, str]) -> str:
    """Start a program and return what is on its screen at the moment it stops."""
    with Terminal(command, columns=120, lines=30, env={**environ, **STOPPING}) as screen:
        until = time.monotonic() + PATIENCE
        while not is_stopped(screen.pid):
            assert time.monotonic() < until, f"the keyring was never looked at:\n{screen.text}"
            time.sleep(0.02)
        text = screen.text
        os.kill(screen.pid, signal.SIGKILL)
        return text


def test_the_inbox_is_painted_before_the_keyring_is_looked_at(environ):
    text = shown_when_it_stopped(TRIAGE, environ)
    assert f"Inbox {LEADS}" in text
    assert "LEAD 00000" in text


def test_the_check_sees_a_keyring_that_is_looked_at_first(environ):
    assert "LEAD 00000" not in shown_when_it_stopped([sys.executable, "-c", IN_FRONT], environ)


def test_keys_work_while_the_crm_answers_nothing(environ, silent):
    with Terminal(TRIAGE, columns=120, lines=30, env={**environ, "TRIAGE_TOKEN": "none"}) as screen:
        screen.wait_for("─ LEAD 00000 ", patience=PATIENCE)
        silent.settimeout(PATIENCE)
        waiting, _address = silent.accept()  # from here on a request is out, and nobody answers it
        with waiting:
            screen.press("j")
            screen.wait_for("─ LEAD 00001 ", patience=PATIENCE)
            screen.press("?")
            screen.wait_for("Help", patience=PATIENCE)
            screen.press("escape")
            screen.wait_for("─ LEAD 00001 ", patience=PATIENCE)
            screen.press("q")
            assert screen.wait_for_exit(PATIENCE) == 0
