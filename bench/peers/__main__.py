"""Install the peers, each pinned and in an environment of its own: python -m bench.peers [NAME ...]."""

from __future__ import annotations

import shutil
import subprocess
import sys
import venv

from bench.homes import private
from bench.peers.places import PEERS, PINS, python_of


def main() -> int:
    """Install those named, or all that are missing; returns 1 if one could not be."""
    missing = [name for name in sys.argv[1:] or PINS if not _install(name)]
    if shutil.which("neomutt") is None:
        print("neomutt: not here; it is no Python program: install it by the system's packages.")
    for name in missing:
        print(f"{name}: could not be installed; `make bench` prints it as not measured.")
    return 1 if missing else 0


def _install(name: str) -> bool:
    """Install one peer; what it says goes to the terminal."""
    if python_of(name).exists() and _pip(name, "show", "--quiet", name):
        print(f"{name}: is here.")
        return True
    print(f"{name}: installing {', '.join(PINS[name])} ...", flush=True)
    venv.create(private(PEERS) / name, with_pip=True, clear=True)
    return _pip(name, "install", "-qq", *PINS[name])


def _pip(name: str, *arguments: str) -> bool:
    command = [str(python_of(name)), "-m", "pip", "--disable-pip-version-check", *arguments]
    return subprocess.run(command, check=False).returncode == 0


if __name__ == "__main__":
    sys.exit(main())
