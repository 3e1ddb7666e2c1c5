"""What was deleted lately: the window of 15 days, and the log that is purged."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from tests.salesforce.org.call import Asked, Call, Reply
from tests.salesforce.org.errors import RefusedError
from tests.salesforce.org.schema import SObject
from tests.salesforce.org.values import read_time, shown

WINDOW = timedelta(days=15)
SHORTEST = timedelta(minutes=1)


class Deletions:
    """The log: object, id, when."""

    def __init__(self) -> None:
        self._log: list[tuple[str, str, datetime]] = []
        self.most = 600_000
        """How many ids one answer may hold."""
        self.kept_since: datetime | None = None
        """Set by a purge of the log: nothing before is known."""

    def note(self, name: str, record_id: str, at: datetime) -> None:
        """Remember a deletion."""
        self._log.append((name, record_id, at))

    def purge(self, at: datetime) -> None:
        """Forget what was deleted before."""
        self._log = [entry for entry in self._log if entry[2] >= at]
        self.kept_since = at

    def between(self, name: str, start: datetime, end: datetime) -> list[dict[str, Any]]:
        """Return the deleted records of an object."""
        found = [(one, at) for kind, one, at in self._log if kind == name and start <= at <= end]
        return [{"id": one, "deletedDate": shown(at)} for one, at in found]


def answer(call: Call, sobject: SObject, asked: Asked) -> Reply:
    """Answer /sobjects/X/deleted/?start&end; both are cut to the minute, as the vendor does."""
    start, end = _moment(asked, "start"), _moment(asked, "end")
    now = call.org.now()
    if end - start < SHORTEST:
        words = "The endDate must be at least one minute greater than startDate"
        raise RefusedError(400, "INVALID_REPLICATION_DATE", words)
    if start < now - WINDOW:
        words = "startDate cannot be more than 15 days ago"
        raise RefusedError(400, "INVALID_REPLICATION_DATE", words)
    found = call.org.deleted.between(sobject.name, start, end + SHORTEST)
    if len(found) > call.org.deleted.most:
        words = f"number of ids exceeded limit of {call.org.deleted.most}"
        raise RefusedError(400, "EXCEEDED_ID_LIMIT", words)
    earliest = max(now - WINDOW, call.org.deleted.kept_since or now - WINDOW)
    body = {
        "deletedRecords": found,
        "earliestDateAvailable": shown(earliest),
        "latestDateCovered": shown(min(end, now)),
    }
    return Reply(200, body)


def _moment(asked: Asked, name: str) -> datetime:
    try:
        return read_time(asked.params[name]).replace(second=0, microsecond=0)
    except (KeyError, ValueError) as error:
        words = f"{name}: invalid date: {asked.params.get(name)}"
        raise RefusedError(400, "INVALID_REPLICATION_DATE", words) from error
