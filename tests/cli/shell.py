"""A shell of a rep's: the real program, in a home of its own, away from the machine's keyring and settings."""

from __future__ import annotations

import json
import os
import resource
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
WITHIN = 60
"""Seconds after which a command is taken for stuck."""


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command said, and how it ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass
class Shell:
    """Runs `triage` in one home with one token. Keeps all that was ever printed."""

    home: Path
    token: str = ""
    printed: list[str] = field(default_factory=list)

    @property
    def environ(self) -> dict[str, str]:
        ours = {name: value for name, value in os.environ.items() if not name.startswith("TRIAGE_")}
        return ours | {
            "TRIAGE_HOME": str(self.home),
            "TRIAGE_TOKEN": self.token,
            "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
            "PYTHONDONTWRITEBYTECODE": "1",
        }

    def start(self, *arguments: str, largest_file: int | None = None) -> subprocess.Popen[str]:
        """Start a command and leave it running; `largest_file` is in bytes, as on a disk that is full."""

        def limit() -> None:
            assert largest_file is not None
            resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file, largest_file))

        return subprocess.Popen(
            [sys.executable, "-m", "triage", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env=self.environ,
            preexec_fn=limit if largest_file is not None else None,
        )

    def run(self, *arguments: str, stdin: str = "", largest_file: int | None = None) -> Ran:
        """Run a command to its end."""
        with self.start(*arguments, largest_file=largest_file) as process:
            out, err = process.communicate(stdin, timeout=WITHIN)
        self.printed += [out, err]
        assert "Traceback" not in err, err
        return Ran(process.returncode, out, err)

    def ok(self, *arguments: str, stdin: str = "") -> Ran:
        """Run a command that is expected to end well."""
        ran = self.run(*arguments, stdin=stdin)
        assert ran.code == 0, f"{arguments}: {ran}"
        return ran

    def said(self, code: int, *arguments: str, stdin: str = "") -> str:
        """Run a command that is expected to end with this code; returns what it narrated."""
        ran = self.run(*arguments, stdin=stdin)
        assert ran.code == code, f"{arguments}: {ran}"
        return ran.err

    @property
    def outbox(self) -> Path:
        (path,) = self.home.glob("state/*/outbox.journal")
        return path


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@contextmanager
def signed_in_home(folder: Path) -> Iterator[Shell]:
    """Run a CRM for the length of the block, with a home that is signed in and has pulled its twelve leads."""
    shell = Shell(folder / "home")
    with crm_on(0, folder / "crm", "--leads", "12", "--no-history") as facts:
        shell.token = facts["rep_token"]
        shell.ok("login", "work", "--url", facts["url"])
        shell.ok("pull")
        yield shell


@contextmanager
def crm_on(port: int, state: Path, *options: str) -> Iterator[dict[str, Any]]:
    """Run `triage crm serve` for the length of the block; yields what it says when it listens."""
    process = Shell(state).start("crm", "serve", "--port", str(port), "--state", str(state), *options)
    assert process.stdout is not None
    try:
        yield json.loads(process.stdout.readline())
    finally:
        process.terminate()
        process.communicate(timeout=WITHIN)
