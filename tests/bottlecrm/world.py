"""BottleCRM as a world of the fault plans: the stand-in behind real HTTP, a rep's office, and marketing."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from tests.bottlecrm.shop import Shop, app
from tests.bottlecrm.stage import NOBODY_LISTENS
from tests.fakes import Office
from tests.serving import served
from tests.sync.http_world import RealOffice
from tests.tempo import FastTempo
from triage.crm.bottlecrm.adapter import BottleCrm
from triage.crm.port import Capabilities
from triage.domain.feedback import FeedbackType
from triage.domain.lead import LeadId
from triage.domain.review import Reply, ReplyKind

_FAULTS = {"401": "403-expired", "partial": "500-after"}
"""What BottleCRM has in place of what other CRMs answer."""


class BottleWorld:
    """A rep, a colleague, and marketing at one BottleCRM."""

    def __init__(self, folder: Path, url: str, shop: Shop) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._url = url
        self._down = False
        self._batch = 0
        self.shop = shop
        self.place: Office = RealOffice(folder, self)  # type: ignore[arg-type]  # the same office, at another CRM
        self.place.synced()
        self.leads = tuple(LeadId(one) for one in shop.lead_ids[:5])

    async def connect(self) -> BottleCrm:
        url = NOBODY_LISTENS if self._down else self._url
        crm = BottleCrm(url, self.shop.token, tempo=FastTempo(), clock=self.place.clock, deadline=30)
        return _Sparing(crm, self._batch) if self._batch else crm  # type: ignore[return-value]  # it passes all on

    def reassign(self, of: LeadId) -> None:
        self.shop.reassign(of)

    def restatus(self, of: LeadId) -> None:
        self.shop.restatus(of)

    def retitle(self, of: LeadId) -> None:
        self.shop.retitle(of)

    def archive(self, of: LeadId) -> None:
        """BottleCRM has no archive: what is put away is closed."""
        self.shop.restatus(of, "closed")

    def delete(self, of: LeadId, *, into: LeadId | None = None) -> None:
        """Whether it was merged into another nobody is told."""
        assert into is None or into in self.shop.lead_ids
        self.shop.delete(of)

    def take_while_writing(self, of: LeadId) -> None:
        self.shop.take_while_writing(of, judged=False)

    def send_back(self, item_id: str, of: LeadId) -> None:
        async def reply() -> None:
            token = self.shop.marketing_token
            marketing = BottleCrm(
                self._url, token, role="marketing", tempo=FastTempo(), clock=self.place.clock
            )
            await marketing.reply(Reply(f"A-{of}", item_id, ReplyKind.RETURNED, "Look.", lead_id=of))
            await marketing.aclose()

        asyncio.run(reply())

    def strike(self, *faults: str) -> None:
        self.shop.strike(*(_FAULTS.get(fault, fault) for fault in faults))

    def limit_batch(self, size: int) -> None:
        self._batch = size

    def go_down(self) -> None:
        self._down = True

    def come_back(self) -> None:
        self._down = False

    def effects(self) -> list[tuple[str, str]]:
        """Decisions in order, then feedback by its words.

        BottleCRM knows no second send by its id, so that "not here" is believed after a minute only: feedback
        that was stopped on its way comes after a decision that it waited beside.
        """
        said = self.shop.effects()
        feedback = [one for one in said if one[1] in list(FeedbackType)]
        return [one for one in said if one not in feedback] + sorted(feedback, key=lambda one: one[1])

    def standing(self) -> dict[LeadId, Any]:
        return {one: self.shop.standing(one) for one in self.leads}

    def writes(self) -> int:
        return self.shop.count("PATCH ") + self.shop.count("POST ")

    def close(self) -> None:
        self.place.close()


class _Sparing:
    """An adapter that takes fewer items in one write than it would."""

    def __init__(self, crm: BottleCrm, batch: int) -> None:
        self._crm = crm
        self._batch = batch

    def __getattr__(self, name: str) -> Any:
        return getattr(self._crm, name)

    async def capabilities(self) -> Capabilities:
        return replace(await self._crm.capabilities(), batch=self._batch)


def not_told_once(shop: Shop) -> list[str]:
    """Return the items that took effect and have no comment, or more than one."""
    return [item for item, _word in shop.effects() if shop.comments_of(item) != 1]


@contextmanager
def at_bottlecrm(folder: Path, **options: Any) -> Iterator[BottleWorld]:
    """Yield a world whose leads are fetched already; at its end each effect has one comment."""
    shop = Shop(FastTempo(), **options)
    with served(app(shop)) as url:
        world = BottleWorld(folder, url, shop)
        try:
            yield world
            assert not_told_once(shop) == []
        finally:
            world.close()
            assert shop.broken_rules == []
