"""The addresses below /services/oauth2 and /id: tokens given, renewed, revoked; who somebody is."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from tests.salesforce.org import assertions, authorizing, devices
from tests.salesforce.org.call import Asked, Reply
from tests.salesforce.org.errors import SignInRefusedError, session_over
from tests.salesforce.org.tokens import EXPIRED, Family

if TYPE_CHECKING:
    from tests.salesforce.org.state import Org

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
FORM = "application/x-www-form-urlencoded"


def answer(org: Org, asked: Asked) -> Reply:
    """Answer a request to the identity service."""
    handler = _HANDLERS.get((asked.method, asked.path))
    if asked.method == "GET" and asked.path.startswith(f"/id/{org.organization_id}/"):
        handler = _userinfo
    if handler is None:
        return Reply(404, {"error": "unknown", "error_description": "no such address"})
    try:
        return handler(org, asked)
    except SignInRefusedError as refused:
        return Reply(refused.status, refused.body)


def _form(asked: Asked) -> dict[str, str]:
    kind = asked.headers.get("content-type", "").partition(";")[0]
    if kind != FORM:
        raise SignInRefusedError("invalid_request", "must use HTTP POST with a form")
    return dict(parse_qsl(asked.content.decode("utf-8", "replace"), keep_blank_values=True))


def _revoke(org: Org, asked: Asked) -> Reply:
    known = org.tokens.revoke(_form(asked).get("token", ""))
    return Reply(200) if known else Reply(400, {"error": "unsupported_token_type"})


def _token(org: Org, asked: Asked) -> Reply:
    form, base = _form(asked), asked.base
    if "client_secret" in form:
        org.broken_rules.append("a client secret was sent by a public client")
    if form.get("response_type") == "device_code":
        return Reply(200, devices.begin(org, form, base))
    grant = form.get("grant_type")
    match grant:
        case "authorization_code":
            return _granted(org, authorizing.exchange(org, form), base)
        case "device":
            return _granted(org, devices.poll(org, form), base)
        case "refresh_token":
            return _refreshed(org, form, base)
        case _ if grant == JWT_BEARER:
            return _granted(org, assertions.sign_in(org, form, base), base)
        case "password":
            org.broken_rules.append("the password flow was tried")
    raise SignInRefusedError("unsupported_grant_type", "grant type not supported")


def _refreshed(org: Org, form: dict[str, str], base: str) -> Reply:
    if org.session_trouble:
        org.broken_rules.append("renewed after a 401 that says that renewing is no help")
    if org.refuses_refresh:
        raise EXPIRED
    before = len(org.tokens.reused)
    try:
        family = org.tokens.refresh(form.get("refresh_token", ""), form.get("client_id", ""))
    finally:
        if len(org.tokens.reused) > before:
            org.broken_rules.append("a refresh token came back that rotation had retired")
    return _granted(org, family, base, again=not org.tokens.rotates)


def _granted(org: Org, family: Family, base: str, *, again: bool = False) -> Reply:
    issued = str(int(org.now().timestamp() * 1000))
    where = f"{base}/id/{org.organization_id}/{family.user}"
    signature = base64.b64encode(hashlib.sha256((where + issued).encode()).digest()).decode("ascii")
    body: dict[str, Any] = {
        "access_token": family.access,
        "instance_url": base,
        "id": where,
        "token_type": "Bearer",
        "issued_at": issued,
        "signature": signature,
        "scope": family.scope,
    }
    return Reply(200, body if again or not family.refresh else body | {"refresh_token": family.refresh})


def bearer(asked: Asked) -> str:
    """Return the token of a request, or an empty string."""
    kind, _, token = asked.headers.get("authorization", "").partition(" ")
    return token.strip() if kind.lower() in {"bearer", "oauth"} else ""


def _userinfo(org: Org, asked: Asked) -> Reply:
    user_id = org.tokens.user_of(bearer(asked))
    if user_id is None:
        if org.vague_userinfo:
            return Reply(403, "Bad_OAuth_Token", {"Content-Type": "text/html;charset=UTF-8"})
        refused = session_over()
        return Reply(refused.status, refused.body)
    user = org.tables.get("User", user_id) or {}
    return Reply(
        200,
        {
            "sub": f"{asked.base}/id/{org.organization_id}/{user_id}",
            "user_id": user_id,
            "organization_id": org.organization_id,
            "preferred_username": user.get("Username"),
            "nickname": str(user.get("Username")).partition("@")[0],
            "name": user.get("Name"),
            "email": user.get("Email"),
            "email_verified": True,
            "zoneinfo": user.get("TimeZoneSidKey"),
            "active": user.get("IsActive"),
            "user_type": "STANDARD",
            "language": "en_US",
            "locale": "en_US",
        },
    )


_HANDLERS = {
    ("GET", "/services/oauth2/authorize"): authorizing.authorize,
    ("POST", "/services/oauth2/token"): _token,
    ("POST", "/services/oauth2/revoke"): _revoke,
    ("GET", "/services/oauth2/userinfo"): _userinfo,
    ("POST", "/services/oauth2/userinfo"): _userinfo,
}
