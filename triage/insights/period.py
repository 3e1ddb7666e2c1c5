"""A stretch of time that numbers are of. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from msgspec import Struct

WEEK = timedelta(weeks=1)


class Period(Struct, frozen=True):
    """From a moment up to, and without, another; aware, UTC."""

    since: datetime
    until: datetime

    def holds(self, moment: datetime | None) -> bool:
        """Whether a moment lies in it; an unknown one does not."""
        return moment is not None and self.since <= moment < self.until

    def weeks(self) -> Iterator[Period]:
        """Yield its whole weeks counted back from its end, the oldest first."""
        count = int((self.until - self.since) / WEEK)
        for back in range(count, 0, -1):
            yield Period(self.until - back * WEEK, self.until - (back - 1) * WEEK)

    @classmethod
    def last(cls, length: timedelta, now: datetime) -> Period:
        """Return the stretch of this length that ends now."""
        return cls(now - length, now)
