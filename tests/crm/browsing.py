"""A browser for sign-ins: opens what it is told, agrees, and goes where it is sent. A token endpoint that lies."""

from __future__ import annotations

import json
import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.loopback import Loopback

WITHIN = 20.0


def fetched(url: str) -> tuple[int, str, dict[str, str]]:
    """Open an address as a browser does; returns status, page and headers."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=WITHIN) as page:
            return page.status, page.read().decode(), dict(page.headers)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode(), dict(error.headers)


class Browser:
    """What a sign-in says goes here; an address is opened at once, on a thread of its own."""

    def __init__(self, opens: Callable[[str], object] = fetched) -> None:
        self.told: list[str] = []
        self.pages: list[Any] = []
        self._opens = opens
        self._threads: list[threading.Thread] = []

    def __call__(self, line: str) -> None:
        self.told.append(line)
        if line.strip().startswith("http"):
            thread = threading.Thread(target=lambda: self.pages.append(self._opens(line.strip())))
            thread.start()
            self._threads.append(thread)

    def close(self) -> None:
        for thread in self._threads:
            thread.join(WITHIN)


def query_of(url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


class TokenEndpoint(Loopback):
    """Answers each form with the next of its answers, the last one for ever: a status and a body."""

    def __init__(self, *answers: tuple[int, Any]) -> None:
        self.forms: list[dict[str, str]] = []
        self._answers = list(answers)
        super().__init__(_handler_of(self))

    def answer(self, form: dict[str, str]) -> tuple[int, bytes]:
        self.forms.append(form)
        status, body = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        made = body(form) if callable(body) else body
        return status, made if isinstance(made, bytes) else json.dumps(made).encode()


def _handler_of(endpoint: TokenEndpoint) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            form = {name: values[0] for name, values in parse_qs(raw, keep_blank_values=True).items()}
            status, body = endpoint.answer(form)
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args: object) -> None:
            """Say nothing."""

    return Handler
