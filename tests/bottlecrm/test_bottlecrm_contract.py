"""The BottleCRM adapter keeps what every adapter promises, on the stand-in, over real HTTP."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.bottlecrm.conftest import Switchboard
from tests.bottlecrm.shop import Shop, app
from tests.bottlecrm.stage import BottleStage, wire_losing_writes
from tests.tempo import FastTempo
from triage.crm.contract import CrmContract, Stage
from triage.crm.contract.stage import decision_on, fresh_leads, leads_of, pages_of
from triage.crm.dialect import Dialect
from triage.domain.lead import LeadStatus
from triage.domain.outcome import Applied


@contextlib.asynccontextmanager
async def staged(switchboard: Switchboard, **options: Any) -> AsyncIterator[BottleStage]:
    shop = Shop(FastTempo())
    switchboard.app = app(shop)
    async with wire_losing_writes(int(switchboard.url.rpartition(":")[2])) as wire:
        stage = BottleStage(switchboard.url, shop, wire.url, **options)
        try:
            yield stage
        finally:
            await stage.close()
    assert shop.broken_rules == []
    assert shop.twice() == []


class TestBottleCrm(CrmContract):
    @pytest.fixture
    async def stage(self, switchboard: Switchboard) -> AsyncIterator[BottleStage]:
        async with staged(switchboard) as stage:
            yield stage


class TestBottleCrmThatConverts(CrmContract):
    """Accepting makes an account and an opportunity of a lead; it leaves the list, and cannot come back."""

    @pytest.fixture
    async def stage(self, switchboard: Switchboard) -> AsyncIterator[BottleStage]:
        async with staged(switchboard, dialect=Dialect(statuses={"accepted": "converted"})) as stage:
            yield stage

    async def test_the_cursor_gives_only_what_changed_since(self, stage: Stage) -> None:
        """Differs from the contract: converted leads are on no list, so that an accepted one is gone."""
        cursor = (await pages_of(stage.crm))[-1].cursor
        lead = (await fresh_leads(stage.crm))[0]
        item = decision_on(lead)
        outcome = (await stage.crm.push([item]))[item.id]
        assert isinstance(outcome, Applied)
        assert outcome.receipt.status == LeadStatus.ACCEPTED
        pages = await pages_of(stage.crm, cursor)
        assert leads_of(pages) == []
        assert [lead_id for page in pages for lead_id in page.gone] == [lead.lead_id]

    async def test_marketing_sees_the_decision_as_it_was_made(self, stage: Stage) -> None:
        """Differs from the contract: what is on no list is in no review; the documentation says so."""
        assert stage.marketing is not None
        item = decision_on((await fresh_leads(stage.crm))[0], note="Wants a quote.")
        await stage.crm.push([item])
        assert [one async for one in stage.marketing.decisions()] == []

    async def test_the_rep_is_asked_before_what_is_final(self, stage: Stage) -> None:
        assert "accept" in (await stage.crm.capabilities()).final
