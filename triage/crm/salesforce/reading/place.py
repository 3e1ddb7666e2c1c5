"""Where a fetch ended: the cursor, as text. Pure.

Salesforce keeps times to the second and writes late what began early: the last two minutes are asked for
again, and what was seen in them is passed over by its version.
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec
from msgspec import Struct, field

from triage.crm.fields import Fields
from triage.errors import StaleCursor

OVERLAP = timedelta(minutes=2)
EVERYTHING_AFTER = timedelta(hours=4)
"""A score, a call or a lead that another took out of sight changes no row that could be asked for."""
SWEEP_AFTER = timedelta(minutes=10)
"""Between two questions for deleted leads."""
_MOST_SEEN = 200
_FRESH = (timedelta(seconds=-1.5), timedelta(seconds=5))
"""A row changed in the second of the question may change once more in it, under the same time."""


class Place(Struct, frozen=True):
    """How far the leads are read."""

    since: datetime
    """The newest change that was read, by Salesforce's clock."""
    all_at: datetime
    """When everything was last fetched, by ours."""
    swept_at: datetime
    """When deleted leads were last asked for, by ours."""
    swept_to: datetime
    """Up to where the deleted are known, by Salesforce's clock."""
    owners_tracked_since: datetime | None = None
    """Since when changes of owners are known to be kept; None: perhaps they are not."""
    whose: int = 0
    """Whose leads were read: other queues in the profile are another fetch."""
    seen: dict[str, int] = field(default_factory=dict)
    """Versions of what changed within the overlap, by lead."""

    @property
    def text(self) -> str:
        """The cursor."""
        return msgspec.json.encode(self).decode()

    @property
    def asks_from(self) -> datetime:
        """From where changes are asked for."""
        return self.since - OVERLAP

    def knows(self, row: Mapping[str, Any]) -> bool:
        """Whether a change was given before."""
        return self.seen.get(str(row.get("Id"))) == version(row)


def read_place(cursor: str, whose: int, now: datetime) -> Place:
    """Return the place of a cursor. StaleCursor for one of another kind, of other owners, or too old."""
    try:
        place = msgspec.json.decode(cursor, type=Place)
    except (msgspec.DecodeError, UnicodeError):
        raise StaleCursor("The last fetch from Salesforce ended at a place of another kind.") from None
    times = (place.since, place.all_at, place.swept_at, place.swept_to)
    if place.whose != whose or any(at.tzinfo is None for at in times):
        raise StaleCursor("The last fetch from Salesforce was of other leads.")
    if abs(now - place.all_at) > EVERYTHING_AFTER:
        raise StaleCursor("It is time to fetch everything from Salesforce again.")
    return place


def whose(owners: Iterable[str]) -> int:
    """Return a mark of the users and queues whose leads are read."""
    return zlib.crc32(" ".join(sorted(owners)).encode())


def version(row: Mapping[str, Any]) -> int:
    """Return a mark of a row as it is: its time alone does not tell two changes of one second apart."""
    said = [str(row.get(name)) for name in ("SystemModstamp", "OwnerId", "Status", "IsConverted")]
    return zlib.crc32("|".join(said).encode("utf-8", "replace"))


def seen_in(rows: Iterable[Mapping[str, Any]], since: datetime, asked_at: datetime | None) -> dict[str, int]:
    """Return what need not come again: rows within the overlap, but those of the second of the question."""
    recent = [(at, row) for row in rows if (at := changed_at(row)) is not None and at >= since - OVERLAP]
    settled = [(at, row) for at, row in recent if asked_at is None or not _is_fresh(at - asked_at)]
    newest = sorted(settled, key=lambda one: one[0])[-_MOST_SEEN:]
    return {str(row["Id"]): version(row) for _, row in newest if row.get("Id")}


def changed_at(row: Mapping[str, Any]) -> datetime | None:
    """Return when a row changed last, or None where it does not say."""
    return Fields(row, Counter()).time("SystemModstamp")


def _is_fresh(ahead: timedelta) -> bool:
    return _FRESH[0] <= ahead <= _FRESH[1]
