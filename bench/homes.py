"""Homes of a rep who has been at work: a profile and many cached leads. Made once a run, copied for each use.

They lie in the checkout, on a real disk: in memory an fsync would cost nothing.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from bench.leads import believable
from bench.screen import ROOT
from config import write
from config.paths import paths
from config.settings import Profile
from triage.domain.lead import Lead
from triage.house import House
from triage.wiring import open_session

RUNS = ROOT / "bench" / ".runs"
PROFILE = "bench"
NOBODY = Profile(url="http://127.0.0.1:9", account_id="bench")
"""A CRM that does not answer: the network is not what most sections measure."""
_HOLD = 3600.0
"""Seconds a decision waits: nothing is sent while keys are measured."""


@contextmanager
def scratch() -> Iterator[Path]:
    """Make a folder on the checkout's disk, for the length of a block."""
    private(RUNS)
    with tempfile.TemporaryDirectory(dir=RUNS) as folder:
        yield Path(folder)


def private(folder: Path) -> Path:
    """Make a folder that version control does not see."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / ".gitignore").write_text("*\n", encoding="ascii")
    return folder


@contextmanager
def home_of(count: int) -> Iterator[dict[str, str]]:
    """Give the environment of a home of its own with so many cached leads."""
    with scratch() as folder:
        shutil.copytree(_template(count), folder / "home")
        os.sync()  # nobody's leads were copied a second ago: an fsync must not wait for all of them
        yield environment(folder / "home")


def environment(home: Path) -> dict[str, str]:
    """Return what a program is started with; the token is none."""
    return {**os.environ, "TRIAGE_HOME": str(home), "TRIAGE_TOKEN": "none"}


@cache
def _template(count: int) -> Path:
    folder = Path(_kept().name) / str(count)
    folder.mkdir()
    environ = environment(folder)
    settle(environ, NOBODY, hold=_HOLD)
    cache_leads(environ, believable(count, datetime.now(UTC)))
    return folder


@cache
def _kept() -> tempfile.TemporaryDirectory[str]:
    """Make the folder of the templates; it goes when the interpreter ends."""
    return tempfile.TemporaryDirectory(dir=private(RUNS))


def settle(environ: dict[str, str], profile: Profile, **sync: float) -> None:
    """Write a profile and settings of the section `sync` into a home."""
    settings = paths(environ).settings_file
    write.save_profile(settings, PROFILE, profile)
    lines = "".join(f"{name} = {value}\n" for name, value in sync.items())
    with settings.open("a", encoding="utf-8") as file:
        file.write(f"\n[sync]\n{lines}" if lines else "")


def cache_leads(environ: dict[str, str], leads: Iterable[Lead]) -> None:
    """Put leads into a home's cache, as a fetch that ended at a place no CRM knows."""
    session = open_session(House.found(environ), PROFILE)
    try:
        session.wait(session.desk.leads.replace_all, list(leads), frozenset(), "bench")
        session.wait(session.desk.leads.remember, "fetched_at", datetime.now(UTC).isoformat())
    finally:
        asyncio.run(session.aclose())
