"""A BottleCRM as the claims of likeness meet it: raw HTTP with four people's tokens, live or a stand-in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.loopback import NO_TLS

JSON = {"Content-Type": "application/json"}
NOBODY = "11111111-1111-4111-8111-111111111111"
"""An id that nothing has."""


class Place:
    """One server. `tokens` are personal ones without scopes, of `admin`, `marketer`, `rep` and `rep2`.

    `session` is what the rep has who signed in (a JWT): it alone makes tokens. Without it those claims are skipped.
    The leads, fields and tokens that claims make have names and addresses of their own; nothing else is touched.
    """

    def __init__(self, url: str, tokens: Mapping[str, str], session: str = "") -> None:
        self.url = url
        self.tokens = dict(tokens)
        self._session = session
        self._client = httpx.Client(base_url=url, timeout=60, verify=NO_TLS)
        single = httpx.Limits(max_keepalive_connections=0)
        self._apart = httpx.Client(base_url=url, timeout=60, verify=NO_TLS, limits=single)
        self._profiles: dict[str, str] = {}
        self._fields: dict[str, str] = {}

    def __call__(
        self, method: str, path: str, body: Any = None, *, who: str = "rep", **more: Any
    ) -> httpx.Response:
        """Ask as one of the four, or with the token that `who` is."""
        headers = {"Authorization": f"Bearer {self.tokens.get(who, who)}", **more.pop("headers", {})}
        if body is not None:
            more["json"] = body
        return self._client.request(method, path, headers=headers, **more)

    def get(self, path: str, *, who: str = "rep", **params: Any) -> httpx.Response:
        return self("GET", path, who=who, params=params)

    def patch(self, lead_id: str, body: Any, *, who: str = "rep") -> httpx.Response:
        return self("PATCH", f"/api/leads/{lead_id}/", body, who=who)

    def comment(self, lead_id: str, text: Any, *, who: str = "rep") -> httpx.Response:
        return self("POST", f"/api/leads/{lead_id}/", {"comment": text}, who=who)

    def raw(self, method: str, path: str, content: bytes) -> httpx.Response:
        """Send bytes as JSON, as the rep, on a connection of their own."""
        headers = {"Authorization": f"Bearer {self.tokens['rep']}", **JSON}
        return self._apart.request(method, path, content=content, headers=headers)

    def plain(self, path: str, headers: Mapping[str, str] | None = None) -> httpx.Response:
        """Ask as nobody, on a connection of its own."""
        return self._apart.get(path, headers=headers)

    def session(self) -> str:
        if not self._session:
            pytest.skip("nobody is signed in here: a token cannot make tokens")
        return self._session

    def profile(self, who: str = "rep") -> str:
        """The profile's id, which leads are assigned to."""
        if who not in self._profiles:
            self._profiles[who] = self.get("/api/profile/", who=who).json()["user_obj"]["id"]
        return self._profiles[who]

    def lead(self, who: str = "rep", **values: Any) -> str:
        """A lead that marketing made and gave to somebody."""
        return str(self.made(who, **values).json()["id"])

    def made(self, who: str = "rep", **values: Any) -> httpx.Response:
        word = uuid4().hex
        body = {
            "title": f"Likeness {word}",
            "first_name": "Ann",
            "last_name": f"Likeness{word}",
            "email": f"ann.{word}@likeness.bottleshop.example",
            "company_name": f"Likeness {word}",
            "status": "assigned",
            "assigned_to": [self.profile(who)],
            **values,
        }
        return self("POST", "/api/leads/", body, who="marketer")

    def shown(self, lead_id: str, *, who: str = "rep") -> dict[str, Any]:
        found: dict[str, Any] = self.get(f"/api/leads/{lead_id}/", who=who).json()["lead_obj"]
        return found

    def comments(self, lead_id: str) -> list[str]:
        rows = self.get(f"/api/leads/{lead_id}/").json()["comments"]
        return [one["comment"] for one in rows]

    def field(self, field_type: str, *values: str, **more: Any) -> str:
        """The key of a custom field of this kind, made once a server."""
        key = f"likeness_{field_type}"
        if key not in self._fields:
            known = self.get("/api/custom-fields/", who="admin", include_counts="false").json()["definitions"]
            found = [one["id"] for one in known if one["key"] == key]
            self._fields[key] = found[0] if found else self._make(key, field_type, values)
        return key

    def _make(self, key: str, field_type: str, values: tuple[str, ...]) -> str:
        body = {
            "target_model": "Lead",
            "key": key,
            "label": f"Likeness {field_type}",
            "field_type": field_type,
        }
        options = {"options": [{"value": one, "label": one} for one in values]} if values else {}
        made = self("POST", "/api/custom-fields/", body | options, who="admin")
        assert made.status_code == 201, made.text
        return str(made.json()["id"])

    def close(self) -> None:
        self._client.close()
        self._apart.close()


def word() -> str:
    """A word that nobody has said here before."""
    return f"q{uuid4().hex}"
