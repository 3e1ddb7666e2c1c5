"""A database of a test's own behind one server a module, and somebody who speaks HTTP with it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import stamina
from starlette.types import Receive, Scope, Send

from tests.loopback import NO_TLS
from tests.odoo.server import App, Odoo, app
from tests.serving import served
from tests.tempo import FastTempo
from triage.crm import http


class Switchboard:
    """One server for many databases: the test of the moment plugs its own in."""

    def __init__(self) -> None:
        self.app: App | None = None
        self.url = ""

    def plug(self, odoo: Odoo) -> Odoo:
        self.app = app(odoo)
        return odoo

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert self.app is not None
        await self.app(scope, receive, send)


class Talk:
    """Calls with the rep's key, at the pace that is asked for, on both interfaces."""

    def __init__(self, odoo: Odoo, client: httpx.Client) -> None:
        self.odoo = odoo
        self.client = client
        self.key = odoo.key

    def raw(self, method: str, path: str, **more: Any) -> httpx.Response:
        self.odoo.advance(0.25)
        headers = {"Authorization": f"bearer {self.key}", **more.pop("headers", {})}
        return self.client.request(method, path, headers=headers, **more)

    def __call__(self, model: str, method: str, **body: Any) -> httpx.Response:
        return self.raw("POST", f"/json/2/{model}/{method}", json=body)

    def ok(self, model: str, method: str, **body: Any) -> Any:
        """The result of a call that went well."""
        answer = self(model, method, **body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def refused(self, model: str, method: str, **body: Any) -> tuple[int, str, str]:
        """The status, the last part of the exception's name, and its words."""
        answer = self(model, method, **body)
        said = answer.json()
        return answer.status_code, said["name"].rpartition(".")[2], said["message"]

    def rpc(self, service: str, method: str, *args: Any) -> Any:
        """What /jsonrpc answers: always status 200."""
        self.odoo.advance(0.25)
        params = {"service": service, "method": method, "args": args}
        body = {"jsonrpc": "2.0", "method": "call", "params": params, "id": 1}
        answer = self.client.post("/jsonrpc", json=body)
        assert answer.status_code == 200
        return answer.json()

    def classic(self, model: str, method: str, *args: Any, **named: Any) -> Any:
        """What execute_kw answers."""
        signed = (self.odoo.database, self.odoo.me, self.key)
        return self.rpc("object", "execute_kw", *signed, model, method, args, named)

    def lead(self, lead_id: int, *names: str) -> dict[str, Any]:
        (row,) = self.ok("crm.lead", "read", ids=[lead_id], fields=list(names))
        return dict(row)


@pytest.fixture(autouse=True)
def no_pause_between_tries() -> Iterator[None]:
    """A read is tried again as often as ever, and at once."""
    with stamina.set_testing(True, attempts=100, cap=True):
        yield


@pytest.fixture(autouse=True)
def no_memory_of_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test knows which server was silent in another: a port comes again."""
    monkeypatch.setattr(http, "_silent", set())


@pytest.fixture(scope="module")
def switchboard() -> Iterator[Switchboard]:
    board = Switchboard()
    with served(board) as board.url:
        yield board


@pytest.fixture
def odoo(switchboard: Switchboard) -> Odoo:
    """A database on the server: twelve leads of the rep's, two of a colleague's."""
    return switchboard.plug(Odoo(FastTempo()))


@pytest.fixture(scope="module")
def client(switchboard: Switchboard) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=switchboard.url, timeout=60, verify=NO_TLS) as client:
        yield client


@pytest.fixture
def talk(client: httpx.Client, odoo: Odoo) -> Talk:
    return Talk(odoo, client)
