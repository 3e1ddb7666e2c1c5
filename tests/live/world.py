"""The live CRM as a world of the fault plans: a rep's stores, and what others do behind the rep's back."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.fakes import Office
from tests.live.company import Company, recorded
from tests.live.place import Place
from tests.live.stage import NOBODY_LISTENS
from tests.sync.http_world import RealOffice, _Sparing
from triage.crm.bottlecrm.adapter import BottleCrm
from triage.crm.dialect import Dialect
from triage.domain.lead import LeadId
from triage.domain.review import Reply, ReplyKind

COLLEAGUE, MARKETING = "rep2", "marketer"


@dataclass(frozen=True)
class Whose:
    """A rep by name, some of their leads, and what their profile calls things."""

    rep: str
    leads: Sequence[str]
    dialect: Dialect = field(default_factory=Dialect)


class LiveWorld:
    """A rep, a colleague, and marketing at the live CRM. `leads` are the rep's, and nobody has contacted them."""

    def __init__(self, folder: Path, place: Place, company: Company, whose: Whose) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.place: Office = RealOffice(folder, self)  # type: ignore[arg-type] # of a world it wants `connect`
        self.company = company
        self.leads = tuple(map(LeadId, whose.leads))
        self._live = place
        self._rep = whose.rep
        self._dialect = whose.dialect
        self._buried: list[dict[str, Any]] = []
        """What stood on leads that were deleted."""
        self._down = False
        self._batch = 0
        self.place.synced()

    async def connect(self) -> BottleCrm:
        url = NOBODY_LISTENS if self._down else self._live.url
        token = self.company.people[self._rep].token
        crm = BottleCrm(url, token, clock=self.place.clock, dialect=self._dialect)
        return _Sparing(crm, self._batch) if self._batch else crm  # type: ignore[return-value,arg-type]

    def reassign(self, of: LeadId) -> None:
        self.company.change(of, assigned_to=[self.company.people[COLLEAGUE].profile_id])

    def restatus(self, of: LeadId) -> None:
        self.company.change(of, status="in process")

    def retitle(self, of: LeadId) -> None:
        self.company.change(of, job_title="CTO")

    def archive(self, of: LeadId) -> None:
        pytest.skip("BottleCRM has no archive for leads")

    def delete(self, of: LeadId, *, into: LeadId | None = None) -> None:
        if into is not None:
            pytest.skip("BottleCRM merges no leads")
        self._buried += self.company.records(of)
        self.company.ask("admin", "DELETE", f"/api/leads/{of}/")

    def take_while_writing(self, of: LeadId) -> None:
        pytest.skip("the live server cannot be made to wait between reading and writing")

    def send_back(self, item_id: str, of: LeadId) -> None:
        async def reply() -> None:
            marketing = BottleCrm(self._live.url, self.company.people[MARKETING].token, role="marketing")
            await marketing.reply(Reply(f"A-{of}", item_id, ReplyKind.RETURNED, "Look.", lead_id=of))
            await marketing.aclose()

        asyncio.run(reply())

    def strike(self, *faults: str) -> None:
        pytest.skip(f"the live server does not play {', '.join(faults)} on request")

    def limit_batch(self, size: int) -> None:
        self._batch = size

    def go_down(self) -> None:
        self._down = True

    def come_back(self) -> None:
        self._down = False

    def effects(self) -> list[tuple[str, str]]:
        standing = [one for row in self._rows().values() if row is not None for one in recorded(row)]
        found = self._buried + standing
        return [(one["id"], one["word"]) for one in sorted(found, key=lambda one: one["at"])]

    def comments(self) -> list[str]:
        """Return all comments on the leads, and on accounts: a conversion takes those of its lead there."""
        on_leads = [comment for lead in self.leads for comment in self.company.comments(lead)]
        return on_leads + self.company.account_comments()

    def standing(self) -> dict[LeadId, Any]:
        return {lead: _standing(row) for lead, row in self._rows().items()}

    def writes(self) -> int:
        return len([line for line in self._live.access() if line.startswith("PATCH ")])

    def close(self) -> None:
        self.place.close()

    def _rows(self) -> dict[LeadId, dict[str, Any] | None]:
        """Return what each lead is now: from the rep's list, and one by one where it is not on it."""
        listed = {row["id"]: row for row in self.company.rows(self._rep)}
        return {lead: listed.get(lead) or self.company.find(lead) for lead in self.leads}


def _standing(row: dict[str, Any] | None) -> tuple[Any, ...]:
    if row is None:
        return ("deleted",)
    owners = sorted(one["user_details"]["email"] for one in row["assigned_to"])
    return (row["status"], owners, row["custom_fields"].get("triage_decision"))


@contextlib.contextmanager
def at_work(folder: Path, place: Place, company: Company, whose: Whose) -> Iterator[LiveWorld]:
    """Yield a world whose leads are fetched already."""
    world = LiveWorld(folder, place, company, whose)
    try:
        yield world
    finally:
        world.close()
