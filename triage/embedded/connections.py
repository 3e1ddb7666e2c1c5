"""The TCP connections of the server, so that a fault can cut the one that a request came in on."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Mapping
from typing import Any

from msgspec import Struct
from uvicorn.protocols.http.h11_impl import H11Protocol


class _Line(Struct, frozen=True):
    """One connection: its transport, and the news that it is gone."""

    transport: asyncio.Transport
    lost: asyncio.Event


_OPEN: dict[tuple[str, int], _Line] = {}


class CuttableProtocol(H11Protocol):
    """uvicorn's protocol, whose transport can be found by the peer's address: ASGI hides it."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as the base class
        """Remember the transport."""
        super().connection_made(transport)
        if self.client is not None:
            _OPEN[self.client] = _Line(transport, asyncio.Event())

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the transport."""
        super().connection_lost(exc)
        line = _OPEN.pop(self.client, None) if self.client is not None else None
        if line is not None:
            line.lost.set()


async def reset(scope: Mapping[str, Any]) -> None:
    """Reset the connection of a request: the client gets no answer, not even a polite end."""
    line = _OPEN.get(tuple(scope["client"]))
    if line is None:
        return
    # Linger on, for zero seconds: the kernel sends RST instead of FIN.
    plug: socket.socket = line.transport.get_extra_info("socket")
    plug.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    line.transport.abort()
    # Until uvicorn knows, it would answer 500 to a request that its application left unanswered.
    await line.lost.wait()


async def hang_up(scope: Mapping[str, Any]) -> None:
    """Close the connection of a request after what was written has gone out."""
    line = _OPEN.get(tuple(scope["client"]))
    if line is not None:
        line.transport.close()
        await line.lost.wait()
