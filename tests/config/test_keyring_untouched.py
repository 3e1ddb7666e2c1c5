"""What never asks a keyring, and what a keyring that hangs does not hold up."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.inside import Inside
from tests.cli.shell import Shell
from tests.config.secret_service import Seat, listener, wait_until
from tests.embedded_server import RunningServer, running_server
from tests.terminal import Terminal
from triage.cli.main import run

LOCAL = [
    ("list",),
    ("list", "--json"),
    ("show", "LEAD"),
    ("decide", "accept", "LEAD", "--preview"),
    ("decide", "accept", "LEAD"),
    ("undo",),
    ("feedback", "objection", "LEAD", "--category", "price"),
    ("queue",),
    ("queue", "--json"),
    ("paths",),
    ("keys",),
    ("keys", "--reasons"),
    ("profiles",),
    ("config", "show"),
    ("config", "check"),
]


@pytest.fixture(scope="module")
def crm() -> Iterator[RunningServer]:
    with running_server(leads=12) as server:
        yield server


@pytest.fixture(scope="module")
def pulled(crm: RunningServer, tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """A home that is signed in, with its leads."""
    shell = Inside(tmp_path_factory.mktemp("pulled"), token=crm.rep_token)
    shell.ok("login", "work", "--url", crm.url)
    shell.ok("pull")
    return shell


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch, pulled: Shell) -> Iterator[object]:
    """Put this process into that home, with a bus that counts who comes, and no token."""
    with listener() as listening:
        monkeypatch.setattr("keyring.core._keyring_backend", None)  # what an earlier test made it choose
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", listening.address)
        monkeypatch.setenv("TRIAGE_HOME", str(pulled.home))
        monkeypatch.delenv("PYTHON_KEYRING_BACKEND", raising=False)
        for name in [name for name in os.environ if name.startswith("TRIAGE_TOKEN")]:
            monkeypatch.delenv(name)
        yield listening


def test_local_commands_touch_neither_keyring_nor_d_bus(
    counted, pulled: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    lead = pulled.ok("list", "--json").json[0]["lead_id"]
    monkeypatch.setattr("keyring.core._keyring_backend", None)
    ends = {command: run([lead if word == "LEAD" else word for word in command]) for command in LOCAL}
    assert counted.count == 0
    assert set(ends.values()) == {0}, ends


def test_the_bus_that_counts_does_count(pulled: Shell) -> None:
    with listener() as listening:
        seat = Seat(pulled.home, surroundings={"DBUS_SESSION_BUS_ADDRESS": listening.address})
        seat.said(4, "whoami")
        assert listening.count > 0


@pytest.mark.parametrize("variable", ["TRIAGE_TOKEN", "TRIAGE_TOKEN_WORK", "TRIAGE_TOKEN_COMMAND"])
def test_a_token_from_the_environment_leaves_keyring_and_d_bus_alone(
    counted, monkeypatch: pytest.MonkeyPatch, crm: RunningServer, variable: str
) -> None:
    command = f"{sys.executable} -c \"print('{crm.rep_token}')\""
    monkeypatch.setenv(variable, command if variable.endswith("COMMAND") else crm.rep_token)
    assert [run([command]) for command in ("whoami", "sync")] == [0, 0]
    assert counted.count == 0


@pytest.mark.pty
def test_the_app_paints_decides_and_leaves_without_the_keyring(pulled: Shell, tmp_path: Path) -> None:
    home = copied(pulled, tmp_path)
    with (home / "config" / "config.toml").open("a") as settings:
        settings.write("\n[sync]\noffline = true\n")
    with listener() as listening:
        seat = Seat(home, surroundings={"DBUS_SESSION_BUS_ADDRESS": listening.address})
        with Terminal([sys.executable, "-m", "triage"], env=seat.environ) as screen:
            screen.wait_for("Inbox")
            screen.press("a")
            screen.wait_for("u undoes|undo")
            screen.press("q")
            screen.press("q")
            assert screen.wait_for_exit() == 0
        assert listening.count == 0


@pytest.mark.pty
def test_a_keyring_that_hangs_holds_up_neither_the_inbox_nor_the_end(pulled: Shell, tmp_path: Path) -> None:
    home = copied(pulled, tmp_path)
    with listener(silent=True) as listening:
        seat = Seat(home, surroundings={"DBUS_SESSION_BUS_ADDRESS": listening.address})
        with Terminal([sys.executable, "-m", "triage"], env=seat.environ) as screen:
            screen.wait_for("Inbox")
            wait_until(lambda: listening.count > 0)
            screen.press("j")
            screen.press("q")
            assert screen.wait_for_exit() == 0


def copied(shell: Shell, folder: Path) -> Path:
    return Path(shutil.copytree(shell.home, folder / "home"))
