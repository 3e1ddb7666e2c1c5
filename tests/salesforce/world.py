"""A rep, their office and marketing at one Salesforce org: the world that the fault plans of the sync are played in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from tests.fakes import Clock
from tests.salesforce.org import Org, app
from tests.serving import served
from tests.sync.http_world import NOBODY_LISTENS, RealOffice
from tests.tempo import FastTempo
from triage.crm.salesforce import SalesforceCrm
from triage.domain.lead import LeadId, LeadStatus

OPEN, WORKING = "Open - Not Contacted", "Working - Contacted"
_FAULTS = {"429": "limit"}


class Door:
    """One server for the orgs of many tests, one after another: an org is cheap, a server is not."""

    def __init__(self) -> None:
        self.org: Org | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        assert self.org is not None
        await app(self.org)(scope, receive, send)


@contextmanager
def door() -> Iterator[tuple[Door, str]]:
    """Serve whichever org stands behind the door; yields it with its address."""
    made = Door()
    with served(made, dates=False) as url:
        yield made, url


class OrgWorld:
    """The scenarios' world on the stand-in."""

    def __init__(self, folder: Path, org: Org, tempo: FastTempo, url: str, clock: Clock) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.org = org
        self._tempo = tempo
        self._url = url
        self._down = False
        self._batch = 0
        self.options: dict[str, Any] = {}
        self.place = OrgOffice(folder, self, clock)
        self.place.synced()
        fresh = [
            entry.lead_id
            for entry in self.place.desk.entries()
            if entry.lead.status is LeadStatus.ASSIGNED and not entry.lead.contacted_at
        ]
        self.leads = tuple(sorted(fresh)[:5])

    async def connect(self) -> SalesforceCrm:
        url = NOBODY_LISTENS if self._down else self._url
        crm = SalesforceCrm(
            url,
            self.org.access_token,
            tempo=self._tempo,
            clock=self.place.clock,
            deadline=30,
            **self.options,
        )
        return Sparing(crm, self._batch) if self._batch else crm  # type: ignore[return-value]  # takes fewer items

    def reassign(self, of: LeadId) -> None:
        self.org.reassign(of)

    def restatus(self, of: LeadId) -> None:
        self.org.restatus(of, WORKING)

    def retitle(self, of: LeadId) -> None:
        self.org.retitle(of)

    def archive(self, of: LeadId) -> None:
        self.org.archive(of)

    def delete(self, of: LeadId, *, into: LeadId | None = None) -> None:
        self.org.delete(of, into)

    def take_while_writing(self, of: LeadId) -> None:
        self.org.take_while_writing(of)

    def send_back(self, item_id: str, of: LeadId) -> None:
        self.org.type_answer(of, "Please look again.", "returned")
        self.org.restatus(of, OPEN)

    def strike(self, *faults: str) -> None:
        self.org.strike(*(_FAULTS.get(fault, fault) for fault in faults))

    def limit_batch(self, size: int) -> None:
        self._batch = size

    def go_down(self) -> None:
        self._down = True

    def come_back(self) -> None:
        self._down = False

    def effects(self) -> list[tuple[str, str]]:
        return self.org.effects()

    def standing(self) -> dict[LeadId, Any]:
        return {lead: self.org.standing(lead) for lead in self.leads}

    def writes(self) -> int:
        return self.org.count("POST /services/data/v68.0/composite/graph")

    def close(self) -> None:
        self.place.close()
        assert self.org.broken_rules == []


class OrgClock(Clock):
    """Passes an hour at a time: so long nothing is asked of an org that has no requests left."""

    def go(self, **span: float) -> None:
        super().go(minutes=61)


class OrgOffice(RealOffice):
    """A rep's stores, whose syncs go to the stand-in; rep and org share a clock."""

    def __init__(self, folder: Path, world: OrgWorld, clock: Clock) -> None:
        self.folder = folder
        self.world = world  # type: ignore[assignment]  # all that is used of a world is `connect`
        self.clock = clock
        self.desk = self.another_desk()
        self.events = []


class Sparing:
    """An adapter that takes fewer items in one write than Salesforce would."""

    def __init__(self, crm: SalesforceCrm, batch: int) -> None:
        self._crm = crm
        self._batch = batch

    def __getattr__(self, name: str) -> Any:
        return getattr(self._crm, name)

    async def capabilities(self) -> Any:
        return replace(await self._crm.capabilities(), batch=self._batch)


@contextmanager
def on_org(behind: Door, url: str, folder: Path, **options: Any) -> Iterator[OrgWorld]:
    """Yield a world of its own behind a door, whose leads are fetched already."""
    tempo, clock = FastTempo(), OrgClock(datetime.now(UTC))
    behind.org = Org(tempo, leads=8, clock=clock, **options)
    world = OrgWorld(folder, behind.org, tempo, url, clock)
    try:
        yield world
    finally:
        world.close()
