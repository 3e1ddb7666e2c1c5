"""A decision, and the snapshot of what the rep saw when making it."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct, field

from triage.domain.act import Act
from triage.domain.definition import Definition, Result
from triage.domain.lead import Lead, LeadId, Seen
from triage.domain.score import Contribution


class CriterionResult(Struct, frozen=True):
    """One line of the definition as it stood on the lead."""

    criterion_id: str
    result: Result


class Shown(Struct, frozen=True):
    """How the lead was on the screen: what only the front end knows."""

    since: datetime | None = None
    """When the brief appeared."""
    dwell_ms: int | None = None
    """How long it was there, in milliseconds: until the key, or until the preview that the key brought."""
    position: int | None = None
    """Its line in the list, from 1."""


class Snapshot(Struct, frozen=True):
    """What the rep saw. Without it no one can judge the score later."""

    score: float | None
    band: str
    grade: str
    contributions: tuple[Contribution, ...]
    model_version: str
    definition_version: str
    criteria: tuple[CriterionResult, ...]
    lead_version: str
    owner_id: str
    status: str
    attempts: int | None
    contacted: bool | None
    sla_due_at: datetime | None
    shown: Shown = field(default_factory=Shown)
    blind: bool = False
    """Whether the score was hidden from the rep at that moment; it is kept here as it was all the same."""

    @classmethod
    def of(cls, lead: Lead, definition: Definition, shown: Shown, *, blind: bool = False) -> Snapshot:
        """Take the snapshot of a lead under a definition."""
        score = lead.score
        return cls(
            score=score.score if score else None,
            band=score.band if score else "",
            grade=score.grade if score else "",
            contributions=score.contributions if score else (),
            model_version=score.model_version if score else "",
            definition_version=definition.version,
            criteria=tuple(
                CriterionResult(traced.criterion.criterion_id, traced.result)
                for traced in definition.trace(lead.facts)
            ),
            lead_version=lead.version,
            owner_id=lead.owner.user_id,
            status=lead.status.value,
            attempts=lead.attempts,
            contacted=lead.contacted,
            sla_due_at=lead.sla_due_at,
            shown=shown,
            blind=blind,
        )

    @property
    def seen(self) -> Seen:
        """The fields that a conflict is judged by."""
        return Seen(owner_id=self.owner_id, status=self.status, version=self.lead_version)


class Decision(Struct, frozen=True):
    """One act on one lead. Its id is made once, before the first attempt, and is the idempotency key."""

    decision_id: str
    lead_id: LeadId
    act: Act
    decided_at: datetime
    snapshot: Snapshot
    reason: str | None = None
    params: dict[str, str] = field(default_factory=dict)
    note: str = ""
    batch_id: str | None = None
    """Shared by all decisions of one bulk act."""
    supersedes: str | None = None
    """The decision it takes the place of."""
    of: str | None = None
    """For `restore`: the applied decision it undoes."""
    after_contact: bool = False
    disagrees_with: str | None = None
    """The definition's version, when a definitional reason met a lead on which every line passes."""
    skew_ms: int | None = None
    """How far the CRM's clock was ahead of this machine's, as last known; None: unknown."""
