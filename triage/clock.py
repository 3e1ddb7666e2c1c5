"""The one place that reads the time. Everything else takes a clock, or a moment, as an argument."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Clock = Callable[[], datetime]
"""Returns now as an aware UTC datetime."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def utc_now() -> datetime:
    """Now, aware, in UTC, to the millisecond: what a journal record can keep and give back unchanged."""
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


def new_id(now: datetime | None = None) -> str:
    """Return a UUIDv7 (RFC 9562 §5.7): 48 bits of Unix milliseconds, then randomness; sorts by time."""
    # Whole numbers throughout: from 2038 on, seconds as a float lose a millisecond here and there.
    milliseconds = (now - _EPOCH) // _MILLISECOND if now else time.time_ns() // 1_000_000
    value = (milliseconds & 0xFFFF_FFFF_FFFF) << 80 | int.from_bytes(os.urandom(10), "big")
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    digits = f"{value:032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
