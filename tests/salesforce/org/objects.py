"""The objects of the org that a lead's triage touches, with the standard fields that are read or written."""

from __future__ import annotations

from tests.salesforce.org.schema import Field, SObject, audit

SOURCES = ("Web", "Phone Inquiry", "Partner Referral", "Purchased List", "Other")
STATUSES = (
    "Open - Not Contacted",
    "Working - Contacted",
    "Closed - Not Converted",
    "Closed - Converted",
)
CONVERTED = "Closed - Converted"


def _lookup(name: str, *refers: str, relationship: str = "", writable: bool = True) -> Field:
    relation = relationship or name.removesuffix("Id")
    return Field(name, "reference", refers=refers, relationship=relation, writable=writable)


LEAD = SObject(
    "Lead",
    "00Q",
    (
        *audit(owner=True),
        _lookup("MasterRecordId", "Lead", writable=False),
        Field("LastName", length=80, required=True),
        Field("FirstName", length=40),
        Field("Name", length=121, writable=False),
        Field("Company", required=True),
        Field("Title", length=128),
        Field("Email", "email", length=80),
        Field("Phone", "phone", length=40),
        Field("MobilePhone", "phone", length=40),
        Field("Website", "url"),
        Field("Street", "textarea"),
        Field("City", length=40),
        Field("State", length=80),
        Field("PostalCode", length=20),
        Field("Country", length=80),
        Field("CountryCode", "picklist", values=("DE", "AT", "CH", "US", "GB")),
        Field("Industry", "picklist", values=("Technology", "Manufacturing", "Finance", "Other")),
        Field("NumberOfEmployees", "int"),
        Field("AnnualRevenue", "currency"),
        Field("Description", "textarea", length=32_000, long=True),
        Field("LeadSource", "picklist", values=SOURCES),
        Field("Status", "picklist", values=STATUSES, restricted=True, required=True, default=STATUSES[0]),
        Field("Rating", "picklist", values=("Hot", "Warm", "Cold")),
        Field("IsConverted", "boolean", writable=False, default=False),
        Field("ConvertedDate", "date", writable=False),
        _lookup("ConvertedAccountId", "Account", writable=False),
        _lookup("ConvertedContactId", "Contact", writable=False),
        _lookup("ConvertedOpportunityId", "Opportunity", writable=False),
        Field("LastActivityDate", "date", writable=False),
        Field("HasOptedOutOfEmail", "boolean", default=False),
        Field("DoNotCall", "boolean", default=False),
    ),
    children={
        "Tasks": ("Task", "WhoId"),
        "Events": ("Event", "WhoId"),
        "CampaignMembers": ("CampaignMember", "LeadId"),
        "Histories": ("LeadHistory", "LeadId"),
    },
)

USER = SObject(
    "User",
    "005",
    (
        *audit(),
        Field("Name", writable=False),
        Field("FirstName"),
        Field("LastName"),
        Field("Email", "email"),
        Field("Username"),
        Field("IsActive", "boolean", default=True),
        Field("UserType", "picklist", values=("Standard", "AutomatedProcess", "CsnOnly"), default="Standard"),
        Field("TimeZoneSidKey", "picklist"),
        Field("Title"),
        Field("Department"),
    ),
    writable=False,
)

GROUP = SObject(
    "Group",
    "00G",
    (*audit(), Field("Name"), Field("DeveloperName"), Field("Type", "picklist"), Field("Email", "email")),
    writable=False,
)

QUEUE_SOBJECT = SObject(
    "QueueSobject",
    "03g",
    (Field("Id", "id", writable=False), _lookup("QueueId", "Group"), Field("SobjectType", "picklist")),
    writable=False,
)

LEAD_STATUS = SObject(
    "LeadStatus",
    "01J",
    (
        *audit(),
        Field("ApiName"),
        Field("MasterLabel"),
        Field("IsConverted", "boolean"),
        Field("IsDefault", "boolean"),
        Field("SortOrder", "int"),
    ),
    writable=False,
)

