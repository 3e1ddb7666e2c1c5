"""Short dates as a rep types them: 3d, 2w, mon, 15jan, q1, tomorrow, or 2027-03-01; times: 45m, 2h, 14:30."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

from triage.errors import UsageError

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_SHORTEST = 3
"""Letters of a day's or a month's name that are enough."""


def short_date(text: str, today: date) -> date:
    """Read a short date; always later than today, except a full date, which is taken as written.

    UsageError when it cannot be read.
    """
    word = text.strip().lower()
    for read in (_iso, _span, _weekday, _day_of_month, _quarter):
        found = read(word, today)
        if found is not None:
            return found
    raise UsageError(f"“{text}” is not a date.", hint="Write 3d, 2w, mon, 15jan, q1 or 2027-03-01.")


def short_moment(text: str, now: datetime) -> datetime | None:
    """Read a time of today, by the rep's own clock, or a span of minutes or hours from now; in UTC.

    None for anything else: it may be a date. UsageError for a time of today that is past.
    """
    word = text.strip().lower()
    span = re.fullmatch(r"(\d{1,3})(m|h)", word)
    if span and int(span[1]):
        return now + timedelta(minutes=int(span[1]) * (60 if span[2] == "h" else 1))
    time = re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)", word)
    if time is not None:
        here = now.astimezone().replace(tzinfo=None, second=0, microsecond=0)
        moment = here.replace(hour=int(time[1]), minute=int(time[2])).astimezone(UTC)
        if moment <= now:
            raise UsageError(f"{word} is past.", hint="Write a later time, or a date: tomorrow, 3d, mon.")
        return moment
    return _iso_moment(text.strip())


def _iso_moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text) if "T" in text else None
        return moment.astimezone(UTC) if moment is not None and moment.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None


def _iso(word: str, _today: date) -> date | None:
    try:
        return date.fromisoformat(word)
    except ValueError:
        return None


def _span(word: str, today: date) -> date | None:
    if word in ("tomorrow", "tom"):
        return today + timedelta(days=1)
    match = re.fullmatch(r"(\d{1,3})([dw])", word)
    if not match or not int(match[1]):
        return None
    return today + timedelta(days=int(match[1]) * (7 if match[2] == "w" else 1))


def _weekday(word: str, today: date) -> date | None:
    day = _named(word, _DAYS)
    return None if day is None else today + timedelta(days=(day - today.weekday() - 1) % 7 + 1)


def _day_of_month(word: str, today: date) -> date | None:
    match = re.fullmatch(r"(\d{1,2})\s*([a-z]{3,9})", word)
    month = _named(match[2], _MONTHS) if match else None
    if not match or month is None:
        return None
    for year in range(today.year, today.year + 9):  # 29 February comes round within eight years
        try:
            candidate = date(year, month + 1, int(match[1]))
        except ValueError:
            continue
        if candidate > today:
            return candidate
    return None


def _named(word: str, names: tuple[str, ...]) -> int | None:
    """Return the index of the name that a word is the beginning of: “month” is no Monday."""
    fits = (index for index, name in enumerate(names) if name.startswith(word))
    return next(fits, None) if len(word) >= _SHORTEST else None


def _quarter(word: str, today: date) -> date | None:
    match = re.fullmatch(r"q([1-4])", word)
    if not match:
        return None
    first = date(today.year, 3 * int(match[1]) - 2, 1)
    return first if first > today else first.replace(year=today.year + 1)
