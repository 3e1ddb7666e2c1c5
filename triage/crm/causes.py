"""Why a connection was not made or broke off, in plain words. Knows sockets and TLS, no HTTP library."""

from __future__ import annotations

import errno
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass

_DEEPEST = 12
_CERTIFICATE_HINT = (
    "If your company has an authority of its own, name its file as ca_file in the profile. "
    "Also check this machine's clock."
)
_REACHED_NOBODY = {
    errno.ECONNREFUSED: "connection refused",
    errno.ENETUNREACH: "no network",
    errno.EHOSTUNREACH: "no way to the host",
}


@dataclass(frozen=True, slots=True)
class Cause:
    """What stood in the way. `passing`: it may be gone in a moment."""

    words: str
    passing: bool
    hint: str = ""


def cause_of(error: BaseException) -> Cause:
    """Return the first cause in the chain of an exception that says something; a vague one otherwise."""
    for link in _chain(error):
        if isinstance(link, ssl.SSLCertVerificationError):
            why = getattr(link, "verify_message", "") or "not trusted"
            return Cause(f"its certificate is refused: {why}", passing=False, hint=_CERTIFICATE_HINT)
        if isinstance(link, ssl.SSLError):
            return Cause("no secure connection could be made", passing=True)
        if isinstance(link, socket.gaierror):
            return Cause("its name cannot be resolved", passing=False)
        if isinstance(link, OSError) and link.errno in _REACHED_NOBODY:
            return Cause(_REACHED_NOBODY[link.errno], passing=False)
    return Cause("the connection broke off", passing=True)


def _chain(error: BaseException) -> Iterator[BaseException]:
    link: BaseException | None = error
    for _ in range(_DEEPEST):
        if link is None:
            return
        yield link
        if isinstance(link, BaseExceptionGroup):
            yield from link.exceptions
        link = link.__cause__ or link.__context__
