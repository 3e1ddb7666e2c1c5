"""Opaque positions in the sequence of changes. A client must not read anything into them."""

from __future__ import annotations

import base64
import binascii
import json

from msgspec import Struct

from triage.embedded.problems import unparsable

LONGEST_PAGE = 500
USUAL_PAGE = 100

_LIMITS = frozenset(str(n) for n in range(1, LONGEST_PAGE + 1))


class Cursor(Struct, frozen=True):
    """After which change to go on, and where the sequence ended when the client came first."""

    after: int = 0
    first_seen_end: int = 0

    def text(self) -> str:
        """Return the position as the client keeps it."""
        packed = json.dumps([1, self.after, self.first_seen_end], separators=(",", ":")).encode()
        return base64.urlsafe_b64encode(packed).decode().rstrip("=")


def read_cursor(text: str) -> Cursor:
    """Return the position that a client gives back; a 422 where it is none of ours."""
    try:
        values = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        form, after, end = values
    except (binascii.Error, ValueError, TypeError):
        raise unparsable("`cursor` is not one that this server gave.") from None
    if form != 1 or type(after) is not int or type(end) is not int or not 0 <= after < 2**63:
        raise unparsable("`cursor` is not one that this server gave.")
    return Cursor(after, end)


def read_limit(text: str | None) -> int:
    """Return the page size asked for, 100 where none is; a 422 outside 1 to 500."""
    if text is None:
        return USUAL_PAGE
    if text not in _LIMITS:
        raise unparsable(f"`limit` is not a number from 1 to {LONGEST_PAGE}.")
    return int(text)
