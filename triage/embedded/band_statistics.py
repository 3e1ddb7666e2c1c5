"""How the leads of each score band fared: counted from what the reps decided, at every question anew."""

from __future__ import annotations

from datetime import datetime, timedelta

from triage.embedded.database import Database, Json
from triage.embedded.moments import to_wire
from triage.embedded.rules import UNDECIDED

_DAYS = 90
_ACTS = ("accept", "reject", "recycle", "disqualify")
"""The acts that are a word on what marketing handed over."""
_QUERY = """
SELECT json_extract(body, '$.snapshot.band') AS band, count(*) AS decided,
    sum(json_extract(body, '$.act') = 'accept') AS accepted
FROM items WHERE kind = 'decision' AND state != 'superseded'
    AND json_extract(body, '$.decided_at') >= ?
    AND json_extract(body, '$.act') IN (?, ?, ?, ?)
    AND json_extract(body, '$.snapshot.status') IN (?, ?)
    AND json_type(body, '$.snapshot.band') = 'text' AND band != ''
GROUP BY band ORDER BY band
"""


def bands(database: Database, now: datetime) -> Json:
    """Return a row for each band in which something was decided in the last 90 days.

    Decisions on leads that were handed over, by the band the rep saw; replaced and undone ones are left out.
    """
    since = to_wire(now - timedelta(days=_DAYS)).removesuffix("Z")
    rows = database.rows(_QUERY, since, *_ACTS, *UNDECIDED)
    return {
        "items": [
            {"band": row["band"], "days": _DAYS, "accepted": row["accepted"], "decided": row["decided"]}
            for row in rows
        ]
    }
