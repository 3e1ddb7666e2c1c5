"""The people of the organisation, their personal tokens and sessions, and what a token's scopes let through."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.bottlecrm.shop.refusals import detail, signed_out
from tests.bottlecrm.shop.stamps import iso

ADMIN, USER = "ADMIN", "USER"
_RESOURCES = [
    "accounts",
    "activities",
    "auth",
    "cases",
    "contacts",
    "custom-fields",
    "dashboard",
    "documents",
    "interactions",
    "leads",
    "notifications",
    "opportunities",
    "org",
    "packs",
    "profile",
    "search",
    "tags",
    "tasks",
    "teams",
    "users",
    "webhooks",
]
_OF_CREDENTIALS = ("/api/profile/tokens/", "/api/org/tokens/", "/api/webhooks/", "/api/automation/")
_ABOUT_CREDENTIALS = (
    "API tokens and organization API keys cannot read or manage other credentials. Sign in to manage them."
)


@dataclass(frozen=True)
class Person:
    """A member. `id` is the profile's, which leads are assigned to; `user_id` the user's, who creates them."""

    id: str
    user_id: str
    email: str
    name: str
    joined: datetime
    role: str = USER

    @property
    def is_admin(self) -> bool:
        return self.role == ADMIN

    def told(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "user_details": {
                "email": self.email,
                "id": self.user_id,
                "name": self.name,
                "is_active": True,
                "profile_pic": None,
                "last_login": iso(self.joined),
            },
            "role": self.role,
            "address": None,
            "has_marketing_access": False,
            "has_sales_access": False,
            "phone": None,
            "date_of_joining": self.joined.date().isoformat(),
            "is_active": True,
            "created_at": iso(self.joined),
        }

    def as_user(self) -> dict[str, Any]:
        return {"id": self.user_id, "email": self.email, "name": self.name, "profile_pic": None}


@dataclass
class Token:
    """A personal token. Without scopes it may do all that its owner may."""

    id: str
    secret: str
    owner: Person
    name: str
    made: datetime
    scopes: tuple[str, ...] = ()
    expires: datetime | None = None
    revoked: datetime | None = None

    def told(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "name": self.name,
            "token_prefix": self.secret[:14],
            "scopes": list(self.scopes),
            "expires_at": iso(self.expires) if self.expires else None,
            "last_used_at": None,
            "created_at": iso(self.made),
            "revoked_at": iso(self.revoked) if self.revoked else None,
        }


@dataclass
class Doors:
    """Who may come in with what."""

    tokens: dict[str, Token] = field(default_factory=dict)
    """By their secret."""
    sessions: dict[str, Person] = field(default_factory=dict)

    def why_not(self, headers: dict[str, str]) -> str:
        """What an address says that looks at credentials itself: the organisation's settings."""
        token = self.tokens.get(_secret_in(headers))
        if token is not None:
            return "Token revoked or expired"
        given = headers.get("authorization", "")
        if not given.startswith("Bearer "):
            return "Authentication credentials were not provided."
        return "Invalid token" if "bcrm_pat_" in given else "Given token not valid for any token type"

    def enter(self, headers: dict[str, str], method: str, path: str, now: datetime) -> Person | None:
        """Return who asks, or None; raises the refusal of a token that is not for this."""
        secret = _secret_in(headers)
        if secret in self.sessions:
            return self.sessions[secret]
        token = self.tokens.get(secret)
        if token is None or token.revoked or (token.expires and token.expires <= now):
            return None
        if any(path.startswith(one) for one in _OF_CREDENTIALS):
            raise detail(403, _ABOUT_CREDENTIALS)
        _check_scope(token.scopes, method, path)
        return token.owner


def _secret_in(headers: dict[str, str]) -> str:
    given = headers.get("authorization", "")
    return given[len("Bearer ") :].strip() if given.startswith("Bearer ") else headers.get("token", "")


def _check_scope(scopes: tuple[str, ...], method: str, path: str) -> None:
    action = "read" if method in ("GET", "HEAD", "OPTIONS") else "write"
    found = re.match(r"/api/([^/]+)", path)
    said = f"This token is not scoped for {action} access to"
    if not scopes:
        return
    if found is None:
        raise detail(403, f"{said} this endpoint.")
    needed = f"{found[1]}:{action}"
    if needed not in scopes and f"*:{action}" not in scopes:
        raise detail(403, f"{said} {found[1]}. It needs the {needed} scope.")


def unknown_scope(scopes: list[str]) -> str:
    """What is said of the first scope that means nothing; an empty text where all mean something."""
    for scope in scopes:
        resource, _, action = scope.partition(":")
        if resource != "*" and resource not in _RESOURCES:
            return f"Unknown scope resource '{resource}'."
        if action not in ("read", "write"):
            return f"Unknown scope action '{action}'. Use 'read' or 'write'."
    return ""


def somebody(asker: Person | None) -> Person:
    if asker is None:
        raise signed_out()
    return asker
