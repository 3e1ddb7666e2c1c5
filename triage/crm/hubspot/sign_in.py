"""Signing in to HubSpot: usually a service key that is typed; or in a browser, through a customer's own app.

An app's client secret is a secret: it comes from TRIAGE_CLIENT_SECRET or the keyring, is handed in as the
option `client_secret`, and goes to the token endpoint only. The scopes are those that the app must have.

Not confirmed against a live account: the page's address for an account outside the United States, whether an
app that uses PKCE still wants its secret, and `optional_scope`.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from triage.crm.address import Address
from triage.crm.bearer import Tokens
from triage.crm.hubspot.paths import HOME, VERSION
from triage.crm.oauth.browser import Page, code_from_browser
from triage.crm.oauth.endpoint import Endpoint, tokens_of
from triage.crm.oauth.loopback import REDIRECT
from triage.crm.signing import Granted, Question, Say, Way
from triage.errors import BadAnswer, NotPermitted, NotSignedIn, UsageError
from triage.text import clean

_PAGES = "https://app.hubspot.com"
_AUTHORIZE = "/oauth/authorize"
_TOKEN = f"/oauth/{VERSION}/token"
_SCOPE = "oauth crm.objects.contacts.read crm.objects.contacts.write crm.objects.owners.read"
_OPTIONAL = (
    "crm.objects.leads.read crm.objects.leads.write crm.schemas.contacts.write crm.objects.deals.read "
    "crm.objects.companies.read automation.sequences.read crm.lists.read mh-lead-scoring-view"
)


async def in_browser(url: str, options: Mapping[str, str], say: Say) -> Granted:
    """Sign in by authorization code and PKCE, with a browser on this machine."""
    home, client_id = url.rstrip("/") or HOME, _client_id(options)
    page = Page(
        Address((options.get("authorize_url") or (_PAGES if home == HOME else home)).rstrip("/")).url
        + _AUTHORIZE,
        client_id,
        options.get("redirect_uri") or REDIRECT,
        {"scope": options.get("scope") or _SCOPE, "optional_scope": _OPTIONAL},
    )
    form = {**await code_from_browser(page, say), **_secret(options)}
    endpoint = _endpoint(home, options)
    tokens = tokens_of(await endpoint.ask(form, expect=("access_token",)))
    return Granted(home, tokens, {"client_id": client_id, "email": await _email(home, options, tokens)})


def exchange(url: str, refresh_token: str, **options: str) -> Tokens:
    """Renew, as `triage.crm.bearer.Exchange` says; UsageError without the app's client id."""
    form = {"grant_type": "refresh_token", "client_id": _client_id(options), **_secret(options)}
    return _endpoint(url or HOME, options).exchanged({**form, "refresh_token": refresh_token})


WAYS: dict[str, Way] = {"browser": in_browser}
_EMAIL = Question("email", "Your e-mail address as a HubSpot user")
QUESTIONS: dict[str, tuple[Question, ...]] = {
    "": (_EMAIL,),
    "browser": (
        Question("client_id", "Client id of your company's HubSpot app"),
        Question("client_secret", "Client secret of the app (empty if it has none)", secret=True),
        Question("redirect_uri", "Redirect URL of the app", REDIRECT, optional=True),
        Question("scope", "Scopes of the app", _SCOPE, optional=True),
        Question(
            "authorize_url", "Where HubSpot's pages are, such as https://app-eu1.hubspot.com", optional=True
        ),
    ),
}
"""A key says nothing about who holds it: with one, the e-mail is asked for."""


async def _email(home: str, options: Mapping[str, str], tokens: Tokens) -> str:
    """Return whose token it is, as HubSpot says it, else as somebody said; UsageError where nobody does.

    UsageError too where the two differ: one person's token would read and write as another.
    """
    asking = {"token": tokens.access, "token_type_hint": "access_token", "client_id": _client_id(options)}
    endpoint = Endpoint(home, f"{_TOKEN}/introspect", options.get("ca_file", ""))
    said: dict[str, Any] = {}
    with suppress(NotSignedIn, NotPermitted, BadAnswer):
        said = await endpoint.ask({**asking, **_secret(options)})
    user, told = clean(said["user"]) if isinstance(said.get("user"), str) else "", options.get("email", "")
    if "@" not in user and not told:
        raise UsageError("HubSpot does not say whose sign-in that is.", hint="Say it with --option email=…")
    if "@" in user and told and user.casefold() != told.strip().casefold():
        raise UsageError(
            f"The browser is signed in to HubSpot as {user}, and the profile is for {told}.",
            hint="Sign out of HubSpot in the browser, or take another name for the profile.",
        )
    return told or user


def _endpoint(home: str, options: Mapping[str, str]) -> Endpoint:
    return Endpoint(home, _TOKEN, options.get("ca_file", ""))


def _secret(options: Mapping[str, str]) -> dict[str, str]:
    secret = options.get("client_secret", "")
    return {"client_secret": secret} if secret else {}


def _client_id(options: Mapping[str, str]) -> str:
    client_id = options.get("client_id", "")
    if not client_id:
        raise UsageError("The option client_id is missing.", hint="Say it with --option client_id=…")
    return client_id
