"""A CRM that quotes the token back in whatever it says, in front of one that works."""

from __future__ import annotations

import base64
import contextlib
import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from urllib.parse import quote

from tests.loopback import Loopback

Said = tuple[int, str, str, dict[str, str]]
"""Status, content type, body, further headers."""


def spellings(token: str) -> list[str]:
    """Return the ways in which servers write a token."""
    encoded = [base64.b64encode(f"{before}{token}".encode()).decode() for before in ("", "Bearer ", "me:")]
    return [token, quote(token, safe=""), token.replace("/", "\\/"), *encoded]


def _problem(token: str) -> str:
    message = " ".join(spellings(token)).replace("\\/", "/")
    slashed = json.dumps({"error": {"message": message}}).replace("/", "\\/")
    return slashed[:-1] + f', "debug": {json.dumps(spellings(token))}}}'


MODES = {
    "401": lambda token: (401, "application/json", _problem(token), {"WWW-Authenticate": f"Bearer {token}"}),
    "403": lambda token: (403, "application/json", _problem(token), {}),
    "404": lambda token: (404, "application/json", _problem(token), {}),
    "409": lambda token: (409, "application/json", _problem(token), {}),
    "422": lambda token: (422, "application/json", _problem(token), {}),
    "429": lambda token: (429, "application/json", _problem(token), {"Retry-After": token}),
    "500": lambda token: (500, "application/json", _problem(token), {"Authorization": f"Bearer {token}"}),
    "a page": lambda token: (200, f"text/html+{token}", f"<p>{token}</p>", {}),
    "a failing page": lambda token: (502, "text/html", f"<pre>Authorization: Bearer {token}</pre>", {}),
    "elsewhere": lambda token: (302, "text/html", "", {"Location": f"https://portal.example/?t={token}"}),
    "broken JSON": lambda token: (200, "application/json", f'{{"{token}": "{token}', {}),
    "another shape": lambda token: (200, "application/json", json.dumps({token: token}), {}),
}


class EchoingCrm(Loopback):
    """Forwards what comes with the token to a CRM; in a mode, answers by itself instead."""

    def __init__(self, token: str, crm_url: str, crm_token: str) -> None:
        self.token = token
        self.mode = ""
        self.names_leads_after_it = False
        """Whether every text of a lead holds the token."""
        self._crm_url = crm_url
        self._crm_token = crm_token
        super().__init__(_handler_of(self))

    def answer(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Said:
        if self.mode:
            return MODES[self.mode](self.token)
        status, said = self._forward(method, path, headers, body)
        if self.names_leads_after_it and path.startswith("/v1/leads"):
            said = said.replace('"company":"', f'"company":"{self.token} ')
            said = said.replace('"title":"', f'"title":"{self.token} ')
        return status, "application/json", said, {}

    def _forward(self, method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, str]:
        kept = {name: value for name, value in headers.items() if name not in ("Host", "Content-Length")}
        if headers.get("Authorization") == f"Bearer {self.token}":
            kept["Authorization"] = f"Bearer {self._crm_token}"
        request = urllib.request.Request(self._crm_url + path, body or None, kept, method=method)
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()


@contextlib.contextmanager
def echoing_crm(token: str, crm_url: str, crm_token: str) -> Iterator[EchoingCrm]:
    crm = EchoingCrm(token, crm_url, crm_token)
    try:
        yield crm
    finally:
        crm.close()


def _handler_of(crm: EchoingCrm) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer("GET", b"")

        def do_POST(self) -> None:
            self._answer("POST", self.rfile.read(int(self.headers.get("Content-Length", 0))))

        def _answer(self, method: str, body: bytes) -> None:
            status, kind, said, further = crm.answer(method, self.path, dict(self.headers.items()), body)
            self.send_response(status)
            for name, value in {"Content-Type": kind, "X-Echo": crm.token, **further}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(said.encode())))
            self.end_headers()
            self.wfile.write(said.encode())

        def log_message(self, *_args: object) -> None:
            """Say nothing."""

    return Handler
