"""From the contract's JSON to what marketing sees: decisions, feedback and the replies to them."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Iterable
from contextlib import aclosing
from typing import Any

from triage.crm.fields import Fields
from triage.crm.http import Http
from triage.crm.port import ReplyPage
from triage.crm.rest.leads import read_owner
from triage.crm.rest.paging import pages_of
from triage.domain.review import Reply, ReplyKind, ReviewedDecision, ReviewedFeedback


class Replies:
    """Reads marketing's answers over one HTTP room."""

    def __init__(self, http: Http) -> None:
        self._http = http

    async def pages(self, cursor: str | None) -> AsyncIterator[ReplyPage]:
        """Yield pages of marketing's answers since the cursor."""
        async with aclosing(pages_of(self._http, "/v1/replies", cursor)) as pages:
            async for page in pages:
                yield ReplyPage(read_replies(page.items), page.cursor, page.more)


def read_replies(values: Iterable[Any]) -> tuple[Reply, ...]:
    """Return the replies that have ids and a kind we know; others cannot be shown as an answer."""
    read = (_reply(fields) for fields in _objects(values))
    return tuple(reply for reply in read if reply is not None)


def read_decisions(values: Iterable[Any]) -> tuple[ReviewedDecision, ...]:
    """Return the decisions that have an id."""
    read = (_decision(fields) for fields in _objects(values))
    return tuple(decision for decision in read if decision is not None)


def read_feedback(values: Iterable[Any]) -> tuple[ReviewedFeedback, ...]:
    """Return the feedback that has an id."""
    read = (_feedback(fields) for fields in _objects(values))
    return tuple(feedback for feedback in read if feedback is not None)


def _objects(values: Iterable[Any]) -> Iterable[Fields]:
    return (Fields(value, Counter()) for value in values if isinstance(value, dict))


def _reply(fields: Fields) -> Reply | None:
    reply_id, of, word = fields.id("reply_id"), fields.id("of"), fields.text("kind")
    if reply_id is None or of is None or word not in list(ReplyKind):
        return None
    return Reply(
        reply_id=reply_id,
        of=of,
        kind=ReplyKind(word),
        text=fields.text("text"),
        of_kind=fields.text("of_kind") or "decision",
        lead_id=fields.text("lead_id"),
        by=fields.text("by"),
        at=fields.time("at"),
        link=fields.optional_text("link"),
        seen_at=fields.time("seen_at"),
    )


def _replies_of(fields: Fields) -> tuple[Reply, ...]:
    replies = fields.raw("replies")
    return read_replies(replies) if isinstance(replies, list) else ()


def _decision(fields: Fields) -> ReviewedDecision | None:
    decision_id = fields.id("decision_id")
    if decision_id is None:
        return None
    return ReviewedDecision(
        decision_id=decision_id,
        lead_id=fields.text("lead_id"),
        rep=read_owner(fields.child("rep")),
        act=fields.text("act"),
        reason=fields.optional_text("reason"),
        params=fields.plain("params"),
        note=fields.text("note"),
        decided_at=fields.time("decided_at"),
        batch_id=fields.id("batch_id"),
        state=fields.text("state"),
        disagrees_with=fields.optional_text("disagrees_with"),
        snapshot=fields.plain("snapshot"),
        skew_ms=fields.whole("skew_ms"),
        lead=fields.plain("lead"),
        replies=_replies_of(fields),
        of=fields.id("of"),
        supersedes=fields.id("supersedes"),
        applied_at=fields.time("applied_at"),
        after_contact=fields.flag("after_contact"),
    )


def _feedback(fields: Fields) -> ReviewedFeedback | None:
    feedback_id = fields.id("feedback_id")
    if feedback_id is None:
        return None
    return ReviewedFeedback(
        feedback_id=feedback_id,
        lead_id=fields.text("lead_id"),
        rep=read_owner(fields.child("rep")),
        type=fields.text("type"),
        payload=fields.plain("payload"),
        created_at=fields.time("created_at"),
        decision_id=fields.id("decision_id"),
        batch_id=fields.id("batch_id"),
        routed_to=fields.text("routed_to"),
        state=fields.text("state"),
        lead=fields.plain("lead"),
        replies=_replies_of(fields),
        snapshot=fields.plain("snapshot"),
        supersedes=fields.id("supersedes"),
        applied_at=fields.time("applied_at"),
    )
