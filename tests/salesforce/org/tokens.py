"""Access and refresh tokens: families that rotate, and the family that falls whole when an old one comes back."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.salesforce.org.errors import SignInRefusedError

EXPIRED = SignInRefusedError("invalid_grant", "expired access/refresh token")


@dataclass
class Family:
    """All tokens that came of one sign-in."""

    user: str
    client: str
    scope: str
    refresh: str = ""
    """The living refresh token; empty where the scope asked for none."""
    retired: set[str] = field(default_factory=set)
    access: str = ""
    """The living access token; empty after the end of the session."""
    revoked: bool = False


class Tokens:
    """Who holds what."""

    def __init__(self) -> None:
        self.families: list[Family] = []
        self._made = 0
        self.rotates = False
        self.reused: list[str] = []
        """Refresh tokens that came back though they were dead by rotation."""

    def sign_in(self, user: str, client: str, scope: str) -> Family:
        """Begin a family; it has a refresh token if the scope says so."""
        family = Family(user, client, scope)
        family.access = self._new("00D-access")
        if {"refresh_token", "offline_access"} & set(scope.split()):
            family.refresh = self._new("5Aep-refresh")
        self.families.append(family)
        return family

    def refresh(self, token: str, client: str) -> Family:
        """Return the family with a new access token; SignInRefusedError for a token that is dead."""
        self._catch_reuse(token)
        found = self._living(token)
        if found is None or found.client != client:
            raise EXPIRED
        found.access = self._new("00D-access")
        if self.rotates:
            found.retired.add(found.refresh)
            found.refresh = self._new("5Aep-refresh")
        return found

    def _catch_reuse(self, token: str) -> None:
        for family in self.families:
            if token in family.retired:
                self.reused.append(token)
                family.revoked = True

    def _living(self, token: str) -> Family | None:
        alive = (one for one in self.families if not one.revoked)
        return next((one for one in alive if token and one.refresh == token), None)

    def user_of(self, access: str) -> str | None:
        """Return whose access token this is; None for a dead one."""
        alive = (one for one in self.families if not one.revoked and access)
        return next((one.user for one in alive if one.access == access), None)

    def end_sessions(self) -> None:
        """Let all access tokens die; refresh tokens live on."""
        for family in self.families:
            family.access = ""

    def revoke(self, token: str) -> bool:
        """End the family of a token; say whether there was one."""
        for family in self.families:
            if token and token in {family.access, family.refresh}:
                family.revoked = True
                return True
        return False

    def _new(self, kind: str) -> str:
        self._made += 1
        return f"{kind}-{self._made:04d}"
