"""An environment with a checkout's wheel in it, and of the packages here only those that it asks for.

No package index is asked: what is installed here already is linked, by what its metadata says of its files.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from importlib.metadata import Distribution, distribution
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
SOURCES = ("pyproject.toml", "README.md", "LICENSE", "triage", "screens", "config")
WITHIN = 100
"""Seconds after which a process is taken for stuck."""


@dataclass(frozen=True, slots=True)
class Fresh:
    """A folder of packages, and the only one that its processes see."""

    packages: Path
    home: Path

    def run(self, *arguments: str, within: Path, **more: str) -> subprocess.CompletedProcess[str]:
        """Run this Python on a command, in a folder; `more` goes into its environment."""
        environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(self.packages), "HOME": str(self.home)}
        return subprocess.run(
            [sys.executable, "-S", "-P", *arguments],
            cwd=within,
            env=environ | {"TRIAGE_HOME": str(self.home), "PYTHONDONTWRITEBYTECODE": "1"} | more,
            capture_output=True,
            text=True,
            timeout=WITHIN,
            check=False,
        )


def installed(folder: Path, *projects: Path, extra: str) -> Fresh:
    """Install projects from their sources; the first one's dependencies, with an extra's, are linked."""
    made = Fresh(folder / "packages", folder / "home")
    _pip("install", "--target", str(made.packages), *map(str, projects))
    root = next(Distribution.discover(name="lead-triage", path=[str(made.packages)]))
    for name in _needed(root, extra):
        _link(distribution(name), made.packages)
    return made


def sources(folder: Path) -> Path:
    """Return a copy of what the wheel is built from: building writes into it."""
    folder.mkdir()
    for name in SOURCES:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, folder / name)
    return folder


def _pip(*arguments: str) -> None:
    offline = ("--no-build-isolation", "--no-deps", "--no-index", "--disable-pip-version-check")
    command = [sys.executable, "-m", "pip", arguments[0], "--quiet", *offline, *arguments[1:]]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=WITHIN, check=False)
    assert ran.returncode == 0, ran.stderr


def _needed(root: Distribution, extra: str) -> set[str]:
    """Return the names of all that a distribution needs, and all that those need."""
    found: set[str] = set()
    asked = [(Requirement(line), extra) for line in root.requires or ()]
    while asked:
        requirement, of = asked.pop()
        marker = requirement.marker
        if marker is not None and not marker.evaluate({"extra": of}):
            continue
        if requirement.name not in found:
            found.add(requirement.name)
            lines = distribution(requirement.name).requires or ()
            more = next(iter(requirement.extras), "")
            asked += [(Requirement(line), more) for line in lines]
    return found


def _link(dist: Distribution, folder: Path) -> None:
    """Link a distribution's folders and modules, and its metadata."""
    for top in {file.parts[0] for file in dist.files or () if file.parts[0] not in ("..", "__pycache__")}:
        place = folder / top
        if not place.exists():
            place.symlink_to(Path(str(dist.locate_file(top))))
