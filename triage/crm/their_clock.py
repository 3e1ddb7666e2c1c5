"""What time it is at the CRM: by its answers, and where its certificate seems to be of the future, by asking.

Sends no token, and believes no one whose certificate would not be trusted on its own day.
"""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from triage.crm.address import Address
from triage.crm.limits import http_date
from triage.crm.trust import timeless_context

_SECONDS = 3.0
_HEAD_LIMIT = 16_384
_SAME = timedelta(minutes=1)
"""Clocks nearer than this agree: an answer takes its time, and Date has whole seconds."""


def skew(date: str | None, ours: datetime) -> timedelta | None:
    """Return how far the clock behind an answer's Date is ahead of ours; None where it does not say.

    In whole minutes; zero where they agree.
    """
    theirs = http_date(date or "")
    if theirs is None:
        return None
    ahead = theirs - ours
    return timedelta(minutes=round(ahead / timedelta(minutes=1))) if abs(ahead) > _SAME else timedelta()


async def ask_time(address: Address, ca_file: str | None) -> datetime | None:
    """Ask an https server for its Date; None where it does not say within 3 s, or is not trusted."""
    parts = urlsplit(address.url)
    host, port = parts.hostname or "", parts.port or 443
    try:
        async with asyncio.timeout(_SECONDS):
            reader, writer = await asyncio.open_connection(
                host, port, ssl=timeless_context(ca_file), server_hostname=host, limit=_HEAD_LIMIT
            )
            try:
                writer.write(f"HEAD / HTTP/1.1\r\nHost: {parts.netloc}\r\nConnection: close\r\n\r\n".encode())
                head = await reader.readuntil(b"\r\n\r\n")
            finally:
                writer.close()
    except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError):
        return None
    return http_date(_header(head, "date"))


def _header(head: bytes, name: str) -> str:
    lines = (line.partition(":") for line in head.decode("latin-1").split("\r\n")[1:])
    return next((value.strip() for key, _, value in lines if key.strip().lower() == name), "")
