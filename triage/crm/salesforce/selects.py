"""One SELECT, put together of names that a describe has confirmed and of conditions made by `soql`. Pure."""

from __future__ import annotations

from collections.abc import Sequence


def select_from(sobject: str, columns: Sequence[str], where: str = "", order: Sequence[str] = ()) -> str:
    """Return a query."""
    parts = ["SELECT", ", ".join(columns), "FROM", sobject]
    if where:
        parts += ["WHERE", where]
    if order:
        parts += ["ORDER BY", ", ".join(order)]
    return " ".join(parts)
