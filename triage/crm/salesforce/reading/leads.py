"""From a row of Lead and what was asked about it to a lead. What the org does not say is never guessed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct

from triage.crm.dialect import Dialect
from triage.crm.fields import Fields
from triage.crm.free_mail import told_by
from triage.crm.salesforce.api import Row
from triage.crm.salesforce.describe import Described
from triage.crm.salesforce.keeping.kept import Kept
from triage.crm.salesforce.keeping.ledger import decided, standing
from triage.crm.salesforce.reading import activities, marketing
from triage.crm.salesforce.reading.around import Around
from triage.crm.salesforce.reading.score import read_score, score_fields
from triage.crm.salesforce.statuses import Statuses
from triage.domain.account import Account as Company
from triage.domain.act import Act
from triage.domain.lead import Fact, Lead, LeadId, LeadStatus, Mql, Owner, Recycle

_SYSTEM = (
    "OwnerId",
    "Owner.Name",
    "Status",
    "IsConverted",
    "ConvertedOpportunityId",
    "SystemModstamp",
    "LastModifiedDate",
    "CreatedDate",
)
_PERSON = {
    "name": "Name",
    "title": "Title",
    "company": "Company",
    "email": "Email",
    "phone": "Phone",
    "city": "City",
    "website": "Website",
    "industry": "Industry",
    "source": "LeadSource",
    "language": "",
    "time_zone": "",
    "moment": "",
    "sla_rule": "",
}
"""Our texts to the fields that hold them, where the profile names no other; empty: only if it names one."""
_MOMENTS = ("event_at", "assigned_at", "sla_due_at")
_FACTS = {
    "employees": "NumberOfEmployees",
    "industry": "Industry",
    "annual_revenue": "AnnualRevenue",
    "rating": "Rating",
    "state": "State",
    "do_not_call": "DoNotCall",
    "opted_out": "HasOptedOutOfEmail",
}
_NO_FACTS = frozenset(
    {*_PERSON, *_MOMENTS, "score", "band", "fit_grade", "engagement_grade", "model_version"}
)
_MORE = ("MobilePhone", "Country", "CountryCode", "Triage_Outcome__c", "Triage_Wake_At__c")
_ISO = 2
"""Letters of a country's code."""


