"""Times as records carry them: UTC on a microsecond, later with every write; and how the API writes them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_STEP = timedelta(microseconds=7)


class RecordClock:
    """The machine's time, ahead by what a test added; `stamp` never gives the same instant twice."""

    def __init__(self) -> None:
        self._last = datetime.min.replace(tzinfo=UTC)
        self._ahead = timedelta()

    def advance(self, seconds: float) -> None:
        self._ahead += timedelta(seconds=seconds)

    def now(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def stamp(self) -> datetime:
        self._last = max(self.now(), self._last + _STEP)
        return self._last


def iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
