"""What a worse product would do, one protection taken out at a time: the checker has to find each of them out.

These switches are the harness's alone. They change a child after the fork, never the product's files.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from tests.kill.checker import Acked
from triage.crm.rest.adapter import RestCrm
from triage.crm.rest.delivery import Delivery
from triage.desk import deciding
from triage.domain.item import Item
from triage.domain.lead import Seen
from triage.domain.outcome import Absent
from triage.store.disk import Disk
from triage.sync import engine

if TYPE_CHECKING:
    from tests.kill.children import Place

_BEFORE_THE_DISK = 0.01
"""Seconds between a hasty acknowledgement and the commit, as a write in the background would take."""


def no_fsync(_place: Place) -> None:
    """Leave the bytes to the system. A kill does not show it, only a power loss does."""
    Disk.fsync = staticmethod(lambda _fd: None)


def ack_before_commit(place: Place) -> None:
    """Say that a decision is saved as soon as it has an id."""
    plain = deciding._decision

    def hasty(ready: Any, *rest: Any) -> Any:
        decision = plain(ready, *rest)
        place.say([asdict(Acked(decision.decision_id, decision.lead_id))])
        time.sleep(_BEFORE_THE_DISK)
        return decision

    deciding._decision = hasty  # type: ignore[assignment]  # the mutation itself


def no_read_back(_place: Place) -> None:
    """Take every lost answer for a lost request, and send again."""

    async def absent(_self: RestCrm, _item: Item) -> Absent:
        return Absent()

    RestCrm.verify = absent  # type: ignore[method-assign, assignment]  # the mutation itself


def no_lock(_place: Place) -> None:
    """Let everyone send at once."""

    @contextlib.contextmanager
    def free(*_arguments: Any) -> Iterator[None]:
        yield None

    engine.__dict__["turn"] = free


def no_conflict_check(_place: Place) -> None:
    """Compare with what the CRM has now instead of what the rep saw: the last writer wins."""
    plain = Delivery.push

    async def push(self: Delivery, items: Sequence[Item]) -> Any:
        return await plain(self, [await _as_it_is(self, item) for item in items])

    Delivery.push = push  # type: ignore[method-assign]  # the mutation itself


async def _as_it_is(delivery: Delivery, item: Item) -> Item:
    if item.decision is None:
        return item
    lead = (await delivery._http.get(f"/v1/leads/{item.lead_id}", expect=("version",))).body
    return replace(item, base=Seen(lead["owner"]["user_id"], lead["status"], lead["version"]))


MUTANTS: dict[str, Callable[[Place], None]] = {
    "no fsync": no_fsync,
    "ack before commit": ack_before_commit,
    "no read-back": no_read_back,
    "no lock": no_lock,
    "no conflict check": no_conflict_check,
}
