"""What became of leads: their opportunities, and the changes of status where the org tracks them.

Ids are Salesforce's own, so that a stage is told once. Not confirmed against a live account: LeadHistory can
be read where the status of leads is tracked, and its values are ids of owners and names of statuses.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from datetime import datetime, timedelta

import msgspec
from msgspec import Struct, field

from triage.crm.colleagues import outcome_without_names
from triage.crm.fields import Fields
from triage.crm.port import OutcomePage
from triage.crm.salesforce import soql
from triage.crm.salesforce.account import Account, same_id
from triage.crm.salesforce.api import Row
from triage.crm.salesforce.describe import Described, select
from triage.crm.salesforce.reviewing.opportunities import OPPORTUNITY_COLUMNS, opportunity_changes
from triage.crm.salesforce.selects import select_from
from triage.crm.salesforce.statuses import Statuses
from triage.domain.lead import LeadStatus, Owner
from triage.domain.stages import StageChange
from triage.errors import StaleCursor

OVERLAP = timedelta(minutes=2)
_MOST_KNOWN = 1_000
_OF_LEAD = ("Name", "Company", "LeadSource", "OwnerId", "Owner.Name")
_CONVERTED = ("ConvertedDate", "ConvertedOpportunityId", "SystemModstamp")
_HISTORY = ("LeadId", "Field", "NewValue", "CreatedDate", *(f"Lead.{name}" for name in _OF_LEAD))
_BY_CONVERSION = frozenset({LeadStatus.QUALIFIED, LeadStatus.OPPORTUNITY, LeadStatus.WON, LeadStatus.LOST})
_USER = "005"
_OPPORTUNITY = "ConvertedOpportunity"


class OutcomePlace(Struct, frozen=True):
    """Where the last fetch of outcomes ended."""

    since: datetime | None = None
    """The newest change that was read, by Salesforce's clock."""
    known: tuple[str, ...] = field(default_factory=tuple)
    """What was told already, the newest: it does not come twice."""


class Outcomes:
    """What became of the leads of one org that the user may see."""

    def __init__(self, account: Account) -> None:
        self._account = account

    async def pages(self, cursor: str | None) -> AsyncIterator[OutcomePage]:
        """Yield what became of leads since the cursor, in one page, the oldest first."""
        place = _read_place(cursor)
        since = place.since - OVERLAP if place.since else None
        unread: Counter[str] = Counter()
        converted, changed = await self._converted(since), await self._history(since)
        statuses = await self._account.statuses()
        told = [
            *(one for row in converted for one in opportunity_changes(row, unread)),
            *(one for row in changed for one in history_changes(row, statuses, unread)),
        ]
        known = set(place.known)
        fresh = [one for one in sorted(told, key=_in_time) if one.change_id not in known]
        seen = await self._as_seen(fresh)
        times = _times([*converted, *changed])
        newest = max([*times, *([place.since] if place.since else [])], default=None)
        marks = tuple(dict.fromkeys((*place.known, *(one.change_id for one in fresh))))[-_MOST_KNOWN:]
        cursor = msgspec.json.encode(OutcomePlace(newest, marks)).decode()
        yield OutcomePage(tuple(seen), cursor, more=False, unread=dict(unread))

    async def _converted(self, since: datetime | None) -> list[Row]:
        """Return leads that were converted, with their opportunities, that changed since."""
        lead, deal = await self._account.lead(), await self._account.api.describe("Opportunity")
        if not lead.can_read("IsConverted"):
            return []
        columns = [*_OF_LEAD, *_CONVERTED, *_paths(lead, deal)]
        where = ["IsConverted = true"]
        if since is not None:
            changed = [f"SystemModstamp >= {soql.moment(since)}"]
            if deal is not None and lead.can_read(f"{_OPPORTUNITY}.SystemModstamp"):
                changed.append(f"{_OPPORTUNITY}.SystemModstamp >= {soql.moment(since)}")
            where.append(f"({' OR '.join(changed)})")
        query = select_from("Lead", select(columns, lead), " AND ".join(where), ("SystemModstamp", "Id"))
        return await self._account.api.rows(query, background=True)

    async def _history(self, since: datetime | None) -> list[Row]:
        """Return changes of status and owner; none where they are not tracked, or not this user's to read."""
        history = await self._account.api.describe("LeadHistory")
        if history is None or not all(map(history.can_read, ("LeadId", "Field", "NewValue", "CreatedDate"))):
            return []
        where = [f"Field IN {soql.ids(('Status', 'Owner'))}"]
        if since is not None:
            where.append(f"CreatedDate >= {soql.moment(since)}")
        query = select_from(
            "LeadHistory", select(_HISTORY, history), " AND ".join(where), ("CreatedDate", "Id")
        )
        return await self._account.api.rows(query, background=True)

    async def _as_seen(self, changes: Iterable[StageChange]) -> list[StageChange]:
        """Return changes as this user may see them: of colleagues' leads a rep knows no names."""
        if self._account.role == "marketing":
            return list(changes)
        me = (await self._account.whoami()).user_id
        return [
            one if one.owner and same_id(one.owner.user_id, me) else outcome_without_names(one)
            for one in changes
        ]


