"""Business time: how much of a stretch lies within a team's open hours, and when so much of it has passed.

The hours hold in the team's own local time, in summer and in winter; what is counted is real elapsed time.
Reads no clock, and never guesses: a calendar that cannot be counted by is refused with a sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from triage.domain.definition import Calendar
from triage.errors import ConfigError

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
FARTHEST = timedelta(days=3660)
"""How far ahead a deadline may lie, and how long a stretch may be counted."""
_A_DAY = timedelta(days=1)
_A_SECOND = timedelta(seconds=1)
_SPAN = re.compile(r"(\d{1,2}):(\d{2})\s*[-–]\s*(\d{1,2}):(\d{2})")
_Stretch = tuple[datetime, datetime]
_Opening = tuple[timedelta, timedelta]
"""Opening and closing, each counted from the day's midnight."""


def business_time_between(calendar: Calendar, start: datetime, end: datetime) -> timedelta:
    """Return how much open time lies between two moments; negative where the end comes first.

    ConfigError for a calendar that cannot be counted by, or for a stretch of more than ten years.
    """
    return open_hours(calendar).between(start, end)


def business_time_after(calendar: Calendar, start: datetime, span: timedelta) -> datetime:
    """Return the moment at which so much open time has passed since the start.

    ConfigError as `business_time_between`. The moment lies within open hours, closing time included.
    """
    return open_hours(calendar).after(start, span)


def open_hours(calendar: Calendar) -> OpenHours:
    """Return a calendar made ready for counting; ConfigError says what of it cannot be counted by."""
    hours = tuple((day, tuple(spans)) for day, spans in calendar.hours.items())
    return _made(calendar.time_zone, hours, calendar.holidays)


class OpenHours:
    """A calendar made ready for counting. What it has worked out of a day it keeps."""

    def __init__(
        self, zone: ZoneInfo, week: tuple[tuple[_Opening, ...], ...], holidays: frozenset[date]
    ) -> None:
        """`week` are the spans of each weekday from Monday on, in order and apart."""
        self._zone = zone
        self._week = week
        self._holidays = holidays
        self._days: dict[date, tuple[_Stretch, ...]] = {}

    def is_open(self, moment: datetime) -> bool:
        """Whether a moment lies within open hours."""
        stretches = self._of(moment.astimezone(self._zone).date())
        return any(opens <= moment < closes for opens, closes in stretches)

    def between(self, start: datetime, end: datetime) -> timedelta:
        """Return how much open time lies between two moments; negative where the end comes first."""
        if end < start:
            return -self.between(end, start)
        if end - start > FARTHEST:
            raise ConfigError("A stretch of more than ten years is not counted in business time.")
        counted = timedelta()
        for opens, closes in self._from(start):
            if opens >= end:
                break
            counted += max(min(closes, end) - max(opens, start), timedelta())
        return counted

    def after(self, start: datetime, span: timedelta) -> datetime:
        """Return the first moment by which so much open time has passed since the start."""
        left = span
        for opens, closes in self._from(start):
            begins = max(opens, start)
            if closes - begins >= left:
                return begins + left
            left -= max(closes - begins, timedelta())
        raise ConfigError("So much business time does not pass within ten years.")

    def _from(self, start: datetime) -> Iterator[_Stretch]:
        """Yield the open stretches that end after a moment, for ten years."""
        try:
            first = start.astimezone(self._zone).date()
            for number in range(FARTHEST.days + 2):
                for opens, closes in self._of(first + timedelta(days=number)):
                    if closes > start:
                        yield opens, closes
        except OverflowError:
            raise ConfigError("A moment at the edge of all time is not counted from.") from None

    def _of(self, day: date) -> tuple[_Stretch, ...]:
        """Return the open stretches of a local day, in UTC."""
        known = self._days.get(day)
        if known is None:
            known = self._days[day] = tuple(sorted(self._worked_out(day)))
        return known

    def _worked_out(self, day: date) -> Iterator[_Stretch]:
        openings = () if day in self._holidays else self._week[day.weekday()]
        if not openings:
            return
        midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
        pieces = list(self._of_one_offset(midnight - _A_DAY, midnight + 2 * _A_DAY))
        for opens, closes in openings:
            for since, until, offset in pieces:
                begins = max(midnight + opens - offset, since)
                ends = min(midnight + closes - offset, until)
                if begins < ends:
                    yield begins, ends

    def _of_one_offset(
        self, start: datetime, end: datetime
    ) -> Iterator[tuple[datetime, datetime, timedelta]]:
        """Yield a stretch of three days, in two where the clocks are changed within it."""
        before, after = self._offset(start), self._offset(end)
        if before == after:
            yield start, end, before
            return
        low, high = start, end
        while high - low > _A_SECOND:
            middle = low + timedelta(seconds=(high - low) // _A_SECOND // 2)
            low, high = (middle, high) if self._offset(middle) == before else (low, middle)
        yield start, high, before
        yield high, end, after

    def _offset(self, moment: datetime) -> timedelta:
        return moment.astimezone(self._zone).utcoffset() or timedelta()


@lru_cache(maxsize=16)
def _made(
    time_zone: str, hours: tuple[tuple[str, tuple[str, ...]], ...], holidays: tuple[date, ...]
) -> OpenHours:
    unknown = sorted({day for day, _ in hours} - set(WEEKDAYS))
    if unknown:
        raise ConfigError(f"“{unknown[0]}” is no weekday.", hint=f"One of: {', '.join(WEEKDAYS)}.")
    named = dict(hours)
    week = tuple(_openings(day, named.get(day, ())) for day in WEEKDAYS)
    if not any(week):
        raise ConfigError("The calendar has no open hours.", hint='Write, for one: monday = ["09:00-17:00"].')
    return OpenHours(_zone(time_zone), week, frozenset(holidays))


def _zone(name: str) -> ZoneInfo:
    from zoneinfo import ZoneInfo  # noqa: PLC0415 - a start counts no business time

    if not name:
        raise ConfigError("The calendar names no time zone.", hint="An IANA name, such as Europe/Berlin.")
    try:
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError):  # unknown, or not a name at all: it may come from a CRM
        raise ConfigError(
            f"The time zone “{name}” is not known here.", hint="An IANA name, such as Europe/Berlin."
        ) from None


def _openings(day: str, spans: tuple[str, ...]) -> tuple[_Opening, ...]:
    openings = sorted(_opening(day, span) for span in spans)
    for (_, closes), (opens, _) in pairwise(openings):
        if opens < closes:
            raise ConfigError(f"The open hours of {day} overlap.")
    return tuple(openings)


def _opening(day: str, span: str) -> _Opening:
    match = _SPAN.fullmatch(span.strip())
    if match:
        opens, closes = _since_midnight(match[1], match[2]), _since_midnight(match[3], match[4])
        if opens is not None and closes is not None and opens < closes:
            return opens, closes
    raise ConfigError(
        f"“{span}” are no open hours ({day}).", hint="Write 09:00-17:00; past midnight are two spans."
    )


def _since_midnight(hours: str, minutes: str) -> timedelta | None:
    moment = timedelta(hours=int(hours), minutes=int(minutes))
    return moment if int(minutes) < 60 and moment <= _A_DAY else None  # noqa: PLR2004 - minutes of an hour
