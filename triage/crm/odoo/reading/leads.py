"""A row of crm.lead with what is around it, to the lead that a rep decides on. Pure; nothing is guessed.

Not confirmed against a live account: that `date_open` is the last assignment, and `is_blacklisted`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from msgspec import Struct, field

from triage.crm.dialect import Dialect
from triage.crm.free_mail import told_by
from triage.crm.odoo.api import Row
from triage.crm.odoo.reading import marketing
from triage.crm.odoo.reading.chatter import Chatter, met_by, touches_in
from triage.crm.odoo.reading.score import FIELD, score_of
from triage.crm.odoo.rows import Values
from triage.crm.odoo.statuses import STANDING, Statuses
from triage.domain.account import Account
from triage.domain.lead import Fact, Lead, LeadId, LeadStatus, Owner, Recycle
from triage.domain.people import Rep
from triage.domain.score import TELLS_SCORE
from triage.domain.touch import Nurture, Touch

FIELDS = (
    *STANDING,
    *("name", "contact_name", "partner_name", "partner_id", "email_from", "phone", "mobile", "function"),
    *("website", "city", "country_id", "lang_code", "lang_id", "priority", "create_date", "date_open"),
    *("is_blacklisted", "phone_blacklisted", "x_triage_reason", "x_triage_decision_key"),
    *(FIELD, *marketing.FIELDS),
)
"""What is asked of a lead, of those fields that there are."""
_NOTHING: Mapping[int, Nurture] = MappingProxyType({})
_PRIORITIES = {"1": "medium", "2": "high", "3": "very high"}
_READ_ELSEWHERE = TELLS_SCORE | {"utm_campaign", "contacted_at", "attempts", "title", "country", "employees"}
"""Names of the profile's `fields` that are no facts of their own."""


class Here(Struct, frozen=True):
    """What is the same for all leads of a fetch."""

    me: Rep
    statuses: Statuses
    dialect: Dialect
    now: datetime
    countries: Mapping[int, str] = MappingProxyType({})
    users: Mapping[int, str] = MappingProxyType({})

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields to ask of a lead."""
        return tuple(dict.fromkeys((*FIELDS, *self.dialect.fields.values())))


class Around(Struct, frozen=True):
    """What was done about the leads of a page, by the lead."""

    chatter: Chatter | None = None
    """None: it cannot be read."""
    mailings: Mapping[int, list[Touch]] = field(default_factory=dict)
    programmes: Mapping[int, Nurture] = _NOTHING
    snoozed: Mapping[int, datetime] = field(default_factory=dict)
    """Until when our own snoozes go."""


def lead_of(row: Row, here: Here, around: Around, unread: Counter[str]) -> Lead:
    """Return the lead."""
    said = Values(row, unread)
    status = here.statuses.of(row)
    lead_id, owner_id = row["id"], said.id("user_id")
    assigned_at = said.time("date_open")
    chatter = around.chatter
    met = met_by(chatter, lead_id, owner_id, assigned_at) if chatter is not None else None
    messages = touches_in(chatter.of(lead_id), here.users) if chatter is not None else []
    touches = marketing.touches_of(said, [*messages, *around.mailings.get(lead_id, [])])
    return Lead(
        lead_id=LeadId(str(lead_id)),
        version=said.text("write_date"),
        status=status,
        owner=Owner(str(owner_id), said.name("user_id")) if owner_id else Owner(""),
        name=said.text("contact_name") or said.name("partner_id") or said.text("name"),
        title=_own(said, here, "title", "function"),
        company=said.text("partner_name"),
        email=said.text("email_from"),
        phone=said.text("phone") or said.text("mobile"),
        country=here.countries.get(said.id("country_id"), ""),
        city=said.text("city"),
        website=said.text("website"),
        industry=_own(said, here, "industry"),
        employees=_employees(said, here),
        language=said.text("lang_code") or said.name("lang_id"),
        source=said.name("source_id"),
        campaign=marketing.campaign_of(said, here.dialect.fields.get("utm_campaign", "")),
        created_at=said.time("create_date"),
        assigned_at=assigned_at,
        contacted_at=met.first_at if met is not None else None,
        contact_known=met is not None,
        attempts=met.attempts if met is not None else None,
        last_touch_at=max((one.at for one in touches if one.at is not None), default=None),
        score=score_of(said, here.dialect.fields.get("score", "")),
        facts=_facts(said, here),
        touches=touches,
        moment=marketing.moment_of(said),
        nurture=around.programmes.get(lead_id),
        account=_account(said),
        recycles=_recycles(said, here.statuses.tagged(row), status),
        snoozed_until=around.snoozed.get(lead_id) if status is LeadStatus.SNOOZED else None,
        last_decision_id=said.text("x_triage_decision_key") or None,
        fetched_at=here.now,
    )


def _own(said: Values, here: Here, ours: str, usual: str = "") -> str:
    """Return a text by the profile's field for it, else by the usual one."""
    theirs = here.dialect.fields.get(ours) or usual
    value = said.fact(theirs) if theirs else None
    return value if isinstance(value, str) else ""


def _employees(said: Values, here: Here) -> int | None:
    value = said.fact(here.dialect.fields.get("employees", ""))
    return value if type(value) is int else None


def _facts(said: Values, here: Here) -> dict[str, Fact]:
    """Return the facts that somebody says; an empty field says nothing."""
    named = {
        name: said.fact(theirs) for name, theirs in here.dialect.fields.items() if name not in _READ_ELSEWHERE
    }
    usual = {
        "country": here.countries.get(said.id("country_id")),
        "employees": _employees(said, here),
        "medium": said.name("medium_id"),
        "team": said.name("team_id"),
        "priority": _PRIORITIES.get(said.text("priority")),
    }
    told = {name: value for name, value in (usual | named).items() if value not in (None, "", False)}
    return told_by(said.text("email_from")) | told


def _account(said: Values) -> Account:
    customer = said.id("partner_id")
    return Account(
        account_id=str(customer) if customer else "",
        name=said.text("partner_name") or said.name("partner_id"),
        do_not_contact=said.flag("is_blacklisted") or said.flag("phone_blacklisted"),
    )


def _recycles(said: Values, tagged: frozenset[LeadStatus], status: LeadStatus) -> tuple[Recycle, ...]:
    """Return that triage sent it back before, of a lead that somebody owns again."""
    if LeadStatus.RECYCLED not in tagged or status is LeadStatus.RECYCLED:
        return ()
    return (Recycle(at=None, reason=said.text("x_triage_reason")),)
