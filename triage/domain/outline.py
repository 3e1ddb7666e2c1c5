"""A lead in outline: what a list, an order, a filter and a view look at, for thousands of leads at once.

The whole lead stays on the disk until it is read. Every name here is a name of `Lead`, so that what judges an
outline judges a lead as well.
"""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct, field

from triage.domain.account import Account
from triage.domain.lead import Lead, LeadId, LeadStatus, Mql, Owner, Recycle
from triage.domain.score import Score, grade
from triage.domain.touch import Campaign


class ScoreOutline(Struct, frozen=True, gc=False):
    """A score without what it is made of."""

    score: float
    fit: float | None = None
    engagement: float | None = None
    fit_grade: str = ""
    engagement_grade: str = ""
    band: str = ""
    trend: float | None = None

    @property
    def grade(self) -> str:
        """Fit × engagement: A1 is the best, C3 the least; empty where either is unknown."""
        return grade(self.fit_grade, self.engagement_grade)

    @classmethod
    def of(cls, score: Score) -> ScoreOutline:
        """Return the outline of a score."""
        return cls(
            score.score,
            score.fit,
            score.engagement,
            score.fit_grade,
            score.engagement_grade,
            score.band,
            score.trend,
        )


class Outline(Struct, frozen=True, gc=False):
    """One lead, as far as a list needs it."""

    lead_id: LeadId
    status: LeadStatus = LeadStatus.UNKNOWN
    owner: Owner = field(default_factory=lambda: Owner(""))
    name: str = ""
    title: str = ""
    company: str = ""
    email: str = ""
    country: str = ""
    city: str = ""
    industry: str = ""
    employees: int | None = None
    source: str = ""
    campaign: Campaign | None = None
    created_at: datetime | None = None
    assigned_at: datetime | None = None
    contacted_at: datetime | None = None
    attempts: int | None = None
    last_touch_at: datetime | None = None
    sla_due_at: datetime | None = None
    mql: Mql | None = None
    score: ScoreOutline | None = None
    account: Account = field(default_factory=Account)
    recycles: tuple[Recycle, ...] = ()
    snoozed_until: datetime | None = None
    fetched_at: datetime | None = None

    @property
    def badges(self) -> tuple[str, ...]:
        """Return the account's warnings, and RE for a lead that was recycled before."""
        return (*self.account.badges, "RE") if self.recycles else self.account.badges

    @classmethod
    def of(cls, lead: Lead) -> Outline:
        """Return the outline of a lead."""
        return cls(
            lead_id=lead.lead_id,
            status=lead.status,
            owner=lead.owner,
            name=lead.name,
            title=lead.title,
            company=lead.company,
            email=lead.email,
            country=lead.country,
            city=lead.city,
            industry=lead.industry,
            employees=lead.employees,
            source=lead.source,
            campaign=lead.campaign,
            created_at=lead.created_at,
            assigned_at=lead.assigned_at,
            contacted_at=lead.contacted_at,
            attempts=lead.attempts,
            last_touch_at=lead.last_touch_at,
            sla_due_at=lead.sla_due_at,
            mql=lead.mql,
            score=ScoreOutline.of(lead.score) if lead.score else None,
            account=lead.account,
            recycles=lead.recycles,
            snoozed_until=lead.snoozed_until,
            fetched_at=lead.fetched_at,
        )


class PartOfLead(Lead, frozen=True):
    """A lead of which no more is known than its outline says: the rest of it could not be read."""


AnyLead = Lead | Outline
"""What can be judged by its status, its moments and its words."""
