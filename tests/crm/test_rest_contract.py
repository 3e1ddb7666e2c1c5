"""The shipped adapter keeps the shipped contract, over real HTTP with the embedded CRM."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Iterator

import pytest

from tests.crm.wires import losing_proxy
from tests.embedded_server import RunningServer, running_server
from triage.crm.contract import CrmContract
from triage.crm.http import Http
from triage.crm.rest import RestCrm
from triage.domain.lead import LeadId

COLLEAGUE = "U-02"
NOBODY_LISTENS = "http://127.0.0.1:1"


class EmbeddedStage:
    """The stage on one running server; `close` ends what it opened."""

    def __init__(self, server: RunningServer, losing_url: str) -> None:
        self._server = server
        self._losing_url = losing_url
        self._opened: list[RestCrm] = []
        self._audit = Http(server.url, server.marketing_token)
        self.crm = self.signed_in_with(server.rep_token)
        self.marketing = self.signed_in_with(server.marketing_token)

    def signed_in_with(self, token: str) -> RestCrm:
        return self._open(self._server.url, token)

    def unreachable(self) -> RestCrm:
        return self._open(NOBODY_LISTENS, self._server.rep_token)

    def losing_answers(self) -> RestCrm:
        return self._open(self._losing_url, self._server.rep_token)

    async def take_away(self, lead_id: LeadId) -> None:
        await self._audit.send(f"/v1/leads/{lead_id}/assign", {"owner_id": COLLEAGUE})

    async def effects(self, item_id: str) -> int:
        counted, cursor, more = 0, "", True
        while more:
            params = {"cursor": cursor} if cursor else {}
            body = (await self._audit.get("/v1/effects", params=params)).body
            counted += sum(row["id"] == item_id for row in body["items"])
            cursor, more = body["next_cursor"], body["more"]
        return counted

    async def close(self) -> None:
        for crm in self._opened:
            await crm.aclose()
        await self._audit.aclose()

    def _open(self, url: str, token: str) -> RestCrm:
        crm = RestCrm(url, token)
        self._opened.append(crm)
        return crm


@pytest.fixture(scope="module")
def server() -> Iterator[RunningServer]:
    with running_server(leads=80) as running:
        yield running


@pytest.fixture
async def embedded_stage(server: RunningServer) -> AsyncIterator[EmbeddedStage]:
    port = int(server.url.rpartition(":")[2])
    async with losing_proxy(port) as proxy, contextlib.AsyncExitStack() as stack:
        stage = EmbeddedStage(server, proxy.url)
        stack.push_async_callback(stage.close)
        yield stage


class TestRestCrm(CrmContract):
    @pytest.fixture
    def stage(self, embedded_stage: EmbeddedStage) -> EmbeddedStage:
        return embedded_stage
