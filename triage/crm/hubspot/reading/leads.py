"""A lead with its contact and company, to the lead that a rep decides on. Pure; what is not said is empty.

Whether sales was in contact is told by calls, mails and meetings, and where those cannot be read by
`notes_last_contacted`, which keeps the last contact only. Where the assignment has no moment, or the property
tells of a contact that is none of the owner's, nothing is said about contact.

Not confirmed against a live account: that `hubspot_owner_assigneddate` is kept on leads, and that
`notes_last_contacted` is the last call, mail or meeting of a person of sales.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from msgspec import Struct, field

from triage.crm.dialect import Dialect
from triage.crm.hubspot import names
from triage.crm.hubspot.reading import facts, marketing
from triage.crm.hubspot.reading.engagements import Engaged, Met, met_by
from triage.crm.hubspot.reading.score import Moved, score_of
from triage.crm.hubspot.reading.score_names import ScoreNames
from triage.crm.hubspot.reading.zones import time_zone_of
from triage.crm.hubspot.rows import Row
from triage.crm.hubspot.stages import Stages, said_of
from triage.crm.hubspot.values import Values
from triage.domain.account import Account
from triage.domain.lead import UNDECIDED, Fact, Lead, LeadId, LeadStatus, Owner
from triage.domain.people import Rep

ASSIGNED_AT = "hubspot_owner_assigneddate"
CONTACTED_AT = "notes_last_contacted"
OF_LEAD = (
    *("hs_lead_name", "hs_lead_label", "hs_lead_type", names.PIPELINE, names.STAGE, names.OWNER),
    *(names.REASON_OF_LEAD, names.NOTE_OF_LEAD, names.PRIMARY_CONTACT, "hs_lead_is_open"),
    *("hs_createdate", names.MODIFIED[names.LEADS], ASSIGNED_AT, names.KEY),
)
OF_PERSON = (
    *("firstname", "lastname", "email", "phone", "mobilephone", "jobtitle", "company", "website"),
    *("city", "country", "hs_country_region_code", "industry", "numemployees", "hs_language", "hs_timezone"),
    *("hs_linkedin_url", "createdate", names.MODIFIED[names.CONTACTS], CONTACTED_AT),
    *(names.LEAD_STATUS, names.OWNER, ASSIGNED_AT),
    *(names.OUTCOME, names.REASON, names.BY, names.DECIDED_AT, names.WAKE_AT, names.KEY),
)


class Portal(Struct, frozen=True):
    """What is the same for all leads of a fetch."""

    me: Rep
    kind: str
    stages: Stages
    scores: ScoreNames
    dialect: Dialect
    now: datetime
    labels: Mapping[str, str] = MappingProxyType({})
    """What the portal calls the properties of contacts, by their names."""

    @property
    def lead_properties(self) -> tuple[str, ...]:
        """The properties to ask of a lead; a contact that is a lead has them all."""
        return OF_LEAD if self.kind == names.LEADS else self.contact_properties

    @property
    def contact_properties(self) -> tuple[str, ...]:
        """The properties to ask of a contact."""
        mine = (*self.dialect.fields.values(), *self.scores.properties)
        return tuple(
            dict.fromkeys((*OF_PERSON, *marketing.PROPERTIES, *facts.PROPERTIES, *filter(None, mine)))
        )


class Gathered(Struct, frozen=True):
    """One lead's rows, as they came."""

    row: Row
    contact: Row = field(default_factory=lambda: {"id": "", "properties": {}})
    company: Row = field(default_factory=lambda: {"id": "", "properties": {}})
    history: tuple[Moved, ...] | None = None
    engaged: Engaged | None = None
    """What sales did about the contact; None: that cannot be read."""
    sequence: str = ""
    """What the sequence is called that the contact is in."""
    lists: str = ""
    """The lists that the contact is on, in words."""

    @property
    def contact_id(self) -> str:
        """The contact's id; empty where there is none."""
        contact_id: str = self.contact["id"]
        return contact_id


def status_of(gathered: Gathered, portal: Portal) -> LeadStatus:
    """Return where a lead stands, in our words."""
    stage, contact = gathered.row["properties"], gathered.contact["properties"]
    value = stage.get(names.STAGE if portal.kind == names.LEADS else names.LEAD_STATUS) or ""
    return portal.stages.status(str(value), said_of(stage, contact), portal.now)


