"""What is kept of a settled item when nothing personal is kept: which lead, which act, why, when."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from msgspec import Struct

from triage.domain.act import Act
from triage.domain.feedback import FeedbackType
from triage.domain.item import Item, State
from triage.domain.lead import LeadId


class Archived(Struct, frozen=True):
    """One settled item, without what the rep wrote or saw."""

    id: str
    kind: Literal["decision", "feedback"]
    lead_id: LeadId
    state: State
    made_at: datetime
    changed_at: datetime
    """When its state last changed, by the local clock."""
    batch_id: str | None = None
    act: Act | None = None
    reason: str | None = None
    type: FeedbackType | None = None
    of: str | None = None
    """For `restore`: the decision it undid."""
    supersedes: str | None = None
    decision_id: str | None = None
    """For feedback: the decision it came with."""

    @classmethod
    def of_item(cls, item: Item) -> Archived:
        """Strip an item."""
        decision, feedback = item.decision, item.feedback
        return cls(
            id=item.id,
            kind="decision" if decision else "feedback",
            lead_id=item.lead_id,
            state=item.state,
            made_at=item.made_at,
            changed_at=item.changed_at or item.made_at,
            batch_id=item.batch_id,
            act=decision.act if decision else None,
            reason=decision.reason if decision else None,
            type=feedback.type if feedback else None,
            of=decision.of if decision else None,
            supersedes=decision.supersedes if decision else (feedback.supersedes if feedback else None),
            decision_id=feedback.decision_id if feedback else None,
        )