ACCOUNT = SObject("Account", "001", (*audit(owner=True), Field("Name", required=True), Field("Industry")))
CONTACT = SObject(
    "Contact", "003", (*audit(owner=True), Field("LastName", required=True), _lookup("AccountId", "Account"))
)

OPPORTUNITY = SObject(
    "Opportunity",
    "006",
    (
        *audit(owner=True),
        Field("Name", length=120, required=True),
        _lookup("AccountId", "Account"),
        Field("StageName", "picklist", values=("Prospecting", "Closed Won", "Closed Lost")),
        Field("Amount", "currency"),
        Field("CurrencyIsoCode", "picklist", values=("EUR", "USD")),
        Field("IsClosed", "boolean", writable=False, default=False),
        Field("IsWon", "boolean", writable=False, default=False),
        Field("CloseDate", "date"),
    ),
)

CAMPAIGN = SObject(
    "Campaign",
    "701",
    (
        *audit(owner=True),
        Field("Name", required=True),
        Field("Type", "picklist"),
        Field("Status", "picklist"),
        Field("Description", "textarea", length=32_000, long=True),
        Field("StartDate", "date"),
        Field("EndDate", "date"),
    ),
)

MEMBER_STATUSES = ("Sent", "Responded", "Sales rejected")
CAMPAIGN_MEMBER = SObject(
    "CampaignMember",
    "00v",
    (
        *audit(),
        _lookup("CampaignId", "Campaign"),
        _lookup("LeadId", "Lead"),
        Field("Status", "picklist", values=MEMBER_STATUSES, restricted=True, default="Sent"),
        Field("HasResponded", "boolean", writable=False, default=False),
        Field("FirstRespondedDate", "date", writable=False),
    ),
)

_ACTIVITY = (
    *audit(owner=True),
    Field("WhoId", "reference", refers=("Lead", "Contact"), relationship="Who"),
    Field("Subject", "combobox"),
    Field("ActivityDate", "date"),
    Field("Description", "textarea", length=32_000, long=True),
)
TASK = SObject(
    "Task",
    "00T",
    (
        *_ACTIVITY,
        Field("Status", "picklist", values=("Not Started", "Completed"), default="Not Started"),
        Field("Priority", "picklist", values=("High", "Normal", "Low"), default="Normal"),
        Field("Type", "picklist", values=("Call", "Email", "Meeting", "Other")),
        Field("TaskSubtype", "picklist", values=("Task", "Email", "Call"), default="Task"),
        Field("IsClosed", "boolean", writable=False, default=False),
        Field("CompletedDateTime", "datetime", writable=False),
    ),
)
EVENT = SObject(
    "Event",
    "00U",
    (
        *_ACTIVITY,
        Field("ActivityDateTime", "datetime"),
        Field("StartDateTime", "datetime"),
        Field("EndDateTime", "datetime"),
        Field("Type", "picklist", values=("Call", "Email", "Meeting", "Other")),
    ),
)

LEAD_HISTORY = SObject(
    "LeadHistory",
    "017",
    (
        Field("Id", "id", writable=False),
        Field("IsDeleted", "boolean", writable=False, default=False),
        Field("CreatedDate", "datetime", writable=False),
        _lookup("CreatedById", "User"),
        _lookup("LeadId", "Lead"),
        Field("Field", "picklist"),
        Field("OldValue", "anyType", long=True),
        Field("NewValue", "anyType", long=True),
    ),
    writable=False,
)

STANDARD = (
    LEAD,
    USER,
    GROUP,
    QUEUE_SOBJECT,
    LEAD_STATUS,
    ACCOUNT,
    CONTACT,
    OPPORTUNITY,
    CAMPAIGN,
    CAMPAIGN_MEMBER,
    TASK,
    EVENT,
    LEAD_HISTORY,
)
