"""One request as a handler meets it, and its answer."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from tests.hubspot.portal.problems import invalid


@dataclass
class Reply:
    status: int
    body: Any
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def raw(self) -> bytes:
        return b"" if self.body is None else json.dumps(self.body).encode()


@dataclass
class Call:
    method: str
    path: str
    query: str
    raw: bytes
    headers: dict[str, str]
    args: dict[str, str] = field(default_factory=dict)
    fault: str = ""

    @property
    def params(self) -> dict[str, str]:
        return dict(parse_qsl(self.query, keep_blank_values=True))

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.raw.decode("utf-8", "replace"), keep_blank_values=True))

    @property
    def body(self) -> dict[str, Any]:
        try:
            body = json.loads(self.raw or b"{}")
        except ValueError:
            raise invalid("Invalid input JSON on line 1, column 1: not JSON") from None
        if not isinstance(body, dict):
            raise invalid("Invalid input JSON on line 1, column 1: Cannot deserialize value")
        return body

    def names(self, param: str) -> list[str]:
        """A parameter that holds names with commas between them; given twice, both count."""
        found = [value for name, value in parse_qsl(self.query) if name == param]
        return [name for value in found for name in value.split(",") if name]

    def number(self, param: str, default: int, most: int) -> int:
        text = self.params.get(param, "")
        if not text:
            return default
        if not text.isdigit() or not 1 <= int(text) <= most:
            raise invalid(f"Invalid value for parameter {param}: must be between 1 and {most}")
        return int(text)

    def flag(self, param: str) -> bool:
        return self.params.get(param, "") == "true"
