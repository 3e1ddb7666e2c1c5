"""Queues that no profile leads to any more: signed out, renamed or edited by hand. Looks; changes nothing."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from triage.domain.item import UNDELIVERED
from triage.errors import StoreError, TriageError
from triage.house import House
from triage.store.outbox import Outbox
from triage.sync.identity import owner_of
from triage.wiring import OUTBOX_FILE


def stranded_queues(house: House) -> str:
    """Return words for `triage doctor`; TriageError names each queue that nobody sends, and whose it is."""
    stranded = list(_stranded(house))
    if not stranded:
        return "every queue has its profile"
    raise TriageError(
        "; ".join(stranded),
        hint="Sign in again under the same profile name, as the same person: then it is sent.",
    )


def _stranded(house: House) -> Iterator[str]:
    known = {
        house.paths.state_of(name, profile.account_id).name
        for name, profile in house.settings.profiles.items()
    }
    for path in sorted(house.paths.state.glob(f"*/{OUTBOX_FILE}")):
        if path.parent.name in known:
            continue
        with contextlib.suppress(StoreError):  # a damaged one is the store's own line
            yield from _told(house, path.parent.name)


def _told(house: House, folder: str) -> Iterator[str]:
    outbox = Outbox(house.paths.state / folder / OUTBOX_FILE, house.clock)
    try:
        waiting = len(outbox.in_states(UNDELIVERED))
        owner = owner_of(outbox)
    finally:
        outbox.close()
    if waiting:
        whose = f" of {owner.name or owner.user_id}" if owner else ""
        yield f"{folder} holds {waiting} undelivered{whose}, and no profile leads there"
