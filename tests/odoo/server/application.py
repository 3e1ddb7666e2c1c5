"""The application: the order in which a request is counted, struck by a fault, and answered."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from starlette import requests
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from tests.odoo.server import calls, contract, json2, jsonrpc
from tests.odoo.server.calls import Call, Method
from tests.odoo.server.problems import HungUp, ProxySays
from tests.odoo.server.state import WITH_JSON2
from tests.odoo.server.wire import Reply, Request, page

if TYPE_CHECKING:
    from tests.odoo.server.odoo import Odoo

_LAST_CLASSIC = 21


class App:
    """ASGI, outermost: a dropped connection is cut at the server's own transport, which `receive` belongs to."""

    def __init__(self, odoo: Odoo) -> None:
        self._odoo = odoo

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        raw = await requests.Request(scope, receive).body()
        headers = {
            name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]
        }
        request = Request(scope["method"], scope["path"], raw, headers)
        talk = Talk(self._odoo, request)
        self._odoo.pace.begin(talk.caller, request.path)
        try:
            await asyncio.sleep(0.001 if talk.caller else 0)  # another call that is on its way meets this one
            with self._odoo.state.lock:
                reply = talk.answer()
        except HungUp:
            reply = None
        finally:
            self._odoo.pace.end(talk.caller)
        if reply is None:
            await _hang_up(receive)
            return
        response = Response(reply.raw, reply.status, reply.headers, reply.kind)
        await response(scope, receive, send)


def app(odoo: Odoo) -> App:
    return App(odoo)


async def _hang_up(receive: Receive) -> None:
    """Cut the connection. A private seam of uvicorn 0.54: `receive` is a method of the request's cycle."""
    transport = getattr(receive, "__self__").transport  # noqa: B009 - not part of the type
    transport.abort()
    await asyncio.sleep(0.01)


class Talk:
    """One request and its answer."""

    def __init__(self, odoo: Odoo, request: Request) -> None:
        self._odoo = odoo
        self._request = request

    @property
    def caller(self) -> str:
        """Whose calls are counted: the key; nobody where no method is called."""
        if self._request.path.startswith("/json/2/"):
            return self._request.headers.get("authorization", "")
        return _key_of(self._request) if self._request.path == "/jsonrpc" else ""

    def answer(self) -> Reply:
        odoo, path = self._odoo, self._request.path
        if odoo.down:
            odoo.requests.append(f"{self._request.method} {path}")
            raise HungUp
        try:
            if path.startswith("/json/2") and odoo.state.major >= WITH_JSON2:
                return json2.answer(odoo.state, self._request, self._run)
            if path == "/jsonrpc" and odoo.state.jsonrpc and odoo.state.major <= _LAST_CLASSIC:
                return jsonrpc.answer(odoo.state, self._request, self._run)
            return self._told()
        except ProxySays as proxy:
            return page(proxy.status, f"{proxy.status} by the proxy", **proxy.headers)

    def _told(self) -> Reply:
        """What a GET is told: the version, and what a model offers."""
        odoo = self._odoo
        odoo.requests.append(f"{self._request.method} {self._request.path}")
        if odoo.state.major >= WITH_JSON2:
            return contract.answer(odoo.state, self._request)
        return page(404, "404 Not Found")

    def _run(self, call: Call, method: Method) -> Any:
        odoo = self._odoo
        odoo.requests.append(f"{call.model}.{call.method}")
        fault = odoo.state.faults.next(is_write=method.writes)
        json2_speaks = self._request.path != "/jsonrpc"
        self._strike(fault, ends=False, json2=json2_speaks)
        odoo.meddle(call, is_write=method.writes)
        result = calls.run(odoo.state, call, method)
        self._strike(fault, ends=True, json2=json2_speaks)
        return result

    def _strike(self, fault: str, *, ends: bool, json2: bool) -> None:
        """Play a fault before the method ran, or after it."""
        if not fault or fault.endswith(("-after", "html")) is not ends:
            return
        if fault.startswith("drop"):
            raise HungUp
        if fault == "html":
            raise ProxySays(200)
        problem = self._odoo.state.faults.exception(fault, json2=json2)
        if problem is not None:
            raise problem


def _key_of(request: Request) -> str:
    """The key of an object call over JSON-RPC."""
    try:
        params = request.body["params"]
        return str(params["args"][2]) if params["service"] == "object" else ""
    except Exception:  # noqa: BLE001 - whatever it is, it is nobody's call; the answer says what is wrong
        return ""
