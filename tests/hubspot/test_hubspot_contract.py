"""The HubSpot adapter keeps what every adapter promises, on the stand-in, over real HTTP."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator

import pytest

from tests.hubspot.conftest import Switchboard
from tests.hubspot.portal import Portal, app
from tests.hubspot.world import HubSpotStage, wire_losing_writes
from tests.tempo import FastTempo
from triage.crm.contract import CrmContract


@contextlib.asynccontextmanager
async def staged(switchboard: Switchboard, portal: Portal) -> AsyncIterator[HubSpotStage]:
    switchboard.app = app(portal)
    async with wire_losing_writes(int(switchboard.url.rpartition(":")[2])) as wire:
        stage = HubSpotStage(switchboard.url, portal, wire.url)
        try:
            yield stage
        finally:
            await stage.close()
    assert portal.broken_rules == []


class TestHubSpotCrm(CrmContract):
    @pytest.fixture
    async def stage(self, switchboard: Switchboard) -> AsyncIterator[HubSpotStage]:
        async with staged(switchboard, Portal(FastTempo())) as stage:
            yield stage


class TestHubSpotWithoutLeadObjects(CrmContract):
    """Every tier has contacts: they are the leads there."""

    @pytest.fixture
    async def stage(self, switchboard: Switchboard) -> AsyncIterator[HubSpotStage]:
        async with staged(switchboard, Portal(FastTempo(), lead_object="contacts")) as stage:
            yield stage


class TestHubSpotWithoutTheLeadsKey(CrmContract):
    """The one property that has to be made by hand is not there."""

    @pytest.fixture
    async def stage(self, switchboard: Switchboard) -> AsyncIterator[HubSpotStage]:
        portal = Portal(FastTempo())
        portal.without("triage_decision_key", of="leads")
        async with staged(switchboard, portal) as stage:
            yield stage
