"""The server's packages, in a virtual environment that later runs use again: pinned, with hashes."""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.live.place import VERSION, cache
from tests.live.service import Failed

PINS = Path(__file__).with_name("server.txt")
_STAMP = "pins"


def environment(interpreter: Path) -> Path:
    """Return a virtual environment with exactly what server.txt names; made where there is none."""
    folder = _folder(interpreter)
    if not is_ready(interpreter):
        shutil.rmtree(folder, ignore_errors=True)
        _run([str(interpreter), "-m", "venv", str(folder)])
        pip = [
            str(folder / "bin" / "python"),
            "-m",
            "pip",
            "--disable-pip-version-check",
            "install",
            "--quiet",
        ]
        _run([*pip, "--require-hashes", "--requirement", str(PINS)])
        (folder / _STAMP).write_text(_wanted(), encoding="ascii")
    return folder


def is_ready(interpreter: Path) -> bool:
    """Tell whether an earlier run has made it."""
    stamp = _folder(interpreter) / _STAMP
    return stamp.exists() and stamp.read_text(encoding="ascii") == _wanted()


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Let no other run fill the cache at the same time."""
    with (cache() / "lock").open("w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _folder(interpreter: Path) -> Path:
    said = _run([str(interpreter), "-c", "import sys; print(*sys.version_info[:2], sep='.')"])
    return cache() / f"bottlecrm-{VERSION}-python-{said.strip()}"


def _wanted() -> str:
    return hashlib.sha256(PINS.read_bytes()).hexdigest()


def _run(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Failed(f"{' '.join(command[:3])} … ended with {done.returncode}:\n{done.stderr[-3000:]}")
    return done.stdout
