"""One request as a handler meets it, and its answer."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from tests.bottlecrm.shop.refusals import Refusal, broken, detail, page

if TYPE_CHECKING:
    from tests.bottlecrm.shop.people import Person

LARGEST_BODY = 2_621_440
"""Bytes. A larger one is answered in HTML, and the connection ends."""


@dataclass
class Reply:
    status: int
    body: Any
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def raw(self) -> bytes:
        if isinstance(self.body, str):
            return self.body.encode()
        return json.dumps(self.body, ensure_ascii=False, separators=(",", ":")).encode(
            "utf-8", "backslashreplace"
        )

    @property
    def kind(self) -> str:
        return "text/html; charset=utf-8" if isinstance(self.body, str) else "application/json"


@dataclass
class Call:
    method: str
    path: str
    query: str
    raw: bytes
    headers: dict[str, str]
    args: dict[str, str] = field(default_factory=dict)
    asker: Person | None = None

    @property
    def by(self) -> Person:
        assert self.asker is not None, "only a route that is signed has somebody who asks"
        return self.asker

    @property
    def is_write(self) -> bool:
        return self.method not in ("GET", "HEAD", "OPTIONS")

    @property
    def params(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for name, value in parse_qsl(self.query, keep_blank_values=True):
            found.setdefault(name, []).append(value)
        return found

    def read(self) -> Any:
        """The body as JSON, of whatever kind it is."""
        if len(self.raw) > LARGEST_BODY:
            raise Refusal(400, page("Bad Request (400)"), ends=True)
        kind = self.headers.get("content-type", "")
        if kind.partition(";")[0].strip() != "application/json":
            if not self.raw:
                return {}
            raise detail(415, f'Unsupported media type "{kind}" in request.')
        if not self.raw:
            return {}
        try:
            return json.loads(self.raw, parse_constant=_out_of_range)
        except ValueError as error:
            raise detail(400, f"JSON parse error - {error}") from None

    @property
    def body(self) -> dict[str, Any]:
        """The body as an object. Anything else is a case that the server does not think of."""
        body = self.read()
        if not isinstance(body, dict):
            raise broken()
        return body

    def numbered(self, param: str, default: int, *, least: int) -> int:
        """A number of the query; the default where it is none, or too small."""
        text = self.params.get(param, [""])[-1]
        try:
            number = int(text)
        except ValueError:
            return default
        return number if number >= least else default


def _out_of_range(name: str) -> float:
    raise ValueError(f"Out of range float values are not JSON compliant: '{name}'")
