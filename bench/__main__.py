"""Print the table; exit code 1 when a demand is broken.

python -m bench [--quick] [SECTION ...]
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

from bench.effort import FULL, QUICK, Effort
from bench.ratios import Ratio, print_table
from bench.screen import COLUMNS, LINES

SECTIONS = (
    "keys",
    "filtering",
    "bulk",
    "starting",
    "commands",
    "store",
    "cache",
    "fetching",
    "delivering",
    "footprint",
    "peers",
)
"""Modules with a function `ratios`, in the order in which they run."""
CALM = 1.5
"""The machine's load over a minute above which figures are disturbed."""
_STOLEN = 8
"""The field `steal` of the line `cpu`, in proc(5)."""


def main() -> int:
    """Run the sections named, or all."""
    asked = _asked()
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed program starts from its bytecode
    effort = QUICK if asked.quick else FULL
    print(_heading(effort))
    started, taken = time.monotonic(), _taken_by_host()
    broken = print_table(one for name in asked.sections or SECTIONS for one in measured(name, effort))
    seconds, taken = time.monotonic() - started, _taken_by_host() - taken
    host = f"the host took {taken / seconds / (os.cpu_count() or 1):.1%} of the processors away"
    print(f"{broken or 'no'} demand(s) broken; {seconds:.0f} s, load now {_load():.2f}, {host}")
    return 1 if broken else 0


def measured(name: str, effort: Effort) -> Iterator[Ratio]:
    """Run a section; one that fails is a broken line of its own, and the others still run."""
    try:
        yield from _section(name)(effort)
    except Exception as error:  # noqa: BLE001 - the boundary: whatever it was, the table goes on and says so
        traceback.print_exc()
        yield Ratio(f"section {name}", "–", None, remark=f"failed: {type(error).__name__}: {error}")


def _section(name: str) -> Callable[[Effort], Iterator[Ratio]]:
    ratios: Callable[[Effort], Iterator[Ratio]] = import_module(f"bench.{name}").ratios
    return ratios


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Speed, as ratios.")
    parser.add_argument("sections", nargs="*", metavar="SECTION", help=", ".join(SECTIONS))
    parser.add_argument("--quick", action="store_true", help="few samples: shows only that it runs")
    asked = parser.parse_args()
    if unknown := set(asked.sections) - set(SECTIONS):
        parser.error(f"there is no section {', '.join(sorted(unknown))}; there are: {', '.join(SECTIONS)}")
    return asked


def _load() -> float:
    return os.getloadavg()[0]


def _taken_by_host() -> float:
    """Return for how many seconds of all processors a virtual machine did not run though it could have."""
    try:
        ticks = Path("/proc/stat").read_text(encoding="ascii").split("\n", 1)[0].split()[_STOLEN]
    except OSError:
        return 0.0  # no Linux
    return int(ticks) / os.sysconf("SC_CLK_TCK")


def _heading(effort: Effort) -> str:
    machine = f"load {_load():.2f} on {os.cpu_count()} cores, Python {platform.python_version()}"
    lines = [f"{machine}, textual {version('textual')}, {COLUMNS} x {LINES}; ms are p50 / p95 / worst"]
    if _load() > CALM:
        lines.append(f"WARNING: the load is above {CALM}: the figures are disturbed.")
    if effort.is_quick:
        lines.append("WARNING: few samples (--quick): the figures decide nothing.")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
