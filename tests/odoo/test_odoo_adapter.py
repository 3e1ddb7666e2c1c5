"""The adapter as a whole: what it says that it can, its options, and how it is closed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.odoo.conftest import Switchboard
from tests.odoo.server import Odoo
from tests.odoo.stage import OdooStage, signed_in
from tests.tempo import FastTempo
from triage.crm.dialect import Dialect
from triage.crm.odoo import OdooCrm
from triage.crm.port import explained_by
from triage.domain.lead import LeadId
from triage.errors import ConfigError, Unreachable


@pytest.fixture
async def stage(switchboard: Switchboard, odoo: Odoo) -> AsyncIterator[OdooStage]:
    made = OdooStage(switchboard.url, odoo, switchboard.url)
    yield made
    await made.close()
    assert odoo.broken_rules == []


async def test_reasons_are_promised_in_an_order_and_for_one_lead(stage: OdooStage, odoo: Odoo) -> None:
    can = await stage.crm.capabilities()
    assert (can.name, can.reasons, can.explains, can.batch) == ("Odoo", "order", True, 20)
    assert can.people
    assert (can.replies, can.timeline) == (True, True)
    assert await explained_by(stage.crm, LeadId(str(odoo.lead_ids[0]))) is not None


async def test_an_older_odoo_promises_no_reasons(switchboard: Switchboard) -> None:
    odoo = switchboard.plug(Odoo(FastTempo(), "16.0"))
    crm = signed_in(switchboard.url, odoo)
    can = await crm.capabilities()
    await crm.aclose()
    assert (can.reasons, can.explains) == ("none", False)


@pytest.mark.parametrize("option", ["role", "leads", "customer", "key_ends"])
def test_an_option_that_is_none_is_refused_with_those_that_are(option: str) -> None:
    with pytest.raises(ConfigError) as caught:
        OdooCrm("https://odoo.example", "a-key", **{option: "nonsense"})  # type: ignore[arg-type]  # a text each
    assert option in caught.value.message
    assert caught.value.hint


async def test_a_score_of_the_companys_own_has_no_reasons_of_odoos(
    switchboard: Switchboard, odoo: Odoo
) -> None:
    crm = signed_in(switchboard.url, odoo, dialect=Dialect(fields={"score": "x_fit"}))
    can = await crm.capabilities()
    assert (can.reasons, can.explains) == ("none", False)
    assert await explained_by(crm, LeadId(str(odoo.lead_ids[0]))) is None
    assert odoo.count("crm.lead.prepare_pls_tooltip_data") == 0
    await crm.aclose()


async def test_a_sync_costs_what_the_page_says(switchboard: Switchboard, odoo: Odoo) -> None:
    async def sync(*after: str | None) -> list[str]:
        """What a sync asks, with an adapter of its own; returns where it ended."""
        crm = signed_in(switchboard.url, odoo)
        await crm.whoami()
        await crm.capabilities()
        ways = (crm.fetch, crm.replies)
        ends = [[page.cursor async for page in way(at)][-1] for way, at in zip(ways, after, strict=True)]
        await crm.aclose()
        return ends

    ends = await sync(None, None)
    before = len(odoo.requests)
    await sync(*ends)
    assert len(odoo.requests) - before <= 14


async def test_a_closed_adapter_leaves_nothing_under_way(switchboard: Switchboard, odoo: Odoo) -> None:
    crm = signed_in(switchboard.url, odoo)
    await crm.whoami()
    asked = asyncio.ensure_future(crm.people())
    await asyncio.sleep(0)
    await crm.aclose()
    done, _ = await asyncio.wait([asked], timeout=20)
    assert done
    assert asked.cancelled() or isinstance(asked.exception(), Unreachable) or asked.result()


async def test_a_key_is_in_no_words_about_an_adapter(switchboard: Switchboard, odoo: Odoo) -> None:
    crm = signed_in(switchboard.url, odoo)
    assert odoo.key not in f"{crm!r} {vars(crm)!r}"
    await crm.aclose()
