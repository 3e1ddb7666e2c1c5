"""Signing in to Salesforce: in a browser, with a typed code, by the Salesforce CLI's sign-in, or by a key.

The first two go to the customer's own External Client App, a public client without a secret; their refresh
token may be good once. The last two keep nothing here: each run borrows a token.

Not confirmed against a live account: that the token endpoint of the sign-in's own host also renews; that `ip
restricted` is said with invalid_grant; that an assertion for a login host is taken by a My Domain; the
domains of orgs in China and for defence.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from triage.crm.address import Address, is_open_road
from triage.crm.bearer import Tokens
from triage.crm.oauth.browser import Page, code_from_browser
from triage.crm.oauth.device import Typed, by_device
from triage.crm.oauth.endpoint import Endpoint, tokens_of
from triage.crm.oauth.loopback import REDIRECT
from triage.crm.salesforce.assertion import GRANT, signed
from triage.crm.salesforce.cli_login import described, shown_token
from triage.crm.signing import Granted, Question, Say, Way
from triage.errors import BadAnswer, UsageError
from triage.text import clean

HOME = "https://login.salesforce.com"
SANDBOXES = "https://test.salesforce.com"
_AUTHORIZE = "/services/oauth2/authorize"
_TOKEN = "/services/oauth2/token"  # noqa: S105 - a path
_SCOPE = "api refresh_token"
_DOMAINS = (".salesforce.com", ".salesforce.mil", ".sfcrmproducts.cn")
"""Where an org can be, besides at the very host that one signs in at: a token goes nowhere else."""
_NAME = 100


async def in_browser(url: str, options: Mapping[str, str], say: Say) -> Granted:
    """Sign in by authorization code and PKCE, with a browser on this machine."""
    host, client_id = _host(url, options), _needed(options, "client_id")
    page = Page(
        host + _AUTHORIZE,
        client_id,
        options.get("redirect_uri") or REDIRECT,
        {"scope": options.get("scope") or _SCOPE},
    )
    form = await code_from_browser(page, say)
    return _granted(await _endpoint(host, options).ask(form, expect=("access_token",)), host, options, say)


async def on_any_device(url: str, options: Mapping[str, str], say: Say) -> Granted:
    """Sign in with a code that is typed in a browser elsewhere; the app must allow the device flow."""
    host, client_id = _host(url, options), _needed(options, "client_id")
    scope = options.get("scope") or _SCOPE
    typed = Typed(
        {"response_type": "device_code", "client_id": client_id, "scope": scope},
        {"grant_type": "device", "client_id": client_id},
        device_code="code",
    )
    return _granted(await by_device(_endpoint(host, options), typed, say), host, options, say)


async def by_cli(_url: str, options: Mapping[str, str], _say: Say) -> Granted:
    """Use the sign-in of the Salesforce CLI: which org it is; the token is asked for at each run."""
    org = await asyncio.to_thread(described, options.get("org", ""))
    return Granted(_encrypted(org.url), options={"org": options.get("org") or org.username})


async def by_key(url: str, options: Mapping[str, str], _say: Say) -> Granted:
    """Use a private key that the app has the certificate of: where the org is; each run signs anew."""
    host = _host(url, options)
    body = await _endpoint(host, options).ask(_assertion(host, options), expect=("access_token",))
    return Granted(_instance(body, host), options=_at(host))


def exchange(_url: str, refresh_token: str, **options: str) -> Tokens:
    """Renew, as `triage.crm.bearer.Exchange` says; UsageError without the app's client id."""
    form = {"grant_type": "refresh_token", "client_id": _needed(options, "client_id")}
    host = options.get("login_url") or HOME
    return _endpoint(host, options).exchanged({**form, "refresh_token": refresh_token})


def borrow(_url: str, **options: str) -> Tokens | None:
    """Return a token of the CLI's sign-in, or one that a key is good for; None for the other ways. Blocks."""
    way = options.get("way")
    if way == "sf":
        return Tokens(shown_token(options.get("org", "")))
    if way == "jwt":
        host = options.get("login_url") or HOME
        return _endpoint(host, options).exchanged(_assertion(host, options))
    return None


