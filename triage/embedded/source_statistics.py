"""How the leads of each source fared in the last 90 days: counted, where there is a history to count.

A CRM without one tells a few numbers that never change.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from triage.embedded import agreement
from triage.embedded.database import Database, Json
from triage.embedded.moments import to_wire
from triage.embedded.rules import UNDECIDED

_DAYS = 90
_ACTS = ("accept", "reject", "recycle", "disqualify")
"""The acts that are a word on what marketing handed over."""
_QUERY = """
SELECT json_extract(lead, '$.source') AS source, count(*) AS decided,
    sum(json_extract(body, '$.act') = 'accept') AS accepted
FROM items WHERE kind = 'decision' AND state != 'superseded'
    AND json_extract(body, '$.decided_at') >= ?
    AND json_extract(body, '$.act') IN (?, ?, ?, ?)
    AND json_extract(body, '$.snapshot.status') IN (?, ?)
GROUP BY source ORDER BY source
"""


def sources(database: Database, now: datetime) -> Json:
    """Return a row for each source: of the decisions on leads that were handed over, the accepts."""
    if database.row("SELECT 1 FROM meta WHERE key = 'history'") is None:
        return agreement.source_statistics()
    since = to_wire(now - timedelta(days=_DAYS)).removesuffix("Z")
    rows = database.rows(_QUERY, since, *_ACTS, *UNDECIDED)
    names = ("source", "accepted", "decided")
    return {"items": [{name: row[name] for name in names} | {"days": _DAYS} for row in rows]}
