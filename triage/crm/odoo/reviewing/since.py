"""Where a reading of answers or outcomes ended, as the text of a cursor. Pure.

A record carries the moment at which its transaction began, and is seen when that has ended: so far back is
looked again, and what was given already is known by its id.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from msgspec import Struct

from triage.errors import StaleCursor

OVERLAP = timedelta(minutes=5)
LASTING = "x"
"""What ids begin with that have no moment of their own: they are kept."""
_MOST = 1_000
"""Ids that a cursor holds."""


class Since(Struct, frozen=True):
    """The moment of the newest record that was seen, and what was given of what is looked at again."""

    moment: datetime | None = None
    given: frozenset[str] = frozenset()

    @property
    def start(self) -> datetime | None:
        """The moment to look from; None: from the beginning."""
        return self.moment - OVERLAP if self.moment is not None else None

    def cursor(self) -> str:
        """Return the text of a cursor."""
        at = self.moment.isoformat() if self.moment is not None else None
        return json.dumps({"since": at, "given": sorted(self.given)[-_MOST:]}, separators=(",", ":"))

    def after(
        self, moments: Iterable[datetime | None], given: Iterable[tuple[str, datetime | None]]
    ) -> Since:
        """Return where a reading ended that saw these moments, and gave these ids of these moments."""
        end = max((one for one in (self.moment, *moments) if one is not None), default=None)
        start = end - OVERLAP if end is not None else None
        kept = {one for one, at in given if at is None or start is None or at >= start}
        return Since(end, frozenset(kept | {one for one in self.given if one.startswith(LASTING)}))


def since_of(cursor: str | None) -> Since:
    """Return what a cursor says. StaleCursor for a text that is none of ours."""
    if not cursor:
        return Since()
    try:
        body = json.loads(cursor)
        at = body["since"]
        moment = None if at is None else datetime.fromisoformat(at).astimezone(UTC)
        return Since(moment, frozenset(str(one) for one in body["given"]))
    except (ValueError, KeyError, TypeError, OverflowError):
        pass
    raise StaleCursor("That is no cursor of ours.")
