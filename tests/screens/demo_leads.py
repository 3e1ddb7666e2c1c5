"""The leads of the demo as its rep gets them: from the embedded CRM by the shipped adapter's reader, at one moment."""

from __future__ import annotations

import asyncio
from functools import cache
from typing import Any

import httpx

from tests.screens.sample import NOW
from triage.crm.rest.agreement import read_definition, read_statistics
from triage.crm.rest.leads import read_leads
from triage.domain.definition import Definition
from triage.domain.lead import Lead, LeadStatus
from triage.domain.review import SourceStatistics
from triage.embedded.members import FIRST_REP, token_of
from triage.embedded.server import build_app, open_database

SEED = 7
COUNT = 120


@cache
def demo() -> tuple[tuple[Lead, ...], Definition, tuple[SourceStatistics, ...]]:
    """Return the rep's untriaged leads, the definition in force, and how the sources fared."""
    leads, agreed, sources = asyncio.run(
        _asked("/v1/leads?limit=500", "/v1/definition", "/v1/statistics/sources")
    )
    read, unread = read_leads(leads["items"], NOW)
    assert not unread
    waiting = tuple(lead for lead in read if lead.status is LeadStatus.ASSIGNED)
    assert len(waiting) == COUNT
    return waiting, read_definition(agreed), read_statistics(sources)


async def _asked(*paths: str) -> list[Any]:
    database = open_database(None, leads=COUNT, seed=SEED, now=NOW)
    headers = {"Authorization": f"Bearer {token_of(FIRST_REP, SEED)}"}
    transport = httpx.ASGITransport(build_app(database))
    async with httpx.AsyncClient(
        transport=transport, base_url="http://crm.example", headers=headers
    ) as client:
        answers = [await client.get(path) for path in paths]
    database.close()
    return [answer.raise_for_status().json() for answer in answers]
