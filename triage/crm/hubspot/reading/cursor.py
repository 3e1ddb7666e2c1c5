"""The place where a fetch ended, as the text that sync keeps. Pure.

`since` is when the fetch before began, by HubSpot's clock (known to a minute), less what its search may lag
behind. What lies after it comes again, so `seen` tells what was given already: the ids of 200 records at
most, each with its moment. A day after the last whole fetch the place is stale: what was deleted, archived or
merged is in no search.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import msgspec
from msgspec import Struct, field

from triage.errors import StaleCursor

OVERLAP = timedelta(minutes=5)
WHOLE_AGAIN = timedelta(hours=24)
_MOST_SEEN = 200
_MOST_OWED = 2_000
_LONGEST = 80_000


class Place(Struct, frozen=True, omit_defaults=True):
    """Where a fetch is, or was."""

    of: str
    """Kind of record and owner: another one's place is no place here."""
    whole_at: datetime
    """When all was last fetched, by our own clock."""
    began: datetime
    """When this fetch began, by HubSpot's clock."""
    since: datetime | None = None
    """What this fetch goes back to; None: it fetches all."""
    above: str = ""
    """The last id of a fetch that is not at its end; empty at the beginning and after the end."""
    seen: dict[str, str] = field(default_factory=dict)
    owed: tuple[str, ...] = ()
    """Leads whose reasons the next fetches ask for, 2,000 at most: others have them with the whole fetch."""

    def text(self) -> str:
        """Return the cursor."""
        return msgspec.json.encode(self).decode("ascii")

    def after(self, last: str) -> Place:
        """Return the place behind a page."""
        return msgspec.structs.replace(self, above=last)

    def owing(self, leads: Iterable[str]) -> Place:
        """Return the place with the leads whose reasons are still to be asked for, the most urgent first."""
        return msgspec.structs.replace(self, owed=tuple(leads)[:_MOST_OWED])

    def ended(self, seen: dict[str, str]) -> Place:
        """Return the place from which the next fetch starts; `seen`: the newest last."""
        kept = dict(list(seen.items())[-_MOST_SEEN:])
        since = self.began - OVERLAP
        return Place(self.of, self.whole_at, self.began, since=since, seen=kept, owed=self.owed)


def begin(cursor: str | None, of: str, now: datetime, theirs: datetime) -> Place:
    """Return where a fetch starts: at a cursor, or with all. StaleCursor where all has to come again."""
    if cursor is None:
        return Place(of, now, theirs)
    place = _read(cursor)
    if place is None or place.of != of or not timedelta(0) <= now - place.whole_at < WHOLE_AGAIN:
        raise StaleCursor("What was fetched from HubSpot is a day old: all leads are fetched again.")
    if place.above:
        return place
    return msgspec.structs.replace(place, began=theirs)


def _read(cursor: str) -> Place | None:
    if len(cursor) > _LONGEST:
        return None
    try:
        place = msgspec.json.decode(cursor, type=Place)
    except (msgspec.MsgspecError, ValueError):
        return None
    moments = (place.whole_at, place.began, place.since or place.began)
    return place if all(moment.tzinfo is not None for moment in moments) else None
