"""Feedback: typed so that it can be counted, routed so that someone owns the answer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from msgspec import Struct, field

from triage.domain.lead import Lead, LeadId
from triage.errors import UsageError


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


class PayloadField(Struct, frozen=True):
    """One field of a payload: its name, what it may hold, and whether it must be there."""

    name: str
    label: str
    required: bool = False
    choices: tuple[str, ...] = ()


OBJECTIONS = (
    "price",
    "timing",
    "competitor",
    "missing_feature",
    "trust_risk",
    "authority",
    "status_quo",
)
VERDICTS = ("too_high", "right", "too_low")
CORRECTABLE = ("name", "title", "company", "email", "phone", "country", "city", "industry", "employees")

FIELDS: dict[FeedbackType, tuple[PayloadField, ...]] = {
    FeedbackType.SCORE_ACCURACY: (
        PayloadField("verdict", "the score is", required=True, choices=VERDICTS),
        PayloadField("contribution", "the contribution in dispute"),
        PayloadField("comment", "why"),
    ),
    FeedbackType.OBJECTION: (
        PayloadField("category", "objection", required=True, choices=OBJECTIONS),
        PayloadField("verbatim", "in the lead's own words"),
        PayloadField("competitor", "competitor named"),
    ),
    FeedbackType.QUESTION_HEARD: (PayloadField("question", "what the lead asked", required=True),),
    FeedbackType.CONTENT_REQUEST: (
        PayloadField("topic", "about what", required=True),
        PayloadField("asset_type", "what kind of asset"),
        PayloadField("persona", "for whom"),
        PayloadField("needed_by", "needed by"),
    ),
    FeedbackType.DATA_CORRECTION: (
        PayloadField("field", "field", required=True, choices=CORRECTABLE),
        PayloadField("old", "now"),
        PayloadField("proposed", "should be", required=True),
    ),
    FeedbackType.DEFINITION_DISPUTE: (
        PayloadField("criterion", "line of the definition"),
        PayloadField("proposal", "what it should say"),
        PayloadField("comment", "why"),
    ),
    FeedbackType.MESSAGE_MISMATCH: (
        PayloadField("expected", "what the lead expects", required=True),
        PayloadField("promised", "what the campaign promised"),
    ),
    FeedbackType.KUDOS: (PayloadField("comment", "thanks for"),),
    FeedbackType.NOTE: (PayloadField("text", "note", required=True),),
    FeedbackType.WIN_REASON: (PayloadField("reason", "why they bought", required=True),),
    FeedbackType.RETRACTION: (),
}

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


def read_type(text: str) -> FeedbackType:
    """Return the type a command line names, `-` for `_` allowed; UsageError names them all."""
    word = text.strip().lower().replace("-", "_")
    if word in list(FeedbackType) and word != FeedbackType.RETRACTION:
        return FeedbackType(word)
    known = ", ".join(kind for kind in FeedbackType if kind is not FeedbackType.RETRACTION)
    raise UsageError(f"“{text}” is not a kind of feedback.", hint=f"The kinds are: {known}.")


def read_payload(kind: FeedbackType, given: Mapping[str, str]) -> dict[str, str]:
    """Return the payload, checked against the type's fields; UsageError says which field is off."""
    fields = {spec.name: spec for spec in FIELDS[kind]}
    payload = {name: value.strip() for name, value in given.items() if value.strip()}
    for name in payload:
        if name not in fields:
            raise UsageError(f"{kind} has no field “{name}”.", hint=f"Its fields are: {', '.join(fields)}.")
    for spec in fields.values():
        _check(kind, spec, payload)
    return payload


def _check(kind: FeedbackType, spec: PayloadField, payload: dict[str, str]) -> None:
    value = payload.get(spec.name)
    if value is None:
        if spec.required:
            hint = (
                f"One of: {', '.join(spec.choices)}." if spec.choices else f"Give {spec.name}: {spec.label}."
            )
            raise UsageError(f"{kind} needs {spec.name}.", hint=hint)
    elif spec.choices:
        word = value.lower().replace("-", "_").replace(" ", "_").replace("/", "_")
        if word not in spec.choices:
            raise UsageError(
                f"“{value}” is not a {spec.name} of {kind}.", hint=f"One of: {', '.join(spec.choices)}."
            )
        payload[spec.name] = word


def feedback_refusal(lead: Lead, kind: FeedbackType) -> str | None:
    """Say why this kind of feedback makes no sense on this lead, or None."""
    if kind is FeedbackType.SCORE_ACCURACY and lead.score is None:
        return "no score"
    if kind is FeedbackType.MESSAGE_MISMATCH and lead.campaign is None:
        return "no campaign"
    return None


def route(kind: FeedbackType, lead: Lead) -> str:
    """Return who owns the answer: a team for what is about rules, else the lead's campaign owner."""
    if kind in _OWNERS:
        return _OWNERS[kind]
    return f"campaign owner of {lead.campaign.name}" if lead.campaign else "demand gen"


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
