"""What the world does to a rep's leads, said once for every CRM a scenario is played on; and the CRM in memory."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from tests.fakes import ME, Office, lead_id
from triage.domain.lead import LeadId, LeadStatus
from triage.domain.review import Reply, ReplyKind


@contextmanager
def folder_in_memory() -> Iterator[Path]:
    """Yield a folder that costs no disk where there is one: what is tested here is not the disk."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        yield Path(folder)


class World(Protocol):
    """A CRM as a scenario meets it, behind the rep's back."""

    place: Office
    leads: Sequence[LeadId]
    """Five leads of the rep's that nobody has contacted."""

    def reassign(self, of: LeadId) -> None:
        """Give the lead to a colleague."""

    def restatus(self, of: LeadId) -> None:
        """Let the lead be in work, though the rep has not taken it."""

    def retitle(self, of: LeadId) -> None:
        """Change something that no decision is judged by."""

    def archive(self, of: LeadId) -> None:
        """Put the lead away."""

    def delete(self, of: LeadId, *, into: LeadId | None = None) -> None:
        """Delete the lead, perhaps by merging it into another."""

    def take_while_writing(self, of: LeadId) -> None:
        """Let a colleague take the lead after the next write has left here and before it is judged there."""

    def send_back(self, item_id: str, of: LeadId) -> None:
        """Let marketing return a decision that was applied."""

    def strike(self, *faults: str) -> None:
        """Let the next writes go wrong: drop-before, drop-after, 429, 401, partial."""

    def limit_batch(self, size: int) -> None:
        """Take no more items than this in one write."""

    def go_down(self) -> None:
        """Be out of reach."""

    def come_back(self) -> None:
        """Be well again."""

    def effects(self) -> list[tuple[str, str]]:
        """Return (item id, act or type) of all that took effect, in order."""

    def standing(self) -> dict[LeadId, Any]:
        """Return what each lead has come to: status, owner, whether it is there."""

    def writes(self) -> int:
        """Count the writes that arrived."""

    def close(self) -> None:
        """End it."""


class FakeWorld:
    """The CRM in memory of `tests.fakes`: it does all it is told, as often as it is told."""

    def __init__(self, place: Office) -> None:
        self.place = place
        self.crm = place.crm
        self.leads = tuple(lead_id(number) for number in range(1, 6))

    def reassign(self, of: LeadId) -> None:
        self.crm.reassign(of)

    def restatus(self, of: LeadId) -> None:
        self.crm.change(of, status=LeadStatus.WORKING, last_decision_id=None)

    def retitle(self, of: LeadId) -> None:
        self.crm.change(of, title="CTO")

    def archive(self, of: LeadId) -> None:
        self.crm.archive(of)

    def delete(self, of: LeadId, *, into: LeadId | None = None) -> None:
        self.crm.delete(of, into=into)

    def take_while_writing(self, of: LeadId) -> None:
        self.crm.meddling.append(lambda: self.crm.reassign(of))

    def send_back(self, item_id: str, of: LeadId) -> None:
        self.crm.change(of, owner=ME, status=LeadStatus.ASSIGNED, last_decision_id=None)
        self.crm.answers.append(Reply(f"A-{of}", item_id, ReplyKind.RETURNED, "Please look again."))

    def strike(self, *faults: str) -> None:
        self.crm.faults = list(faults)

    def limit_batch(self, size: int) -> None:
        self.crm.batch = size

    def go_down(self) -> None:
        self.crm.down = True

    def come_back(self) -> None:
        self.crm.down = False

    def effects(self) -> list[tuple[str, str]]:
        return [(effect.item_id, effect.what) for effect in self.crm.effects]

    def standing(self) -> dict[LeadId, Any]:
        crm = self.crm
        return {
            one: (row.status, row.owner.user_id, one in crm.archived) for one, row in crm.leads.items()
        } | crm.merged

    def writes(self) -> int:
        return len(self.crm.pushed)

    def close(self) -> None:
        self.place.close()
