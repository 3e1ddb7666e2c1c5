"""OAuth: consent, codes with a verifier, tokens that end after 1,800 s, refresh with or without rotation.

How a refusal names itself differs between the old way (`status`) and the new one (`error`): here it has both.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from tests.hubspot.portal.calls import Call, Reply
from tests.hubspot.portal.problems import Problem, unauthenticated

if TYPE_CHECKING:
    from tests.hubspot.portal.state import State

LIFETIME = 1_800
CLIENT_ID = "00000000-aaaa-4bbb-8ccc-000000000001"
CLIENT_SECRET = "not-a-secret-of-anyone"
_APP_ID = 3_001


@dataclass
class Family:
    """All tokens that came of one consent: they end together."""

    scopes: tuple[str, ...]
    revoked: bool = False


@dataclass(frozen=True)
class Code:
    redirect_uri: str
    challenge: str
    family: Family


@dataclass
class Tokens:
    state: State
    client_id: str = CLIENT_ID
    client_secret: str = CLIENT_SECRET
    rotates: bool = False
    takes_json: bool = False
    """The specification wants forms; the vendor's own client sends JSON."""
    needs_verifier: bool = False
    """Refuse a code that was asked for without a challenge."""
    codes: dict[str, Code] = field(default_factory=dict)
    access: dict[str, tuple[Family, float]] = field(default_factory=dict)
    """The consent behind each access token, and when the token ends."""
    refresh: dict[str, Family] = field(default_factory=dict)
    spent: dict[str, Family] = field(default_factory=dict)
    """Refresh tokens that gave place to others."""
    reused: list[str] = field(default_factory=list)
    """Spent ones that were sent again: their whole family was then revoked."""
    made: int = 0

    def name(self, kind: str) -> str:
        self.made += 1
        return f"{kind}-{self.made:04d}-not-a-real-token"

    def consent(self, redirect_uri: str, scopes: tuple[str, ...], challenge: str = "") -> str:
        """Return the code of somebody who agreed."""
        code = self.name("code")
        self.codes[code] = Code(redirect_uri, challenge, Family(scopes))
        return code

    def revoke_all(self) -> None:
        for family in (*self.refresh.values(), *(family for family, _ in self.access.values())):
            family.revoked = True

    def scopes_of(self, token: str) -> set[str] | None:
        """The scopes of an access token that holds; None: it is none of ours. Raises for one that ended."""
        if token not in self.access:
            return None
        family, ends = self.access[token]
        if family.revoked:
            return None
        if self.state.clock.now().timestamp() >= ends:
            raise unauthenticated("EXPIRED_AUTHENTICATION")
        return set(family.scopes)


def _refused(status: str, error: str, message: str, code: int = 400) -> Problem:
    more = {"status": status, "error": error, "error_description": message}
    return Problem(code, "", message, more=more)


def authorize(state: State, call: Call) -> Reply:
    """What the browser opens: here everybody agrees at once."""
    params = call.params
    if params.get("client_id") != state.tokens.client_id or not params.get("redirect_uri"):
        raise _refused("BAD_CLIENT_ID", "invalid_client", "missing or unknown client id")
    scopes = tuple(params.get("scope", "").split())
    code = state.tokens.consent(params["redirect_uri"], scopes, params.get("code_challenge", ""))
    query = urlencode({"code": code, **({"state": params["state"]} if "state" in params else {})})
    return Reply(302, None, {"Location": f"{params['redirect_uri']}?{query}"})


def token(state: State, call: Call) -> Reply:
    form, tokens = _form(state, call), state.tokens
    match form.get("grant_type"):
        case "authorization_code":
            family = _redeemed(tokens, form)
            return Reply(200, _granted(state, family, tokens.name("refresh")))
        case "refresh_token":
            given = form.get("refresh_token", "")
            family = _refreshed(tokens, given)
            return Reply(200, _granted(state, family, tokens.name("refresh") if tokens.rotates else given))
    raise _refused("BAD_GRANT_TYPE", "unsupported_grant_type", "missing or unknown grant type")


