"""The reading half of the adapter on a stand-in without a wire, and an org's rows as a test wants them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from tests.crm.wires import handled_by
from tests.salesforce.org import Org
from tests.salesforce.org.routes import answer, read_request
from triage.crm.dialect import Dialect
from triage.crm.http import Http
from triage.crm.port import LeadPage
from triage.crm.salesforce.account import Account
from triage.crm.salesforce.api import HEADERS, Api
from triage.crm.salesforce.manners import SALESFORCE
from triage.crm.salesforce.reading.fetching import Fetching
from triage.domain.lead import Lead

URL = "http://127.0.0.1"
"""Answered without a wire; without TLS, for whose trust store would be read for each room."""
PLACE = "https://org.example"
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
Meddle = Callable[[httpx.Request, httpx.Response], httpx.Response]


class Clock:
    """A clock of the test's own."""

    def __init__(self, at: datetime = NOW) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def pass_by(self, **span: float) -> None:
        self.at += timedelta(**span)


def http_on(handle: Callable[[httpx.Request], httpx.Response], **more: Any) -> Http:
    """An HTTP room with Salesforce's manners, answered by a function."""
    transport = handled_by(handle)
    return Http(URL, "a-token", manners=SALESFORCE, headers=HEADERS, transport=transport, **more)


def saying(body: Any, status: int = 200, **headers: str) -> httpx.Response:
    """One JSON answer."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(
        status, headers={"content-type": "application/json;charset=UTF-8", **named}, content=json.dumps(body)
    )


@dataclass
class Room:
    """One org, the rep who reads in it, and the time."""

    org: Org
    clock: Clock
    api: Api
    account: Account
    fetching: Fetching

    async def pages(self, cursor: str | None = None) -> list[LeadPage]:
        return [page async for page in self.fetching.pages(cursor)]

    async def leads(self, cursor: str | None = None) -> list[Lead]:
        return [lead for page in await self.pages(cursor) for lead in page.leads]

    async def lead(self, lead_id: str) -> Lead:
        (found,) = (lead for lead in await self.leads() if lead.lead_id == lead_id)
        return found

    def again(self, **options: Any) -> Room:
        """Another run of the program on the same org: nothing is remembered but the cursor."""
        return room_in(self.org, self.clock, **options)

    async def close(self) -> None:
        await self.api.http.aclose()


def room_in(
    org: Org, clock: Clock, *, dialect: Dialect | None = None, meddle: Meddle | None = None, **options: Any
) -> Room:
    """Open a room in an org; `meddle` changes answers on their way."""

    def handle(request: httpx.Request) -> httpx.Response:
        address = request.url.raw_path.decode("ascii")
        asked = read_request(request.method, address, request.headers, request.read())
        reply = answer(org, asked, len(address))
        date = clock().strftime("%a, %d %b %Y %H:%M:%S GMT")
        made = httpx.Response(
            reply.status,
            headers={"content-type": "application/json;charset=UTF-8", "date": date, **reply.headers},
            content=b"" if reply.body is None else json.dumps(reply.body).encode(),
        )
        return meddle(request, made) if meddle else made

    http = Http(
        URL,
        org.access_token,
        manners=SALESFORCE,
        headers=HEADERS,
        transport=handled_by(handle),
        clock=clock,
    )
    api = Api(http)
    account = Account(api, dialect=dialect, **options)
    return Room(org, clock, api, account, Fetching(account, clock, PLACE))


def room(leads: int = 12, *, options: dict[str, Any] | None = None, **org: Any) -> Room:
    """A new org with a room in it, all by one clock."""
    clock = Clock()
    made = Org(leads=leads, clock=clock, **org)
    clock.pass_by(hours=1)
    return room_in(made, clock, **(options or {}))
