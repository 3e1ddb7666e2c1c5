"""Wires that misbehave on request: a raw server with canned answers, a proxy that loses them, no wire."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

import httpx

Handler = Callable[[httpx.Request], httpx.Response]
Behaviour = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Wire:
    """Where it listens, and what it has heard: one entry a request."""

    port: int = 0
    scheme: str = "http"
    requests: list[bytes] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}"


@contextlib.asynccontextmanager
async def raw_server(*behaviours: Behaviour, tls: ssl.SSLContext | None = None) -> AsyncIterator[Wire]:
    """Answer the n-th request by the n-th behaviour, and every later one by the last."""
    wire = Wire(scheme="https" if tls else "http")
    writers: list[asyncio.StreamWriter] = []
    tasks: list[asyncio.Task[None] | None] = []

    async def on_connection(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        tasks.append(asyncio.current_task())
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            wire.requests.append(await read_request(reader))
            chosen = behaviours[min(len(wire.requests), len(behaviours)) - 1]
            await chosen(reader, writer)
        writer.close()

    server = await asyncio.start_server(on_connection, "127.0.0.1", 0, ssl=tls)
    wire.port = server.sockets[0].getsockname()[1]
    try:
        yield wire
    finally:
        server.close()
        for writer in writers:
            writer.close()
        await server.wait_closed()
        await asyncio.wait_for(asyncio.gather(*filter(None, tasks), return_exceptions=True), 20)


@contextlib.asynccontextmanager
async def losing_proxy(port: int) -> AsyncIterator[Wire]:
    """Carry each request to a port of this machine, wait for its whole effect, and cut the way back."""

    async def lose(request: bytes, writer: asyncio.StreamWriter) -> None:
        upstream_reader, upstream = await asyncio.open_connection("127.0.0.1", port)
        upstream.write(request)
        await upstream.drain()
        await upstream_reader.readuntil(b"\r\n\r\n")
        upstream.close()
        writer.transport.abort()

    wire: Wire

    async def behave(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await lose(wire.requests[-1], writer)

    async with raw_server(behave) as wire:
        yield wire


@contextlib.asynccontextmanager
async def losing_writes(port: int, is_read: Callable[[bytes], bool]) -> AsyncIterator[Wire]:
    """Carry each request to a port of this machine; cut the way back of a write when its effect is there."""
    wire: Wire

    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _answered_or_lost(wire.requests[-1], writer, port, is_read)
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while not writer.is_closing():
                request = await read_request(reader)
                wire.requests.append(request)
                await _answered_or_lost(request, writer, port, is_read)

    async with raw_server(behave) as wire:
        yield wire


async def _answered_or_lost(
    request: bytes, writer: asyncio.StreamWriter, port: int, is_read: Callable[[bytes], bool]
) -> None:
    upstream_reader, upstream = await asyncio.open_connection("127.0.0.1", port)
    upstream.write(request)
    await upstream.drain()
    answer = await read_request(upstream_reader)
    upstream.close()
    if is_read(request):
        writer.write(answer)
        await writer.drain()
    else:
        writer.transport.abort()


@contextlib.asynccontextmanager
async def proxy_to(port: int, *, demands: str = "", refuses: str = "") -> AsyncIterator[Wire]:
    """Carry what comes to a port of this machine, whatever host was asked for, by CONNECT or as it is.

    `demands` is the Basic value without which it answers 407; `refuses` a status with which it ends all.
    """

    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = wire.requests[-1]
        asked_who = demands and f"Basic {demands}".encode() not in request
        if refuses or asked_who:
            status = refuses or "407 Proxy Authentication Required"
            writer.write(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n".encode())
            await writer.drain()
            return
        upstream_reader, upstream = await asyncio.open_connection("127.0.0.1", port)
        if request.startswith(b"CONNECT "):
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        else:
            upstream.write(request)
        await asyncio.gather(_carry(reader, upstream), _carry(upstream_reader, writer))

    wire: Wire
    async with raw_server(behave) as wire:
        yield wire


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    writer.close()


async def read_request(reader: asyncio.StreamReader) -> bytes:
    """Return one request with its body."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = 0
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            length = int(line.partition(b":")[2])
    return head + await reader.readexactly(length)


def saying(
    body: bytes, *, status: str = "200 OK", headers: str = "", kind: str = "application/json"
) -> Behaviour:
    """Answer at once and whole."""
    fixed = f"Content-Type: {kind}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n"
    head = f"HTTP/1.1 {status}\r\n{fixed}{headers}\r\n"

    async def behave(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(head.encode() + body)
        await writer.drain()

    return behave


def sending(raw: bytes) -> Behaviour:
    """Send bytes as they are, then close."""

    async def behave(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(raw)
        await writer.drain()

    return behave


async def dropping(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Reset the connection without a byte."""
    writer.transport.abort()


async def silent(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    """Hold the connection open and say nothing until the client goes."""
    await reader.read()


def dripping(head: bytes) -> Behaviour:
    """Send a head, then a byte now and again for ever: no time-out between bytes ends this."""

    async def behave(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(head)
        while not writer.is_closing():
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(0.02)

    return behave


class _Unread(httpx.AsyncByteStream):
    """A body as it comes from a socket; httpx reads its own ByteStream beforehand."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._content


def handled_by(handle: Handler) -> httpx.MockTransport:
    """Answer requests by a function, without a wire; the HTTP room reads bodies as streams."""

    def on_the_wire(request: httpx.Request) -> httpx.Response:
        given = handle(request)
        return httpx.Response(given.status_code, headers=given.headers, stream=_Unread(given.content))

    return httpx.MockTransport(on_the_wire)
