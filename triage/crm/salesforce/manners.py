"""How Salesforce's answers differ: errors are lists, a limit is a 403, and some 401 must not renew a token.

Not confirmed against a live account: an identity address answers a dead token with 403 and the bare word
Bad_OAuth_Token; UNABLE_TO_LOCK_ROW certainly changed nothing.
"""

from __future__ import annotations

from http import HTTPStatus

from triage.crm.answer import Failed, Heard, Manners
from triage.crm.limits import LONGEST_PAUSE
from triage.errors import NotPermitted, NotSignedIn, RateLimited, Unreachable
from triage.text import clean

ERROR_KEY = "errorCode"
LOCKED = "UNABLE_TO_LOCK_ROW"
LIMIT = "REQUEST_LIMIT_EXCEEDED"
HALTED = "PROCESSING_HALTED"
_WORDS = 300
_NEVER_RENEWED = ("not valid for use with the rest api", "connected app is not attached to agent")
_DEAD_TOKENS = (b"Bad_OAuth_Token", b"Missing_OAuth_Token")
_NO_API = frozenset({"API_DISABLED_FOR_ORG", "API_CURRENTLY_DISABLED"})


def codes(body: object) -> tuple[str, ...]:
    """Return the codes of an error: `errorCode` of its list, `statusCode` of a collection's."""
    found = (error.get(ERROR_KEY) or error.get("statusCode") for error in _errors(body))
    return tuple(code for code in found if isinstance(code, str))


def words(body: object) -> str:
    """Return what an error says, cleaned: the messages of its list, or the identity provider's."""
    said = [text for error in _errors(body) if isinstance(text := error.get("message"), str)]
    if not said and isinstance(body, dict):
        texts = (body.get("error_description"), body.get("error"))
        said = [text for text in texts if isinstance(text, str)][:1]
    return clean(" ".join(said), limit=_WORDS)


def _errors(body: object) -> list[dict[str, object]]:
    listed = body if isinstance(body, list) else [body]
    return [error for error in listed if isinstance(error, dict)]


def failure(heard: Heard) -> Failed | None:
    """Return what an error means here; None where its status says it."""
    found = codes(heard.body)
    if LIMIT in found:
        return _used_up(heard)
    if LOCKED in found:
        busy = Unreachable(f"{heard.place} has the record locked by someone else at this moment.")
        return Failed(busy, reached=False, again=True)
    if heard.status == HTTPStatus.UNAUTHORIZED:
        return _not_renewed(heard)
    if heard.status == HTTPStatus.FORBIDDEN:
        return _forbidden(heard, found)
    return None


def _used_up(heard: Heard) -> Failed:
    """No request of this day is left, and nobody says until when: we ask again in an hour."""
    error = RateLimited(
        f"{heard.place} has no requests left for the whole organisation today: {words(heard.body)}",
        retry_after=LONGEST_PAUSE,
        hint="Decisions stay queued here. An admin sees the usage under System Overview.",
    )
    return Failed(error, reached=False)


def _not_renewed(heard: Heard) -> Failed | None:
    said = words(heard.body)
    if not any(phrase in said.casefold() for phrase in _NEVER_RENEWED):
        return None
    error = NotPermitted(
        f"{heard.place} does not let this sign-in use its API: {said}",
        hint="Ask an admin to allow the API to the app and to the user, then sign in again.",
    )
    return Failed(error, reached=False)


def _forbidden(heard: Heard, found: tuple[str, ...]) -> Failed | None:
    if any(word in heard.raw[:200] for word in _DEAD_TOKENS):
        return Failed(NotSignedIn(f"{heard.place} does not take the token."), reached=False)
    if _NO_API.intersection(found):
        error = NotPermitted(
            f"{heard.place} does not allow its API: {words(heard.body)}",
            hint="The edition or the user's permission lacks API access; an admin can say which.",
        )
        return Failed(error, reached=False)
    return None


SALESFORCE = Manners(
    error_key=ERROR_KEY,
    lists=True,
    is_empty=frozenset({HTTPStatus.NO_CONTENT}),
    words=words,
    failure=failure,
)
