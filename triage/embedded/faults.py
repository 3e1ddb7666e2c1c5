"""Which fault strikes which request: by chance from a seed, or by a list. Strikes nothing itself.

Faults of a write strike POST /v1/decisions and POST /v1/feedback only; `conflict` and `reassign` change a
lead and so show on decisions alone, for feedback has no precondition. Others strike any signed-in request.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field

NAMES = (
    "latency",
    "429",
    "500-before-commit",
    "500-after-commit",
    "drop-before-commit",
    "drop-after-commit",
    "401",
    "conflict",
    "reassign",
    "partial",
    "html",
    "truncate",
)
DEFAULT_PROBABILITY = 0.1

_WRITES_ONLY = frozenset(name for name in NAMES if "commit" in name) | {"conflict", "reassign", "partial"}
_WRITE_PATHS = ("/v1/decisions", "/v1/feedback")

Entry = tuple[int | str, str]
"""A request's number (from 0) or its path, perhaps with the method before it, and its fault."""


@dataclass(slots=True)
class FaultPlan:
    """Says of each signed-in request which faults strike it, the same in each run of the same requests."""

    chances: tuple[tuple[str, float], ...] = ()
    seed: int = 0
    entries: list[Entry] = field(default_factory=list)
    _count: int = 0

    def strike(self, method: str, path: str) -> frozenset[str]:
        """Return the next request's faults: `latency` perhaps, and at most one other."""
        number = self._count
        self._count += 1
        named = self._take(number, method, path)
        drawn = [name for name, chance in self.chances if self._draw(number, name) < chance]
        fitting = [name for name in [*named, *drawn] if _fits(name, method, path)]
        others = [name for name in fitting if name != "latency"]
        return frozenset(others[:1]) | ({"latency"} & set(fitting))

    def fraction(self, purpose: str) -> float:
        """Return a number in [0, 1) for the last request, the same in each run."""
        return self._draw(self._count - 1, purpose)

    def _draw(self, number: int, name: str) -> float:
        digest = hashlib.sha256(f"{self.seed}:{number}:{name}".encode()).digest()
        return int.from_bytes(digest[:7], "big") / 256**7

    def _take(self, number: int, method: str, path: str) -> list[str]:
        """Return what the list says of this request; a path strikes once for each time it is listed."""
        keys: tuple[int | str, ...] = (number, path, f"{method} {path}")
        entry = next((entry for entry in self.entries if entry[0] in keys), None)
        if entry is None:
            return []
        self.entries.remove(entry)
        return [entry[1]]


def parse_plan(text: str, seed: int = 0) -> FaultPlan:
    """Return the plan that `latency,429:0.3` means; ValueError for an unknown name or an odd chance."""
    words = [word.strip() for word in text.split(",") if word.strip()]
    return FaultPlan(tuple(_chance(word) for word in words), seed)


def listed_plan(entries: Iterable[Entry]) -> FaultPlan:
    """Return the plan that strikes exactly these requests."""
    plan = FaultPlan(entries=[(key, name) for key, name in entries])
    for _, name in plan.entries:
        _require_known(name)
    return plan


def _fits(name: str, method: str, path: str) -> bool:
    return name not in _WRITES_ONLY or (method == "POST" and path in _WRITE_PATHS)


def _chance(word: str) -> tuple[str, float]:
    name, _, text = word.partition(":")
    _require_known(name)
    try:
        chance = float(text) if text else DEFAULT_PROBABILITY
    except ValueError:
        chance = -1.0
    if not 0 <= chance <= 1:
        raise ValueError(f"The chance of the fault {name} is a number from 0 to 1, not {text!r}.")
    return name, chance


def _require_known(name: str) -> None:
    if name not in NAMES:
        raise ValueError(f"There is no fault {name!r}. There are: {', '.join(NAMES)}.")
