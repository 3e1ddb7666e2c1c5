"""Odoo as a world of the fault plans: a rep, a colleague, and marketing at one stand-in behind real HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from tests.fakes import Office
from tests.odoo.server import Odoo, app
from tests.odoo.stage import NOBODY_LISTENS, signed_in
from tests.serving import served
from tests.sync.http_world import RealOffice
from tests.tempo import FastTempo
from triage.crm.odoo import OdooCrm
from triage.crm.port import Capabilities
from triage.domain.feedback import FeedbackType
from triage.domain.lead import LeadId
from triage.domain.review import Reply, ReplyKind

_WRITES = (
    *("crm.lead.write", "crm.lead.action_set_lost", "crm.lead.action_unarchive", "crm.lead.message_post"),
    "crm.lead2opportunity.partner.",
)


class OdooWorld:
    """One rep's office on a database."""

    def __init__(self, folder: Path, url: str, odoo: Odoo, **options: Any) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._url = url
        self._down = False
        self._batch = 0
        self._gone: list[tuple[str, str]] = []
        self._options = options
        self.odoo = odoo
        self.place: Office = RealOffice(folder, self)  # type: ignore[arg-type]  # it asks for `connect` alone
        self.place.synced()
        self.leads = tuple(LeadId(str(one)) for one in odoo.lead_ids[:5])

    async def connect(self) -> OdooCrm:
        url = NOBODY_LISTENS if self._down else self._url
        crm = signed_in(url, self.odoo, clock=self.place.clock, **self._options)
        return _Sparing(crm, self._batch) if self._batch else crm  # type: ignore[return-value]

    def reassign(self, of: LeadId) -> None:
        self.odoo.reassign(of)

    def restatus(self, of: LeadId) -> None:
        if self.odoo.row(of)["type"] == "lead":
            self.odoo.write(of, type="opportunity")
        self.odoo.restage(of)

    def retitle(self, of: LeadId) -> None:
        self.odoo.retitle(of)

    def archive(self, of: LeadId) -> None:
        self.odoo.archive(of)

    def delete(self, of: LeadId, *, into: LeadId | None = None) -> None:
        """Take the lead away: with it goes its chatter, but not that a decision had its effect."""
        before = self.odoo.effects()
        self.odoo.delete(of, into)
        self._gone += [one for one in before if one not in self.odoo.effects()]

    def take_while_writing(self, of: LeadId) -> None:
        self.odoo.take_while_writing(of)

    def send_back(self, item_id: str, of: LeadId) -> None:
        async def reply() -> None:
            key, login = self.odoo.marketing_key, self.odoo.marketing_login
            marketing = signed_in(self._url, self.odoo, key, login=login, role="marketing", **self._options)
            await marketing.reply(Reply(f"A-{of}", item_id, ReplyKind.RETURNED, "Look.", lead_id=of))
            await marketing.aclose()

        asyncio.run(reply())

    def strike(self, *faults: str) -> None:
        self.odoo.strike(*("409" if fault == "partial" else fault for fault in faults))

    def limit_batch(self, size: int) -> None:
        self._batch = size

    def go_down(self) -> None:
        self._down = True

    def come_back(self) -> None:
        self._down = False

    def effects(self) -> list[tuple[str, str]]:
        """Decisions in order, then feedback by its words, as at HubSpot: Odoo knows no second send by its id."""
        said = [*self._gone, *self.odoo.effects()]
        feedback = [one for one in said if one[1] in list(FeedbackType)]
        return [one for one in said if one not in feedback] + sorted(feedback, key=lambda one: one[1])

    def standing(self) -> dict[LeadId, Any]:
        return {one: self.odoo.standing(one) for one in self.leads}

    def writes(self) -> int:
        return sum(self.odoo.count(prefix) for prefix in _WRITES)

    def close(self) -> None:
        self.place.close()


class _Sparing:
    """An adapter that takes fewer items in one write than it could."""

    def __init__(self, crm: OdooCrm, batch: int) -> None:
        self._crm = crm
        self._batch = batch

    def __getattr__(self, name: str) -> Any:
        return getattr(self._crm, name)

    async def capabilities(self) -> Capabilities:
        return replace(await self._crm.capabilities(), batch=self._batch)


@contextmanager
def at_odoo(folder: Path, *, options: dict[str, Any] | None = None, **database: Any) -> Iterator[OdooWorld]:
    """Yield a world whose leads are fetched already; `options` are the adapter's, the rest the database's."""
    odoo = Odoo(FastTempo(), **database)
    with served(app(odoo)) as url:
        world = OdooWorld(folder, url, odoo, **(options or {}))
        try:
            yield world
        finally:
            world.close()
            assert odoo.broken_rules == [], odoo.broken_rules
