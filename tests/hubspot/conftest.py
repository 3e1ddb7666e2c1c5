"""A portal of a test's own behind one server a module, and somebody who speaks HTTP with it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import stamina
from starlette.types import Receive, Scope, Send

from tests.hubspot.portal import App, Portal, app
from tests.loopback import NO_TLS
from tests.serving import served
from tests.tempo import FastTempo
from triage.crm import http


class Switchboard:
    """One server for many portals: the test of the moment plugs its own in."""

    def __init__(self) -> None:
        self.app: App | None = None
        self.url = ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert self.app is not None
        await self.app(scope, receive, send)


class Talk:
    """Requests with the portal's own service key, and their JSON."""

    def __init__(self, portal: Portal, client: httpx.Client) -> None:
        self._portal = portal
        self._client = client
        self.url = str(client.base_url)

    def __call__(self, method: str, path: str, body: Any = None, **more: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self._portal.token}", **more.pop("headers", {})}
        return self._client.request(method, path, json=body, headers=headers, **more)

    def get(self, path: str, **params: str) -> httpx.Response:
        return self("GET", path, params=params)

    def post(self, path: str, body: Any) -> httpx.Response:
        return self("POST", path, body)

    def search(self, *filters: tuple[Any, ...], kind: str = "leads", **more: Any) -> httpx.Response:
        """Filters are (property, operator, value)."""
        named = [_filter(*one) for one in filters]
        groups = [{"filters": named}] if named else []
        return self.post(
            f"/crm/objects/2026-09/{kind}/search", {"filterGroups": groups, "limit": 200, **more}
        )

    def form(self, path: str, **form: str) -> httpx.Response:
        return self._client.post(path, data=form)


def _filter(name: str, operator: str, value: Any = None) -> dict[str, Any]:
    given: dict[str, Any] = {"propertyName": name, "operator": operator}
    if isinstance(value, list):
        return {**given, "values": value}
    if isinstance(value, tuple):
        return {**given, "value": value[0], "highValue": value[1]}
    return given if value is None else {**given, "value": value}


@pytest.fixture(autouse=True)
def no_pause_between_tries() -> Iterator[None]:
    """A read is tried again as often as ever, and at once."""
    with stamina.set_testing(True, attempts=100, cap=True):
        yield


@pytest.fixture(autouse=True)
def no_memory_of_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test knows which portal was silent in another: a port comes again."""
    monkeypatch.setattr(http, "_silent", set())


@pytest.fixture(scope="module")
def switchboard() -> Iterator[Switchboard]:
    board = Switchboard()
    with served(board) as board.url:
        yield board


@pytest.fixture
def portal(switchboard: Switchboard) -> Portal:
    """A portal on the server: twelve leads of the rep's, two of a colleague's."""
    made = Portal(FastTempo())
    switchboard.app = app(made)
    return made


@pytest.fixture
def talk(switchboard: Switchboard, portal: Portal) -> Iterator[Talk]:
    with httpx.Client(base_url=switchboard.url, timeout=60, verify=NO_TLS) as client:
        yield Talk(portal, client)
