"""What an HTTP answer means: usable JSON, or which error of ours. Pure; knows no HTTP library."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from msgspec import Struct, field

from triage.crm.limits import SHORT_PAUSE, decode, pause
from triage.crm.proxy import SIGN_IN
from triage.errors import AnswerLost, BadAnswer, CrmError, NotPermitted, NotSignedIn, RateLimited, Unreachable
from triage.text import clean

_SUCCESS = frozenset({HTTPStatus.OK, HTTPStatus.CREATED, HTTPStatus.MULTI_STATUS})
_WORDS = 300
_WRONG_PLACE = "Check the address of the CRM, and that no sign-in page of a network stands in between."
Read = Callable[[bytes], Any]
"""Reads the JSON of an answer; ValueError as `limits.decode`."""
_PORTAL = "Open any page in a browser and sign in to the network there, then try again."


class Answer(Struct, frozen=True):
    """A status that the caller asked for, with a JSON object."""

    status: int
    body: dict[str, Any]
    items: tuple[Any, ...] = ()
    """The list that came in place of an object, where the CRM's manners have such answers."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """With lower-case names."""
    said: str = ""
    """What the CRM says of an error, cleaned, in its own manner."""

    @property
    def words(self) -> str:
        """What the CRM says of an error, cleaned; empty where it says nothing."""
        return self.said or words_of(self.body)


class Failed(Exception):
    """Why a request has no usable answer; the HTTP room turns it into `error` before anyone else sees it."""

    def __init__(self, error: CrmError, *, reached: bool, again: bool | float = False) -> None:
        super().__init__(error.message)
        self.error = error
        self.reached = reached
        """Whether the CRM may have acted on the request."""
        self.again = again
        """Whether a read is worth another try: yes, no, or after so many seconds."""

    @property
    def error_of_write(self) -> CrmError:
        """The error a write raises: AnswerLost where it may have taken effect."""
        if not self.reached:
            return self.error
        pause = self.error.retry_after if isinstance(self.error, Unreachable) else None
        return AnswerLost(self.error.message, retry_after=pause)


class Heard(Struct, frozen=True):
    """An answer as it came: status, headers with lower-case names, and the whole body."""

    status: int
    headers: Mapping[str, str]
    raw: bytes
    place: str
    """Whom it came from, as an error says it: The CRM at https://crm.example.com."""

    @property
    def body(self) -> Any:
        """The JSON of an error, or None where it is none."""
        try:
            return decode(self.raw)
        except ValueError:
            return None


def words_of(body: object) -> str:
    """Return `error.message` of an answer, cleaned, or an empty text."""
    error = body.get("error") if isinstance(body, dict) else None
    said = error.get("message") if isinstance(error, dict) else None
    return clean(said, limit=_WORDS) if isinstance(said, str) else ""


def _as_its_status_says(_heard: Heard) -> Failed | None:
    return None


class Manners(Struct, frozen=True):
    """How one vendor's answers differ from those of the open contract. Pure."""

    error_key: str = "error"
    """The key by which an error of this CRM is known from a stranger's."""
    lists: bool = False
    """Whether a list may stand in place of an object; its entries are then `Answer.items`."""
    is_empty: frozenset[int] = frozenset()
    """Statuses of success that have no body: 204."""
    words: Callable[[object], str] = words_of
    """Returns what an error's JSON says, cleaned."""
    failure: Callable[[Heard], Failed | None] = _as_its_status_says
    """Returns what an error means at this vendor, or None where its status says it."""


OPEN_CONTRACT = Manners()


def judge(
    heard: Heard,
    *,
    expect: tuple[str, ...] = (),
    also: tuple[int, ...] = (),
    manners: Manners = OPEN_CONTRACT,
    read: Read = decode,
) -> Answer:
    """Return the answer if its status and top-level keys are expected; else raise Failed.

    `also` are error statuses the caller reads itself: they too must be JSON, with the manners' error key;
    what the vendor means by an error goes before. `read` is for a body that is expected.
    """
    if heard.status in manners.is_empty and not heard.raw:
        return Answer(heard.status, {}, headers=heard.headers)
    if heard.status in _SUCCESS:
        return _answer(heard, expect, manners, read)
    meant = manners.failure(heard)
    if meant is not None:
        raise meant
    if heard.status in also:
        return _answer(heard, (manners.error_key,), manners, decode)
    raise _failure(heard, manners)


