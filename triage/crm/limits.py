"""How long, how much and in what shape a CRM may answer: the bounds of every adapter. Opens no connection."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, NoReturn

DEADLINE = 30.0
"""Seconds for one request with its whole answer; httpx's own time-outs start anew with every byte."""
BODY_LIMIT = 10_000_000
"""Bytes of one answer."""
READ_ATTEMPTS = 4
"""Tries of one read. A write has one: the outbox tries again."""
READ_SECONDS = 10.0
"""Seconds after which a read is not tried again."""
SHORT_PAUSE = 5.0
"""Seconds of Retry-After that a read waits out; a longer pause is the caller's to plan."""
LONGEST_PAUSE = 3600.0
"""Seconds: no Retry-After is believed beyond this."""

_SECONDS = re.compile(r"0*([0-9]+)(\.[0-9]*)?")


def decode(raw: bytes) -> Any:
    """Read strict JSON; ValueError also for NaN, Infinity and nesting beyond Python's stack."""
    try:
        return json.loads(raw, parse_constant=_reject)
    except RecursionError:
        deep = ValueError("nested too deeply")
    raise deep


def encode(body: object) -> bytes:
    """Write strict ASCII JSON: lone surrogates travel as escapes, unchanged; ValueError for NaN."""
    return json.dumps(body, ensure_ascii=True, allow_nan=False, separators=(",", ":")).encode("ascii")


def pause(retry_after: str | None, date: str | None) -> float | None:
    """Return the seconds that Retry-After asks for, 0 to 3600, or None where it cannot be read.

    A date is taken against the answer's own Date, so that a wrong local clock does no harm. Parts of a second
    are no HTTP, but some servers send them.
    """
    text = (retry_after or "").strip()
    seconds = _SECONDS.fullmatch(text)
    if seconds:
        return LONGEST_PAUSE if len(seconds[1]) > len("3600") else _clamped(float(text))
    until, now = http_date(text), http_date(date or "")
    return _clamped((until - now).total_seconds()) if until and now else None


def http_date(text: str) -> datetime | None:
    """Return the moment of an HTTP date, aware, or None where it is none."""
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _clamped(seconds: float) -> float:
    return max(0.0, min(seconds, LONGEST_PAUSE))


def _reject(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")
