"""From a converted lead with its opportunity to the stages that it came to. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime

from msgspec.structs import replace

from triage.crm.fields import Fields
from triage.crm.salesforce.api import Row
from triage.domain.lead import LeadStatus, Owner
from triage.domain.stages import StageChange

OPPORTUNITY_COLUMNS = (
    "Name",
    "Amount",
    "CurrencyIsoCode",
    "IsClosed",
    "IsWon",
    "CloseDate",
    "LastStageChangeDate",
    "CreatedDate",
    "LastModifiedDate",
    "SystemModstamp",
    "AccountId",
)


def opportunity_changes(row: Row, unread: Counter[str]) -> Iterator[StageChange]:
    """Yield the stages of one converted lead: qualified without an opportunity, else what came of that."""
    fields = Fields(row, unread)
    lead_id, deal = fields.id("Id"), fields.child("ConvertedOpportunity")
    if lead_id is None:
        return
    owner = fields.child("Owner")
    usual = StageChange(
        change_id=f"converted-{lead_id}",
        lead_id=lead_id,
        stage=LeadStatus.QUALIFIED,
        at=datetime.min.replace(tzinfo=UTC),
        owner=Owner(fields.text("OwnerId"), owner.text("Name") if owner else "")
        if fields.text("OwnerId")
        else None,
        name=fields.text("Name"),
        company=fields.text("Company"),
        source=fields.text("LeadSource"),
    )
    if deal is not None:
        yield from _of_deal(deal, fields.text("ConvertedOpportunityId"), usual)
    elif (at := _day(fields, "ConvertedDate")) is not None:
        yield replace(usual, at=at)


def _of_deal(deal: Fields, deal_id: str, usual: StageChange) -> Iterator[StageChange]:
    began = deal.time("CreatedDate")
    if began is None or not deal_id:
        return
    told = replace(
        usual,
        change_id=f"opportunity-{deal_id}",
        stage=LeadStatus.OPPORTUNITY,
        at=began,
        opportunity=deal.optional_text("Name"),
        amount=deal.number("Amount"),
        currency=deal.optional_text("CurrencyIsoCode"),
        account_id=deal.text("AccountId"),
    )
    yield told
    ended = _ended(deal)
    if deal.flag("IsClosed") and ended is not None:
        stage = LeadStatus.WON if deal.flag("IsWon") else LeadStatus.LOST
        yield replace(told, change_id=f"{stage.value}-{deal_id}", stage=stage, at=ended)


def _ended(deal: Fields) -> datetime | None:
    """Return when it was closed: the last change of its stage, else the day it names, if that is past."""
    closed, changed = _day(deal, "CloseDate"), deal.time("LastModifiedDate")
    exact = deal.time("LastStageChangeDate")
    return exact or min((at for at in (closed, changed) if at is not None), default=None)


def _day(fields: Fields, name: str) -> datetime | None:
    """Return the beginning of a day in UTC: Salesforce says no more of it."""
    text = fields.optional_text(name)
    if text is None:
        return None
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError:
        fields.count(name)
        return None
