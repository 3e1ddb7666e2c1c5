"""What marketing sees: decisions and feedback with what the rep saw, and the replies to them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from msgspec import Struct, field

from triage.domain.lead import Owner


class ReplyKind(StrEnum):
    """How marketing answers; `no_change` needs a reason, and counts as answered."""

    ACKNOWLEDGED = "acknowledged"
    NEED_INFO = "need_info"
    PLANNED = "planned"
    CHANGED = "changed"
    DELIVERED = "delivered"
    NO_CHANGE = "no_change"
    RETURNED = "returned"
    OVERTURNED = "overturned"
    UPHELD = "upheld"


REVIEWS = frozenset({ReplyKind.RETURNED, ReplyKind.OVERTURNED, ReplyKind.UPHELD})
"""The replies that end the review of a decision."""


class Reply(Struct, frozen=True):
    """Marketing's answer to a decision or a feedback."""

    reply_id: str
    of: str
    """The decision's or feedback's id."""
    kind: ReplyKind
    text: str = ""
    of_kind: str = "decision"
    lead_id: str = ""
    by: str = ""
    at: datetime | None = None
    link: str | None = None
    seen_at: datetime | None = None
    """When the rep first saw it, as the CRM knows; None: not yet."""


class ReviewedDecision(Struct, frozen=True):
    """A decision as the CRM keeps it for marketing."""

    decision_id: str
    lead_id: str
    rep: Owner
    act: str
    reason: str | None
    params: dict[str, Any]
    note: str
    decided_at: datetime | None
    batch_id: str | None = None
    state: str = ""
    disagrees_with: str | None = None
    snapshot: dict[str, Any] = field(default_factory=dict)
    lead: dict[str, Any] = field(default_factory=dict)
    replies: tuple[Reply, ...] = ()
    skew_ms: int | None = None
    """How far the CRM's clock was ahead of the rep's, as last known; None: unknown."""
    of: str | None = None
    """The decision that a restore takes back."""
    supersedes: str | None = None
    """The decision that this one replaces."""
    applied_at: datetime | None = None
    """When the CRM took it."""
    after_contact: bool = False


class ReviewedFeedback(Struct, frozen=True):
    """A piece of feedback as the CRM keeps it for marketing."""

    feedback_id: str
    lead_id: str
    rep: Owner
    type: str
    payload: dict[str, Any]
    created_at: datetime | None
    decision_id: str | None = None
    batch_id: str | None = None
    routed_to: str = ""
    state: str = ""
    lead: dict[str, Any] = field(default_factory=dict)
    replies: tuple[Reply, ...] = ()
    snapshot: dict[str, Any] = field(default_factory=dict)
    """The lead as the rep saw it."""
    supersedes: str | None = None
    """The feedback that this one takes back or replaces."""
    applied_at: datetime | None = None
    """When the CRM took it."""


class SourceStatistics(Struct, frozen=True):
    """How many leads of a source were decided and accepted in a span of days."""

    source: str
    days: int
    accepted: int
    decided: int


class BandStatistics(Struct, frozen=True):
    """How many leads of a score band the team decided and accepted in a span of days."""

    band: str
    days: int
    accepted: int
    decided: int
