"""The browser's part of a sign-in: a code for who proves by PKCE that the code is theirs."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

from tests.salesforce.org.call import Asked, Reply
from tests.salesforce.org.errors import SignInRefusedError
from tests.salesforce.org.tokens import Family

if TYPE_CHECKING:
    from tests.salesforce.org.state import Org

LIFE = 900.0
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


@dataclass
class Grant:
    """A code that waits to be exchanged."""

    client: str
    redirect: str
    challenge: str
    scope: str
    until: float
    used: Family | None = None


def authorize(org: Org, asked: Asked) -> Reply:
    """Answer GET /services/oauth2/authorize as a browser gets it after the user said yes, or no."""
    params = asked.params
    if params.get("client_id") not in org.clients:
        return Reply(400, {"error": "invalid_client_id", "error_description": "client identifier invalid"})
    redirect = params.get("redirect_uri", "")
    if not _is_registered(org, redirect):
        words = "redirect_uri must match configuration"
        return Reply(400, {"error": "redirect_uri_mismatch", "error_description": words})
    state = {"state": params["state"]} if params.get("state") else {}
    if not state:
        org.broken_rules.append("a sign-in without a state, by which a forged answer would be known")
    return Reply(302, None, {"Location": f"{redirect}?{urlencode(_decided(org, asked) | state)}"})


def _is_registered(org: Org, redirect: str) -> bool:
    if org.callbacks:
        return redirect in org.callbacks
    address = urlsplit(redirect)
    return address.scheme == "http" and address.hostname in _LOOPBACK


def _decided(org: Org, asked: Asked) -> dict[str, str]:
    params = asked.params
    if params.get("response_type") != "code":
        return {"error": "unsupported_response_type", "error_description": "response type not supported"}
    if not params.get("code_challenge") or params.get("code_challenge_method") != "S256":
        return {"error": "invalid_request", "error_description": "missing required code challenge"}
    if org.denies:
        return {"error": "access_denied", "error_description": "end-user denied authorization"}
    code = f"aPrx-code-{org.number()}"
    org.grants[code] = Grant(
        params["client_id"],
        params["redirect_uri"],
        params["code_challenge"],
        params.get("scope", "api"),
        org.seconds() + LIFE,
    )
    return {"code": code}


def exchange(org: Org, form: dict[str, str]) -> Family:
    """Return the tokens for a code; a code that comes twice revokes what it gave."""
    grant = org.grants.get(form.get("code", ""))
    if grant is None:
        raise SignInRefusedError("invalid_grant", "invalid authorization code")
    if grant.used is not None:
        grant.used.revoked = True
        org.broken_rules.append("an authorization code was used twice")
        raise SignInRefusedError("invalid_grant", "expired authorization code")
    if org.seconds() > grant.until:
        raise SignInRefusedError("invalid_grant", "expired authorization code")
    if form.get("client_id") != grant.client:
        raise SignInRefusedError("invalid_client_id", "client identifier invalid")
    if form.get("redirect_uri") != grant.redirect:
        raise SignInRefusedError("redirect_uri_mismatch", "redirect_uri must match configuration")
    verifier = form.get("code_verifier", "")
    if not _VERIFIER.fullmatch(verifier) or challenge_of(verifier) != grant.challenge:
        raise SignInRefusedError("invalid_grant", "invalid code verifier")
    grant.used = org.tokens.sign_in(org.me, grant.client, grant.scope)
    return grant.used


def challenge_of(verifier: str) -> str:
    """Return the S256 challenge of a verifier."""
    digest = hashlib.sha256(verifier.encode("ascii")).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")
