"""Which leads changed since a moment, whose they are now, and which were deleted: ids only, in few requests.

Not confirmed against a live account: the log of deletions may be read by every user who reads leads.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from msgspec import Struct

from triage.crm.fields import Fields
from triage.crm.salesforce import soql
from triage.crm.salesforce.api import DATA, Api, Row
from triage.crm.salesforce.manners import codes
from triage.crm.salesforce.reading.place import changed_at
from triage.crm.salesforce.selects import select_from
from triage.errors import NotPermitted, StaleCursor

FEW = ("Id", "OwnerId", "Status", "IsConverted", "SystemModstamp")
"""What tells whether a lead is the rep's and in view; every user may read it."""
ORDER = ("SystemModstamp", "Id")
MOST = 2_000
"""Leads of anyone that may have changed since the last fetch; beyond, everything is fetched."""
_TOO_MANY = "EXCEEDED_ID_LIMIT"
_LOG_REACHES = timedelta(days=14)
"""Salesforce keeps deletions for 15 days."""
_SHORTEST = timedelta(minutes=2)
"""Between the ends of a question for deletions; Salesforce wants more than a minute."""


class Deleted(Struct, frozen=True):
    """Which leads were deleted, and up to when that is known."""

    ids: tuple[str, ...]
    up_to: datetime


async def newest(api: Api) -> datetime | None:
    """Return when any lead that the user sees changed last: Salesforce's own clock, as far as we need it."""
    query = "SELECT Id, SystemModstamp FROM Lead ORDER BY SystemModstamp DESC LIMIT 1"
    rows = await api.rows(query, background=True)
    return changed_at(rows[0]) if rows else None


async def changed(api: Api, since: datetime) -> list[Row]:
    """Return the leads of anyone that changed since then, the oldest first. StaleCursor for too many."""
    where = f"SystemModstamp >= {soql.moment(since)}"
    query = select_from("Lead", FEW, where, ORDER)
    rows = await api.rows(f"{query} LIMIT {MOST + 1}", background=True)
    if len(rows) > MOST:
        raise StaleCursor("More leads changed in Salesforce than are looked at one by one.")
    return rows


async def deleted(api: Api, since: datetime, now: datetime) -> Deleted:
    """Return the leads that were deleted or merged into others; none where the log is not for this user.

    StaleCursor for more than it tells.
    """
    start = max(since, now - _LOG_REACHES)
    end = max(now, start + _SHORTEST)
    params = {"start": _iso(start), "end": _iso(end)}
    api.check_usage()
    try:
        answer = await api.get(
            f"{DATA}/sobjects/Lead/deleted/", params=params, expect=("deletedRecords",), also=(400, 404)
        )
    except NotPermitted:
        return Deleted((), now)
    listed = answer.body.get("deletedRecords")
    if not isinstance(listed, list):
        if _TOO_MANY in codes(list(answer.items)):
            raise StaleCursor("More leads were deleted in Salesforce than it tells one by one.")
        return Deleted((), now)
    ids = [row["id"] for row in listed if isinstance(row, dict) and isinstance(row.get("id"), str)]
    covered = Fields(answer.body, Counter()).time("latestDateCovered")
    return Deleted(tuple(dict.fromkeys(ids)), covered or start)


def sorted_out(
    rows: Sequence[Row], owners: Sequence[str], out_of_view: Sequence[str]
) -> tuple[list[Row], list[Row]]:
    """Return the rows that are the rep's and in view, and the others."""
    ours: list[Row] = []
    others: list[Row] = []
    for row in rows:
        (ours if is_ours(row, owners) and row.get("Status") not in out_of_view else others).append(row)
    return ours, others


def is_ours(row: Row, owners: Sequence[str]) -> bool:
    """Whether an unconverted lead belongs to one of the owners; a typed id may lack the checksum."""
    owner = row.get("OwnerId")
    return (
        isinstance(owner, str)
        and row.get("IsConverted") is not True
        and any(owner[:15] == one[:15] for one in owners)
    )


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).replace(microsecond=0).isoformat()
