"""Times as records carry them: UTC on a millisecond, later with every write; and how the API writes them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_STEP = timedelta(milliseconds=1)


class RecordClock:
    """The machine's time, ahead by what a test added; `stamp` never gives the same instant twice."""

    def __init__(self) -> None:
        self._last = datetime.min.replace(tzinfo=UTC)
        self._ahead = timedelta()

    def advance(self, seconds: float) -> None:
        self._ahead += timedelta(seconds=seconds)

    def now(self) -> datetime:
        now = datetime.now(UTC) + self._ahead
        return now.replace(microsecond=now.microsecond // 1000 * 1000)

    def stamp(self) -> datetime:
        self._last = max(self.now(), self._last + _STEP)
        return self._last


def iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def millis(at: datetime) -> int:
    return round(at.timestamp() * 1000)


def read_time(text: str) -> datetime | None:
    """A time written as milliseconds since 1970 or in ISO 8601; None where it is neither."""
    try:
        if text.lstrip("-").isdigit():
            return datetime.fromtimestamp(int(text) / 1000, UTC)
        at = datetime.fromisoformat(text)
    except (ValueError, OverflowError, OSError):
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