WAYS: dict[str, Way] = {"browser": in_browser, "device": on_any_device, "sf": by_cli, "jwt": by_key}
_APP = Question("client_id", "Client id of the External Client App (its consumer key)")
_LOGIN = Question("login_url", "Where one signs in, such as https://test.salesforce.com", optional=True)
_SCOPES = Question("scope", "Scopes of the app", _SCOPE, optional=True)
QUESTIONS: dict[str, tuple[Question, ...]] = {
    "browser": (
        _APP,
        Question("redirect_uri", "Callback of the app", REDIRECT, optional=True),
        _SCOPES,
        _LOGIN,
    ),
    "device": (_APP, _SCOPES, _LOGIN),
    "sf": (Question("org", "Alias or username of the org, as the Salesforce CLI knows it"),),
    "jwt": (
        _APP,
        Question("username", "Username of the rep in Salesforce"),
        Question("key_file", "File of the private key (PEM)"),
        _LOGIN,
    ),
}


def _host(url: str, options: Mapping[str, str]) -> str:
    """Return where one signs in: what the option says, else the address given, else the usual."""
    host = (options.get("login_url") or url or HOME).rstrip("/")
    return Address(host).url


def _at(host: str) -> dict[str, str]:
    """Return what a profile has to remember of the place where it signed in."""
    return {} if host == HOME else {"login_url": host}


def _granted(body: dict[str, Any], host: str, options: Mapping[str, str], say: Say) -> Granted:
    tokens = tokens_of(body)
    if not tokens.refresh:
        say("The app gives no refresh token: this sign-in holds as long as the org's session.")
    return Granted(_instance(body, host), tokens, {"client_id": _needed(options, "client_id"), **_at(host)})


def _instance(body: Mapping[str, Any], host: str) -> str:
    instance = body.get("instance_url")
    if not isinstance(instance, str):
        raise BadAnswer("Salesforce signs you in and does not say where your org is.")
    if _origin(instance) == _origin(host):
        return instance.rstrip("/")
    address = _encrypted(instance)
    name = urlsplit(address).hostname or ""
    if not address.startswith("https://") or not name.endswith(_DOMAINS):
        raise BadAnswer(
            f"Your org is said to be at {clean(name, limit=_NAME)}, which is not Salesforce's.",
            hint="Nothing was sent there. Sign in at the org's own address: --url https://YOURS.my.salesforce.com",
        )
    return address


def _origin(url: str) -> tuple[str, str]:
    """Return scheme, host and port."""
    try:
        parts = urlsplit(Address(url.rstrip("/")).url)
    except UsageError:
        raise BadAnswer("Salesforce names an address for your org that is none.") from None
    return parts.scheme, parts.netloc.lower()


def _encrypted(instance: str) -> str:
    """Return an org's address if a token would not travel to it in the clear."""
    address = instance.rstrip("/")
    _ = _origin(address)
    if is_open_road(address):
        raise BadAnswer("Salesforce names an address for your org that is not encrypted.")
    return address


def _endpoint(host: str, options: Mapping[str, str]) -> Endpoint:
    return Endpoint(host, _TOKEN, options.get("ca_file", ""))


def _assertion(host: str, options: Mapping[str, str]) -> dict[str, str]:
    client_id, username, key = (_needed(options, name) for name in ("client_id", "username", "key_file"))
    return {"grant_type": GRANT, "assertion": signed(client_id, username, _audience(host), key)}


def _audience(host: str) -> str:
    """Return whom an assertion is for: the two login hosts stand for all My Domains behind them."""
    name = urlsplit(host).hostname or ""
    if name.endswith(".sandbox.my.salesforce.com"):
        return SANDBOXES
    return HOME if name.endswith(".my.salesforce.com") else host


def _needed(options: Mapping[str, str], name: str) -> str:
    value = options.get(name, "")
    if not value:
        raise UsageError(f"The option {name} is missing.", hint=f"Say it with --option {name}=…")
    return value
