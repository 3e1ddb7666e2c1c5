"""A request as it came, and an answer as it goes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.odoo.server.problems import bad_request


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    raw: bytes
    headers: Mapping[str, str]

    @property
    def body(self) -> Any:
        try:
            return json.loads(self.raw or b"{}")
        except ValueError as mistake:
            raise bad_request(f"could not parse the body as json: {mistake}") from None

    @property
    def content_type(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


@dataclass
class Reply:
    status: int
    body: Any
    headers: dict[str, str] = field(default_factory=dict)
    kind: str = "application/json; charset=utf-8"

    @property
    def raw(self) -> bytes:
        return self.body.encode() if self.kind.startswith("text/") else json.dumps(self.body).encode()


def page(status: int, title: str, **headers: str) -> Reply:
    """A page of a web server: what is no interface answers so."""
    body = f"<!DOCTYPE html><html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>"
    return Reply(status, body, headers, kind="text/html; charset=utf-8")
