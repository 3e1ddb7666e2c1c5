"""Times as Odoo has them: UTC without a zone, with microseconds in the table and without them in an answer."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from tests.odoo.server.problems import value_error

_SHAPE = "%Y-%m-%d %H:%M:%S"
_STEP = timedelta(microseconds=1)


class Clock:
    """The machine's time, ahead by what a test added; `stamp` never gives the same instant twice."""

    def __init__(self) -> None:
        self._ahead = timedelta()
        self._last = datetime.min  # noqa: DTZ901 - without a zone, as Odoo's are

    def advance(self, seconds: float) -> None:
        self._ahead += timedelta(seconds=seconds)

    def now(self) -> datetime:
        return datetime.now(UTC).replace(tzinfo=None) + self._ahead

    def stamp(self) -> datetime:
        self._last = max(self.now(), self._last + _STEP)
        return self._last


def text(at: datetime | date) -> str:
    """As an answer has it: microseconds are dropped, not rounded."""
    return at.strftime(_SHAPE) if isinstance(at, datetime) else at.isoformat()


def read_datetime(given: object) -> datetime:
    """Odoo's own way of writing a moment, or a day; any other is an error of the server's."""
    if isinstance(given, datetime):
        return given
    said = str(given)
    try:
        shape = _SHAPE if len(said) > len("2026-11-22") else "%Y-%m-%d"
        return datetime.strptime(said, shape)  # noqa: DTZ007 - without a zone, as Odoo's are
    except ValueError:
        raise value_error(f"time data '{said}' does not match format '{_SHAPE}'") from None


def read_date(given: object) -> date:
    return read_datetime(given).date()
