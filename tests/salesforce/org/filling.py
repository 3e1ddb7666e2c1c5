"""The people, queues and leads of a new org. All names are invented, all addresses reserved for examples."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from tests.salesforce.org import extras
from tests.salesforce.org.objects import LEAD, MEMBER_STATUSES, SOURCES, STANDARD, STATUSES
from tests.salesforce.org.schema import SObject
from tests.salesforce.org.tables import Row

if TYPE_CHECKING:
    from tests.salesforce.org.state import Org

_FIRST = ("Ada", "Ben", "Cleo", "Dan", "Eva", "Finn", "Gus", "Hana")
_TITLES = ("Head of IT", "Buyer", "Engineer", "CEO")
_CAMPAIGNS = (("Webinar Autumn", "Webinar"), ("Price list", "Content"), ("Trade fair", "Event"))
_FACTORS = (("Title", "CEO", 0.31), ("LeadSource", "Web", 0.12), ("Country", "Germany", -0.07))


def objects_of(
    *, with_object: bool, with_lead_fields: bool, einstein: bool, prediction: bool, pardot: bool
) -> list[SObject]:
    """Return the objects of an org that has these things."""
    lead = LEAD
    lead = lead.with_fields(*extras.ON_LEAD) if with_lead_fields else lead
    lead = lead.with_fields(*extras.SCORE_ON_LEAD) if einstein else lead
    lead = lead.with_fields(*extras.PARDOT_ON_LEAD) if pardot else lead
    more = [extras.DECISIONS] if with_object else []
    more += [extras.SCORE_INTELLIGENCE, extras.MODEL_FACTOR] if einstein else []
    more += [extras.RECORD_INSIGHT, extras.INSIGHT_VALUE, extras.INSIGHT_REASON] if prediction else []
    return [lead, *STANDARD[1:], *more]


def fill(org: Org, leads: int) -> None:
    """Put people, statuses, campaigns and leads into a new org."""
    at = org.now().replace(microsecond=0) - timedelta(hours=leads // 60 + 2)
    _people(org, at)
    _statuses(org, at)
    campaigns = [
        _add(org, "Campaign", at, Name=name, Type=kind, Status="In Progress", OwnerId=org.marketing)["Id"]
        for name, kind in _CAMPAIGNS
    ]
    org.lead_ids = tuple(_lead(org, number, at + timedelta(minutes=number)) for number in range(leads))
    for number, lead_id in enumerate(org.lead_ids):
        _story(org, number, lead_id, campaigns, at)


def _add(org: Org, name: str, at: datetime, **values: Any) -> Row:
    sobject = org.schema.known(name)
    assert sobject is not None, name
    row: Row = {one.name: one.default for one in sobject.fields}
    stamps = {"CreatedDate": at, "LastModifiedDate": at, "SystemModstamp": at}
    row |= {key: value for key, value in stamps.items() if sobject.field(key)}
    row |= {"Id": org.tables.new_id(sobject), **values}
    org.tables.put(sobject, row)
    return row


def _people(org: Org, at: datetime) -> None:
    people = (("Robin", "Rep"), ("Kim", "Colleague"), ("Mara", "Marketing"))
    ids = [_person(org, at, first, last) for first, last in people]
    org.me, org.colleague, org.marketing = ids
    _person(org, at, "Gone", "Gone", IsActive=False)
    _person(org, at, "Automated", "Process", UserType="AutomatedProcess")
    org.username = "robin.rep@example.com"
    org.approved = {org.me}
    org._mine = org.tokens.sign_in(org.me, org.client_id, "api refresh_token")
    queues = [
        _add(org, "Group", at, Name=name, DeveloperName=name.replace(" ", "_"), Type="Queue")["Id"]
        for name in ("Marketing nurture", "Inbound leads")
    ]
    org.queue = queues[0]
    for queue in queues:
        _add(org, "QueueSobject", at, QueueId=queue, SobjectType="Lead")
    cases = _add(org, "Group", at, Name="Support", DeveloperName="Support", Type="Queue")["Id"]
    _add(org, "QueueSobject", at, QueueId=cases, SobjectType="Case")


def _person(org: Org, at: datetime, first: str, last: str, **more: Any) -> str:
    mail = f"{first}.{last}@example.com".lower()
    row = _add(
        org,
        "User",
        at,
        **{
            "Name": f"{first} {last}",
            "FirstName": first,
            "LastName": last,
            "Email": mail,
            "Username": mail,
            "TimeZoneSidKey": "Europe/Berlin",
            **more,
        },
    )
    return str(row["Id"])


def _statuses(org: Org, at: datetime) -> None:
    for order, status in enumerate(STATUSES, start=1):
        _add(
            org,
            "LeadStatus",
            at,
            ApiName=status,
            MasterLabel=status,
            IsConverted=status in org.converting,
            IsDefault=order == 1,
            SortOrder=order,
        )


def _lead(org: Org, number: int, at: datetime) -> str:
    first, last = _FIRST[number % len(_FIRST)], f"Example{number}"
    values: dict[str, Any] = {
        "OwnerId": org.me,
        "FirstName": first,
        "LastName": last,
        "Name": f"{first} {last}",
        "Company": f"Company {number} Ltd",
        "Title": _TITLES[number % len(_TITLES)],
        "Email": f"{first}.{number}@company{number}.example".lower(),
        "Phone": f"+49 30 5550{number % 10_000:04d}",
        "City": "Berlin",
        "Country": "Germany",
        "CountryCode": "DE",
        "Industry": "Technology",
        "NumberOfEmployees": 10 + number,
        "LeadSource": SOURCES[number % len(SOURCES)],
        "Rating": "Warm",
        "Website": f"https://company{number}.example",
    }
    if _lead_has(org, "pi__score__c"):
        values |= {
            "pi__score__c": float(40 + number % 60),
            "pi__grade__c": "B+",
            "pi__utm_source__c": "newsletter",
            "pi__utm_campaign__c": "autumn",
            "pi__last_activity__c": at,
            "pi__first_activity__c": at - timedelta(days=9),
            "pi__conversion_object_name__c": "Price list form",
            "pi__conversion_object_type__c": "Form",
            "pi__conversion_date__c": at,
            "pi__campaign__c": "Price list",
        }
    return str(_add(org, "Lead", at, **values)["Id"])


def _lead_has(org: Org, field: str) -> bool:
    lead = org.schema.known("Lead")
    return lead is not None and lead.field(field) is not None


def _story(org: Org, number: int, lead_id: str, campaigns: Iterable[str], at: datetime) -> None:
    ids = list(campaigns)
    responded = number % 2 == 0
    _add(
        org,
        "CampaignMember",
        at,
        CampaignId=ids[number % len(ids)],
        LeadId=lead_id,
        Status=MEMBER_STATUSES[responded],
        HasResponded=responded,
        FirstRespondedDate=at.date() if responded else None,
    )
    _score(org, number, lead_id, at)


def _score(org: Org, number: int, lead_id: str, at: datetime) -> None:
    if _lead_has(org, "ScoreIntelligenceId"):
        score = _add(org, "ScoreIntelligence", at, BaseId=lead_id, Score=float(30 + number % 70))
        sobject = org.schema.known("Lead")
        assert sobject is not None
        org.tables.put(sobject, {**org.lead(lead_id), "ScoreIntelligenceId": score["Id"]})
    if org.schema.known("AIRecordInsight") and number % 3 == 0:
        _prediction(org, number, lead_id, at)


def _prediction(org: Org, number: int, lead_id: str, at: datetime) -> None:
    chance = 0.5 + (number % 40) / 100
    insight = _add(
        org,
        "AIRecordInsight",
        at,
        TargetId=lead_id,
        TargetSobjectType="Lead",
        TargetField="Lead.IsConverted",
        PredictionField="Lead.Will_Convert__c",
        Type="SingleValue",
        Status="New",
        Confidence=chance,
        RunStartTime=at,
    )
    value = _add(
        org, "AIInsightValue", at, AiRecordInsightId=insight["Id"], Value=str(chance), Confidence=chance
    )
    for order, (name, what, weight) in enumerate(_FACTORS):
        _add(
            org,
            "AIInsightReason",
            at,
            AiInsightValueId=value["Id"],
            FieldName=name,
            FieldValue=what,
            Operator="Equals",
            Contribution=weight,
            Intensity=abs(weight),
            Variance=0.1,
            SortHint=float(order),
        )