class Reader(Struct, frozen=True):
    """What is needed to read any lead of an org."""

    described: Described
    statuses: Statuses
    dialect: Dialect
    place: str = ""
    """The org's address, without a slash at its end."""
    tracked_since: datetime | None = None
    """Since when changes of owners are kept; None: nobody knows that they are."""

    def wanted(self) -> tuple[str, ...]:
        """Return the fields of a lead that are worth asking for."""
        usual = (*_SYSTEM, *_PERSON.values(), *_FACTS.values(), *_MORE)
        named = tuple(self.dialect.fields.values())
        return (*usual, *marketing.FIELDS, *score_fields(self.dialect.fields), *named)

    def read(
        self, row: Mapping[str, Any], around: Around, unread: Counter[str], fetched_at: datetime
    ) -> Lead | None:
        """Return a lead; None, and counted, for a row without an id."""
        fields = Fields(row, unread)
        lead_id = fields.id("Id")
        if lead_id is None:
            unread["lead"] += 1
            return None
        return self._lead(LeadId(lead_id), fields, around, fetched_at)

    def _lead(self, lead_id: LeadId, fields: Fields, around: Around, fetched_at: datetime) -> Lead:
        owner_id = fields.text("OwnerId")
        tasks = _of(around.tasks, lead_id)
        members = around.members.get(lead_id, [])
        decisions = around.decisions.get(lead_id, [])
        status, snoozed_until = self._standing(fields, decisions)
        assigned_at = self._assigned_at(fields, around.changes.get(lead_id, []))
        since = assigned_at or fields.time("CreatedDate")
        met = activities.contact(tasks, _of(around.events, lead_id), owner_id, since, fetched_at)
        touches = marketing.touches(fields, members, tasks)
        return Lead(
            lead_id=lead_id,
            version=fields.text("SystemModstamp"),
            status=status,
            owner=Owner(owner_id, _name(fields.child("Owner"))),
            **self._texts(fields),
            country=self._country(fields),
            profile_url=self._text(fields, "profile_url") or self._page(lead_id),
            employees=_whole(fields, self.dialect.fields.get("employees", _FACTS["employees"])),
            campaign=marketing.campaign(fields, members, self.dialect),
            created_at=fields.time("CreatedDate"),
            event_at=self._moment(fields, "event_at"),
            assigned_at=assigned_at,
            sla_due_at=self._moment(fields, "sla_due_at"),
            contacted_at=met.first_at,
            contact_known=met.known,
            attempts=met.attempts,
            last_touch_at=max(
                (at for at in (met.last_at, *(one.at for one in touches)) if at is not None), default=None
            ),
            mql=self._mql(fields),
            score=read_score(fields, around.predictions.get(lead_id, ()), self.described, self.dialect),
            facts=self._facts(fields),
            touches=touches,
            account=_company(fields, self._text(fields, "company")),
            recycles=_recycles(decisions),
            snoozed_until=snoozed_until,
            last_decision_id=decisions[-1].key if decisions else None,
            fetched_at=fetched_at,
        )

    def _assigned_at(self, fields: Fields, changes: Sequence[Row]) -> datetime | None:
        """Return when the lead came to its owner: with its creation, where a change would have been kept."""
        told = self._moment(fields, "assigned_at") or activities.assigned_at(changes)
        created = fields.time("CreatedDate")
        if told is not None or created is None or self.tracked_since is None:
            return told
        return created if created >= self.tracked_since else None

    def _standing(self, fields: Fields, decisions: Sequence[Kept]) -> tuple[LeadStatus, datetime | None]:
        """Return where a lead stands, and until when it is put off."""
        row = {name: fields.raw(name) for name in ("Status", "IsConverted", "ConvertedOpportunityId")}
        status = self.statuses.of(row, decided(decisions))
        last = standing(decisions)
        if status is not LeadStatus.SNOOZED or last is None:
            return status, None
        return status, last.wake_at or fields.time("Triage_Wake_At__c")

    def _texts(self, fields: Fields) -> dict[str, Any]:
        """Return the plain texts of a lead, by our names."""
        texts = {name: self._text(fields, name) for name in _PERSON}
        return texts | {"phone": texts["phone"] or fields.text("MobilePhone")}

    def _text(self, fields: Fields, name: str) -> str:
        theirs = self.dialect.fields.get(name) or _PERSON.get(name, "")
        value = _at(fields, theirs) if theirs else None
        return value if isinstance(value, str) else ""

    def _moment(self, fields: Fields, name: str) -> datetime | None:
        theirs = self.dialect.fields.get(name)
        return fields.time(theirs) if theirs else None

    def _country(self, fields: Fields) -> str:
        """Return the ISO code: the org's own where it keeps countries as a list, or a text that is one."""
        named = self.dialect.fields.get("country")
        said = (fields.text(named) if named else "") or fields.text("CountryCode") or fields.text("Country")
        return said.upper() if len(said) == _ISO else ""

    def _page(self, lead_id: str) -> str:
        return f"{self.place}/lightning/r/Lead/{lead_id}/view" if self.place else ""

    def _mql(self, fields: Fields) -> Mql | None:
        by = self._text(fields, "mql_by")
        return Mql(by, self._text(fields, "mql_detail")) if by else None

    def _facts(self, fields: Fields) -> dict[str, Fact]:
        named = {ours: theirs for ours, theirs in self.dialect.fields.items() if ours not in _NO_FACTS}
        facts = {ours: _fact(_at(fields, theirs)) for ours, theirs in (_FACTS | named).items()}
        facts["country"] = self._country(fields)
        if not facts["country"]:
            facts["country_name"] = fields.text("Country")
        said = {
            name: fact for name, fact in (facts | marketing.utm(fields)).items() if fact not in (None, "")
        }
        return told_by(fields.text("Email")) | said


def _of(rows: Mapping[str, list[Any]] | None, lead_id: str) -> list[Any] | None:
    return None if rows is None else rows.get(lead_id, [])


def _name(fields: Fields | None) -> str:
    return fields.text("Name") if fields else ""


def _company(fields: Fields, name: str) -> Company:
    """Return the company; who may neither be called nor written to is not to be contacted."""
    silent = fields.flag("DoNotCall") and fields.flag("HasOptedOutOfEmail")
    return Company(name=name, do_not_contact=silent)


def _recycles(decisions: Sequence[Kept]) -> tuple[Recycle, ...]:
    return tuple(
        Recycle(one.decided_at, reason=one.reason, by=one.by.name, wake_at=one.wake_at)
        for one in decisions
        if one.outcome == Act.RECYCLE.done
    )


def _at(fields: Fields, path: str) -> Any:
    """Return the value at a path of relationships: Owner.Name."""
    value: Any = None
    first, *rest = path.split(".")
    value = fields.raw(first)
    for name in rest:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _whole(fields: Fields, path: str) -> int | None:
    """Return a whole number, however the org's field keeps it."""
    value = _fact(_at(fields, path))
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _fact(value: Any) -> Fact:
    plain = Fields({"": value}, Counter())
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        return plain.optional_text("")
    return plain.whole("") if isinstance(value, int) else plain.number("")
