"""Feedback: typed so that it can be counted, routed so that someone owns the answer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from msgspec import Struct, field

from triage.domain.lead import Lead, LeadId, LeadStatus
from triage.domain.outline import AnyLead
from triage.domain.score import Contribution, Score


class FeedbackType(StrEnum):
    """What a rep can tell marketing about a lead; `retraction` takes an earlier one back."""

    SCORE_ACCURACY = "score_accuracy"
    OBJECTION = "objection"
    QUESTION_HEARD = "question_heard"
    CONTENT_REQUEST = "content_request"
    DATA_CORRECTION = "data_correction"
    DEFINITION_DISPUTE = "definition_dispute"
    MESSAGE_MISMATCH = "message_mismatch"
    KUDOS = "kudos"
    NOTE = "note"
    WIN_REASON = "win_reason"
    RETRACTION = "retraction"


_OWNERS = {
    FeedbackType.SCORE_ACCURACY: "scoring",
    FeedbackType.DATA_CORRECTION: "marketing ops",
    FeedbackType.DEFINITION_DISPUTE: "marketing ops",
    FeedbackType.OBJECTION: "product marketing",
    FeedbackType.QUESTION_HEARD: "product marketing",
    FeedbackType.CONTENT_REQUEST: "content",
}


class Feedback(Struct, frozen=True):
    """One thing a rep told marketing about one lead."""

    feedback_id: str
    lead_id: LeadId
    type: FeedbackType
    payload: dict[str, str]
    created_at: datetime
    decision_id: str | None = None
    """The decision it came with, if any."""
    batch_id: str | None = None
    supersedes: str | None = None
    routed_to: str = ""
    snapshot: dict[str, str | float | None] = field(default_factory=dict)
    """Score, band, model and campaign at the time, so that it can be counted later."""


def feedback_refusal(
    lead: AnyLead, kind: FeedbackType, payload: Mapping[str, str] = MappingProxyType({})
) -> str | None:
    """Say why this kind of feedback makes no sense on this lead, or None."""
    if kind is FeedbackType.SCORE_ACCURACY:
        return _unjudged(lead, payload.get("contribution", ""))
    if kind is FeedbackType.MESSAGE_MISMATCH and lead.campaign is None:
        return "no campaign"
    if kind is FeedbackType.WIN_REASON and lead.status is not LeadStatus.WON:
        return "not won"
    if kind is FeedbackType.DATA_CORRECTION and "proposed" in payload:
        now = getattr(lead, payload["field"], None)
        return "that is what stands there now" if str(now) == payload["proposed"] else None
    return None


def _unjudged(lead: AnyLead, label: str) -> str | None:
    """Say why its score, or the contribution of this label to it, cannot be judged."""
    if lead.score is None:
        return "no score"
    if label and isinstance(lead.score, Score) and contribution_named(label, lead.score) is None:
        return "no such contribution to its score"
    return None


def contribution_named(label: str, score: Score) -> Contribution | None:
    """Return the contribution of this label, as the CRM or a person spells it; None where there is none."""
    wanted = label.strip().casefold()
    return next((part for part in score.contributions if part.label.strip().casefold() == wanted), None)


def route(kind: FeedbackType, lead: AnyLead) -> str:
    """Return who owns the answer: a team for what is about rules, else the lead's campaign owner."""
    if kind in _OWNERS:
        return _OWNERS[kind]
    campaign = lead.campaign
    if campaign is None:
        return "demand gen"
    return campaign.owner or f"campaign owner of {campaign.name}"


def context_of(lead: Lead) -> dict[str, str | float | None]:
    """Return what marketing needs to count a piece of feedback by later."""
    score = lead.score
    return {
        "score": score.score if score else None,
        "band": score.band if score else "",
        "model_version": score.model_version if score else "",
        "source": lead.source,
        "campaign": lead.campaign.name if lead.campaign else "",
        "status": lead.status.value,
    }


def repeats(earlier: Feedback, lead: Lead, verdict: Mapping[str, str]) -> bool:
    """Tell whether a verdict was given before on the very score a lead has: it would be counted twice."""
    now = context_of(lead)
    same_score = all(earlier.snapshot.get(name) == now[name] for name in ("score", "model_version"))
    return same_score and earlier.payload == verdict


def dispute_of(lead: Lead, label: str) -> dict[str, str | float | None]:
    """Return the contribution in dispute as the rep saw it; without weights it has no points."""
    part = contribution_named(label, lead.score) if lead.score else None
    if part is None or lead.score is None:
        return {}
    weighed = lead.score.has_weights
    return {
        "contribution": part.label,
        "contribution_points": part.points_applied if weighed else None,
        "contribution_earned": part.points_earned if weighed else None,
        "contribution_evidence": part.evidence,
    }
