"""What became of leads, of all reps: the stages they came to, and the deals that came of them.

HubSpot keeps the history of a stage; a deal is worth its amount, and is won or lost at its close date. A move
to the stage that accepting takes a lead to counts as the first touch, whoever made it. A deal that is tied to
a lead long after it was made is told late, or not at all. Not confirmed against a live account: the names
`hs_is_closed_won`, `hs_is_closed`, `deal_currency_code`, and the association of a lead to its deals (1037).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Iterable
from datetime import UTC, datetime

from msgspec import Struct, field
from msgspec.structs import replace

from triage.crm.colleagues import outcome_without_names
from triage.crm.hubspot import names
from triage.crm.hubspot.account import Account
from triage.crm.hubspot.api import Api
from triage.crm.hubspot.delivering.history import value_at, versions_of
from triage.crm.hubspot.delivering.standing import Ground, ground
from triage.crm.hubspot.filters import Filter, is_set, is_since, milliseconds
from triage.crm.hubspot.reading import marketing
from triage.crm.hubspot.reviewing.replies import OVERLAP, Since, cursor_of, newest, read_cursor
from triage.crm.hubspot.rows import Row
from triage.crm.hubspot.stages import Said, Stages
from triage.crm.hubspot.values import Values
from triage.crm.port import OutcomePage
from triage.domain.lead import LeadStatus, Owner
from triage.domain.people import Rep
from triage.domain.stages import StageChange
from triage.errors import NotPermitted

DEALS = "deals"
_AT_ONCE = 1_000
"""Leads whose contacts and deals are held at a time."""
_OF_DEAL = (
    *("dealname", "dealstage", "amount", "deal_currency_code", "createdate", "closedate"),
    *("hs_is_closed_won", "hs_is_closed", "hs_lastmodifieddate", names.OWNER),
)
_OF_PERSON = ("firstname", "lastname", "company", *marketing.CAME_BY)
_TOLD = frozenset({LeadStatus.ASSIGNED, LeadStatus.WORKING, LeadStatus.QUALIFIED, LeadStatus.OPPORTUNITY})
"""The stages of a lead itself that are told; what a deal comes to is told by the deal."""


class Known(Struct, frozen=True):
    """What is needed to tell about leads."""

    ground: Ground
    people: dict[str, str]
    contacts: dict[str, Row] = field(default_factory=dict)
    """By lead."""
    deals: dict[str, tuple[Row, ...]] = field(default_factory=dict)
    """By lead."""
    unread: Counter[str] = field(default_factory=Counter)


class Outcomes:
    """What became of the leads of one account."""

    def __init__(self, api: Api, account: Account) -> None:
        self._api = api
        self._account = account

    async def pages(self, cursor: str | None) -> AsyncIterator[OutcomePage]:
        """Yield one page with all that has become since the cursor."""
        since = read_cursor(cursor)
        known = Known(
            await ground(self._account),
            {person.user_id: person.name for person in await self._account.owners()},
        )
        rows, end = await self._changed(known, since)
        changes: dict[str, StageChange] = {}
        for start in range(0, len(rows), _AT_ONCE):
            part = rows[start : start + _AT_ONCE]
            contacts, deals = await self._contacts(known, part), await self._deals(known, part)
            more = replace(known, contacts=contacts, deals=deals)
            changes |= {one.change_id: one for row in part for one in _changes(more, row)}
        found = sorted(changes.values(), key=lambda one: (one.at, one.change_id))
        new = [one for one in found if one.change_id not in since.given and _is_in(one, since.start)]
        given = frozenset(one.change_id for one in found if _is_in(one, end - OVERLAP if end else None))
        me = await self._account.me()
        seen = tuple(one if _is_seen(one, me) else outcome_without_names(one) for one in new)
        yield OutcomePage(seen, cursor_of(Since(end, given)), more=False, unread=dict(known.unread))

    async def _changed(self, known: Known, since: Since) -> tuple[list[Row], datetime | None]:
        """Return the leads that changed, or whose deals did, with the moment of the newest change."""
        kind, stage = known.ground.kind, known.ground.stage_property
        modified = names.MODIFIED[kind]
        changed: list[Filter] = [is_since(modified, since.start)] if since.start is not None else []
        wanted = [modified, names.PRIMARY_CONTACT]
        found: dict[str, Row] = {}
        async for page in self._api.search(kind, [is_set(stage), *changed], wanted):
            found |= {row["id"]: row for row in page}
        moments = [Values(row["properties"]).time(modified) for row in found.values()]
        of_deals, deal_moments = await self._of_changed_deals(kind, since)
        history = [stage, names.OWNER]
        ids = [*found, *of_deals]
        read = await self._api.read_batch(kind, ids, [*wanted, *history], history=history)
        return list(read.rows.values()), newest(since, [*moments, *deal_moments])

    async def _of_changed_deals(self, kind: str, since: Since) -> tuple[list[str], list[datetime | None]]:
        """Return the leads of deals that changed since; the first time the leads themselves lead to them."""
        if since.start is None:
            return [], []
        found: dict[str, Row] = {}
        try:
            async for page in self._api.search(
                DEALS, [is_since("hs_lastmodifieddate", since.start)], ["hs_lastmodifieddate"]
            ):
                found |= {row["id"]: row for row in page}
        except NotPermitted:
            return [], []
        linked = await self._api.associated(DEALS, kind, found) if found else {}
        moments = [Values(row["properties"]).time("hs_lastmodifieddate") for row in found.values()]
        return [one.id for of in linked.values() for one in of], moments

    async def _contacts(self, known: Known, rows: Iterable[Row]) -> dict[str, Row]:
        are_leads = known.ground.kind == names.CONTACTS
        of = {row["id"]: row["id"] if are_leads else _contact_of(row) for row in rows}
        own = self._account.dialect.fields.get("utm_campaign", "")
        wanted = [*_OF_PERSON, *filter(None, [own])]
        read = (await self._api.read_batch(names.CONTACTS, filter(None, of.values()), wanted)).rows
        return {lead_id: read[to] for lead_id, to in of.items() if to in read}

    async def _deals(self, known: Known, rows: Iterable[Row]) -> dict[str, tuple[Row, ...]]:
        """Return the deals of leads; none, and counted, where the key may not see deals."""
        try:
            linked = await self._api.associated(known.ground.kind, DEALS, [row["id"] for row in rows])
            ids = [one.id for of in linked.values() for one in of]
            read = (await self._api.read_batch(DEALS, ids, _OF_DEAL)).rows
        except NotPermitted:
            known.unread[DEALS] += 1
            return {}
        return {lead: tuple(read[one.id] for one in of if one.id in read) for lead, of in linked.items()}


def _contact_of(row: Row) -> str:
    return Values(row["properties"]).text(names.PRIMARY_CONTACT)


def _changes(known: Known, row: Row) -> list[StageChange]:
    """Return what became of one lead."""
    deals = known.deals.get(row["id"], ())
    return [*_stages(known, row), *(one for deal in deals for one in _deal(known, row, deal))]


def _stages(known: Known, row: Row) -> Iterable[StageChange]:
    """Yield the stages that it came to; one after the other that mean the same are one."""
    history = row.get("propertiesWithHistory")
    owners = versions_of(history, names.OWNER)
    last: LeadStatus | None = None
    for version in reversed(versions_of(history, known.ground.stage_property)):
        status = _status(known.ground.stages, version.value, version.at)
        if status is not last and status in _TOLD:
            yield _change(known, row, version.at, status, value_at(owners, version.at))
        last = status


def _status(stages: Stages, stage_id: str, at: datetime) -> LeadStatus:
    return stages.status(stage_id, Said(), at)


def _deal(known: Known, row: Row, deal: Row) -> Iterable[StageChange]:
    """Yield that a deal was made of a lead, and what it came to."""
    values = Values(deal["properties"], known.unread)
    moments = {LeadStatus.OPPORTUNITY: values.time("createdate"), _end(values): values.time("closedate")}
    for stage, at in moments.items():
        if stage is not None and at is not None:
            change = _of_deal(_change(known, row, at, stage, values.text(names.OWNER)), values)
            yield replace(change, change_id=f"{change.change_id}-{deal['id']}")


def _end(values: Values) -> LeadStatus | None:
    if values.flag("hs_is_closed_won"):
        return LeadStatus.WON
    return LeadStatus.LOST if values.flag("hs_is_closed") else None


def _of_deal(change: StageChange, values: Values) -> StageChange:
    return replace(
        change,
        opportunity=values.text("dealname") or None,
        amount=values.number("amount"),
        currency=values.text("deal_currency_code") or None,
    )


def _change(known: Known, row: Row, at: datetime, stage: LeadStatus, owner_id: str) -> StageChange:
    """Return that a lead came to a stage; a deal's change has another id."""
    contact = Values(known.contacts.get(row["id"], {"properties": {}})["properties"])
    campaign = marketing.campaign_of(contact, known.ground.stages.dialect)
    return StageChange(
        change_id=f"{row['id']}-{stage.value}-{milliseconds(at)}",
        lead_id=row["id"],
        stage=stage,
        at=at.astimezone(UTC),
        owner=Owner(owner_id, known.people.get(owner_id, "")) if owner_id else None,
        name=" ".join(part for part in (contact.text("firstname"), contact.text("lastname")) if part),
        company=contact.text("company"),
        source=marketing.source_of(contact),
        campaign=campaign.name if campaign is not None else "",
    )


def _is_seen(change: StageChange, me: Rep) -> bool:
    """Whether this role may see whose lead it was, and who the lead is."""
    return me.role == "marketing" or (change.owner is not None and change.owner.user_id == me.user_id)


def _is_in(change: StageChange, start: datetime | None) -> bool:
    return start is None or change.at >= start
