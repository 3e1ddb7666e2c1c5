"""What the next writes meet: lost before or after, refused, half told. The queue empties by one at each write."""

from __future__ import annotations

from typing import Any

from tests.salesforce.org.call import Reply
from tests.salesforce.org.errors import RefusedError, session_over

KNOWN = frozenset(
    {"", "drop-before", "drop-after", "limit", "401", "partial", "503", "500", "lock", "error-one"}
)
LIMIT = RefusedError(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
BUSY = RefusedError(503, "SERVER_UNAVAILABLE", "The server is busy. Try again later.")
LOCKED = RefusedError(400, "UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record")
BROKEN = RefusedError(500, "UNKNOWN_EXCEPTION", "An unexpected error occurred.")
REFUSED = RefusedError(400, "FIELD_CUSTOM_VALIDATION_EXCEPTION", "This lead cannot be changed today.")


class LostError(Exception):
    """The connection ends without an answer."""


def before(fault: str) -> None:
    """Refuse or lose a request that is not to be looked at."""
    if fault == "drop-before":
        raise LostError
    refused = {"limit": LIMIT, "401": session_over(), "503": BUSY}.get(fault)
    if refused is not None:
        raise refused


def inside(fault: str) -> RefusedError | None:
    """Return what the first write inside of a request meets."""
    return {"lock": LOCKED, "error-one": REFUSED}.get(fault)


def after(fault: str, reply: Reply) -> Reply:
    """Return the answer to what was done, or lose it."""
    if fault == "drop-after":
        raise LostError
    if fault == "500":
        raise BROKEN
    return Reply(reply.status, _half(reply.body), reply.headers) if fault == "partial" else reply


def _half(body: Any) -> Any:
    if isinstance(body, list):
        return body[: len(body) // 2]
    for name in ("graphs", "compositeResponse") if isinstance(body, dict) else ():
        if name in body:
            return body | {name: body[name][: len(body[name]) // 2]}
    return body
