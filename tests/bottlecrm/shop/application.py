"""The application: the order in which a request is checked, struck by a fault, and answered."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from tests.bottlecrm.shop.calls import Call, Reply
from tests.bottlecrm.shop.faults import DROPS_AFTER, DROPS_BEFORE, afterwards, instead
from tests.bottlecrm.shop.people import somebody
from tests.bottlecrm.shop.refusals import HungUp, Refusal
from tests.bottlecrm.shop.routes import OWN_DOOR, handler_of, methods_of

if TYPE_CHECKING:
    from tests.bottlecrm.shop.shop import Shop


_A_MOMENT = 0.001
"""Seconds in which a second write of the same person is noticed."""


class App:
    """ASGI, outermost: a dropped connection is cut at the server's own transport, which `receive` belongs to."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._writing: Counter[str] = Counter()
        """Writes on their way, by credential: two of one person's at a time overtake each other."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        call = Call(
            scope["method"],
            scope["path"],
            scope["query_string"].decode("latin-1"),
            b"",
            {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]},
        )
        who = call.headers.get("authorization", "")
        self._writing[who] += call.is_write
        try:
            call.raw = await Request(scope, receive).body()
            if call.is_write:
                await asyncio.sleep(_A_MOMENT)
            if self._writing[who] > 1:
                self._shop.state.broken_rules.append(f"two writes at a time, at {call.path}")
            with self._shop.state.lock:
                reply, ends = _answer(self._shop, call)
        except HungUp:
            reply, ends = None, True
        finally:
            self._writing[who] -= call.is_write
        if reply is not None:
            await Response(reply.raw, reply.status, reply.headers, reply.kind)(scope, receive, send)
        if ends:
            await _hang_up(receive, at_once=reply is None)


def app(shop: Shop) -> App:
    return App(shop)


async def _hang_up(receive: Receive, *, at_once: bool) -> None:
    """End the connection: in the middle, or when what was said is out.

    A private seam of uvicorn 0.54: `receive` is a method of the request's cycle.
    """
    transport = getattr(receive, "__self__").transport  # noqa: B009 - not part of the type
    if at_once:
        transport.abort()
    else:
        transport.close()
    await asyncio.sleep(0.01)


def _answer(shop: Shop, call: Call) -> tuple[Reply | None, bool]:
    shop.requests.append(f"{call.method} {call.path}")
    if shop.down:
        raise HungUp
    try:
        return _routed(shop, call), False
    except Refusal as refusal:
        if refusal.status == 301:
            shop.state.broken_rules.append(f"no slash at the end: {call.path}")
        return Reply(refusal.status, refusal.body, refusal.headers), refusal.ends


def _routed(shop: Shop, call: Call) -> Reply:
    state = shop.state
    fault = state.faults.next(is_write=call.is_write)
    if fault in DROPS_BEFORE:
        raise HungUp
    if (refusal := instead(fault)) is not None:
        raise refusal
    call.asker = state.doors.enter(call.headers, call.method, call.path, state.clock.now())
    methods = methods_of(call)
    if call.path != OWN_DOOR:
        somebody(call.asker)
    shop.meddle(call)
    reply = handler_of(methods, call)(state, call)
    shop.meddle_after(call)
    if fault in DROPS_AFTER:
        raise HungUp
    if (refusal := afterwards(fault)) is not None:
        raise refusal
    return reply
