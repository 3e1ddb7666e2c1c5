"""HubSpot as a stage of the contract and as a world of the fault plans: the stand-in behind real HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from tests.crm.wires import losing_writes
from tests.fakes import Office
from tests.hubspot.portal import Portal, app
from tests.serving import served
from tests.sync.http_world import RealOffice
from tests.tempo import FastTempo, Unhurried
from triage.crm.hubspot import HubSpotCrm
from triage.crm.port import Capabilities
from triage.domain.feedback import FeedbackType
from triage.domain.lead import LeadId
from triage.domain.review import Reply, ReplyKind

NOBODY_LISTENS = "http://127.0.0.1:1"
_READS = (b"/batch/read ", b"/search ")


def _is_read(request: bytes) -> bool:
    line = request.split(b"\r\n", 1)[0]
    return line.startswith(b"GET ") or any(path in line for path in _READS)


wire_losing_writes = partial(losing_writes, is_read=_is_read)


class HubSpotStage:
    """One test's portal, as the contract wants it."""

    def __init__(self, url: str, portal: Portal, losing_url: str) -> None:
        self._url = url
        self._portal = portal
        self._losing_url = losing_url
        self._opened: list[HubSpotCrm] = []
        self.crm = self._open(url)
        self.marketing = self._open(url, email=portal.marketing_email, role="marketing")

    def signed_in_with(self, token: str) -> HubSpotCrm:
        return self._open(self._url, token)

    def unreachable(self) -> HubSpotCrm:
        return self._open(NOBODY_LISTENS)

    def losing_answers(self) -> HubSpotCrm:
        return self._open(self._losing_url)

    async def take_away(self, lead_id: LeadId) -> None:
        self._portal.reassign(lead_id)

    async def effects(self, item_id: str) -> int:
        return sum(one == item_id for one, _word in self._portal.effects())

    async def close(self) -> None:
        for crm in self._opened:
            await crm.aclose()

    def _open(self, url: str, token: str = "", **more: Any) -> HubSpotCrm:
        options = {"email": self._portal.email, "tempo": Unhurried(self._portal.tempo)} | more
        crm = HubSpotCrm(url, token or self._portal.token, **options)
        self._opened.append(crm)
        return crm


class HubSpotWorld:
    """A rep, a colleague, and marketing at one portal."""

    def __init__(self, folder: Path, url: str, portal: Portal) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._url = url
        self._down = False
        self._batch = 0
        self.portal = portal
        self.place: Office = RealOffice(folder, self)
        self.place.synced()
        self.leads = tuple(LeadId(one) for one in portal.lead_ids[:5])

    async def connect(self) -> HubSpotCrm:
        url = NOBODY_LISTENS if self._down else self._url
        crm = HubSpotCrm(
            url,
            self.portal.token,
            email=self.portal.email,
            tempo=Unhurried(self.portal.tempo),
            clock=self.place.clock,
            deadline=30,
        )
        return _Sparing(crm, self._batch) if self._batch else crm  # type: ignore[return-value]

    def reassign(self, of: LeadId) -> None:
        self.portal.reassign(of)

    def restatus(self, of: LeadId) -> None:
        by_contact = self.portal.lead_object == "contacts"
        self.portal.restage(of, "CONNECTED" if by_contact else "connected-stage-id")

    def retitle(self, of: LeadId) -> None:
        self.portal.retitle(of)

    def archive(self, of: LeadId) -> None:
        self.portal.archive(of)

    def delete(self, of: LeadId, *, into: LeadId | None = None) -> None:
        self.portal.delete(of, into)

    def take_while_writing(self, of: LeadId) -> None:
        self.portal.take_while_writing(of)

    def send_back(self, item_id: str, of: LeadId) -> None:
        async def reply() -> None:
            marketing = HubSpotCrm(
                self._url,
                self.portal.token,
                email=self.portal.marketing_email,
                role="marketing",
                tempo=Unhurried(self.portal.tempo),
            )
            kind = ReplyKind.RETURNED
            await marketing.reply(Reply(f"A-{of}", item_id, kind, "Look.", lead_id=of))
            await marketing.aclose()

        asyncio.run(reply())

    def strike(self, *faults: str) -> None:
        self.portal.strike(*faults)

    def limit_batch(self, size: int) -> None:
        self._batch = size

    def go_down(self) -> None:
        self._down = True

    def come_back(self) -> None:
        self._down = False

    def effects(self) -> list[tuple[str, str]]:
        """Decisions in order, then feedback by its words.

        HubSpot knows no second send by its id, so that "not here" is believed after a minute only: feedback
        that was stopped on its way comes after a decision that it waited beside. The order of decisions on a
        lead stays.
        """
        said = self.portal.effects()
        feedback = [one for one in said if one[1] in list(FeedbackType)]
        return [one for one in said if one not in feedback] + sorted(feedback, key=lambda one: one[1])

    def standing(self) -> dict[LeadId, Any]:
        return {one: self.portal.standing(one) for one in self.leads}

    def writes(self) -> int:
        return sum(self.portal.count(f"POST /crm/objects/2026-09/{of}") for of in _WRITTEN) + sum(
            one.startswith("PATCH ") for one in self.portal.requests
        )

    def close(self) -> None:
        self.place.close()


_WRITTEN = ("leads/batch/update", "contacts/batch/update", "notes/batch/create")


class _Sparing:
    """An adapter that takes fewer items in one write than HubSpot would."""

    def __init__(self, crm: HubSpotCrm, batch: int) -> None:
        self._crm = crm
        self._batch = batch

    def __getattr__(self, name: str) -> Any:
        return getattr(self._crm, name)

    async def capabilities(self) -> Capabilities:
        return replace(await self._crm.capabilities(), batch=self._batch)


@contextmanager
def at_hubspot(folder: Path, **options: Any) -> Iterator[HubSpotWorld]:
    """Yield a world whose leads are fetched already."""
    portal = Portal(FastTempo(), **options)
    with served(app(portal)) as url:
        world = HubSpotWorld(folder, url, portal)
        try:
            yield world
        finally:
            world.close()
            assert portal.broken_rules == []
