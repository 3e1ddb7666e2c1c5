"""One program that runs beside the tests: started, waited for, and ended by its own process id.

Any process may stop it and start it again: who it is stands in a file. If whoever started it is killed, the
kernel ends it too.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.live.place import Place

_COMES_UP = 120.0
"""Seconds for a program to answer on a busy machine."""
_GOES_DOWN = 20.0
_DIES_WITH_PARENT = 1
"""PR_SET_PDEATHSIG of prctl(2)."""


class Failed(Exception):
    """A program did not do what it was started for; the message ends with what it wrote."""


@dataclass(frozen=True, slots=True)
class Service:
    """A program of a place. `ready` tells whether it answers; `farewell` is the signal that asks it to end."""

    name: str
    place: Place
    command: tuple[str, ...]
    ready: Callable[[], bool]
    user: str | None = None
    environ: dict[str, str] | None = None
    farewell: signal.Signals = signal.SIGTERM

    @property
    def log(self) -> Path:
        """What it writes."""
        return self.place.at("log", f"{self.name}.log")

    @property
    def _pid_file(self) -> Path:
        return self.place.at("run", f"{self.name}.pid")

    @property
    def pid(self) -> int | None:
        """The process, while it lives: the one that was started, never one that came after it."""
        with contextlib.suppress(FileNotFoundError, ValueError):
            number, started = map(int, self._pid_file.read_text(encoding="ascii").split())
            return number if _start_of(number) == started else None
        return None

    def start(self) -> None:
        """Start it and wait until it answers; Failed with its log's end if it does not."""
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                self.command,
                env=self.environ,
                cwd="/" if self.user else self._pid_file.parent,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                user=self.user,
                group=self.user,
                extra_groups=[] if self.user else None,
                start_new_session=True,
                preexec_fn=_ends_with_us,
            )
        self._pid_file.write_text(f"{process.pid} {_start_of(process.pid)}", encoding="ascii")
        answers = waited_for(lambda: process.poll() is not None or self.ready(), _COMES_UP)
        if not answers or process.poll() is not None:
            self.kill()
            raise Failed(f"{self.name} did not come up:\n{tail(self.log)}")
        threading.Thread(target=process.wait, daemon=True).start()  # leaves no zombie behind

    def stop(self) -> None:
        """Ask it to end, and end it if it does not."""
        self._end(self.farewell)
        self.kill()

    def kill(self) -> None:
        """End it at once, with all its children."""
        self._end(signal.SIGKILL)
        self._pid_file.unlink(missing_ok=True)

    def _end(self, how: signal.Signals) -> None:
        pid = self.pid
        if pid is None:
            return
        with contextlib.suppress(ProcessLookupError):
            (os.killpg if how is signal.SIGKILL else os.kill)(pid, how)
        waited_for(lambda: self.pid is None, _GOES_DOWN)


def waited_for(holds: Callable[[], bool], seconds: float) -> bool:
    """Wait until something holds; returns whether it came to that."""
    until = time.monotonic() + seconds
    while not (held := holds()) and time.monotonic() < until:
        time.sleep(0.05)
    return held


def tail(path: Path) -> str:
    """Return the end of what a program wrote."""
    return path.read_text(encoding="utf-8", errors="replace")[-3000:]


def _start_of(pid: int) -> int | None:
    """Return when a process began, in ticks since the start of the machine; None where it has ended."""
    try:
        words = (
            Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        )
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if words[0] in "ZX" else int(words[19])


def _ends_with_us() -> None:
    ctypes.CDLL(None).prctl(_DIES_WITH_PARENT, signal.SIGTERM, 0, 0, 0)
