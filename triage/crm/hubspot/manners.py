"""How HubSpot says that something is wrong: its words, its three kinds of 429, and statuses of its own. Pure.

Never shows a correlation id: it means nothing to a rep, and the log of the portal has it.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from triage.crm.answer import Failed, Heard, Manners, limited
from triage.crm.limits import LONGEST_PAUSE, pause
from triage.errors import NotPermitted, Unreachable
from triage.text import clean

_WORDS = 300
_MIGRATING = 477
_LOCKED_SECONDS = 2.0
_PAUSES = {"DAILY": LONGEST_PAUSE, "TEN_SECONDLY_ROLLING": 10.0, "SECONDLY": 1.0}
"""Seconds by the name of the policy: a 429 of HubSpot's has no Retry-After by its documentation.

The daily one holds until the midnight of the account; no pause is believed beyond an hour, then we ask again.
"""
_SCOPES = "Give the key these scopes in HubSpot (Development > Keys > Service keys), then try again."


def words_of(body: object) -> str:
    """Return what an error says, cleaned, with the scopes that are missing; empty where it says nothing."""
    if not isinstance(body, dict):
        return ""
    said = body.get("message")
    message = clean(said, limit=_WORDS) if isinstance(said, str) else ""
    scopes = missing_scopes(body)
    return f"{message.rstrip('.')} (missing: {', '.join(scopes)})" if scopes else str(message)


def missing_scopes(body: dict[str, Any]) -> tuple[str, ...]:
    """Return the scopes that a 403 names, cleaned, in its order."""
    if body.get("category") != "MISSING_SCOPES":
        return ()
    named: list[str] = []
    for error in _dicts(body.get("errors")):
        context = error.get("context")
        scopes = context.get("requiredGranularScopes") if isinstance(context, dict) else None
        named += [clean(scope, limit=60) for scope in scopes or () if isinstance(scope, str)]
    return tuple(dict.fromkeys(named))


def _dicts(value: object) -> list[dict[str, Any]]:
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def failure(heard: Heard) -> Failed | None:
    """Return what a status means here; None where it means what it means everywhere."""
    match heard.status:
        case HTTPStatus.TOO_MANY_REQUESTS:
            return limited(heard, _seconds(heard))
        case HTTPStatus.LOCKED:
            return _locked(heard)
        case status if status == _MIGRATING:
            return limited(heard, _asked(heard))
        case HTTPStatus.FORBIDDEN:
            return _forbidden(heard)
    return None


def _locked(heard: Heard) -> Failed:
    """Return that a record is being written by somebody else: certainly nothing was done."""
    seconds = max(_LOCKED_SECONDS, _asked(heard) or 0.0)
    error = Unreachable(f"{heard.place} has locked this for a moment (423).", retry_after=seconds)
    return Failed(error, reached=False, again=seconds)


def _forbidden(heard: Heard) -> Failed | None:
    body = heard.body
    scopes = missing_scopes(body) if isinstance(body, dict) else ()
    if not scopes:
        return None
    named = ", ".join(scopes)
    error = NotPermitted(f"Missing scope: {named}. {heard.place} does not allow this.", hint=_SCOPES)
    return Failed(error, reached=False)


def _seconds(heard: Heard) -> float | None:
    """Return for how long nothing is wanted: as asked, or by the policy's name."""
    asked = _asked(heard)
    if asked is not None:
        return asked
    body = heard.body
    policy = body.get("policyName") if isinstance(body, dict) else None
    return _PAUSES.get(policy) if isinstance(policy, str) else None


def _asked(heard: Heard) -> float | None:
    return pause(heard.headers.get("retry-after"), heard.headers.get("date"))


HUBSPOT = Manners(
    error_key="message", is_empty=frozenset({HTTPStatus.NO_CONTENT}), words=words_of, failure=failure
)
