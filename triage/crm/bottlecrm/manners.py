"""How BottleCRM says that something is wrong: four shapes of words, HTML, 403 for who is not signed in. Pure.

Never shows a page of HTML to anyone: it says nothing that a rep could use.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from http import HTTPStatus

from triage.crm.answer import Failed, Heard, Manners
from triage.crm.bottlecrm.sign_in import WHERE
from triage.errors import BadAnswer, NotPermitted, NotSignedIn
from triage.text import clean

_WORDS = 300
_MOST = 10
"""Messages of one answer that are shown."""
_NOBODY = "Organization context is required"
"""What is said to a token that is missing, wrong, revoked or past its day: with 403, and never with 401."""
_SCOPE = re.compile(r"needs the ([a-z_*-]{1,40}:(?:read|write)) scope")
_NEW_TOKEN = "Make a token with this scope in BottleCRM, then sign in with it: `triage login`."  # noqa: S105 - no token, but how to get one
_WRONG_PLACE = "Check the address of BottleCRM in this profile."


class NotThere(BadAnswer):
    """BottleCRM's own word that there is no such record for this token: deleted, or no longer ours to see."""

    default_hint = "Somebody else may have it now, or it was deleted."


class BottleRefused(BadAnswer):
    """BottleCRM's own word that it does not take what was sent: certainly nothing was changed."""

    def __init__(self, message: str, words: tuple[str, ...]) -> None:
        super().__init__(message)
        self.words = words
        """Its messages, cleaned."""


def messages_of(body: object) -> tuple[str, ...]:
    """Return what an error says, cleaned: of `errors` or `detail`, or of the fields themselves."""
    if not isinstance(body, dict):
        return ()
    said = body.get("errors") or body.get("detail") or body.get("message")
    return tuple(_told(said or {k: v for k, v in body.items() if k != "error"}))[:_MOST]


def words_of(body: object) -> str:
    """Return what an error says in one line, cleaned; empty where it says nothing."""
    return str(clean("; ".join(one.rstrip(".") for one in messages_of(body)), limit=_WORDS))


def failure(heard: Heard) -> Failed | None:
    """Return what a status means here; None where it means what it means everywhere."""
    match heard.status:
        case HTTPStatus.FORBIDDEN:
            return _forbidden(heard)
        case HTTPStatus.NOT_FOUND:
            return _missing(heard)
        case HTTPStatus.BAD_REQUEST if messages_of(heard.body):
            words = messages_of(heard.body)
            message = f"{heard.place} does not take this: {words_of(heard.body)}."
            return Failed(BottleRefused(message, words), reached=False)
    return None


def _forbidden(heard: Heard) -> Failed | None:
    said = words_of(heard.body)
    if _NOBODY in said:
        return Failed(NotSignedIn(f"{heard.place} does not take the token.", hint=WHERE), reached=False)
    scope = _SCOPE.search(said)
    if scope is None:
        return None
    error = NotPermitted(f"The token does not have the scope {scope[1]}.", hint=_NEW_TOKEN)
    return Failed(error, reached=False)


def _missing(heard: Heard) -> Failed:
    """Tell the CRM's own word from a page of HTML, which speaks of the address and of no record."""
    if messages_of(heard.body):
        return Failed(NotThere(f"{heard.place} shows no such record."), reached=False)
    unknown = BadAnswer(f"{heard.place} does not know this address (404).", hint=_WRONG_PLACE)
    return Failed(unknown, reached=False)


def _told(said: object, field: str = "", depth: int = 0) -> Iterator[str]:
    """Yield messages, each with the name of its field: of texts, and of lists and objects of such."""
    if isinstance(said, str):
        text = clean(said, limit=_WORDS)
        if text:
            yield f"{field}: {text}" if field else str(text)
    elif isinstance(said, list) and depth < 4:  # noqa: PLR2004 - errors, field, its own field, its list
        for entry in said[:_MOST]:
            yield from _told(entry, field, depth + 1)
    elif isinstance(said, dict) and depth < 4:  # noqa: PLR2004 - the same
        for name, entry in list(said.items())[:_MOST]:
            yield from _told(entry, str(clean(str(name), limit=60)), depth + 1)


BOTTLE = Manners(error_key="detail", words=words_of, failure=failure)
