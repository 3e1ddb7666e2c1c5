"""What became of a lead: the stages it came to, as the CRM keeps them. Pure; texts are raw."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from triage.domain.lead import LeadStatus, Owner


class StageChange(Struct, frozen=True):
    """A lead came to a stage. `assigned` is its delivery to sales, `working` the first touch by sales."""

    change_id: str
    lead_id: str
    stage: LeadStatus
    at: datetime
    opportunity: str | None = None
    """The opportunity's name, from the stage `opportunity` on."""
    amount: float | None = None
    """What it is worth, in the currency's own unit; None: the CRM does not say."""
    currency: str | None = None
    """ISO 4217."""
    owner: Owner | None = None
    """Whose it was then."""
    name: str = ""
    company: str = ""
    source: str = ""
    campaign: str = ""
    """The campaign's name as it is tracked."""
    account_id: str = ""
    touches: tuple[str, ...] = ()
    """The path of a lead that was won, the oldest first: what happened, and where."""
