"""In which order items are judged: a decision on a lead waits for the one before it. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from triage.domain.item import Item


def rounds_of(items: Sequence[Item]) -> list[list[Item]]:
    """Return items in rounds, with one of each lead in each: a later one is judged on what the first left."""
    rounds: list[dict[str, Item]] = []
    for item in {one.id: one for one in items}.values():
        free = next((one for one in rounds if item.lead_id not in one), None)
        if free is None:
            rounds.append({item.lead_id: item})
        else:
            free[item.lead_id] = item
    return [list(one.values()) for one in rounds]
