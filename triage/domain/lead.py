"""A lead as the CRM last told it: all that a rep needs to decide. Raw text, cleaned only for display."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import NewType

from msgspec import Struct, field

from triage.domain.account import Account
from triage.domain.score import Score
from triage.domain.touch import Asset, Campaign, Nurture, Touch

LeadId = NewType("LeadId", str)
Fact = str | int | float | bool | None


class LeadStatus(StrEnum):
    """Where a lead stands in the hand-over from marketing to sales."""

    INQUIRY = "inquiry"
    MQL = "mql"
    ASSIGNED = "assigned"
    SNOOZED = "snoozed"
    ACCEPTED = "accepted"
    WORKING = "working"
    QUALIFYING = "qualifying"
    QUALIFIED = "qualified"
    OPPORTUNITY = "opportunity"
    WON = "won"
    LOST = "lost"
    REJECTED = "rejected"
    RECYCLED = "recycled"
    DISQUALIFIED = "disqualified"
    UNKNOWN = "unknown"


UNDECIDED = frozenset({LeadStatus.ASSIGNED, LeadStatus.SNOOZED})
"""Handed over, and waiting for the rep's word."""
IN_WORK = frozenset({LeadStatus.ACCEPTED, LeadStatus.WORKING, LeadStatus.QUALIFYING})
"""Taken by sales and not closed."""
IN_VIEW = IN_WORK | {LeadStatus.WON}
"""What the rep has in work, and what was just won: the CRM lists that for as long as a reason can be told."""


class Owner(Struct, frozen=True, gc=False):
    """The user or queue a lead belongs to."""

    user_id: str
    name: str = ""


class Seen(Struct, frozen=True):
    """The fields that matter for a conflict, as they were when the rep decided."""

    owner_id: str
    status: str
    version: str


class Mql(Struct, frozen=True, gc=False):
    """Why it became an MQL: a raised hand, or a threshold crossed."""

    by: str
    detail: str = ""

    @property
    def is_hand_raise(self) -> bool:
        """Whether the lead asked to be called."""
        return self.by == "hand_raise"


class Recycle(Struct, frozen=True, gc=False):
    """An earlier time this lead was sent back to nurture, and what is new since."""

    at: datetime | None
    reason: str = ""
    by: str = ""
    wake_at: datetime | None = None
    new_since: tuple[str, ...] = ()


class Lead(Struct, frozen=True):
    """One assigned lead. What the CRM did not say is empty, None or unknown, never a guess."""

    lead_id: LeadId
    version: str = ""
    status: LeadStatus = LeadStatus.UNKNOWN
    owner: Owner = field(default_factory=lambda: Owner(""))
    name: str = ""
    title: str = ""
    company: str = ""
    email: str = ""
    phone: str = ""
    country: str = ""
    """ISO 3166 alpha-2."""
    city: str = ""
    time_zone: str = ""
    profile_url: str = ""
    website: str = ""
    industry: str = ""
    employees: int | None = None
    language: str = ""
    source: str = ""
    campaign: Campaign | None = None
    created_at: datetime | None = None
    event_at: datetime | None = None
    """The raised hand or the crossed threshold; speed-to-lead counts from here."""
    assigned_at: datetime | None = None
    contacted_at: datetime | None = None
    """The first call, mail or meeting logged by a person of sales after the assignment."""
    contact_known: bool = True
    """False where the CRM cannot tell whether there was contact."""
    attempts: int | None = None
    last_touch_at: datetime | None = None
    sla_due_at: datetime | None = None
    sla_rule: str = ""
    """The name of the rule that the deadline comes from; empty where nobody says."""
    mql: Mql | None = None
    score: Score | None = None
    facts: dict[str, Fact] = field(default_factory=dict)
    touches: tuple[Touch, ...] = ()
    moment: str = ""
    nurture: Nurture | None = None
    asset: Asset | None = None
    account: Account = field(default_factory=Account)
    recycles: tuple[Recycle, ...] = ()
    snoozed_until: datetime | None = None
    last_decision_id: str | None = None
    fetched_at: datetime | None = None
    """When this copy was taken, by the local clock."""

    @property
    def contacted(self) -> bool | None:
        """True, False, or None where the CRM cannot tell."""
        if self.contacted_at is not None:
            return True
        return False if self.contact_known else None

    @property
    def seen(self) -> Seen:
        """What a decision made now would be compared with."""
        return Seen(owner_id=self.owner.user_id, status=self.status.value, version=self.version)

    @property
    def badges(self) -> tuple[str, ...]:
        """Return the account's warnings, and RE for a lead that was recycled before."""
        return (*self.account.badges, "RE") if self.recycles else self.account.badges

    def touch(self, role: str) -> Touch | None:
        """Return the first, creating, tipping or last touch, or None."""
        return next((touch for touch in self.touches if touch.plays(role)), None)
