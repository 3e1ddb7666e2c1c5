"""Times on the wire: ISO-8601, UTC, `Z`, at most milliseconds. Owns no clock but `utc_now`."""

from __future__ import annotations

from datetime import UTC, datetime


def utc_now() -> datetime:
    """Return now, aware, in UTC, to the millisecond."""
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


def to_wire(moment: datetime) -> str:
    """Return the moment as text, milliseconds only where there are some."""
    precision = "milliseconds" if moment.microsecond else "seconds"
    return moment.astimezone(UTC).isoformat(timespec=precision).replace("+00:00", "Z")


def from_wire(text: str) -> datetime:
    """Return the moment that a date or a time with an offset names; ValueError for anything else."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        if len(text) > len("2026-01-01"):
            raise ValueError(f"{text!r} has no offset from UTC")
        moment = moment.replace(tzinfo=UTC)
    return moment.astimezone(UTC)