def _answer(heard: Heard, expect: tuple[str, ...], manners: Manners, read: Read) -> Answer:
    body = _json(heard, expect, read, lists=manners.lists)
    said = manners.words(body) if heard.status not in _SUCCESS else ""
    if isinstance(body, list):
        return Answer(heard.status, {}, tuple(body), heard.headers, said)
    return Answer(heard.status, body, (), heard.headers, said)


def _json(heard: Heard, expect: tuple[str, ...], read: Read, *, lists: bool) -> dict[str, Any] | list[Any]:
    kind = heard.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json" and not kind.endswith("+json"):
        said = clean(kind, limit=60) or "nothing said about its kind"
        raise _bad(heard, f"answered with something else than JSON ({said})", hint=_WRONG_PLACE)
    try:
        body = read(heard.raw)
    except ValueError:
        raise _bad(heard, "sent an answer that is broken JSON", again=True) from None
    if lists and isinstance(body, list) and _all_have(body, expect):
        return body
    missing = [key for key in expect if not isinstance(body, dict) or key not in body]
    if missing or not isinstance(body, dict):
        raise _bad(heard, f"sent an answer of another shape (no “{', '.join(missing)}”)", hint=_WRONG_PLACE)
    return body


def _all_have(entries: list[Any], expect: tuple[str, ...]) -> bool:
    return all(isinstance(entry, dict) and all(key in entry for key in expect) for entry in entries)


def _bad(heard: Heard, what: str, *, hint: str = "", again: bool = False) -> Failed:
    return Failed(BadAnswer(f"{heard.place} {what}.", hint=hint), reached=True, again=again)


def _failure(heard: Heard, manners: Manners) -> Failed:
    """Sort an error status: 4xx certainly changed nothing; 3xx and 5xx may come after the effect."""
    said = _said(heard, manners)
    match heard.status:
        case HTTPStatus.UNAUTHORIZED:
            failed = Failed(NotSignedIn(f"{heard.place} does not take the token{said}."), reached=False)
        case HTTPStatus.FORBIDDEN:
            failed = Failed(NotPermitted(f"{heard.place} does not allow this{said}."), reached=False)
        case HTTPStatus.TOO_MANY_REQUESTS:
            failed = limited(heard, _pause(heard))
        case HTTPStatus.NETWORK_AUTHENTICATION_REQUIRED:
            failed = _bad(heard, "is not reached: the network wants a sign-in first (511)", hint=_PORTAL)
        case HTTPStatus.PROXY_AUTHENTICATION_REQUIRED:
            asked = Unreachable(
                f"{heard.place} is not reached: the proxy asks who we are (407).", hint=SIGN_IN
            )
            failed = Failed(asked, reached=False)
        case status if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            seconds = _pause(heard)
            error = Unreachable(f"{heard.place} is not well ({status}){said}.", retry_after=seconds)
            failed = Failed(error, reached=True, again=_wait(seconds))
        case HTTPStatus.REQUEST_TIMEOUT | HTTPStatus.TOO_EARLY:
            late = Unreachable(f"{heard.place} asks to try again ({heard.status}).")
            failed = Failed(late, reached=False, again=True)
        case status if status >= HTTPStatus.BAD_REQUEST:
            odd = BadAnswer(f"{heard.place} answered {status}{said}.", hint=_WRONG_PLACE)
            failed = Failed(odd, reached=False)
        case status if status >= HTTPStatus.MULTIPLE_CHOICES:
            failed = _bad(heard, f"sends us elsewhere ({status})", hint=_WRONG_PLACE)
        case status:
            failed = _bad(heard, f"answered {status}, which is not expected here")
    return failed


def limited(heard: Heard, seconds: float | None) -> Failed:
    """Return that the CRM wants nothing for so many seconds; None: it does not say for how long."""
    asks = f"asks for a pause of {seconds:.0f} s" if seconds is not None else "asks for a pause"
    error = RateLimited(f"{heard.place} {asks}.", retry_after=seconds)
    return Failed(error, reached=False, again=_wait(seconds))


def _wait(seconds: float | None) -> bool | float:
    """Return when a read is tried again: by our own backoff, after a short pause, or not at all."""
    if seconds is None:
        return True
    return seconds if seconds <= SHORT_PAUSE else False


def _pause(heard: Heard) -> float | None:
    return pause(heard.headers.get("retry-after"), heard.headers.get("date"))


def _said(heard: Heard, manners: Manners) -> str:
    """Return the CRM's own words after a colon, or nothing."""
    words = manners.words(heard.body).rstrip(".")
    return f": {words}" if words else ""
