"""How Odoo says that something is wrong, over JSON-2 and over /jsonrpc: what it means, in its words. Pure.

An error names Python's class, `odoo.exceptions.UserError`, and carries a traceback in `debug`: that is never
shown, nor a message that is one. Not confirmed against a live account: whether a body is an object or, as in
early versions 19, a bare string; both are read.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from triage.crm.answer import Failed, Heard, Manners
from triage.errors import BadAnswer, CrmError, NotPermitted, NotSignedIn, Unreachable
from triage.text import clean

MISSING = "odoo.exceptions.MissingError"
SESSION_EXPIRED = 100
"""The code of an error of /jsonrpc."""
_WORDS = 300
_LOCKED_SECONDS = 2.0
_TRACEBACK = ("Traceback (most recent call last)", 'File "')
_NEW_KEY = "Make an API key in Odoo (Preferences > Account Security), then run `triage login`."
_RIGHTS = "An admin of Odoo can give the right; nothing was changed."


class OdooRefused(BadAnswer):
    """Odoo understood and will not: `name` is its class of error, `words` are its words, cleaned."""

    def __init__(self, message: str, *, name: str = "", words: str = "", hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.name = name
        self.words = words

    @property
    def is_missing(self) -> bool:
        """Whether a record is not there."""
        return self.name == MISSING


class NotThere(OdooRefused):
    """A model or method that this Odoo does not have: an app is not installed, or the version is another."""


def name_of(body: object) -> str:
    """Return the class of an error, such as odoo.exceptions.UserError; empty where it does not say."""
    name = _told(body).get("name")
    return str(clean(name, limit=100)) if isinstance(name, str) else ""


def words_of(body: object) -> str:
    """Return what an error says, cleaned, without any traceback; empty where nothing is left."""
    told = _told(body)
    said = body if isinstance(body, str) else told.get("message") or _first(told.get("arguments"))
    if not isinstance(said, str):
        return ""
    for sign in _TRACEBACK:
        said = said.partition(sign)[0]
    return str(clean(said, limit=_WORDS)).strip()


def _told(body: object) -> dict[str, Any]:
    """Return the object that names the error: of /jsonrpc it is within."""
    told = body.get("data", body) if isinstance(body, dict) else {}
    return told if isinstance(told, dict) else {}


def _first(value: object) -> object:
    return value[0] if isinstance(value, list) and value else ""


def failure(heard: Heard) -> Failed | None:
    """Return what an error of JSON-2 means; None where its status says it."""
    body = heard.body
    if not name_of(body) or heard.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.TOO_MANY_REQUESTS):
        return _signed_out(heard.place) if heard.status == HTTPStatus.UNAUTHORIZED else None
    if heard.status >= HTTPStatus.INTERNAL_SERVER_ERROR and not name_of(body).startswith("builtins."):
        return None
    return meaning(body, heard.place, heard.status)


def failure_in(error: object, place: str) -> Failed:
    """Return what the error of an answer of /jsonrpc means."""
    if isinstance(error, dict) and error.get("code") == SESSION_EXPIRED:
        return _signed_out(place)
    status = HTTPStatus.NOT_FOUND if name_of(error) == "builtins.AttributeError" else HTTPStatus.OK
    return meaning(error, place, status)


def meaning(body: object, place: str, status: int) -> Failed:
    """Return what an error means by its class; one that is not Odoo's own may come after an effect."""
    name, words = name_of(body), words_of(body)
    said = f": {words.rstrip('.')}" if words else ""
    match name.rpartition(".")[2]:
        case "AccessDenied" | "SessionExpiredException":
            return _signed_out(place)
        case "AccessError":
            return _certainly(NotPermitted(f"{place} does not allow this{said}.", hint=_RIGHTS))
        case "LockError":
            locked = Unreachable(f"{place} has this locked for a moment.", retry_after=_LOCKED_SECONDS)
            return Failed(locked, reached=False, again=_LOCKED_SECONDS)
        case "MissingError":
            return _certainly(OdooRefused(f"{place} does not have it{said}.", name=MISSING, words=words))
    if status == HTTPStatus.NOT_FOUND:
        return _certainly(NotThere(f"{place} does not have this{said}.", name=name, words=words))
    refused = OdooRefused(f"{place} refuses this{said}.", name=name, words=words)
    is_certain = (
        name.startswith("odoo.") or HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR
    )
    return _certainly(refused) if is_certain else Failed(refused, reached=True)


def _signed_out(place: str) -> Failed:
    return _certainly(
        NotSignedIn(f"{place} does not take the key: it ended, or is another's.", hint=_NEW_KEY)
    )


def _certainly(error: CrmError) -> Failed:
    """Return that nothing was done: any error rolls the whole call back."""
    return Failed(error, reached=False)


ODOO = Manners(error_key="name", lists=True, words=words_of, failure=failure)
