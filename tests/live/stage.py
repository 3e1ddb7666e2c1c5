"""The live CRM as a stage of the contract: the adapter as a rep and as marketing, and the CRM's own records."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import Any

from tests.bottlecrm.stage import wire_losing_writes
from tests.live.company import Company
from tests.live.place import Place
from triage.crm.bottlecrm.adapter import BottleCrm
from triage.domain.lead import LeadId

NOBODY_LISTENS = "http://127.0.0.1:1"
UNTOUCHED = 5
"""Leads that no test has touched, for each."""


class LiveStage:
    """One test's leads at a CRM that all tests share."""

    def __init__(self, place: Place, company: Company, losing_url: str) -> None:
        self._place = place
        self._company = company
        self._losing_url = losing_url
        self._opened: list[BottleCrm] = []
        self.crm = self._open(place.url, "contract")
        self.marketing = self._open(place.url, "marketer", role="marketing")
        rows = company.rows("contract")
        fresh = sum(row["status"] == "assigned" and not row["custom_fields"] for row in rows)
        made = company.leads(["contract"], max(0, UNTOUCHED - fresh))
        self._leads = [*made, *(row["id"] for row in rows)]

    def signed_in_with(self, token: str) -> BottleCrm:
        return self._open(self._place.url, token=token)

    def unreachable(self) -> BottleCrm:
        return self._open(NOBODY_LISTENS, "contract")

    def losing_answers(self) -> BottleCrm:
        return self._open(self._losing_url, "contract")

    async def take_away(self, lead_id: LeadId) -> None:
        self._company.change(lead_id, assigned_to=[self._company.people["rep2"].profile_id])

    async def effects(self, item_id: str) -> int:
        return self._company.effects(item_id, self._leads)

    async def close(self) -> None:
        for crm in self._opened:
            await crm.aclose()

    def _open(self, url: str, who: str = "", *, token: str = "", **more: Any) -> BottleCrm:
        crm = BottleCrm(url, token or self._company.people[who].token, **more)
        self._opened.append(crm)
        return crm


@contextlib.asynccontextmanager
async def staged(place: Place, company: Company) -> AsyncIterator[LiveStage]:
    """Yield a stage, with a wire to the CRM that loses the answers of writes."""
    async with wire_losing_writes(place.http_port) as wire:
        stage = LiveStage(place, company, wire.url)
        try:
            yield stage
        finally:
            await stage.close()
