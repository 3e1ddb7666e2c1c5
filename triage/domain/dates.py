"""Short dates as a rep types them: 3d, 2w, mon, 15jan, q1, tomorrow, or 2027-03-01."""

from __future__ import annotations

import re
from datetime import date, timedelta

from triage.errors import UsageError

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


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


def _iso(word: str, _today: date) -> date | None:
    try:
        return date.fromisoformat(word)
    except ValueError:
        return None


def _span(word: str, today: date) -> date | None:
    if word in ("tomorrow", "tom"):
        return today + timedelta(days=1)
    match = re.fullmatch(r"(\d{1,3})([dw])", word)
    if not match:
        return None
    return today + timedelta(days=int(match[1]) * (7 if match[2] == "w" else 1))


def _weekday(word: str, today: date) -> date | None:
    if word[:3] not in _DAYS or not word.isalpha():
        return None
    return today + timedelta(days=(_DAYS.index(word[:3]) - today.weekday() - 1) % 7 + 1)


def _day_of_month(word: str, today: date) -> date | None:
    match = re.fullmatch(r"(\d{1,2})\s*([a-z]{3,9})", word)
    if not match or match[2][:3] not in _MONTHS:
        return None
    month = _MONTHS.index(match[2][:3]) + 1
    for year in range(today.year, today.year + 9):  # 29 February comes round within eight years
        try:
            candidate = date(year, month, int(match[1]))
        except ValueError:
            continue
        if candidate > today:
            return candidate
    return None


def _quarter(word: str, today: date) -> date | None:
    match = re.fullmatch(r"q([1-4])", word)
    if not match:
        return None
    first = date(today.year, 3 * int(match[1]) - 2, 1)
    return first if first > today else first.replace(year=today.year + 1)
