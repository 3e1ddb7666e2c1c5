"""The count at the end: how often each item may have taken effect, by the state it has come to.

One effect for what is applied or reviewed, and for what was applied before it was superseded; at most one while
nobody knows; none for everything else. A pure function of two histories, so that every suite can ask it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from triage.domain.item import EFFECTIVE, IN_FLIGHT, Item, State


def allowed_effects(item: Item) -> range:
    """Return how many effects an item may have: `range(1, 2)` is exactly one."""
    was_applied = item.state is State.SUPERSEDED and item.receipt is not None
    if item.state in EFFECTIVE or was_applied:
        return range(1, 2)
    return range(2) if item.state in IN_FLIGHT else range(1)


def miscounted(items: Iterable[Item], effects: Iterable[str]) -> list[str]:
    """Return a sentence for each item with an effect too many or too few, and for each effect of no item."""
    counted: Mapping[str, int] = Counter(effects)
    held = {item.id: item for item in items}
    wrong = [
        f"{item.id} is {item.state} and took effect {counted.get(item.id, 0)} times"
        for item in held.values()
        if counted.get(item.id, 0) not in allowed_effects(item)
    ]
    return wrong + [f"{one} took effect and stands in no queue" for one in counted if one not in held]
