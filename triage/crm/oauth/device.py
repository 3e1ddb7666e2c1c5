"""Signing in with a code that is typed into a browser on any other device (RFC 8628)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from triage.crm.oauth.endpoint import Endpoint, Refused, tokens_of
from triage.crm.pacing import RealTempo, Tempo
from triage.crm.signing import Say
from triage.errors import BadAnswer, NotSignedIn, Unreachable
from triage.links import checked
from triage.redaction import hide
from triage.text import clean

LONGEST = 900.0
"""Seconds that a code is waited for at most, whatever the provider says."""
_USUAL_WAIT = 5.0
_WAITS = (1.0, 60.0)
_SLOWER = 5.0
"""Seconds that `slow_down` adds to each wait."""
_CODE_LENGTH = 40
_DIGITS = re.compile("[0-9]{1,9}")
_AGAIN = "Run `triage login` again."


class Typed(Struct, frozen=True):
    """How one provider wants it said: the form that asks for a code, and the one that asks for tokens."""

    begin: Mapping[str, str]
    poll: Mapping[str, str]
    device_code: str = "device_code"
    """The field of `poll` that the device's own code goes into."""


class _Begun:
    """What the provider answered to the first form. Not a Struct: its repr would show the device's code."""

    def __init__(self, body: Mapping[str, Any]) -> None:
        self.code, self.user_code = (
            _text(body, "device_code"),
            clean(_text(body, "user_code"), limit=_CODE_LENGTH),
        )
        self.address = checked(_text(body, "verification_uri"))
        if not self.code or not self.user_code or not self.address:
            raise BadAnswer("The identity provider gave no code to type.")
        hide(self.code)
        shortest, longest = _WAITS
        self.wait = min(max(_number(body, "interval", _USUAL_WAIT), shortest), longest)
        self.seconds = min(max(_number(body, "expires_in", LONGEST), 0.0), LONGEST)


async def by_device(endpoint: Endpoint, typed: Typed, say: Say, tempo: Tempo | None = None) -> dict[str, Any]:
    """Show a code, and ask until it was typed; returns the provider's answer with the tokens.

    NotSignedIn where the person says no or lets the code end, NotPermitted where the app may not do this.
    """
    begun = _Begun(await endpoint.ask(typed.begin, expect=("device_code", "user_code", "verification_uri")))
    say(f"Open {begun.address} in a browser on any device, and type the code {begun.user_code}")
    return await _granted(
        endpoint, {**typed.poll, typed.device_code: begun.code}, begun, tempo or RealTempo()
    )


async def _granted(
    endpoint: Endpoint, form: Mapping[str, str], begun: _Begun, tempo: Tempo
) -> dict[str, Any]:
    wait, until = begun.wait, tempo.now() + begun.seconds
    while tempo.now() < until:
        await tempo.sleep(wait)
        try:
            body = await endpoint.ask(form, expect=("access_token",))
        except Refused as refused:
            if refused.code not in ("authorization_pending", "slow_down"):
                raise _ended(refused) from None
            wait += _SLOWER if refused.code == "slow_down" else 0.0
        except Unreachable as error:
            wait = min(max(wait * 2, error.retry_after or 0.0), _WAITS[1])
        else:
            _ = tokens_of(body)  # a body without them is no sign-in
            return body
    raise NotSignedIn("The code was not typed in time.", hint=_AGAIN)


def _ended(refused: Refused) -> NotSignedIn:
    if refused.code == "access_denied":
        return NotSignedIn("The sign-in was declined in the browser.", hint=_AGAIN)
    if refused.code == "expired_token":
        return NotSignedIn("The code was not typed in time.", hint=_AGAIN)
    return NotSignedIn(refused.message, hint=_AGAIN)


def _text(body: Mapping[str, Any], key: str) -> str:
    value = body.get(key)
    return value if isinstance(value, str) else ""


def _number(body: Mapping[str, Any], key: str, usual: float) -> float:
    value = body.get(key)
    if isinstance(value, str) and _DIGITS.fullmatch(value):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return usual
    return float(min(value, LONGEST))
