"""The token endpoint of an identity provider: a form goes in, tokens or an error come out.

What the provider says of an error is shown without anything secret that was in the form. A refusal of the
grant is `Refused`; a refusal of the app is NotPermitted, because the sign-in itself may still be good.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from msgspec import Struct

from triage.crm.address import Address
from triage.crm.answer import Failed, Heard, Manners
from triage.crm.bearer import Tokens
from triage.crm.blotting import Blotter
from triage.crm.http import Http
from triage.crm.limits import DEADLINE
from triage.errors import AnswerLost, BadAnswer, CrmError, NotPermitted, NotSignedIn, Unreachable
from triage.redaction import hide
from triage.text import clean

_REFUSALS = (HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
_OF_THE_GRANT = frozenset(
    {"invalid_grant", "access_denied", "expired_token", "authorization_pending", "slow_down"}
)
_AWAY = frozenset({"server_error", "temporarily_unavailable", "unknown_error", "rate_limit_exceeded"})
_OF_THE_PLACE = ("ip restricted", "login hours")
"""Said with invalid_grant by Salesforce, while the grant is good: elsewhere or later it is taken again."""
_STATUSES = {"BAD_REFRESH_TOKEN": "invalid_grant", "BAD_AUTH_CODE": "invalid_grant"}
"""HubSpot's words of old for an error, in the place of `error`."""
_SECRET = ("client_secret", "code", "code_verifier", "refresh_token", "assertion", "token", "device_code")
_CODE = re.compile(r"[A-Za-z0-9_.-]{1,60}")
_TOKEN = re.compile(r"[!-~]+")
_WORDS = 300
_APP = "Check the app's client id, its redirect address, its scopes, and what an admin allows it."


class Refused(NotSignedIn):
    """The provider does not take the grant; `code` is its word for why, such as invalid_grant."""

    def __init__(self, message: str, *, code: str, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.code = code


class Endpoint(Struct, frozen=True):
    """Where forms go: the provider's address and the path of its token endpoint."""

    url: str
    path: str
    ca_file: str = ""
    deadline: float = DEADLINE
    """Seconds for one answer."""

    async def tokens(self, form: Mapping[str, str]) -> Tokens:
        """Return the tokens for a grant; Refused, NotPermitted, Unreachable, BadAnswer if there are none."""
        return tokens_of(await self.ask(form, expect=("access_token",)))

    def exchanged(self, form: Mapping[str, str]) -> Tokens:
        """Return the same, and block: never on an event loop."""
        return asyncio.run(self.tokens(form))

    async def ask(self, form: Mapping[str, str], *, expect: tuple[str, ...] = ()) -> dict[str, Any]:
        """Send a form once; returns the answer's body. Errors as `tokens`."""
        for name in _SECRET:
            hide(form.get(name, ""))
        http = Http(
            self.url,
            None,
            ca_file=self.ca_file or None,
            deadline=self.deadline,
            manners=Manners(words=_no_words, failure=_failure),
        )
        try:
            answer = await http.submit(self.path, form, expect=expect, also=_REFUSALS)
        except AnswerLost as error:
            lost = error
        else:
            if answer.status not in _REFUSALS:
                return answer.body
            raise self._refusal(answer.body, form)
        finally:
            await http.aclose()
        raise Unreachable(lost.message, hint="Sign in again if it does not work the next time.")

    def _refusal(self, body: dict[str, Any], form: Mapping[str, str]) -> CrmError:
        place = Address(self.url).place
        code, said = code_of(body.get("error")), _said(body.get("error_description"), form)
        words = f" ({code}){': ' + said if said else ''}".rstrip(".")
        if code in _AWAY:
            return Unreachable(f"{place} cannot sign you in now{words}.")
        if code in _OF_THE_GRANT and not any(cause in said.casefold() for cause in _OF_THE_PLACE):
            return Refused(f"{place} does not sign you in{words}.", code=code)
        return NotPermitted(f"{place} does not sign you in with this app{words}.", hint=_APP)


def tokens_of(body: Mapping[str, Any]) -> Tokens:
    """Return what a body holds, and keep it out of logs; BadAnswer without an access token.

    What no header can carry is no token: a blank, a line end, a letter beyond ASCII.
    """
    access, refresh = _token(body.get("access_token")), _token(body.get("refresh_token"))
    if not access:
        raise BadAnswer("The identity provider's answer holds no token.")
    return Tokens(access, refresh, _seconds(body.get("expires_in")))


def _token(value: object) -> str:
    """Return a token, hidden from logs; an empty text for none."""
    token = value.strip() if isinstance(value, str) else ""
    if token and not _TOKEN.fullmatch(token):
        raise BadAnswer("The identity provider's answer holds a token that is none.")
    hide(token)
    return token


def code_of(error: object) -> str:
    """Return an error's own word if it is one, so that nothing else can stand in its place."""
    return error if isinstance(error, str) and _CODE.fullmatch(error) else "no reason given"


def _no_words(_body: object) -> str:
    """Leave out what an error of any other shape says: it may quote the form."""
    return ""


def _seconds(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        seconds = float(value)
    except (ValueError, OverflowError):
        return None
    return seconds if 0 < seconds < float("inf") else None


def _said(description: object, form: Mapping[str, str]) -> str:
    """Return the provider's words, without what was secret in the form: some quote it."""
    if not isinstance(description, str):
        return ""
    raw = description.encode("utf-8", "replace")
    for secret in (form.get(name, "") for name in _SECRET):
        if secret.isascii():
            raw = Blotter(secret)(raw)
    return clean(raw.decode("utf-8", "replace"), limit=_WORDS)


def _failure(heard: Heard) -> Failed | None:
    """Return what an error of the old kind means; None for one that has `error` or that its status says."""
    body = heard.body
    if heard.status not in _REFUSALS or not isinstance(body, dict) or "error" in body:
        return None
    status = code_of(body.get("status"))
    if not status.startswith("BAD_"):
        return None
    if status in _STATUSES:
        refused = Refused(f"{heard.place} does not sign you in ({status}).", code=_STATUSES[status])
        return Failed(refused, reached=False)
    app = NotPermitted(f"{heard.place} does not sign you in with this app ({status}).", hint=_APP)
    return Failed(app, reached=False)
