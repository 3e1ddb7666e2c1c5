"""Odoo as a stage of the contract: the stand-in behind real HTTP, and a wire that loses answers of writes."""

from __future__ import annotations

from functools import partial
from typing import Any

from tests.crm.wires import losing_writes
from tests.odoo.server import Odoo
from tests.tempo import Unhurried
from triage.crm.odoo import OdooCrm
from triage.domain.lead import LeadId

NOBODY_LISTENS = "http://127.0.0.1:1"
_READS = (
    "search",
    "search_read",
    "search_count",
    "read",
    "fields_get",
    "context_get",
    "has_group",
    "get_param",
)
_SIGNS_OF_READS = (
    *(f"/{method} ".encode() for method in _READS),
    *(f'"{method}",'.encode() for method in _READS),
    b'"authenticate"',
    b'"version"',
    b"/crm.lead2opportunity.partner/create ",
    b'"crm.lead2opportunity.partner","create"',
)
"""A wizard that was only opened has no effect either: what it does comes with its second call."""


def _is_read(request: bytes) -> bool:
    line, _, rest = request.partition(b"\r\n")
    spoken = rest if b"/jsonrpc" in line else line
    return line.startswith(b"GET ") or any(sign in spoken for sign in _SIGNS_OF_READS)


wire_losing_writes = partial(losing_writes, is_read=_is_read)


class OdooStage:
    """One test's database, as the contract wants it. Two adapters of one rep take turns: see `Unhurried`."""

    def __init__(self, url: str, odoo: Odoo, losing_url: str) -> None:
        self._url = url
        self._odoo = odoo
        self._losing_url = losing_url
        self._opened: list[OdooCrm] = []
        self.crm = self.open(url)
        self.marketing = self.open(url, odoo.marketing_key, login=odoo.marketing_login, role="marketing")

    def signed_in_with(self, token: str) -> OdooCrm:
        return self.open(self._url, token)

    def unreachable(self) -> OdooCrm:
        return self.open(NOBODY_LISTENS)

    def losing_answers(self) -> OdooCrm:
        return self.open(self._losing_url)

    async def take_away(self, lead_id: LeadId) -> None:
        self._odoo.reassign(lead_id)

    async def effects(self, item_id: str) -> int:
        return sum(one == item_id for one, _word in self._odoo.effects())

    async def close(self) -> None:
        for crm in self._opened:
            await crm.aclose()

    def open(self, url: str, token: str = "", **more: Any) -> OdooCrm:
        """Return an adapter; it is closed with the stage."""
        crm = signed_in(url, self._odoo, token, **more)
        self._opened.append(crm)
        return crm


def signed_in(url: str, odoo: Odoo, token: str = "", **more: Any) -> OdooCrm:
    """Return an adapter of the rep's, whom older versions have to know by login and database."""
    who = {"database": odoo.database, "login": odoo.login, "tempo": Unhurried(odoo.tempo)}
    return OdooCrm(url, token or odoo.key, **(who | more))
