"""The JSON of commands: names that others rely on, kept once released; more fields may come."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from triage.cli.output import moment, plain
from triage.domain.archived import Archived
from triage.domain.clocks import sla_state
from triage.domain.definition import Definition
from triage.domain.inbox import Entry
from triage.domain.item import Item
from triage.domain.lead import Lead
from triage.domain.outline import AnyLead
from triage.domain.review import Reply, ReviewedDecision, ReviewedFeedback
from triage.domain.score import Contribution, Score

Shape = dict[str, Any]
_AS_THEY_ARE = (
    *("version", "phone", "country", "city", "time_zone", "profile_url", "website", "industry", "employees"),
    *("language", "created_at", "event_at", "assigned_at", "contact_known", "attempts", "last_touch_at"),
    *("sla_due_at", "sla_rule", "mql", "facts", "snoozed_until", "last_decision_id", "fetched_at"),
)


def lead_shape(lead: AnyLead, now: datetime, *, blind: bool = False, signs: Sequence[str] = ()) -> Shape:
    """Return a lead as `list` prints it; `blind`: its score is hidden until it is decided.

    `signs` are what the entry says beside the lead's badges: returned by marketing, an unread answer.
    """
    return {
        "lead_id": lead.lead_id,
        "name": lead.name,
        "title": lead.title,
        "company": lead.company,
        "email": lead.email,
        "source": lead.source,
        "score": lead.score.score if lead.score else None,
        "band": lead.score.band if lead.score else None,
        "grade": lead.score.grade if lead.score else None,
        "status": lead.status.value,
        "owner": plain(lead.owner),
        "contacted_at": moment(lead.contacted_at),
        "sla": {"state": sla_state(lead, now).value, "due_at": moment(lead.sla_due_at)},
        "badges": [*signs, *lead.badges],
        "blind": blind,
    }


def score_shape(score: Score | None) -> Shape | None:
    """Return a score so that a reader can add it up."""
    if score is None:
        return None
    weighed = score.has_weights
    return {
        "score": score.score,
        "base_points": score.base_points if weighed else None,
        "contributions": [_contribution(part, weighed=weighed) for part in score.contributions],
        "other": score.other,
        "residual": score.residual,
        "unreconciled": score.unreconciled,
        "fit": score.fit,
        "engagement": score.engagement,
        "trend": score.trend,
        "model_version": score.model_version,
        "fit_grade": score.fit_grade,
        "engagement_grade": score.engagement_grade,
        "scored_at": moment(score.scored_at),
        "reasons": score.reasons.value,
    }


def _contribution(part: Contribution, *, weighed: bool) -> Shape:
    """Return one part; without weights its points are unknown, and not zero."""
    shape: Shape = plain(part)
    if not weighed:
        shape |= dict.fromkeys(("points_earned", "points_after_decay", "points_applied"))
    return shape


def full_shape(
    entry: Entry,
    items: tuple[Item, ...],
    replies: tuple[Reply, ...],
    definition: Definition,
    now: datetime,
) -> Shape:
    """Return a lead as `show` prints it."""
    lead = entry.lead
    criteria = [
        {"criterion_id": one.criterion.criterion_id, "result": one.result, "label": one.criterion.label}
        for one in definition.trace(lead.facts)
    ]
    return {
        **lead_shape(lead, now, blind=entry.is_blind, signs=entry.signs),
        **_rest_of(lead),
        "gone": entry.gone,
        "score_detail": score_shape(lead.score),
        "definition": {"version": definition.version, "criteria": plain(criteria)},
        "touches": plain(lead.touches),
        "account": plain(lead.account),
        "campaign": plain(lead.campaign),
        "nurture": plain(lead.nurture),
        "asset": plain(lead.asset),
        "moment": lead.moment,
        "recycles": plain(lead.recycles),
        "replies": _replies(entry),
        "returned": _returned(entry, definition),
        "feedback": [_answered(item, replies) for item in items if item.feedback is not None],
        "decisions": [_answered(item, replies) for item in items if item.decision is not None],
    }


def _replies(entry: Entry) -> list[Shape]:
    """Return marketing's answers on a lead, the newest first."""
    if entry.answers is None:
        return []
    unread = entry.answers.unread
    return [{**plain(one), "unread": one.reply_id in unread} for one in entry.answers.replies]


def _returned(entry: Entry, definition: Definition) -> Shape | None:
    """Return by which answer marketing gave it back, and what is other since; None if it did not."""
    reply = entry.returned
    if reply is None:
        return None
    from triage.domain.returned import since_decided

    return {"reply_id": reply.reply_id, "text": reply.text, "since": plain(since_decided(entry, definition))}


def _rest_of(lead: Lead) -> Shape:
    """Return the fields of a lead that have no form of their own, under their names, as the CRM told them."""
    return {name: plain(getattr(lead, name)) for name in _AS_THEY_ARE}


def item_shape(item: Item) -> Shape:
    """Return an item as `queue list` prints it; what does not apply is null."""
    decision, feedback = item.decision, item.feedback
    return {
        "kind": item.kind,
        "id": item.id,
        "decision_id": decision.decision_id if decision else (feedback.decision_id if feedback else None),
        "feedback_id": feedback.feedback_id if feedback else None,
        "batch_id": item.batch_id,
        "lead_id": item.lead_id,
        "act": decision.act.value if decision else None,
        "reason": decision.reason if decision else None,
        "type": feedback.type.value if feedback else None,
        "routed_to": item.routed_to or None,
        "state": item.state.value,
        "decided_at": moment(item.made_at),
        "skew_ms": decision.skew_ms if decision else None,
        "attempts": item.attempts,
        "error": item.error or None,
        "receipt": plain(item.receipt),
        "theirs": plain(item.theirs),
    }


def archived_shape(row: Archived) -> Shape:
    """Return what is left of an item as `queue list --archived` prints it: as an item, with less in it."""
    return {
        "kind": row.kind,
        "id": row.id,
        "decision_id": row.id if row.kind == "decision" else row.decision_id,
        "feedback_id": row.id if row.kind == "feedback" else None,
        "batch_id": row.batch_id,
        "lead_id": row.lead_id,
        "act": row.act,
        "reason": row.reason,
        "type": row.type,
        "state": row.state,
        "decided_at": moment(row.made_at),
        "changed_at": moment(row.changed_at),
        "of": row.of,
        "supersedes": row.supersedes,
    }


def _answered(item: Item, replies: tuple[Reply, ...]) -> Shape:
    """Return an item with what marketing said to it."""
    payload = {"payload": dict(item.feedback.payload)} if item.feedback is not None else {}
    answers = [plain(reply) for reply in replies if reply.of == item.id]
    return {**item_shape(item), **payload, "replies": answers}


def decided_shape(item: Item) -> Shape:
    """Return an item as `decide` prints it."""
    shape = item_shape(item)
    return {name: shape[name] for name in ("decision_id", "lead_id", "act", "reason", "state", "batch_id")}


def told_shape(item: Item) -> Shape:
    """Return an item as `feedback` prints it."""
    shape = item_shape(item)
    names = ("feedback_id", "lead_id", "type", "state", "batch_id", "routed_to")
    return {name: shape[name] for name in names}


def review_shape(item: ReviewedDecision | ReviewedFeedback) -> Shape:
    """Return a decision or feedback as marketing sees it."""
    kind = "decision" if isinstance(item, ReviewedDecision) else "feedback"
    shape: Shape = {"kind": kind, **plain(item)}
    return shape
