"""The place where a fetch ended, as the text that sync keeps. Pure.

Odoo has no tombstones: the ids that were given are in here, to be asked for again. Its moments have no parts
of a second, and a long write is seen later than its moment says: the last two minutes are asked for again,
and what was seen in them is passed over by a mark of the row.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec
from msgspec import Struct, field
from msgspec.structs import replace

from triage.errors import StaleCursor

OVERLAP = timedelta(minutes=2)
WHOLE_AGAIN = timedelta(hours=24)
_MOST_SEEN = 1_000
_LONGEST = 400_000
_RANGES = re.compile(r"(\d{1,15}(-\d{1,15})?(,|$))*", re.ASCII)


class Place(Struct, frozen=True, omit_defaults=True):
    """Where a fetch is, or was."""

    of: str
    """Whose leads of which database."""
    whole_at: datetime
    """When all was last fetched, by our own clock."""
    newest: datetime
    """The newest change that was there when this fetch began, by Odoo's clock."""
    message: int = 0
    """The newest message that was there when this fetch began."""
    since: datetime | None = None
    """What this fetch goes back to; None: it fetches all."""
    since_message: int = 0
    above: int = 0
    """The last id of a fetch that is not at its end."""
    held: str = ""
    """The leads that the rep has, as ranges: 1-5,9."""
    seen: dict[str, int] = field(default_factory=dict)
    """Marks of what changed lately, by lead."""

    def text(self) -> str:
        """Return the cursor."""
        return msgspec.json.encode(self).decode("ascii")

    @property
    def ids(self) -> frozenset[int]:
        """The leads that the rep has, as far as they were given."""
        return unpacked(self.held)

    def holding(self, ids: Iterable[int]) -> Place:
        """Return the place with these leads."""
        return replace(self, held=packed(ids))

    def knows(self, row: Mapping[str, Any]) -> bool:
        """Whether a row was given as it is."""
        return self.seen.get(str(row["id"])) == mark_of(row)

    def ended(self, seen: Mapping[str, int]) -> Place:
        """Return the place from which the next fetch starts; `seen`: marks of rows of the last minutes."""
        kept = dict(list(seen.items())[-_MOST_SEEN:])
        return replace(self, since=self.newest - OVERLAP, since_message=self.message, above=0, seen=kept)


def read_place(cursor: str, of: str, now: datetime) -> Place:
    """Return the place of a cursor. StaleCursor where all has to come again."""
    place = _decoded(cursor) if len(cursor) <= _LONGEST else None
    if place is None or place.of != of or not timedelta(0) <= now - place.whole_at < WHOLE_AGAIN:
        raise StaleCursor("What was fetched from Odoo is a day old: all leads are fetched again.")
    return place


def _decoded(cursor: str) -> Place | None:
    try:
        place = msgspec.json.decode(cursor, type=Place)
        unpacked(place.held)
    except (msgspec.MsgspecError, ValueError):
        return None
    moments = (place.whole_at, place.newest, place.since or place.newest)
    return place if all(moment.tzinfo is not None for moment in moments) else None


def mark_of(row: Mapping[str, Any]) -> int:
    """Return a mark of a row as it is: its moment alone does not tell two changes of a second apart."""
    return zlib.crc32(msgspec.json.encode(sorted((name, str(value)) for name, value in row.items())))


def packed(ids: Iterable[int]) -> str:
    """Return ids as ranges, 1-5,9: neighbours are frequent."""
    ranges: list[list[int]] = []
    for one in sorted(set(ids)):
        if ranges and one == ranges[-1][1] + 1:
            ranges[-1][1] = one
        else:
            ranges.append([one, one])
    return ",".join(f"{first}" if first == last else f"{first}-{last}" for first, last in ranges)


def unpacked(text: str) -> frozenset[int]:
    """Return the ids of ranges. ValueError where these are none, or more than anybody has."""
    ids: set[int] = set()
    if not _RANGES.fullmatch(text):
        raise ValueError("no ranges of ids")
    for part in filter(None, text.split(",")):
        first, _, last = part.partition("-")
        span = range(int(first), int(last or first) + 1)
        if len(ids) + len(span) > _LONGEST:
            raise ValueError("too many ids")
        ids.update(span)
    return frozenset(ids)
