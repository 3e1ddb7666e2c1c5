"""The Odoo adapter keeps what every adapter promises, on the stand-in, over real HTTP."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator

import pytest

from tests.odoo.conftest import Switchboard
from tests.odoo.server import Odoo
from tests.odoo.stage import OdooStage, wire_losing_writes
from tests.tempo import FastTempo
from triage.crm.contract import CrmContract

FEW = 4


@contextlib.asynccontextmanager
async def staged(switchboard: Switchboard, odoo: Odoo) -> AsyncIterator[OdooStage]:
    switchboard.plug(odoo)
    async with wire_losing_writes(int(switchboard.url.rpartition(":")[2])) as wire:
        stage = OdooStage(switchboard.url, odoo, wire.url)
        try:
            yield stage
        finally:
            await stage.close()
    assert odoo.broken_rules == []


class TestOdooCrm(CrmContract):
    """JSON-2, with the feature Leads."""

    @pytest.fixture
    async def stage(self, switchboard: Switchboard) -> AsyncIterator[OdooStage]:
        async with staged(switchboard, Odoo(FastTempo(), leads=FEW)) as stage:
            yield stage


class TestOlderOdooWithoutLeads(CrmContract):
    """/jsonrpc on version 17, where everything is an opportunity, and no admin has set anything up."""

    @pytest.fixture
    async def stage(self, switchboard: Switchboard) -> AsyncIterator[OdooStage]:
        odoo = Odoo(FastTempo(), "17.0", leads=FEW, use_leads=False, set_up=False)
        async with staged(switchboard, odoo) as stage:
            yield stage


@pytest.mark.soak
class TestOdooWithoutLeads(CrmContract):
    """JSON-2 with opportunities only: what either of the two above shows a half of."""

    @pytest.fixture
    async def stage(self, switchboard: Switchboard) -> AsyncIterator[OdooStage]:
        async with staged(switchboard, Odoo(FastTempo(), leads=FEW, use_leads=False, set_up=False)) as stage:
            yield stage


@pytest.mark.soak
class TestOlderOdoo(CrmContract):
    """/jsonrpc with leads: the other half."""

    @pytest.fixture
    async def stage(self, switchboard: Switchboard) -> AsyncIterator[OdooStage]:
        async with staged(switchboard, Odoo(FastTempo(), "17.0", leads=FEW)) as stage:
            yield stage
