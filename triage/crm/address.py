"""Where a CRM is and what opens it: a checked address, and a token that shows itself to no one."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

from msgspec import Struct

from triage.crm.blotting import Blotter
from triage.errors import NotSignedIn, UsageError
from triage.redaction import hide

if TYPE_CHECKING:
    import httpx

_TOKEN = re.compile(r"[!-~]+")


class Address(Struct, frozen=True):
    """The base of all paths. UsageError unless it is http or https with a host and nothing secret in it."""

    url: str

    def __post_init__(self) -> None:
        parts = _split(self.url)
        if parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
            raise no_address()
        if parts.username or parts.password or parts.query or parts.fragment:
            raise UsageError(
                "The address of a CRM holds no name, password, query or fragment.",
                hint="Write https://crm.example.com; `triage login` asks for the token.",
            )

    @property
    def place(self) -> str:
        """Whom an error speaks of: The CRM at https://crm.example.com:8443."""
        parts = urlsplit(self.url)
        return f"The CRM at {parts.scheme}://{parts.netloc}"

    @property
    def is_encrypted(self) -> bool:
        """Whether it is https."""
        return urlsplit(self.url).scheme == "https"

    @property
    def is_loopback(self) -> bool:
        """Whether it is this machine, to which no proxy leads."""
        host = urlsplit(self.url).hostname or ""
        try:
            return ipaddress.ip_address(host).is_loopback
        except ValueError:
            return host == "localhost" or host.endswith(".localhost")


def no_address() -> UsageError:
    """Return the error for what is no address. It is not shown: it may hold a password, or be a token."""
    return UsageError("That is not the address of a CRM.", hint="Write https://crm.example.com.")


def is_open_road(url: str) -> bool:
    """Whether a token would travel to another machine unencrypted. UsageError for no address at all."""
    parts = _split(url)
    if parts is None:
        raise no_address()
    return parts.scheme == "http" and not Address(url).is_loopback


@dataclass(frozen=True, slots=True)
class Token:
    """A bearer token. NotSignedIn for one that no header can carry; its text is in no repr and no log."""

    secret: str = field(repr=False)

    def __post_init__(self) -> None:
        if not self.secret:
            raise NotSignedIn("There is no token for this CRM.")
        if not _TOKEN.fullmatch(self.secret):
            raise NotSignedIn("The token holds a blank, a line end or a letter that no token has.")
        hide(self.secret)

    def __call__(self, request: httpx.Request) -> httpx.Request:
        """Sign a request."""
        request.headers["Authorization"] = f"Bearer {self.secret}"
        return request

    def blotted(self, raw: bytes) -> bytes:
        """Return an answer without the token, which some CRMs quote in their errors."""
        return _blotter(self.secret)(raw)


_blotter = lru_cache(maxsize=8)(Blotter)
"""Made with the first answer: for a token of 8 KB it takes 40 ms."""


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises where it is not a number
    except ValueError:
        return None
    return parts if url.isprintable() and " " not in url else None
