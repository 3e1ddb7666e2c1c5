"""Odoo as a stage of the contract: the stand-in behind real HTTP, and a wire that loses answers of writes."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

from tests.crm.wires import Wire, raw_server, read_request
from tests.odoo.server import Odoo
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


@contextlib.asynccontextmanager
async def wire_losing_writes(port: int) -> AsyncIterator[Wire]:
    """Carry each request to a port of this machine; cut the way back of a write when its effect is there."""
    wire: Wire

    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _carried(wire.requests[-1], writer, port)
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while not writer.is_closing():
                request = await read_request(reader)
                wire.requests.append(request)
                await _carried(request, writer, port)

    async with raw_server(behave) as wire:
        yield wire


async def _carried(request: bytes, writer: asyncio.StreamWriter, port: int) -> None:
    upstream_reader, upstream = await asyncio.open_connection("127.0.0.1", port)
    upstream.write(request)
    await upstream.drain()
    answer = await read_request(upstream_reader)
    upstream.close()
    line, _, rest = request.partition(b"\r\n")
    spoken = rest if b"/jsonrpc" in line else line
    if line.startswith(b"GET ") or any(sign in spoken for sign in _SIGNS_OF_READS):
        writer.write(answer)
        await writer.drain()
    else:
        writer.transport.abort()


class Unhurried:
    """Several people use one database, and each paces only itself: so time passes with each call."""

    def __init__(self, tempo: Any) -> None:
        self._tempo = tempo

    def now(self) -> float:
        self._tempo.seconds += 0.25
        return float(self._tempo.seconds)

    async def sleep(self, seconds: float) -> None:
        await self._tempo.sleep(seconds)


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
