"""BottleCRM as a stage of the contract: the stand-in behind real HTTP, and who speaks with it."""

from __future__ import annotations

from functools import partial
from typing import Any

from tests.bottlecrm.shop import Shop
from tests.crm.wires import losing_writes
from tests.tempo import FastTempo
from triage.crm.bottlecrm.adapter import BottleCrm
from triage.domain.lead import LeadId

NOBODY_LISTENS = "http://127.0.0.1:1"


def _is_read(request: bytes) -> bool:
    return request.startswith(b"GET ")


wire_losing_writes = partial(losing_writes, is_read=_is_read)


class BottleStage:
    """One test's shop, as the contract wants it."""

    def __init__(self, url: str, shop: Shop, losing_url: str = NOBODY_LISTENS, **options: Any) -> None:
        """`options`: what every adapter here is made with, such as a dialect."""
        self._url = url
        self._shop = shop
        self._losing_url = losing_url
        self._options = options
        self._opened: list[BottleCrm] = []
        self.crm = self._open(url)
        self.marketing = self._open(url, shop.marketing_token, role="marketing")

    def signed_in_with(self, token: str) -> BottleCrm:
        return self._open(self._url, token)

    def unreachable(self) -> BottleCrm:
        return self._open(NOBODY_LISTENS)

    def losing_answers(self) -> BottleCrm:
        return self._open(self._losing_url)

    async def take_away(self, lead_id: LeadId) -> None:
        self._shop.reassign(lead_id)

    async def effects(self, item_id: str) -> int:
        return sum(one == item_id for one, _word in self._shop.effects())

    async def close(self) -> None:
        for crm in self._opened:
            await crm.aclose()

    def _open(self, url: str, token: str = "", **more: Any) -> BottleCrm:
        crm = BottleCrm(url, token or self._shop.token, **{"tempo": FastTempo(), **self._options, **more})
        self._opened.append(crm)
        return crm
