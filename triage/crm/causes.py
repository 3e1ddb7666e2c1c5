"""Why a connection was not made or broke off, in plain words. Knows sockets and TLS, no HTTP library."""

from __future__ import annotations

import errno
import socket
import ssl
from collections.abc import Iterator

from msgspec import Struct

_DEEPEST = 12
_TELL = "Tell whoever runs the CRM."
_AUTHORITY = "If your company has an authority of its own, name its file as ca_file in the profile."
_CLOCK = "Also check this machine's clock."
_OTHER_HOST = (
    "Check the address of the CRM. On a guest network open any page in a browser and sign in there first."
)
_NOT_YET_VALID, _EXPIRED = 9, 10
_REFUSALS = {
    _NOT_YET_VALID: ("it is not valid yet", f"Check this machine's clock. If it is right: {_TELL}"),
    _EXPIRED: ("it has expired", f"{_TELL} {_CLOCK}"),
    18: ("it has signed itself", _AUTHORITY),
    19: ("nobody this machine trusts has signed it", _AUTHORITY),
    20: ("nobody this machine trusts has signed it", _AUTHORITY),
    21: ("nobody this machine trusts has signed it", _AUTHORITY),
    62: ("it is for another host", _OTHER_HOST),
    64: ("it is for another host", _OTHER_HOST),
}
"""What OpenSSL's codes (x509_vfy.h) mean to a rep, and the next step."""
_SPEAKS_NO_TLS = frozenset({"WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "HTTP_REQUEST"})
_REACHED_NOBODY = {
    errno.ECONNREFUSED: "connection refused",
    errno.ENETUNREACH: "no network",
    errno.EHOSTUNREACH: "no way to the host",
}


class Cause(Struct, frozen=True):
    """What stood in the way. `passing`: it may be gone in a moment."""

    words: str
    passing: bool
    hint: str = ""
    of_tls: bool = False
    """Whether a connection was made, and what failed is its encryption."""
    of_the_clock: bool = False
    """Whether a wrong clock on this machine would explain it."""


def cause_of(error: BaseException) -> Cause:
    """Return the first cause in the chain of an exception that says something; a vague one otherwise."""
    for link in _chain(error):
        if isinstance(link, ssl.SSLCertVerificationError):
            return _refusal(link)
        if isinstance(link, ssl.SSLError):
            return _tls_failure(link)
        if isinstance(link, socket.gaierror):
            return Cause("its name cannot be resolved", passing=False)
        if isinstance(link, OSError) and link.errno in _REACHED_NOBODY:
            return Cause(_REACHED_NOBODY[link.errno], passing=False)
    return Cause("the connection broke off", passing=True)


def _refusal(error: ssl.SSLCertVerificationError) -> Cause:
    code = getattr(error, "verify_code", None)
    said = getattr(error, "verify_message", "") or "not trusted"
    why, hint = _REFUSALS.get(code or 0, (said, f"{_AUTHORITY} {_CLOCK}"))
    clock = code == _NOT_YET_VALID
    return Cause(
        f"its certificate is refused: {why}", passing=False, hint=hint, of_tls=True, of_the_clock=clock
    )


def _tls_failure(error: ssl.SSLError) -> Cause:
    if getattr(error, "reason", "") in _SPEAKS_NO_TLS:  # OpenSSL sets it, not every maker of the error
        hint = "Check the address of the CRM: another port, or http:// where it is on this machine?"
        words = "no secure connection could be made: it speaks no TLS"
        return Cause(words, passing=False, hint=hint, of_tls=True)
    return Cause("no secure connection could be made", passing=True, of_tls=True)


def _chain(error: BaseException) -> Iterator[BaseException]:
    link: BaseException | None = error
    for _ in range(_DEEPEST):
        if link is None:
            return
        yield link
        if isinstance(link, BaseExceptionGroup):
            yield from link.exceptions
        link = link.__cause__ or link.__context__
