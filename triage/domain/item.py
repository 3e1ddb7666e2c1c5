"""One thing on its way to the CRM: a decision or a feedback, with the state of its delivery."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from triage.domain.act import Act
from triage.domain.decision import Decision
from triage.domain.feedback import Feedback, FeedbackType
from triage.domain.lead import LeadId, Seen
from triage.domain.outcome import Receipt, Theirs


class State(StrEnum):
    """Where an item is on its way. No state is without a way out, except the settled ones."""

    QUEUED = "queued"
    SENDING = "sending"
    UNKNOWN = "unknown"
    CONFLICT = "conflict"
    REFUSED = "refused"
    APPLIED = "applied"
    REVIEWED = "reviewed"
    WITHDRAWN = "withdrawn"
    SUPERSEDED = "superseded"


NEXT: dict[State, frozenset[State]] = {
    State.QUEUED: frozenset({State.SENDING, State.WITHDRAWN, State.SUPERSEDED}),
    State.SENDING: frozenset({State.QUEUED, State.UNKNOWN, State.CONFLICT, State.REFUSED, State.APPLIED}),
    State.UNKNOWN: frozenset({State.QUEUED, State.CONFLICT, State.REFUSED, State.APPLIED}),
    State.CONFLICT: frozenset({State.WITHDRAWN, State.SUPERSEDED}),
    State.REFUSED: frozenset({State.QUEUED, State.WITHDRAWN, State.SUPERSEDED}),
    State.APPLIED: frozenset({State.REVIEWED, State.SUPERSEDED}),
    State.REVIEWED: frozenset({State.SUPERSEDED}),
    State.WITHDRAWN: frozenset(),
    State.SUPERSEDED: frozenset(),
}
"""What may follow what. Nothing that is applied, withdrawn or superseded ever goes back to queued."""

UNDELIVERED = frozenset({State.QUEUED, State.SENDING, State.UNKNOWN, State.CONFLICT, State.REFUSED})
"""Not settled: such an item survives every refresh, and its lead is decided."""
IN_FLIGHT = frozenset({State.SENDING, State.UNKNOWN})
"""It may have left: a later item of the same lead waits behind it."""
NOT_AT_CRM = frozenset({State.QUEUED, State.CONFLICT, State.REFUSED})
"""The CRM certainly does not have it: it can be withdrawn, or replaced by a new decision."""
BLOCKS_LATER = IN_FLIGHT | {State.CONFLICT}
"""A later decision on the same lead waits behind it."""
NEEDS_REP = frozenset({State.CONFLICT, State.REFUSED})
"""Only a person can say how it goes on."""
EFFECTIVE = frozenset({State.APPLIED, State.REVIEWED})
"""It has taken effect at the CRM."""


class Item(Struct, frozen=True):
    """A decision or a feedback in the outbox. Exactly one of `decision` and `feedback` is set."""

    state: State
    due_at: datetime
    """Not sent by itself before this moment: the hold that makes undo free."""
    decision: Decision | None = None
    feedback: Feedback | None = None
    seq: int = 0
    """Order within the outbox, given by the store."""
    base: Seen | None = None
    """What the CRM compares with: what the rep saw, moved on by our own receipts."""
    attempts: int = 0
    not_before: datetime | None = None
    error: str = ""
    """The cause in the CRM's or our own words (hostile text)."""
    receipt: Receipt | None = None
    theirs: Theirs | None = None
    changed_at: datetime | None = None
    """When the state last changed, by the local clock."""

    @property
    def kind(self) -> str:
        """Which of the two it is: decision or feedback."""
        return "decision" if self.decision else "feedback"

    @property
    def id(self) -> str:
        """The id that is the idempotency key."""
        return self.decision.decision_id if self.decision else self._feedback.feedback_id

    @property
    def lead_id(self) -> LeadId:
        """The lead it is about."""
        return self.decision.lead_id if self.decision else self._feedback.lead_id

    @property
    def batch_id(self) -> str | None:
        """The bulk act it belongs to, or None."""
        return self.decision.batch_id if self.decision else self._feedback.batch_id

    @property
    def made_at(self) -> datetime:
        """When the rep acted."""
        return self.decision.decided_at if self.decision else self._feedback.created_at

    @property
    def takes_back(self) -> str | None:
        """The id of the item that this one undoes at the CRM; None where it is no undo."""
        if self.decision is not None:
            return self.decision.of if self.decision.act is Act.RESTORE else None
        told = self._feedback
        return told.supersedes if told.type is FeedbackType.RETRACTION else None

    @property
    def replaces(self) -> str | None:
        """The id of the decision that this one takes the place of, or None."""
        return self.decision.supersedes if self.decision is not None else None

    @property
    def routed_to(self) -> str:
        """Who answers a piece of feedback, by the CRM's word once it has it; empty for a decision."""
        if self.feedback is None:
            return ""
        return (self.receipt.routed_to if self.receipt is not None else "") or self.feedback.routed_to

    @property
    def of(self) -> str | None:
        """The id of the item that this one undoes or corrects at the CRM, or None."""
        return self.decision.of if self.decision is not None else self._feedback.supersedes

    @property
    def _feedback(self) -> Feedback:
        if self.feedback is None:
            raise ValueError("an item holds a decision or a feedback")
        return self.feedback

    def may_become(self, state: State) -> bool:
        """Whether the state machine allows this step."""
        return state in NEXT[self.state]
