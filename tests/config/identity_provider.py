"""A loopback identity provider whose refresh tokens are good once, with the CRM behind it.

A refresh token that comes a second time ends the sign-in: every token of it is dead from then on.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.loopback import Loopback
from triage.crm.bearer import Tokens
from triage.errors import NotSignedIn, Unreachable

SLOW = 0.02
"""Seconds the provider takes between looking at a refresh token and rotating it: what a race needs."""


class IdentityProvider(Loopback):
    """Issues tokens, and lets requests with a good one through to a CRM."""

    def __init__(self, crm_url: str = "", crm_token: str = "") -> None:
        self.refreshes = 0
        self.invalid_grants = 0
        self.refused: list[str] = []
        """The requests that came with a token that is not taken: method and path."""
        self.passed: list[str] = []
        self.expires_after: int | None = None
        """After so many requests the access token ends, once."""
        self.down = False
        self._crm_url = crm_url
        self._crm_token = crm_token
        self._numbers = itertools.count(1)
        self._turn = threading.Lock()
        self._used: set[str] = set()
        self.access, self.refresh = self._issue()
        super().__init__(_handler_of(self))

    def expire(self) -> None:
        """End the access token in use."""
        self.access = ""

    def sign_in(self) -> None:
        """Issue tokens anew, as a sign-in in a browser does."""
        self._used.clear()
        self.access, self.refresh = self._issue()

    def answer_token(self, refresh: str) -> tuple[int, dict[str, Any]]:
        known = refresh == self.refresh
        if known:
            time.sleep(SLOW)
        with self._turn:
            if self.down:
                return 503, {}
            if refresh in self._used or not known:
                self.invalid_grants += 1
                self.access = self.refresh = ""
                return 400, {"error": "invalid_grant"}
            self._used.add(refresh)
            self.refreshes += 1
            self.access, self.refresh = self._issue()
            return 200, {"access_token": self.access, "refresh_token": self.refresh, "expires_in": 3600}

    def answer(self, method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        with self._turn:
            if self.expires_after is not None and len(self.passed) >= self.expires_after:
                self.expires_after, self.access = None, ""
            if not self.access or headers.get("Authorization") != f"Bearer {self.access}":
                self.refused.append(f"{method} {path}")
                said = {"error": {"code": "unauthorized", "message": "The token has expired."}}
                return 401, json.dumps(said).encode()
            self.passed.append(f"{method} {path}")
        return self._forward(method, path, headers, body) if self._crm_url else (200, b'{"user_id": "U-01"}')

    def _forward(self, method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        kept = {name: value for name, value in headers.items() if name not in ("Host", "Content-Length")}
        ours = {**kept, "Authorization": f"Bearer {self._crm_token}"}
        request = urllib.request.Request(self._crm_url + path, body or None, ours, method=method)
        with contextlib.suppress(urllib.error.HTTPError), urllib.request.urlopen(request, timeout=20) as said:
            return said.status, said.read()
        return 404, b'{"error": {"message": "not here"}}'

    def _issue(self) -> tuple[str, str]:
        number = next(self._numbers)
        return f"access-{number:04d}-0123456789", f"refresh-{number:04d}-0123456789"


@contextlib.contextmanager
def identity_provider(crm_url: str = "", crm_token: str = "") -> Iterator[IdentityProvider]:
    provider = IdentityProvider(crm_url, crm_token)
    try:
        yield provider
    finally:
        provider.close()


def exchange(url: str, refresh_token: str) -> Tokens:
    """Ask the provider for new tokens, as an adapter would."""
    said = post(f"{url}/token", refresh_token)
    return Tokens(said["access_token"], said["refresh_token"], said["expires_in"])


def post(url: str, text: str) -> dict[str, Any]:
    """Send a text; NotSignedIn for a 400, Unreachable for anything worse."""
    try:
        with urllib.request.urlopen(url, text.encode(), timeout=20) as answer:
            said: dict[str, Any] = json.loads(answer.read())
            return said
    except urllib.error.HTTPError as error:
        status = error.code
        error.close()
    if status == 400:
        raise NotSignedIn("invalid_grant")
    raise Unreachable(f"The identity provider is not well ({status}).")


def is_taken(url: str, token: str) -> bool:
    """Whether the CRM behind the provider takes a token."""
    request = urllib.request.Request(f"{url}/v1/me", headers={"Authorization": f"Bearer {token}"})
    try:
        with urllib.request.urlopen(request, timeout=20):
            return True
    except urllib.error.HTTPError as error:
        error.close()
        return False


def _handler_of(provider: IdentityProvider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._say(*provider.answer("GET", self.path, dict(self.headers.items()), b""))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if self.path == "/expire":
                provider.expire()
                self._say(200, b"{}")
            elif self.path == "/token":
                status, said = provider.answer_token(body.decode())
                self._say(status, json.dumps(said).encode())
            else:
                self._say(*provider.answer("POST", self.path, dict(self.headers.items()), body))

        def _say(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args: object) -> None:
            """Say nothing."""

    return Handler
