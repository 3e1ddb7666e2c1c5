"""How a key's calls may come: one on its way at a time, and a quarter of a second between two beginnings.

The vendor gives no number: this is what the adapter promises to keep.
"""

from __future__ import annotations

from collections import Counter

from tests.odoo.server.state import State

APART = 0.25
_ROUNDING = 1e-6


class Pace:
    def __init__(self, state: State) -> None:
        self._state = state
        self._begun: dict[str, float] = {}
        self._under_way: Counter[str] = Counter()

    def begin(self, caller: str, path: str) -> None:
        """Count a call of a key; an empty caller is not counted."""
        if not caller:
            return
        if self._under_way[caller]:
            self._state.broken_rules.append(f"two calls at once at {path}")
        self._under_way[caller] += 1
        if self._state.seconds is None:
            return
        now, last = self._state.seconds(), self._begun.get(caller)
        if last is not None and now - last < APART - _ROUNDING:
            self._state.broken_rules.append(f"{now - last:.3f} s between two calls at {path}")
        self._begun[caller] = now

    def end(self, caller: str) -> None:
        if caller:
            self._under_way[caller] -= 1
