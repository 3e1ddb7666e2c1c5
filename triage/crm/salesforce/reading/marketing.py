"""What marketing did with a lead: its campaigns, what Account Engagement saw, mails, in the order of time.

Not confirmed against a live account: the fields of the managed package `pi__`, by what others have observed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time

from msgspec.structs import replace

from triage.crm.dialect import Dialect
from triage.crm.fields import Fields
from triage.crm.salesforce.api import Row
from triage.crm.salesforce.reading.activities import mails
from triage.crm.salesforce.reading.questions import Question
from triage.domain.touch import Campaign, Touch

MEMBERS = Question(
    "CampaignMember",
    "LeadId",
    (
        "CampaignId",
        "Campaign.Name",
        "Campaign.Type",
        "Campaign.Status",
        "Campaign.Description",
        "Campaign.Owner.Name",
        "Status",
        "HasResponded",
        "FirstRespondedDate",
        "CreatedDate",
    ),
    newest_by="CreatedDate",
)
UTM = ("source", "medium", "campaign", "content", "term")
FIELDS = (
    "pi__campaign__c",
    "pi__first_activity__c",
    "pi__last_activity__c",
    "pi__conversion_date__c",
    "pi__conversion_object_name__c",
    "pi__conversion_object_type__c",
    "pi__first_touch_url__c",
    "pi__first_search_term__c",
    *(f"pi__utm_{name}__c" for name in UTM),
)
_BEGINNING = datetime.min.replace(tzinfo=UTC)


def touches(lead: Fields, members: Sequence[Row], tasks: Sequence[Row] | None) -> tuple[Touch, ...]:
    """Return all touches of a lead, the oldest first, those without a time before them."""
    found = [*map(_of_member, members), *_of_engagement(lead), *mails(tasks or ())]
    found.sort(key=lambda touch: touch.at or _BEGINNING)
    return _with_roles(found)


def campaign(lead: Fields, members: Sequence[Row], dialect: Dialect) -> Campaign | None:
    """Return the campaign that stands for a lead: the newest it answered, else the newest, else a name."""
    responded = [row for row in members if row.get("HasResponded") is True]
    newest = max(responded or members, key=lambda row: _of_member_at(row) or _BEGINNING, default=None)
    told = Fields(newest, Counter()).child("Campaign") if newest is not None else None
    if told is not None and told.text("Name"):
        owner = told.child("Owner")
        return Campaign(
            told.text("Name"),
            promise=told.text("Description"),
            owner=owner.text("Name") if owner else "",
        )
    named = dialect.fields.get("campaign", "pi__campaign__c")
    name = lead.text(named) or lead.text("pi__utm_campaign__c")
    return Campaign(name) if name else None


def utm(lead: Fields) -> dict[str, str]:
    """Return what Account Engagement keeps of the address that the visitor came by."""
    said = {f"utm_{name}": lead.text(f"pi__utm_{name}__c") for name in UTM}
    return {name: text for name, text in said.items() if text}


def _of_member(row: Row) -> Touch:
    fields = Fields(row, Counter())
    told = fields.child("Campaign")
    name, kind = (told.text("Name"), told.text("Type")) if told else ("", "")
    status = fields.text("Status")
    return Touch(
        fields.text("Id"),
        _of_member_at(row),
        kind="responded" if row.get("HasResponded") is True else "member",
        channel=kind,
        campaign=name,
        summary=f"{name}: {status}" if status else name,
    )


def _of_member_at(row: Row) -> datetime | None:
    """Return when a member responded, to the day; else when it came into the campaign."""
    fields = Fields(row, Counter())
    created = fields.time("CreatedDate")
    day = _day(row.get("FirstRespondedDate"))
    if day is None or (created is not None and created.date() == day.date()):
        return created
    return day


def _of_engagement(lead: Fields) -> Iterable[Touch]:
    first, converted, last = (
        lead.time(f"pi__{name}__c") for name in ("first_activity", "conversion_date", "last_activity")
    )
    if first is not None:
        term, url = lead.text("pi__first_search_term__c"), lead.text("pi__first_touch_url__c")
        said = f"searched for “{term}”" if term else "first visit"
        yield Touch("pi-first", first, kind="visit", channel="Web", asset=url, summary=said)
    if converted is not None:
        name, kind = (lead.text(f"pi__conversion_object_{part}__c") for part in ("name", "type"))
        yield Touch(
            "pi-conversion",
            converted,
            kind="conversion",
            channel=kind or "Web",
            asset=name,
            summary=f"{kind or 'Conversion'}: {name}" if name else kind,
            roles=("creating",),
        )
    if last is not None and last not in (first, converted):
        yield Touch("pi-last", last, kind="activity", channel="Web", summary="last activity")


def _with_roles(found: list[Touch]) -> tuple[Touch, ...]:
    timed = [touch for touch in found if touch.at is not None]
    if not timed:
        return tuple(found)
    ends: dict[int, tuple[str, ...]] = {id(timed[0]): ("first",), id(timed[-1]): ("last",)}
    if len(timed) == 1:
        ends[id(timed[0])] = ("first", "last")
    return tuple(replace(touch, roles=(*touch.roles, *ends.get(id(touch), ()))) for touch in found)


def _day(value: object) -> datetime | None:
    """Return the beginning of a day that comes without an hour."""
    if not isinstance(value, str):
        return None
    try:
        return datetime.combine(date.fromisoformat(value[:10]), time(), UTC)
    except ValueError:
        return None
