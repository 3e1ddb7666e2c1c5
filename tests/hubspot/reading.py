"""The adapter as the tests of reading hold it: on a portal, with time that passes when it is slept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from tests.hubspot.portal import Portal
from tests.tempo import FastTempo
from triage.clock import Clock, utc_now
from triage.crm.hubspot import HubSpotCrm
from triage.crm.hubspot.api import Api
from triage.crm.port import LeadPage
from triage.domain.lead import Lead


def adapter(url: str, portal: Portal, clock: Clock = utc_now, **options: Any) -> HubSpotCrm:
    return HubSpotCrm(
        url, portal.token, **{"email": portal.email, "tempo": portal.tempo, "clock": clock, **options}
    )


def api_on(url: str, portal: Portal) -> Api:
    tempo = portal.tempo
    assert isinstance(tempo, FastTempo)
    return Api(url, portal.token, tempo=tempo)


async def fetched(crm: HubSpotCrm, cursor: str | None = None) -> list[LeadPage]:
    return [page async for page in crm.fetch(cursor)]


def leads_in(pages: Sequence[LeadPage]) -> dict[str, Lead]:
    return {lead.lead_id: lead for page in pages for lead in page.leads}


def gone_in(pages: Sequence[LeadPage]) -> list[str]:
    return [lead_id for page in pages for lead_id in page.gone]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)
