"""What became of leads, of all reps that this user may see: the stages they came to, newest state of each.

Odoo keeps no history that everybody may read: what is told is when a lead was assigned, converted, and won or
lost, and the stage at which it stands now. A lead that triage rejected or recycled is none that was lost. Not
confirmed against a live account: `date_conversion`, `date_closed` of what is lost, and `expected_revenue`
with `company_currency`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Iterator
from datetime import datetime

from triage.crm.colleagues import outcome_without_names
from triage.crm.odoo.account import Account
from triage.crm.odoo.api import Api, Row
from triage.crm.odoo.chatter import LEAD, Domain
from triage.crm.odoo.reviewing.since import since_of
from triage.crm.odoo.rows import Values, text_of
from triage.crm.odoo.statuses import LEAD as A_LEAD
from triage.crm.odoo.statuses import OPPORTUNITY, STANDING, Statuses
from triage.crm.port import OutcomePage
from triage.domain.lead import LeadStatus, Owner
from triage.domain.people import Rep
from triage.domain.stages import StageChange

_TOLD = frozenset({LeadStatus.WORKING, LeadStatus.QUALIFIED})
"""Stages of the pipeline that are told by where a lead stands now."""
_FIELDS = (
    *STANDING,
    *("name", "contact_name", "partner_name", "partner_id", "source_id", "campaign_id", "expected_revenue"),
    *(
        "company_currency",
        "create_date",
        "date_open",
        "date_conversion",
        "date_last_stage_update",
        "date_closed",
    ),
)
_PAGE = 500
_EVERYTHING = {"active_test": False}


class Outcomes:
    """What became of the leads of one database."""

    def __init__(self, api: Api, account: Account) -> None:
        self._api = api
        self._account = account

    async def pages(self, cursor: str | None) -> AsyncIterator[OutcomePage]:
        """Yield one page with all that has become since the cursor."""
        since = since_of(cursor)
        statuses, me = await self._account.statuses(), await self._account.me()
        unread: Counter[str] = Counter()
        changes: dict[str, StageChange] = {}
        moments: list[datetime | None] = []
        for row in await self._changed(since.start):
            values = Values(row, unread)
            moments.append(values.time("write_date"))
            changes |= {one.change_id: one for one in _changes(statuses, row, values)}
        found = sorted(changes.values(), key=lambda one: (one.at, one.change_id))
        new = [one for one in found if one.change_id not in since.given and _is_in(one, since.start)]
        seen = tuple(one if _is_seen(one, me) else outcome_without_names(one) for one in new)
        end = since.after(moments, ((one.change_id, one.at) for one in found))
        yield OutcomePage(seen, end.cursor(), more=False, unread=dict(unread))

    async def _changed(self, start: datetime | None) -> list[Row]:
        since: Domain = [["write_date", ">=", text_of(start)]] if start is not None else []
        found: list[Row] = []
        last = 0
        while True:
            domain = [["id", ">", last], *since]
            rows = await self._api.search_read(LEAD, domain, _FIELDS, limit=_PAGE, context=_EVERYTHING)
            found += rows
            if len(rows) < _PAGE or rows[-1]["id"] <= last:
                return found
            last = rows[-1]["id"]


def _changes(statuses: Statuses, row: Row, values: Values) -> Iterator[StageChange]:
    """Yield the stages that a lead came to; without a moment nothing is told."""
    for stage, at in _moments(statuses, row, values):
        if at is not None:
            yield _change(row, values, stage, at)


def _moments(statuses: Statuses, row: Row, values: Values) -> Iterator[tuple[LeadStatus, datetime | None]]:
    status, is_lead = statuses.of(row), values.text("type") == A_LEAD
    if values.id("user_id"):
        yield LeadStatus.ASSIGNED, values.time("date_open") or values.time("create_date")
    if statuses.kind != OPPORTUNITY and not is_lead and values.time("date_conversion") is not None:
        yield LeadStatus.OPPORTUNITY, values.time("date_conversion")
    if status in _TOLD:
        yield status, values.time("date_last_stage_update")
    if status in (LeadStatus.WON, LeadStatus.LOST):
        closed = values.time("date_closed") or values.time("date_last_stage_update")
        yield status, closed or values.time("write_date")


def _change(row: Row, values: Values, stage: LeadStatus, at: datetime) -> StageChange:
    owner = values.id("user_id")
    is_deal = stage in (LeadStatus.OPPORTUNITY, LeadStatus.WON, LeadStatus.LOST)
    return StageChange(
        change_id=f"{row['id']}-{stage.value}",
        lead_id=str(row["id"]),
        stage=stage,
        at=at,
        opportunity=values.text("name") if is_deal else None,
        amount=values.number("expected_revenue") if is_deal else None,
        currency=values.name("company_currency") or None if is_deal else None,
        owner=Owner(str(owner), values.name("user_id")) if owner else None,
        name=values.text("contact_name"),
        company=values.text("partner_name"),
        source=values.name("source_id"),
        campaign=values.name("campaign_id"),
        account_id=str(values.id("partner_id") or ""),
    )


def _is_in(change: StageChange, start: datetime | None) -> bool:
    return start is None or change.at >= start


def _is_seen(change: StageChange, me: Rep) -> bool:
    """Whether this role may see whose lead it was, and who the lead is."""
    return me.role == "marketing" or (change.owner is not None and change.owner.user_id == me.user_id)