def _form(state: State, call: Call) -> dict[str, str]:
    kind = call.headers.get("content-type", "").partition(";")[0]
    if kind == "application/json" and state.tokens.takes_json:
        form = call.body
    elif kind == "application/x-www-form-urlencoded":
        form = call.form
    else:
        raise Problem(415, "", "Unsupported Media Type")
    if form.get("client_id") != state.tokens.client_id:
        raise _refused("BAD_CLIENT_ID", "invalid_client", "missing or unknown client id")
    if form.get("client_secret") != state.tokens.client_secret:
        raise _refused("BAD_CLIENT_SECRET", "invalid_client", "missing or invalid client secret")
    return form


def _redeemed(tokens: Tokens, form: dict[str, str]) -> Family:
    code = tokens.codes.pop(form.get("code", ""), None)
    if code is None:
        raise _refused("BAD_AUTH_CODE", "invalid_grant", "missing or unknown auth code")
    if form.get("redirect_uri") != code.redirect_uri:
        raise _refused("BAD_REDIRECT_URI", "invalid_grant", "redirect uri does not match the initial one")
    digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
    fits = base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == code.challenge
    if (code.challenge or tokens.needs_verifier) and not fits:
        raise _refused("BAD_CODE_VERIFIER", "invalid_grant", "code verifier does not match the challenge")
    return code.family


def _refreshed(tokens: Tokens, given: str) -> Family:
    if given in tokens.spent:
        tokens.reused.append(given)
        tokens.spent[given].revoked = True
    family = tokens.refresh.get(given)
    if family is None or family.revoked:
        raise _refused("BAD_REFRESH_TOKEN", "invalid_grant", "missing or invalid refresh token")
    if tokens.rotates:
        tokens.spent[given] = tokens.refresh.pop(given)
    return family


def _granted(state: State, family: Family, refresh: str) -> dict[str, Any]:
    tokens = state.tokens
    access = tokens.name("access")
    tokens.access[access] = (family, state.clock.now().timestamp() + LIFETIME)
    tokens.refresh[refresh] = family
    return {
        "access_token": access,
        "refresh_token": refresh,
        "expires_in": LIFETIME,
        "token_type": "bearer",
        "token_use": "access_token",
        "hub_id": state.portal_id,
        "user_id": 9_081,
        "scopes": list(family.scopes),
    }


def introspect(state: State, call: Call) -> Reply:
    form = _form(state, call)
    given, tokens = form.get("token", ""), state.tokens
    told = {"token": given, "client_id": tokens.client_id, "hub_id": state.portal_id, "app_id": _APP_ID}
    shared = {
        "token_type": "bearer",
        "user_id": 9_081,
        "user": "rep@example.com",
        "hub_domain": "example.com",
    }
    family = tokens.access[given][0] if given in tokens.access else tokens.refresh.get(given)
    if family is None or family.revoked:
        return Reply(200, {"active": False})
    body = {**told, **shared, "active": True, "scopes": list(family.scopes)}
    if given not in tokens.access:
        return Reply(200, {**body, "token_use": "refresh_token"})
    left = tokens.access[given][1] - state.clock.now().timestamp()
    if left <= 0:
        return Reply(200, {"active": False})
    return Reply(
        200, {**body, "token_use": "access_token", "expires_in": int(left), **_signed(state, family)}
    )


def _signed(state: State, family: Family) -> dict[str, Any]:
    flags = {"isPrivateDistribution": True, "isServiceAccount": False, "isUserLevel": False}
    signed = {
        "appId": _APP_ID, "expiresAt": 0, "hubId": state.portal_id, "hublet": "eu1", "installingUserId": 9_081,
        "newSignature": "", "scopes": "", "scopeToScopeGroupPks": "", "signature": "", "trialScopes": "",
        "trialScopeToScopeGroupPks": "", "userId": 9_081, **flags,
    }  # fmt: skip
    return {"signed_access_token": signed, "is_private_distribution": True}


def revoke(state: State, call: Call) -> Reply:
    form = _form(state, call)
    given, tokens = form.get("token", ""), state.tokens
    family = tokens.access[given][0] if given in tokens.access else tokens.refresh.get(given)
    if family is not None:
        family.revoked = True
    return Reply(204, None)
