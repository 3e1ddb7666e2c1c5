"""Every insight there is, in the order in which they are shown; each is imported when it is asked for.

The names are kept once released: they are words of the command line, and keys in JSON.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from triage.errors import UnknownInsight
from triage.insights.evidence import Evidence
from triage.insights.figure import Insight

NAMES = (
    "targets",
    "acceptance",
    "campaigns",
    "weeks",
    "conversion",
    "velocity",
    "pace",
    "reasons",
    "disputes",
    "calibration",
    "perception",
    "service",
    "untouched",
    "objections",
    "content",
    "threshold",
    "revenue",
    "wins",
    "watchdog",
)
"""What can be asked for; each is a module of this package with one function, `of`."""


def insight(name: str, evidence: Evidence) -> Insight:
    """Return one insight of the evidence; UnknownInsight names the nearest and the rest."""
    return _counting(named(name))(evidence)


def all_of(evidence: Evidence) -> tuple[Insight, ...]:
    """Return every insight of the evidence, in the order in which they are shown."""
    return tuple(_counting(name)(evidence) for name in NAMES)


def named(name: str) -> str:
    """Return the name that is meant, however it is cased; UnknownInsight names the nearest and the rest."""
    wanted = name.strip().casefold()
    if wanted in NAMES:
        return wanted
    import difflib  # noqa: PLC0415 - for a name that there is not

    near = difflib.get_close_matches(wanted, NAMES, n=3, cutoff=0.5)
    guess = f"Did you mean {' or '.join(near)}? " if near else ""
    raise UnknownInsight(f"“{name}” is not an insight.", hint=f"{guess}The insights are: {', '.join(NAMES)}.")


def _counting(name: str) -> Callable[[Evidence], Insight]:
    """Return the function that counts an insight."""
    of: Callable[[Evidence], Insight] = import_module(f"triage.insights.{name}").of
    return of
