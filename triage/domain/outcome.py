"""What became of one item at the CRM: an answer per id, never per position."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from triage.domain.lead import Lead, LeadStatus, Owner, Seen


class Receipt(Struct, frozen=True):
    """The CRM's word that an item has taken effect, with the lead as it is afterwards."""

    receipt_id: str
    applied_at: datetime | None = None
    version: str = ""
    status: str = ""
    owner: Owner | None = None
    routed_to: str = ""
    """Who answers a piece of feedback, where the CRM says so: its word is the last."""

    @property
    def seen(self) -> Seen | None:
        """What a later decision of the same rep is compared with; None where the receipt does not say."""
        if self.owner is None:
            return None
        return Seen(owner_id=self.owner.user_id, status=self.status, version=self.version)


class Theirs(Struct, frozen=True):
    """The lead as the CRM has it, where it is not what the rep saw."""

    version: str = ""
    status: str = ""
    owner: Owner = field(default_factory=lambda: Owner(""))
    changed_by: str = ""
    changed_at: datetime | None = None
    deleted: bool = False
    merged_into: str | None = None
    """The lead that took the place of a deleted one."""
    archived: bool = False

    @property
    def seen(self) -> Seen:
        """What a decision that knows of the change is compared with."""
        return Seen(owner_id=self.owner.user_id, status=self.status, version=self.version)


class Applied(Struct, frozen=True):
    """It took effect now."""

    receipt: Receipt


class Already(Struct, frozen=True):
    """It had taken effect before; nothing was done twice."""

    receipt: Receipt


class Conflicted(Struct, frozen=True):
    """The lead changed since the rep saw it; nothing was done."""

    theirs: Theirs


class Refused(Struct, frozen=True):
    """The CRM will not do it, in its own words (hostile text)."""

    messages: tuple[str, ...]


class RetryLater(Struct, frozen=True):
    """Certainly not done, and worth another try."""

    why: str
    after: float | None = None
    """Seconds the CRM asks for, or None."""


class Unknown(Struct, frozen=True):
    """The answer was lost: it may have taken effect. Ask before any second send."""

    why: str


class Absent(Struct, frozen=True):
    """Only from `verify`: the CRM has never applied it."""


def lead_after(lead: Lead, receipt: Receipt) -> Lead:
    """Return a lead with what the CRM's receipt says about it."""
    return replace(lead, **said_of_lead(receipt))


def said_of_lead(receipt: Receipt) -> dict[str, Any]:
    """Return the fields of a lead that a receipt says something about."""
    said: dict[str, Any] = {}
    if receipt.version:
        said["version"] = receipt.version
    if receipt.status in list(LeadStatus):
        said["status"] = LeadStatus(receipt.status)
    if receipt.owner is not None:
        said["owner"] = receipt.owner
    return said


Outcome = Applied | Already | Conflicted | Refused | RetryLater | Unknown
Verdict = Already | Absent | Conflicted
