"""When things happened: the weekly cohorts, the reps' hours, and ids that carry their time."""

from __future__ import annotations

import random
from datetime import datetime, time, timedelta
from uuid import UUID

from triage.embedded.history.planted import LOWERED_IN_WEEK

WEEKS = 12
LEADS = 2000

MORE_SINCE_LOWERED = 1.7
"""So many times the leads of a week before."""
_WORKDAYS = 5
_DAYS = (24, 22, 22, 20, 12)
"""How many of a week's leads come on each workday."""
_EARLIEST, _LATEST = 7 * 60, 15 * 60
"""Minutes of the rep's day between which leads come."""
_OPENS, _CLOSES = time(8, 30), time(17, 30)
_HOURS_FROM_UTC = {
    "U-04": 0,
    "U-07": -5,
    "U-08": -8,
    "U-09": 9,
    "U-10": -3,
}
_CENTRAL_EUROPE = 1


def mondays(now: datetime) -> tuple[datetime, ...]:
    """Return the first moment of each cohort's week, the oldest first.

    The last cohort's week is the one that runs; on a Monday, which has only begun, the one before.
    """
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    last = today - timedelta(days=today.weekday() or 7)
    return tuple(last - timedelta(weeks=back) for back in range(WEEKS - 1, -1, -1))


def sizes(now: datetime) -> tuple[int, ...]:
    """Return how many leads each cohort has; that of the week that runs, as many as its days so far."""
    elapsed = (now - mondays(now)[-1]) / timedelta(days=_WORKDAYS)
    shares = [1.0 if week < LOWERED_IN_WEEK else MORE_SINCE_LOWERED for week in range(1, WEEKS + 1)]
    shares[-1] *= min(elapsed, 1.0)
    counts = [int(LEADS * share / sum(shares)) for share in shares]
    counts[-2] += LEADS - sum(counts)
    return tuple(counts)


def delivery(random_: random.Random, monday: datetime, rep_id: str, now: datetime) -> datetime:
    """Return a moment of the rep's morning or noon in the week (by UTC), before now."""
    shift = _from_utc(rep_id)
    for _ in range(100):
        (day,) = random_.choices(range(_WORKDAYS), _DAYS)
        minutes = random_.uniform(_EARLIEST, _LATEST)
        at = monday + timedelta(days=day, minutes=minutes) - shift
        if monday <= at < now - timedelta(minutes=20):
            break
    else:
        at = monday + random_.random() * (now - monday)
    return _to_seconds(at)


def at_work(random_: random.Random, moment: datetime, rep_id: str) -> datetime:
    """Return the moment, or soon after the rep's next day begins where it is out of hours."""
    shift = _from_utc(rep_id)
    there = moment + shift
    if there.weekday() < _WORKDAYS and _OPENS <= there.time() < _CLOSES:
        return _to_seconds(moment)
    if there.weekday() < _WORKDAYS and there.time() < _OPENS:
        day = there
    else:
        day = there + timedelta(days=1)
        while day.weekday() >= _WORKDAYS:
            day += timedelta(days=1)
    begins = day.replace(hour=_OPENS.hour, minute=_OPENS.minute, second=0, microsecond=0)
    return _to_seconds(begins - shift + timedelta(minutes=random_.expovariate(1 / 25)))


def around(random_: random.Random, median: timedelta, spread: float = 0.6) -> timedelta:
    """Return a span around a median: half are shorter, few much longer."""
    return median * random_.lognormvariate(0, spread)


def id_at(random_: random.Random, at: datetime) -> str:
    """Return an id in the form of UUIDv7, which sorts by its time."""
    moment = int(at.timestamp() * 1000)
    bits = random_.getrandbits(74)
    number = moment << 80 | 0x7 << 76 | (bits >> 62) << 64 | 0b10 << 62 | bits & (1 << 62) - 1
    return str(UUID(int=number))


def _from_utc(rep_id: str) -> timedelta:
    return timedelta(hours=_HOURS_FROM_UTC.get(rep_id, _CENTRAL_EUROPE))


def _to_seconds(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)
