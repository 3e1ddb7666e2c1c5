"""The adapter keeps the contract on the stand-in, with the object for decisions and without it."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator

import pytest

from tests.crm.wires import losing_proxy
from tests.salesforce.org import Org, app
from tests.serving import served
from tests.tempo import FastTempo
from triage.crm.contract import CrmContract
from triage.crm.salesforce import SalesforceCrm
from triage.domain.lead import LeadId

NOBODY_LISTENS = "http://127.0.0.1:1"


class OrgStage:
    """One org, its rep and its marketing; `close` ends what it opened."""

    def __init__(self, org: Org, tempo: FastTempo, url: str, losing_url: str) -> None:
        self.org = org
        self._tempo = tempo
        self._url = url
        self._losing_url = losing_url
        self._opened: list[SalesforceCrm] = []
        self.crm = self.signed_in_with(org.access_token)
        self.marketing = self._open(url, org.token_of(org.marketing), role="marketing")

    def signed_in_with(self, token: str) -> SalesforceCrm:
        return self._open(self._url, token)

    def unreachable(self) -> SalesforceCrm:
        return self._open(NOBODY_LISTENS, self.org.access_token)

    def losing_answers(self) -> SalesforceCrm:
        """Salesforce is read before it is written to: only the answers to writes are lost."""
        crm = self._open(self._url, self.org.access_token)
        lossy = self._open(self._losing_url, self.org.access_token)
        crm._api.send = lossy._api.send  # type: ignore[method-assign]  # a wire that loses what comes back
        return crm

    async def take_away(self, lead_id: LeadId) -> None:
        self.org.reassign(lead_id)

    async def effects(self, item_id: str) -> int:
        return sum(key == item_id for key, _ in self.org.effects())

    async def close(self) -> None:
        for crm in self._opened:
            await crm.aclose()
        assert self.org.broken_rules == []

    def _open(self, url: str, token: str, *, role: str = "rep") -> SalesforceCrm:
        crm = SalesforceCrm(url, token, role=role, tempo=self._tempo)
        self._opened.append(crm)
        return crm


@pytest.fixture(params=[True, False], ids=["with the object", "without it"])
async def org_stage(request: pytest.FixtureRequest) -> AsyncIterator[OrgStage]:
    tempo = FastTempo()
    org = Org(tempo, with_object=request.param)
    with served(app(org)) as url:
        async with losing_proxy(int(url.rpartition(":")[2])) as proxy, contextlib.AsyncExitStack() as stack:
            stage = OrgStage(org, tempo, url, proxy.url)
            stack.push_async_callback(stage.close)
            yield stage


class TestSalesforceCrm(CrmContract):
    @pytest.fixture
    def stage(self, org_stage: OrgStage) -> OrgStage:
        return org_stage
