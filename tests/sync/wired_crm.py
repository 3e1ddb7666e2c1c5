"""A CRM of the open contract on a raw socket: takes each id once, counts every request, and strikes on request."""

from __future__ import annotations

import asyncio
import contextlib
import json
import ssl
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

from tests.crm.wires import Behaviour, Wire, raw_server, saying
from tests.fakes import ME, Office, SameThread
from triage.crm.rest import RestCrm
from triage.domain.people import Rep
from triage.errors import TriageError
from triage.sync.engine import sync
from triage.sync.events import Event, SyncFinished, SyncReport, SyncStopped
from triage.sync.room import SyncRoom

TOKEN = "TOKEN-abc123-sentinel"
WRITE = "POST /v1/decisions"
ASK = "GET /v1/decisions/"
Strike = Callable[[str], Behaviour | None]
"""Given "GET /v1/me" and so on, returns what happens in place of an answer, or None."""
_NO_SUCH = {"error": {"code": "not_found", "message": "There is none."}}
_RECEIPT = {"receipt_id": "R", "applied_at": None, "version": "2", "status": "accepted"}


@dataclass
class WiredCrm:
    """What it has taken, and what it is to do next."""

    wire: Wire = field(default_factory=Wire)
    strike: Strike = lambda _what: None
    effects: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    """Method and path of every request."""
    rewrite: Callable[[list[dict[str, Any]]], list[Any]] = lambda results: results
    """What becomes of the results of a write on their way out."""

    @property
    def url(self) -> str:
        return self.wire.url

    async def behave(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head, _, body = self.wire.requests[-1].partition(b"\r\n\r\n")
        method, target, _ = head.split(b"\r\n")[0].decode().split(" ")
        what = f"{method} {target.partition('?')[0]}"
        self.asked.append(what)
        struck = self.strike(what)
        await (struck or self._answer(what, body))(reader, writer)

    def _answer(self, what: str, body: bytes) -> Behaviour:
        pages = {"items": [], "gone": [], "next_cursor": "9", "more": False}
        fixed: dict[str, Any] = {
            "GET /v1/me": {"user_id": ME.user_id, "name": ME.name, "role": "rep"},
            "GET /v1/capabilities": {"name": "Wired CRM", "batch": 50, "idempotency": True},
            "GET /v1/leads": pages,
            "GET /v1/replies": pages,
        }
        if what == WRITE:
            return told({"results": self.rewrite([self._take(one) for one in json.loads(body)["items"]])})
        if what.startswith(ASK):
            item_id = what.removeprefix(ASK)
            if item_id in self.effects:
                return told({"decision_id": item_id, "receipt": _RECEIPT | {"owner": None}})
        return told(fixed[what]) if what in fixed else told(_NO_SUCH, "404 Not Found")

    def _take(self, item: dict[str, Any]) -> dict[str, Any]:
        known = item["decision_id"] in self.effects
        if not known:
            self.effects.append(item["decision_id"])
        outcome = "already" if known else "applied"
        owner = {"user_id": ME.user_id, "name": ME.name}
        return {
            "decision_id": item["decision_id"],
            "outcome": outcome,
            "receipt": _RECEIPT | {"owner": owner},
        }


def told(body: object, status: str = "200 OK", headers: str = "") -> Behaviour:
    """Answer with JSON."""
    return saying(json.dumps(body).encode(), status=status, headers=headers)


def on(what: str, behaviour: Behaviour, *, times: int = 1_000_000) -> Strike:
    """Strike requests whose method and path begin so, that many times."""
    left = iter(range(times))
    return lambda asked: behaviour if asked.startswith(what) and next(left, None) is not None else None


@contextlib.asynccontextmanager
async def wired_crm(tls: ssl.SSLContext | None = None) -> AsyncIterator[WiredCrm]:
    """Let it listen until the block ends."""
    crm = WiredCrm()

    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await crm.behave(reader, writer)

    async with raw_server(behave, tls=tls) as crm.wire:
        yield crm


async def run(place: Office, url: str, *, ca_file: str | None = None, deadline: float = 20.0) -> list[Event]:
    """Run one sync of everything, by the shipped adapter, to its end."""
    room = SyncRoom(place.desk.outbox, place.desk.leads, SameThread(), place.clock)

    async def connect() -> RestCrm:
        return RestCrm(url, TOKEN, ca_file=ca_file, clock=place.clock, deadline=deadline)

    lock = place.folder / "sync.lock"
    return [event async for event in sync(room, connect, lock, who=Rep(ME.user_id, ME.name))]


async def stopped(place: Office, url: str, **options: Any) -> TriageError:
    """Run one sync that is expected to stop; return why."""
    last = (await run(place, url, **options))[-1]
    assert isinstance(last, SyncStopped), last
    return last.error


async def finished(place: Office, url: str, **options: Any) -> SyncReport:
    """Run one sync that is expected to finish; return its counts."""
    last = (await run(place, url, **options))[-1]
    assert isinstance(last, SyncFinished), last
    return last.report
