"""From a record to what marketing reads: items with what became of them, and answers. Pure; tolerant."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from msgspec.structs import replace

from triage.crm.fields import Fields
from triage.crm.records.mark import Mark
from triage.domain.feedback import FeedbackType
from triage.domain.review import REVIEWS, Reply, ReplyKind, ReviewedDecision, ReviewedFeedback

_T = TypeVar("_T", ReviewedDecision, ReviewedFeedback)
_FIRST = datetime.min.replace(tzinfo=UTC)


def decision_of(mark: Mark, lead: dict[str, Any], replies: Sequence[Reply]) -> ReviewedDecision:
    """Return a decision of its record; `lead` are the facts that marketing counts by."""
    fields = mark.item
    return ReviewedDecision(
        decision_id=mark.item_id,
        lead_id=fields.text("lead_id"),
        rep=mark.rep,
        act=mark.word,
        reason=fields.optional_text("reason"),
        params=fields.plain("params"),
        note=fields.text("note"),
        decided_at=fields.time("decided_at") or mark.at,
        batch_id=fields.id("batch_id"),
        disagrees_with=fields.optional_text("disagrees_with"),
        snapshot=fields.plain("snapshot"),
        lead=lead,
        replies=tuple(reply for reply in replies if reply.of == mark.item_id),
        skew_ms=fields.whole("skew_ms"),
        of=fields.id("of"),
        supersedes=fields.id("supersedes"),
        applied_at=mark.at,
        after_contact=fields.flag("after_contact"),
    )


def feedback_of(mark: Mark, lead: dict[str, Any], replies: Sequence[Reply]) -> ReviewedFeedback:
    """Return a piece of feedback of its record."""
    fields = mark.item
    return ReviewedFeedback(
        feedback_id=mark.item_id,
        lead_id=fields.text("lead_id"),
        rep=mark.rep,
        type=mark.word,
        payload=fields.plain("payload"),
        created_at=fields.time("created_at") or mark.at,
        decision_id=fields.id("decision_id"),
        batch_id=fields.id("batch_id"),
        routed_to=fields.text("routed_to"),
        lead=lead,
        replies=tuple(reply for reply in replies if reply.of == mark.item_id),
        snapshot=fields.plain("snapshot"),
        supersedes=fields.id("supersedes"),
        applied_at=mark.at,
    )


def judged_decisions(found: Iterable[ReviewedDecision]) -> list[ReviewedDecision]:
    """Return decisions with their states, the oldest first: superseded, reviewed or applied."""
    known = list(found)
    replaced = {one for each in known for one in (each.of, each.supersedes) if one}
    judged = [_standing(one, "superseded" if one.decision_id in replaced else "") for one in known]
    return sorted(judged, key=lambda one: (one.decided_at or _FIRST, one.decision_id))


def judged_feedback(found: Iterable[ReviewedFeedback]) -> list[ReviewedFeedback]:
    """Return feedback with its states, the oldest first: retracted, answered or open."""
    known = list(found)
    taken = {one.supersedes for one in known if one.type == FeedbackType.RETRACTION}
    judged = [_standing(one, "retracted" if one.feedback_id in taken else "") for one in known]
    return sorted(judged, key=lambda one: (one.created_at or _FIRST, one.feedback_id))


def written_replies(marks: Sequence[Mark]) -> tuple[Reply, ...]:
    """Return the answers that triage wrote, each once."""
    found = {mark.item_id: _written(mark) for mark in reversed(marks) if mark.is_answer}
    return tuple(reply for reply in found.values() if reply is not None)


def _standing(one: _T, state: str) -> _T:
    if state:
        return replace(one, state=state)
    if isinstance(one, ReviewedDecision):
        reviewed = {reply.kind for reply in one.replies} & REVIEWS
        return replace(one, state="reviewed" if reviewed else "applied")
    return replace(one, state="answered" if one.replies else "open")


def _written(mark: Mark) -> Reply | None:
    fields = Fields(mark.record, Counter()).child("reply") or Fields({}, Counter())
    of = fields.id("of")
    if of is None or mark.word not in list(ReplyKind):
        return None
    return Reply(
        reply_id=mark.item_id,
        of=of,
        kind=ReplyKind(mark.word),
        text=fields.text("text"),
        of_kind=fields.text("of_kind") or "decision",
        lead_id=fields.text("lead_id"),
        by=fields.text("by"),
        at=mark.at,
        link=fields.optional_text("link"),
    )
