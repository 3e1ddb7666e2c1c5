"""Raw events as flat values, for a database: decisions, feedback, the stages that leads came to. Pure.

Names are kept once released; more may come. No name, e-mail or phone of a lead, and nothing that somebody
wrote in words of their own but a content request's topic: a note may hold anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from math import isfinite
from typing import Any

from triage.domain.review import REVIEWS, Reply, ReviewedDecision, ReviewedFeedback
from triage.domain.stages import StageChange

Line = dict[str, Any]
_TOLD = (
    *("verdict", "contribution", "category", "competitor", "topic", "asset_type", "persona"),
    *("needed_by", "request_id", "field", "criterion"),
)
"""Fields of a payload that can be counted by."""


def decision_line(decision: ReviewedDecision) -> Line:
    """Return a decision with what the rep saw then; what is not known is None."""
    seen, shown = decision.snapshot, _object(decision.snapshot.get("shown"))
    return {
        "decision_id": decision.decision_id,
        "lead_id": decision.lead_id,
        "rep_id": decision.rep.user_id,
        "act": decision.act,
        "reason": decision.reason,
        "criterion": _text(decision.params.get("criterion")),
        "decided_at": moment(decision.decided_at),
        "state": decision.state,
        "batch_id": decision.batch_id,
        "disagrees_with": decision.disagrees_with,
        **_of_lead(decision.lead),
        **{name: _number(seen.get(name)) for name in ("score", "attempts")},
        **{name: _text(seen.get(name)) for name in ("band", "grade", "model_version", "definition_version")},
        "status": _text(seen.get("status")),
        "contacted": _truth(seen.get("contacted")),
        "blind": _truth(seen.get("blind")),
        "sla_due_at": _text(seen.get("sla_due_at")),
        "dwell_ms": _number(shown.get("dwell_ms")),
        "position": _number(shown.get("position")),
        "contributions": [
            {"label": _text(part.get("label")), "points": _number(part.get("points_applied"))}
            for part in _objects(seen.get("contributions"))
        ],
        "criteria": [
            {"criterion_id": _text(line.get("criterion_id")), "result": _text(line.get("result"))}
            for line in _objects(seen.get("criteria"))
        ],
        **_answers(decision.replies),
        "review": next((one.kind.value for one in reversed(decision.replies) if one.kind in REVIEWS), None),
    }


def feedback_line(feedback: ReviewedFeedback) -> Line:
    """Return a piece of feedback with what it can be counted by."""
    return {
        "feedback_id": feedback.feedback_id,
        "lead_id": feedback.lead_id,
        "decision_id": feedback.decision_id,
        "rep_id": feedback.rep.user_id,
        "type": feedback.type,
        "created_at": moment(feedback.created_at),
        "state": feedback.state,
        "routed_to": feedback.routed_to,
        "batch_id": feedback.batch_id,
        **_of_lead(feedback.lead),
        **{name: _text(feedback.payload.get(name)) for name in _TOLD},
        **_answers(feedback.replies),
    }


def outcome_line(change: StageChange) -> Line:
    """Return a stage that a lead came to."""
    return {
        "change_id": change.change_id,
        "lead_id": change.lead_id,
        "stage": change.stage.value,
        "at": moment(change.at),
        "amount": _number(change.amount),
        "currency": change.currency,
        "owner_id": change.owner.user_id if change.owner else None,
        "source": change.source or None,
        "campaign": change.campaign or None,
        "account": change.account_id or change.company or None,
    }


def moment(when: datetime | None) -> str | None:
    """Return a time as every document of ours has it: UTC, ending in Z."""
    return when.astimezone(UTC).isoformat().replace("+00:00", "Z") if when else None


def _of_lead(lead: Mapping[str, Any]) -> Line:
    account = _text(lead.get("account_id")) or _text(lead.get("company"))
    return {
        "source": _text(lead.get("source")),
        "campaign": _text(lead.get("campaign")),
        "account": account,
    }


def _answers(replies: Iterable[Reply]) -> Line:
    """Return how often, when first and as what it was answered last."""
    told = tuple(replies)
    first = min((reply.at for reply in told if reply.at is not None), default=None)
    return {
        "replies": len(told),
        "first_reply_at": moment(first),
        "last_reply": told[-1].kind.value if told else None,
    }


def _objects(value: object) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _truth(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _number(value: object) -> float | None:
    """Return a number that JSON can hold."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return value if is_number and isfinite(value) else None  # type: ignore[arg-type,return-value]  # a number
