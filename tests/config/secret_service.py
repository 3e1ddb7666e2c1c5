"""A D-Bus session of a test's own, a real Secret Service on it, and the ways in which such a thing fails."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.cli.inside import Inside
from tests.cli.shell import ROOT, Shell

PROGRAMS = ("dbus-daemon", "gnome-keyring-daemon")
MISSING = [program for program in PROGRAMS if shutil.which(program) is None]
needs_secret_service = pytest.mark.skipif(
    bool(MISSING), reason=f"not installed: {', '.join(MISSING)} (Debian: dbus, gnome-keyring)"
)
SECRETS = "org.freedesktop.secrets"
PROMPTER = "org.gnome.keyring.SystemPrompter"
PASSWORD = b"open sesame"
WITHIN = 20.0
"""Seconds a daemon may take to come up on a busy machine, and a keyring to answer."""
PATIENT = f"""
from config.credentials import Keyring
Keyring.__init__.__kwdefaults__["limit"] = {WITHIN}
from triage.__main__ import main
main()
"""
_CONFIG = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:path={socket}</listen><auth>EXTERNAL</auth>
<policy context="default">
<allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/>
</policy></busconfig>
"""


class Bus:
    """A session bus that starts no service by itself, with a home for a keyring."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.address = f"unix:path={home}/bus"
        self._stack = contextlib.ExitStack()
        config = home / "bus.conf"
        config.write_text(_CONFIG.format(socket=home / "bus"))
        self._start("dbus-daemon", "--nofork", f"--config-file={config}")
        wait_until(self._listens)

    def _listens(self) -> bool:
        """Whether somebody answers: the socket's file is there a moment before."""
        with socket.socket(socket.AF_UNIX) as probe:
            return probe.connect_ex(str(self.home / "bus")) == 0

    @property
    def environ(self) -> dict[str, str]:
        """What a program needs to be at home here."""
        places = dict.fromkeys(("HOME", "XDG_RUNTIME_DIR"), str(self.home))
        return {**places, "DBUS_SESSION_BUS_ADDRESS": self.address}

    @contextlib.contextmanager
    def keyring(self, *, unlocked: bool = True) -> Iterator[None]:
        """Run the Secret Service for the length of the block; locked, it lacks the password."""
        options = ["--unlock"] if unlocked else []
        program = "gnome-keyring-daemon"
        daemon = self._popen(program, "--foreground", "--components=secrets", *options)
        try:
            assert daemon.stdin is not None
            with daemon.stdin as stdin:
                stdin.write(PASSWORD if unlocked else b"")
            self._wait_for(SECRETS)
            wait_until(lambda: self._is_locked() is (not unlocked))
            yield
        finally:
            _end(daemon)

    def take(self, name: str) -> None:
        """Own a name, and never answer what is asked of it."""
        from jeepney.bus_messages import message_bus
        from jeepney.io.blocking import Proxy, open_dbus_connection

        connection = self._stack.enter_context(open_dbus_connection(self.address))
        Proxy(message_bus, connection).RequestName(name)

    def _is_locked(self) -> bool | None:
        """Whether the collection that entries go to is locked; None while there is none."""
        from jeepney.io.blocking import open_dbus_connection
        from secretstorage.collection import get_collection_by_alias
        from secretstorage.exceptions import SecretStorageException

        with open_dbus_connection(self.address) as connection:
            try:
                return get_collection_by_alias(connection, "default").is_locked()
            except SecretStorageException:
                return None

    def _wait_for(self, name: str) -> None:
        """Wait until someone owns a name."""
        from jeepney.bus_messages import message_bus
        from jeepney.io.blocking import Proxy, open_dbus_connection

        with open_dbus_connection(self.address) as connection:
            bus = Proxy(message_bus, connection)
            wait_until(lambda: bool(bus.NameHasOwner(name)[0]))

    def close(self) -> None:
        self._stack.close()

    def _start(self, *command: str) -> None:
        self._stack.callback(_end, self._popen(*command))

    def _popen(self, *command: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            command,
            env={"PATH": os.environ["PATH"], **self.environ},
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )


@contextlib.contextmanager
def private_bus() -> Iterator[Bus]:
    """Run a bus for the length of the block, in a folder with a name short enough for a socket."""
    with tempfile.TemporaryDirectory(prefix="bus-") as folder:
        bus = Bus(Path(folder))
        try:
            yield bus
        finally:
            bus.close()


class Listener:
    """A socket in the place of a bus: counts who comes; hangs up, or says nothing for ever."""

    def __init__(self, path: Path, *, silent: bool = False) -> None:
        self.address = f"unix:path={path}"
        self.count = 0
        self._silent = silent
        self._held: list[socket.socket] = []
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.bind(str(path))
        self._socket.listen()
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(WITHIN)
        for connection in self._held:
            connection.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._socket.accept()
                self.count += 1
                if self._silent:
                    self._held.append(connection)
                else:
                    connection.close()


@contextlib.contextmanager
def listener(*, silent: bool = False) -> Iterator[Listener]:
    with tempfile.TemporaryDirectory(prefix="bus-") as folder:
        listening = Listener(Path(folder) / "bus", silent=silent)
        try:
            yield listening
        finally:
            listening.close()


@dataclass
class Seat(Shell):
    """A shell with the keyring of a surrounding of its own, and no token in the environment."""

    surroundings: dict[str, str] = field(default_factory=dict)

    def start(self, *arguments: str, largest_file: int | None = None) -> subprocess.Popen[str]:
        """Start a command and leave it running, with patience for its keyring."""
        assert largest_file is None
        return subprocess.Popen(
            [sys.executable, "-c", PATIENT, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env=self.environ,
        )

    @property
    def environ(self) -> dict[str, str]:
        ours = super().environ
        for name in ("DBUS_SESSION_BUS_ADDRESS", "PYTHON_KEYRING_BACKEND", "DISPLAY"):
            ours.pop(name, None)
        homeless = {name: value for name, value in ours.items() if not name.startswith("XDG_")}
        return {**homeless, "HOME": str(self.home), **self.surroundings}


class InsideSeat(Seat, Inside):
    """A seat whose commands run in the test's own process."""


def wait_until(condition) -> None:
    until = time.monotonic() + WITHIN
    while not condition():
        assert time.monotonic() < until, "it never came about"
        time.sleep(0.01)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    process.wait(WITHIN)
    if process.stdin is not None and not process.stdin.closed:
        process.stdin.close()