def lead_of(gathered: Gathered, portal: Portal, unread: Counter[str]) -> Lead:
    """Return the lead."""
    lead = Values(gathered.row["properties"], unread)
    contact, company = (Values(row["properties"], unread) for row in (gathered.contact, gathered.company))
    status = status_of(gathered, portal)
    said = said_of(gathered.row["properties"], gathered.contact["properties"])
    known = _Person(contact, company, portal.dialect)
    assigned_at = lead.time(ASSIGNED_AT)
    met = _met(gathered, assigned_at, portal)
    contacted_at, contact_known = _contact(contact, assigned_at, met, portal.dialect)
    touches = marketing.touches_of(contact)
    touched = (met.last_at if met else None, *(touch.at for touch in touches))
    return Lead(
        lead_id=LeadId(gathered.row["id"]),
        version=lead.text(names.MODIFIED[portal.kind]),
        status=status,
        owner=Owner(lead.text(names.OWNER), _owner_name(lead, portal.me)),
        name=known.name or lead.text("hs_lead_name"),
        title=known.text("title", "jobtitle"),
        company=known.text("company", "company") or company.text("name"),
        email=known.text("email", "email"),
        phone=known.text("phone", "phone") or contact.text("mobilephone"),
        country=known.country,
        city=known.text("city", "city") or company.text("city"),
        time_zone=time_zone_of(known.text("time_zone", "hs_timezone")),
        profile_url=known.text("profile_url", "hs_linkedin_url"),
        website=known.text("website", "website") or company.text("domain"),
        industry=known.industry,
        employees=known.employees,
        language=known.text("language", "hs_language"),
        source=known.text("source") or marketing.source_of(contact),
        campaign=marketing.campaign_of(contact, portal.dialect),
        created_at=lead.time("hs_createdate") if portal.kind == names.LEADS else contact.time("createdate"),
        event_at=contact.time(marketing.ENTERED_MQL),
        assigned_at=assigned_at,
        contacted_at=contacted_at,
        contact_known=contact_known,
        attempts=known.attempts(met),
        last_touch_at=max((at for at in touched if at is not None), default=None),
        mql=marketing.mql_of(contact, portal.dialect),
        score=score_of(contact, portal.scores, gathered.history, portal.now),
        facts=facts.facts_of(contact, portal.dialect, known.facts(lead)),
        touches=touches,
        moment=marketing.moment_of(contact),
        nurture=marketing.nurture_of(contact, gathered.sequence, gathered.lists),
        account=_account(gathered.company["id"], contact, company),
        recycles=marketing.recycles_of(contact, now_waiting=status in UNDECIDED),
        snoozed_until=said.wake_at if status is LeadStatus.SNOOZED else None,
        last_decision_id=lead.text(names.KEY) or None,
        fetched_at=portal.now,
    )


class _Person(Struct, frozen=True):
    """Who a lead is: the profile's own properties go before the usual ones."""

    contact: Values
    company: Values
    dialect: Dialect

    def text(self, ours: str, usual: str = "") -> str:
        theirs = self.dialect.fields.get(ours) or usual
        return self.contact.text(theirs) if theirs else ""

    def attempts(self, met: Met | None) -> int | None:
        theirs = self.dialect.fields.get("attempts", "")
        if theirs:
            return self.contact.whole(theirs)
        return met.attempts if met else None

    @property
    def name(self) -> str:
        both = (self.contact.text("firstname"), self.contact.text("lastname"))
        return " ".join(part for part in both if part)

    @property
    def country(self) -> str:
        named = self.text("country", "country")
        own = facts.country_of(self.contact.text("hs_country_region_code"), named)
        return own or facts.country_of("", self.company.text("country"))

    @property
    def industry(self) -> str:
        return self.text("industry") or self.company.text("industry") or self.contact.text("industry")

    @property
    def employees(self) -> int | None:
        return facts.employees_of(self.contact, self.company, self.dialect)

    def facts(self, lead: Values) -> dict[str, Fact]:
        return {
            "employees": self.employees,
            "industry": self.industry,
            "country": self.country,
            "lead_label": lead.text("hs_lead_label").casefold(),
            "lead_type": lead.text("hs_lead_type").casefold(),
        }


def _owner_name(lead: Values, me: Rep) -> str:
    return me.name if lead.text(names.OWNER) == me.user_id else ""


def _met(gathered: Gathered, assigned_at: datetime | None, portal: Portal) -> Met | None:
    """Return what the owner did since the assignment; None where that cannot be told."""
    if gathered.engaged is None or assigned_at is None:
        return None
    owner_id = str(gathered.row["properties"].get(names.OWNER) or "")
    return met_by(owner_id, gathered.engaged, assigned_at, portal.now)


def _contact(
    contact: Values, assigned_at: datetime | None, met: Met | None, dialect: Dialect
) -> tuple[datetime | None, bool]:
    """Return when sales was in contact since the assignment, and whether the portal can tell."""
    last_at, known = _last_contact(contact, assigned_at, dialect)
    if met is None or dialect.fields.get("contacted_at"):
        return last_at, known
    if met.first_at is not None:
        return met.first_at, True
    return None, last_at is None and met.attempts is not None


def _last_contact(
    contact: Values, assigned_at: datetime | None, dialect: Dialect
) -> tuple[datetime | None, bool]:
    """Return the last contact, if it was since the assignment, and whether the portal can tell."""
    name = dialect.fields.get("contacted_at") or CONTACTED_AT
    at = contact.time(name)
    if at is None:
        return None, contact.tells(name)
    if assigned_at is None:
        return None, False
    return (at if at >= assigned_at else None), True


def _account(company_id: str, contact: Values, company: Values) -> Account:
    stages = (contact.text("lifecyclestage"), company.text("lifecyclestage"))
    return Account(
        account_id=company_id,
        name=company.text("name") or contact.text("company"),
        customer="customer" in stages,
    )
