"""What the machine must have before anything begins: checked first, each with one clear sentence.

It changes nothing on the machine, but for Debian's packages that are missing, and starts none of their services.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PYTHON_VARIABLE = "TRIAGE_LIVE_PYTHON"
"""Names the interpreter that BottleCRM runs on, where it is not found by itself."""
_MINORS = (13, 12, 14)
"""Python 3.x for the server, the best known first."""
_NEEDED = "import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 12))"
_POLICY = Path("/usr/sbin/policy-rc.d")
_CLUSTERS = Path("/usr/lib/postgresql")
_PANGO = "libpangocairo-1.0-0"


class Missing(Exception):
    """A prerequisite is not there; the message is the sentence for a person."""


def check() -> Path:
    """Return the interpreter for the server; Missing says which prerequisite the machine lacks."""
    if not sys.platform.startswith("linux"):
        raise Missing(f"make live needs Linux, with Debian's packages; this is {sys.platform}.")
    if os.geteuid() != 0:
        raise Missing(
            "make live must be run as root: it installs Debian's packages and starts PostgreSQL as postgres."
        )
    if shutil.which("apt-get") is None:
        raise Missing("make live needs apt-get: PostgreSQL and Redis come from Debian's packages.")
    return interpreter()


def interpreter() -> Path:
    """Return a Python of 3.12 or later that can make virtual environments; Missing names where it looked."""
    looked = list(_places())
    for candidate in looked:
        if _fits(candidate):
            return Path(candidate)
    raise Missing(
        f"make live needs a Python of 3.12 or later with venv, for BottleCRM; {PYTHON_VARIABLE}=/path/to/python "
        f"names one. Looked at: {', '.join(looked)}."
    )


def _places() -> Iterator[str]:
    named = os.environ.get(PYTHON_VARIABLE)
    if named:
        yield named
        return
    yield sys.executable
    for minor in _MINORS:
        yield f"python3.{minor}"
    versions = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    for minor in _MINORS:
        yield from (str(found) for found in sorted(versions.glob(f"3.{minor}.*/bin/python")))
    yield "/usr/local/bin/python3"
    yield "/usr/bin/python3"


def _fits(candidate: str) -> bool:
    path = shutil.which(candidate)
    if path is None:
        return False
    tried = subprocess.run([path, "-c", _NEEDED], capture_output=True, check=False)
    return tried.returncode == 0


def missing_packages() -> list[str]:
    """Return the Debian packages that have to be installed."""
    missing = [] if server_programs() else ["postgresql"]
    if shutil.which("redis-server") is None:
        missing.append("redis-server")
    known = subprocess.run(["dpkg", "--status", _PANGO], capture_output=True, text=True, check=False)
    if "Status: install ok installed" not in known.stdout:
        missing += ["libpango-1.0-0", _PANGO, "libcairo2"]
    return missing


def server_programs() -> Path | None:
    """Return the folder with PostgreSQL's programs, of the newest version there is."""
    found = [path.parent for path in _CLUSTERS.glob("*/bin/postgres")]
    return max(found, key=lambda folder: int(folder.parent.name), default=None)


def install(packages: list[str]) -> None:
    """Install Debian packages, without starting what they bring; Missing has the words of apt-get."""
    environ = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    wanted = ["apt-get", "install", "-y", "-q", "--no-install-recommends", *packages]
    with _nothing_started():
        done = subprocess.run(wanted, env=environ, capture_output=True, text=True, check=False)
        if done.returncode:
            subprocess.run(["apt-get", "update", "-q"], env=environ, capture_output=True, check=False)
            done = subprocess.run(wanted, env=environ, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Missing(f"apt-get could not install {' '.join(packages)}:\n{done.stderr[-2000:]}")


@contextmanager
def _nothing_started() -> Iterator[None]:
    """Keep a package from starting its service: ours are started by us, on ports of their own."""
    if _POLICY.exists():
        yield
        return
    _POLICY.write_text("#!/bin/sh\nexit 101\n", encoding="ascii")
    _POLICY.chmod(0o755)
    try:
        yield
    finally:
        _POLICY.unlink()
