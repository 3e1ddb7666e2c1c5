"""The application: the order in which a request is checked, struck by a fault, and answered."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from tests.hubspot.portal.calls import Call, Reply
from tests.hubspot.portal.faults import WITHIN, problem_of
from tests.hubspot.portal.kinds import kind_of
from tests.hubspot.portal.limits import ADDRESS_LIMIT
from tests.hubspot.portal.problems import HungUp, Problem, missing_scopes, unauthenticated
from tests.hubspot.portal.routes import Route, route_of

if TYPE_CHECKING:
    from tests.hubspot.portal.portal import Portal
    from tests.hubspot.portal.state import State


class App:
    """ASGI, outermost: a dropped connection is cut at the server's own transport, which `receive` belongs to."""

    def __init__(self, portal: Portal) -> None:
        self._portal = portal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        raw = await Request(scope, receive).body()
        call = Call(
            scope["method"],
            scope["path"],
            scope["query_string"].decode("latin-1"),
            raw,
            {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]},
        )
        try:
            with self._portal.state.lock:
                reply = _answer(self._portal, call)
        except HungUp:
            await _hang_up(receive)
            return
        kind = reply.headers.pop("Content-Type", "application/json;charset=utf-8")
        response = Response(reply.raw, reply.status, reply.headers, kind if reply.raw else None)
        await response(scope, receive, send)


def app(portal: Portal) -> App:
    return App(portal)


async def _hang_up(receive: Receive) -> None:
    """Cut the connection. A private seam of uvicorn 0.54: `receive` is a method of the request's cycle."""
    transport = getattr(receive, "__self__").transport  # noqa: B009 - not part of the type
    transport.abort()
    await asyncio.sleep(0.01)


def _answer(portal: Portal, call: Call) -> Reply:
    portal.requests.append(f"{call.method} {call.path}")
    if portal.down:
        raise HungUp
    headers: dict[str, str] = {}
    try:
        reply = _routed(portal, call, headers)
    except Problem as problem:
        reply = Reply(problem.status, problem.body, problem.headers)
    reply.headers |= headers
    return reply


def _routed(portal: Portal, call: Call, headers: dict[str, str]) -> Reply:
    state = portal.state
    if len(call.path) + len(call.query) > ADDRESS_LIMIT:
        state.broken_rules.append(
            f"an address of {len(call.path) + len(call.query)} characters at {call.path}"
        )
        raise Problem(414, "", "The URI is too long.")
    route = route_of(state, call)
    if route.signed:
        granted, is_oauth = _signed(state, call)
        state.limits.admit(call.path, is_search=route.is_search)
        headers |= state.limits.headers(is_search=route.is_search, is_oauth=is_oauth)
    call.fault = state.faults.next(is_write=route.is_write) if route.signed else ""
    _strike_before(call)
    if route.signed:
        _permit(route, call, granted)
    portal.meddle(call.raw, call.path, is_write=route.is_write)
    reply = _scoped(state, granted, route, call) if route.signed else route.handler(state, call)
    return _strike_after(call, reply)


def _scoped(state: State, granted: set[str], route: Route, call: Call) -> Reply:
    """Handle a request whose handler asks for more scopes by itself: those of this token."""
    kept, state.scopes = state.scopes, granted
    try:
        return route.handler(state, call)
    finally:
        state.scopes = kept


def _signed(state: State, call: Call) -> tuple[set[str], bool]:
    """The scopes of the token, and whether it is one of OAuth's."""
    scheme, _, given = call.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not given:
        raise unauthenticated()
    if given == state.token:
        return state.scopes, False
    scopes = state.tokens.scopes_of(given)
    if scopes is None:
        raise unauthenticated()
    return scopes, True


def _permit(route: Route, call: Call, granted: set[str]) -> None:
    needed = route.scope
    if needed in ("read", "write"):
        kind = kind_of(call.args["kind"])
        needed = kind.may_read if needed == "read" else kind.may_write
    if needed and needed not in granted:
        raise missing_scopes([needed])


def _strike_before(call: Call) -> None:
    if call.fault == "drop-before":
        raise HungUp
    in_a_batch = call.fault in WITHIN and "/batch/" in call.path
    problem = None if in_a_batch or call.fault.endswith("-after") else problem_of(call.fault)
    if problem is not None:
        raise problem


def _strike_after(call: Call, reply: Reply) -> Reply:
    if call.fault == "drop-after" or (call.fault == "partial" and "/batch/" not in call.path):
        raise HungUp
    if call.fault == "html":
        page = Reply(200, None, {"Content-Type": "text/html"})
        page.body = "<html><title>Sign in to the network</title></html>"
        return page
    problem = problem_of(call.fault) if call.fault.endswith("-after") else None
    if problem is not None:
        raise problem
    return reply
