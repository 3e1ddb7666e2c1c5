"""Commands beside a bare interpreter that imports what they need."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from bench.leads import believable
from bench.ratios import Ratio, alternated, median
from config import write
from config.paths import paths
from config.settings import Profile
from triage.wiring import House, open_session

ROUNDS = 9
LEADS = 1_000
VERSION_NEEDS = "import click"
LIST_NEEDS = "import click, msgspec, tinydb, concurrent.futures, tomllib, asyncio, json, uuid, difflib"


def ratios() -> Iterator[Ratio]:
    """Start commands as a shell does."""
    with tempfile.TemporaryDirectory() as folder:
        environ = {**os.environ, "TRIAGE_HOME": folder}
        fill(environ, LEADS)
        yield _beside(["-m", "triage", "--version"], VERSION_NEEDS, environ, "triage --version")
        yield _beside(
            ["-m", "triage", "list", "--json"], LIST_NEEDS, environ, f"triage list --json, {LEADS:,} leads"
        )


def fill(environ: dict[str, str], count: int) -> None:
    """Make a home with one profile and this many cached leads."""
    places = paths(environ)
    write.save_profile(places.settings_file, "bench", Profile(url="http://127.0.0.1:9", account_id="bench"))
    session = open_session(House.found(environ))
    now = datetime.now(UTC)
    session.wait(session.desk.leads.replace_all, list(believable(count, now)), frozenset(), "bench")
    asyncio.run(session.aclose())


def _beside(arguments: list[str], imports: str, environ: dict[str, str], what: str) -> Ratio:
    def run(*command: str) -> None:
        subprocess.run(
            [sys.executable, *command],
            env=environ,
            cwd=Path(__file__).parents[1],
            stdout=subprocess.DEVNULL,
            check=True,
        )

    seconds = alternated({"ours": lambda: run(*arguments), "bare": lambda: run("-c", imports)}, ROUNDS)
    return Ratio(
        what, "python with its imports", median(seconds["ours"]) / median(seconds["bare"]), at_most=1.5
    )
