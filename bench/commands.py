"""Commands beside a bare interpreter that imports what their work needs.

The imports are written down, not taken from what the commands happen to load, which would excuse any import.
They are everything outside our own packages whose functions the work calls, by `-X importtime` and a look:

* `--version` reads its arguments with click, and the installed adapters with importlib.metadata;
* `list` reads its arguments with click, settings with tomllib, tables with tinydb, rows with msgspec, on a
  thread of concurrent.futures; hashlib names the folders, fcntl locks, zlib checks each record.

Left out: asyncio (it touches no network), difflib and uuid (only for mistakes and writes), and our own
modules: they are ours to keep light.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping

from bench.effort import Effort
from bench.homes import home_of
from bench.ratios import Ratio, alternated, median
from bench.screen import ROOT

LEADS = 1_000
VERSION_NEEDS = "import click, importlib.metadata"
LIST_NEEDS = (
    "import click, concurrent.futures, dataclasses, datetime, fcntl, hashlib, json, logging, msgspec, "
    "tinydb, tomllib, zlib"
)


def ratios(effort: Effort) -> Iterator[Ratio]:
    """Start commands as a shell does."""
    rounds = effort.of(15)
    with home_of(LEADS) as environ:
        yield _beside(["--version"], VERSION_NEEDS, environ, rounds)
        yield _beside(["list", "--json"], LIST_NEEDS, environ, rounds)


def _beside(arguments: list[str], imports: str, environ: Mapping[str, str], rounds: int) -> Ratio:
    def run(*command: str) -> None:
        """Raise CalledProcessError for a command that fails: a refusal is quick."""
        subprocess.run(
            [sys.executable, *command], env=environ, cwd=ROOT, stdout=subprocess.DEVNULL, check=True
        )

    seconds = alternated(
        {
            "ours": lambda: run("-m", "triage", *arguments),
            "imports": lambda: run("-c", imports),
            "pass": lambda: run("-c", "pass"),
        },
        rounds,
    )
    ours, floor, bare = (median(seconds[name]) for name in ("ours", "imports", "pass"))
    remark = f"{ours * 1000:.0f} ms beside {floor * 1000:.0f} ms; python -c pass {bare * 1000:.0f} ms"
    what = f"triage {' '.join(arguments)}" + (f", {LEADS:,} cached leads" if "list" in arguments else "")
    return Ratio(what, "python -c with the imports it needs", ours / floor, at_most=1.5, remark=remark)