def history_changes(row: Row, statuses: Statuses, unread: Counter[str]) -> Iterator[StageChange]:
    """Yield the stage that one row of a lead's history tells; another field's tells none."""
    fields = Fields(row, unread)
    row_id, lead_id, at = fields.id("Id"), fields.id("LeadId"), fields.time("CreatedDate")
    lead = fields.child("Lead") or Fields({}, unread)
    value = fields.raw("NewValue")
    if row_id is None or lead_id is None or at is None or not isinstance(value, str):
        return
    stage, owner = _stage(fields.text("Field"), value, statuses), lead.text("OwnerId")
    if stage is LeadStatus.UNKNOWN or stage in _BY_CONVERSION:
        return
    name = lead.child("Owner")
    yield StageChange(
        change_id=f"history-{row_id}",
        lead_id=lead_id,
        stage=stage,
        at=at,
        owner=Owner(owner, name.text("Name") if name else "") if owner else None,
        name=lead.text("Name"),
        company=lead.text("Company"),
        source=lead.text("LeadSource"),
    )


def _stage(changed: str, value: str, statuses: Statuses) -> LeadStatus:
    if changed == "Owner":  # told twice: once by id, once by name
        return LeadStatus.ASSIGNED if value.startswith(_USER) else LeadStatus.UNKNOWN
    status = statuses.find(value)
    return statuses.ours(status.api_name) if status is not None else LeadStatus.UNKNOWN


def _paths(lead: Described, deal: Described | None) -> list[str]:
    if deal is None:
        return []
    paths = [(f"{_OPPORTUNITY}.{name}", name) for name in OPPORTUNITY_COLUMNS]
    return [path for path, name in paths if deal.can_read(name) and lead.can_read(path)]


def _times(rows: Sequence[Row]) -> Iterator[datetime]:
    """Yield when rows changed, by Salesforce's clock; a row of a history never does."""
    for row in rows:
        fields = Fields(row, Counter())
        deal = fields.child(_OPPORTUNITY)
        told = (
            fields.time("SystemModstamp"),
            fields.time("CreatedDate"),
            deal.time("SystemModstamp") if deal else None,
        )
        yield from (moment for moment in told if moment is not None)


def _in_time(one: StageChange) -> tuple[datetime, str]:
    return one.at, one.change_id


def _read_place(cursor: str | None) -> OutcomePlace:
    if not cursor:
        return OutcomePlace()
    try:
        place = msgspec.json.decode(cursor, type=OutcomePlace)
    except (msgspec.DecodeError, UnicodeError):
        raise StaleCursor("The last fetch of outcomes ended at a place of another kind.") from None
    if place.since is not None and place.since.tzinfo is None:
        raise StaleCursor("The last fetch of outcomes ended at no moment.")
    return place
