"""What is loaded after the first paint, beside the keys: no first key and no first sync waits for it."""

from __future__ import annotations

from importlib import import_module

LATER = (
    "triage.desk.deciding",
    "triage.desk.undoing",
    "triage.desk.telling",
    "triage.desk.resolving",
    "screens.deciding.acts",
    "screens.telling.flows",
    "screens.bridge",
    "screens.start.doors",
    "triage.desk.syncing",
    "triage.reaching",
)
"""In the order in which they are wanted. None of them may be loaded before the inbox is painted."""


def warm() -> None:
    """Load them; in a thread, where it takes turns with the keys."""
    for name in LATER:
        import_module(name)
