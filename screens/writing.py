"""From a key to the disk: which leads it meets, and what is said where nothing could be written."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from typing import TypeVar

from screens.actions import first_key
from screens.cells import say
from screens.host import Host
from screens.sight import UNSEEN
from triage.domain.lead import LeadId
from triage.errors import StoreError, TriageError, UnknownLead

NO_LEAD = "There is no lead here."
GONE = "No longer on your list: nothing was done."
PREVIEW_FROM = 20
"""Leads from which an act is confirmed before; below, undo takes the warning's place."""
T = TypeVar("T")


def undo_words(keymap: Mapping[str, str]) -> str:
    """Return how a toast ends: the key that takes it back, as the rep has it."""
    return f"{first_key('undo', keymap)} undoes"


async def targets_of(host: Host) -> tuple[LeadId, ...]:
    """Return what a key applies to, once it was painted; if there is nothing, say so."""
    if not await host.painted():
        host.say(UNSEEN, bad=True)
        return ()
    targets = host.targets()
    if not targets:
        host.refuse(NO_LEAD)
    return targets


async def written(host: Host, call: Awaitable[T]) -> T | None:
    """Return what the desk answers, or None: then it was said why, and whether anything was saved."""
    try:
        return await call
    except StoreError as error:
        host.say(f"NOT SAVED: {say(error.message)} {error.hint}", bad=True)
    except UnknownLead:
        host.say(GONE, bad=True)  # its own words name a command line, and an id that no rep knows
    except TriageError as error:
        host.say(f"{say(error.message)} {say(error.hint)}".strip(), bad=True)
    return None
