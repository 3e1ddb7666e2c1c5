"""Lets faults strike: an ASGI layer around the application that delays, replaces, cuts or drops its answers.

Faults of the trade itself (`conflict`, `reassign`, `partial`) are left to the routes, in `scope["state"]`.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from triage.embedded.connections import hang_up, reset
from triage.embedded.faults import FaultPlan

SHORTEST_DELAY, LONGEST_DELAY = 0.1, 0.6
"""Seconds of latency; short enough that a request in flight does not hold up the end of the server."""

_HTML = b"""<!doctype html><html><head><title>Sign in to the network</title></head>
<body><h1>Welcome to the guest network</h1><p>Please accept the terms to go on.</p></body></html>"""


class FaultInjection:
    """Around the application: strikes signed-in requests as the plan says, and no others."""

    def __init__(self, app: ASGIApp, plan: FaultPlan, is_signed_in: Callable[[Scope], bool]) -> None:
        self._app = app
        self._plan = plan
        self._is_signed_in = is_signed_in

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, struck or not."""
        if scope["type"] != "http" or not self._is_signed_in(scope):
            await self._app(scope, receive, send)
            return
        faults = self._plan.strike(scope["method"], scope["path"])
        delay = SHORTEST_DELAY + (LONGEST_DELAY - SHORTEST_DELAY) * self._plan.fraction("delay")
        if "latency" in faults:
            await asyncio.sleep(delay)
        fault = next(iter(faults - {"latency"}), "")
        scope.setdefault("state", {})["fault"] = fault
        await self._answer(fault, scope, receive, send)

    async def _answer(self, fault: str, scope: Scope, receive: Receive, send: Send) -> None:
        if fault in _INSTEAD:
            await _drain(receive)
            await _send(send, *_INSTEAD[fault])
        elif fault == "drop-before-commit":
            await _drain(receive)
            await reset(scope)
        elif fault == "drop-after-commit":
            await _collect(self._app, scope, receive)
            await reset(scope)
        elif fault == "500-after-commit":
            await _collect(self._app, scope, receive)
            await _send(send, *_FAILED)
        elif fault == "truncate":
            await _truncate(await _collect(self._app, scope, receive), scope, send)
        else:
            await self._app(scope, receive, send)


def _problem(code: str, message: str) -> bytes:
    return json.dumps({"error": {"code": code, "message": message}}).encode()


_Answer = tuple[int, list[tuple[bytes, bytes]], bytes]
_JSON = (b"content-type", b"application/json")
_FAILED: _Answer = (500, [_JSON], _problem("internal", "The server failed."))
_INSTEAD: dict[str, _Answer] = {
    "429": (429, [_JSON, (b"retry-after", b"1")], _problem("too_many", "Too many requests; wait a second.")),
    "401": (
        401,
        [_JSON, (b"www-authenticate", b"Bearer")],
        _problem("unauthorized", "The token is not one that this server takes."),
    ),
    "500-before-commit": _FAILED,
    "html": (200, [(b"content-type", b"text/html; charset=utf-8")], _HTML),
}


async def _drain(receive: Receive) -> None:
    """Read the request's body to its end, so that the client is not cut off while it still sends."""
    while True:
        message = await receive()
        if message["type"] != "http.request" or not message.get("more_body"):
            return


async def _collect(app: ASGIApp, scope: Scope, receive: Receive) -> list[Message]:
    """Let the application answer, and keep the answer from the client."""
    messages: list[Message] = []

    async def keep(message: Message) -> None:
        messages.append(message)

    await app(scope, receive, keep)
    return messages


async def _truncate(messages: list[Message], scope: Scope, send: Send) -> None:
    """Announce the whole body, send half of it, hang up."""
    start, body = messages[0], b"".join(message.get("body", b"") for message in messages[1:])
    await send(start)
    await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
    await hang_up(scope)


async def _send(send: Send, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
    length: tuple[bytes, Any] = (b"content-length", str(len(body)).encode())
    await send({"type": "http.response.start", "status": status, "headers": [*headers, length]})
    await send({"type": "http.response.body", "body": body})
