"""The embedded CRM over real HTTP, inside the test's process: its faults can be changed while it runs."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import httpx
from msgspec.structs import replace

from tests.fakes import HOLD, Clock, Office, SameThread, shipped_rules
from triage.crm.rest import RestCrm
from triage.desk.desk import Desk
from triage.domain.lead import LeadId, LeadStatus
from triage.embedded import server
from triage.embedded.database import Database
from triage.embedded.faults import FaultPlan
from triage.embedded.members import FIRST_REP, MARKETING, token_of
from triage.store.leads import Leads
from triage.store.outbox import Outbox
from triage.sync.engine import sync
from triage.sync.events import Event
from triage.sync.room import SyncRoom

SEED = 7
COLLEAGUE = "U-02"
NOBODY_LISTENS = "http://127.0.0.1:1"
_WRITES = ("/v1/decisions", "/v1/feedback")
_FAULTS = {"drop-before": "drop-before-commit", "drop-after": "drop-after-commit"}


@dataclass(slots=True)
class WatchedPlan(FaultPlan):
    """A plan that strikes the next writes, and counts them all."""

    next_writes: list[str] = field(default_factory=list)
    writes: int = 0

    def strike(self, method: str, path: str) -> frozenset[str]:
        if method != "POST" or path not in _WRITES:
            return frozenset()
        self.writes += 1
        fault = self.next_writes.pop(0) if self.next_writes else ""
        return frozenset({fault} - {""})


@cache
def _filled() -> Database:
    return server.open_database(None, leads=12, seed=SEED, now=datetime.now(UTC))


@contextmanager
def serving(plan: FaultPlan) -> Iterator[str]:
    """Serve a CRM of its own on a free port; yields its address."""
    database = Database(None)
    _filled()._connection.backup(database._connection)
    listener = server._bind(0)
    listens, ours = threading.Event(), os.pipe()
    app = server.build_app(database, plan)
    thread = threading.Thread(target=server._run, args=(app, listener, listens.set, ours[0]))
    thread.start()
    try:
        assert listens.wait(30)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        os.close(ours[1])
        thread.join(30)
        os.close(ours[0])
        listener.close()
        database.close()


class RealOffice(Office):
    """A rep's stores in a folder, whose syncs go over HTTP."""

    def __init__(self, folder: Path, world: HttpWorld) -> None:
        self.folder = folder
        self.world = world
        self.clock = Clock(datetime.now(UTC))
        self.desk = self.another_desk()
        self.events: list[Event] = []

    def another_desk(self) -> Desk:
        outbox = Outbox(self.folder / "outbox.journal", self.clock)
        leads = Leads(self.folder / "leads.journal")
        return Desk(outbox, leads, rules=shipped_rules, clock=self.clock, hold=HOLD)

    def sync(
        self, *, everything: bool = True, step: Callable[[str], None] = lambda _step: None, **more: Any
    ) -> list[Event]:
        room = SyncRoom(self.desk.outbox, self.desk.leads, SameThread(), self.clock, step)

        async def run() -> None:
            self.events = []
            lock = self.folder / "sync.lock"
            async for event in sync(room, self.world.connect, lock, everything=everything, **more):
                self.events.append(event)

        asyncio.run(run())
        return self.events


class HttpWorld:
    """A rep, their office, and marketing at one CRM."""

    def __init__(self, folder: Path, url: str, plan: WatchedPlan) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._url = url
        self._plan = plan
        self._down = False
        self._batch = 0
        self._marketing = httpx.Client(
            base_url=url, headers={"Authorization": f"Bearer {token_of(MARKETING, SEED)}"}, timeout=30
        )
        self.place: Office = RealOffice(folder, self)
        self.place.synced()
        fresh = [
            entry.lead_id
            for entry in self.place.desk.entries()
            if entry.lead.status is LeadStatus.ASSIGNED and not entry.lead.contacted_at
        ]
        self.leads = tuple(sorted(fresh)[:5])

    async def connect(self) -> RestCrm:
        url = NOBODY_LISTENS if self._down else self._url
        crm = RestCrm(url, token_of(FIRST_REP, SEED), clock=self.place.clock, deadline=30)
        return _Sparing(crm, self._batch) if self._batch else crm  # type: ignore[return-value]

    def reassign(self, of: LeadId) -> None:
        self._ask(f"/v1/leads/{of}/assign", {"owner_id": COLLEAGUE})

    def restatus(self, of: LeadId) -> None:
        self._ask(f"/v1/leads/{of}/edit", {"status": "working"})

    def retitle(self, of: LeadId) -> None:
        self._ask(f"/v1/leads/{of}/edit", {"title": "CTO"})

    def archive(self, of: LeadId) -> None:
        self._ask(f"/v1/leads/{of}/edit", {"archived": True})

    def delete(self, of: LeadId, *, into: LeadId | None = None) -> None:
        self._ask(f"/v1/leads/{of}/remove", {"merged_into": into})

    def take_while_writing(self, of: LeadId) -> None:
        assert of == self.leads[0], "the fault strikes the first decision of a batch"
        self.strike("reassign")

    def send_back(self, item_id: str, of: LeadId) -> None:
        self._ask("/v1/replies", {"reply_id": f"A-{of}", "of": item_id, "kind": "returned", "text": "Look."})

    def strike(self, *faults: str) -> None:
        self._plan.next_writes = [_FAULTS.get(fault, fault) for fault in faults]

    def limit_batch(self, size: int) -> None:
        self._batch = size

    def go_down(self) -> None:
        self._down = True

    def come_back(self) -> None:
        self._down = False

    def effects(self) -> list[tuple[str, str]]:
        rows = self._marketing.get("/v1/effects", params={"limit": 500}).json()["items"]
        return [(row["id"], row["act"]) for row in rows]

    def standing(self) -> dict[LeadId, Any]:
        return {lead: self._standing(lead) for lead in self.leads}

    def _standing(self, lead: LeadId) -> tuple[object, ...]:
        answer = self._marketing.get(f"/v1/leads/{lead}")
        body = answer.json()
        if answer.status_code == 410:
            return ("deleted", body["merged_into"])
        return (body["status"], body["owner"]["user_id"], body["archived"])

    def writes(self) -> int:
        return self._plan.writes

    def close(self) -> None:
        self.place.close()
        self._marketing.close()

    def _ask(self, path: str, body: dict[str, Any]) -> None:
        answer = self._marketing.post(path, json=body)
        assert answer.status_code == 200, answer.text


class _Sparing:
    """An adapter that takes fewer items in one write than its CRM would."""

    def __init__(self, crm: RestCrm, batch: int) -> None:
        self._crm = crm
        self._batch = batch

    def __getattr__(self, name: str) -> Any:
        return getattr(self._crm, name)

    async def capabilities(self) -> Any:
        return replace(await self._crm.capabilities(), batch=self._batch)


@contextmanager
def over_http(folder: Path) -> Iterator[HttpWorld]:
    """Yield a world whose leads are fetched already."""
    plan = WatchedPlan()
    with serving(plan) as url:
        world = HttpWorld(folder, url, plan)
        try:
            yield world
        finally:
            world.close()
