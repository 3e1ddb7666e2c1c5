"""What happened, as lines for a webhook: each told once, in an order of time. On the store thread only.

Must never hold a secret, an e-mail address or a phone number. What is not told is told by the next run: a
happening whose telling was cut off may come twice, and its `event_id` says that it is the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec import Struct, field

from triage.desk.agreement import proposals
from triage.desk.books import Books
from triage.domain import sharing
from triage.domain.answers import BRINGS_BACK
from triage.domain.feedback import Feedback, FeedbackType
from triage.domain.item import Item, State
from triage.domain.lead import LeadId
from triage.domain.outline import Outline
from triage.domain.review import Reply, ReviewedFeedback
from triage.store.seen import Told
from triage.text import clean

BEGUN = "events_begun"
"""The outbox's note that somebody listens: what was before is no news to a webhook that is new."""
KEPT_FOR = timedelta(days=30)
"""What is older than that is not told any more."""
_ENDS = {
    State.APPLIED: "applied",
    State.REVIEWED: "applied",
    State.CONFLICT: "conflict",
    State.REFUSED: "refused",
}


class Happening(Struct, frozen=True):
    """One thing that happened. `event` and `id` are stable; `more` are the fields that only it has."""

    event: str
    """decision_applied, decision_conflict, decision_refused; feedback_applied, feedback_conflict,
    feedback_refused, dispute; reply_arrived, lead_returned, request_answered; proposal; sync_finished."""
    event_id: str
    """The same whenever the same is told."""
    at: datetime
    id: str = ""
    """The decision's, feedback's, reply's or proposal's."""
    lead_id: str = ""
    text: str = ""
    """One line for a chat, cleaned."""
    more: Mapping[str, Any] = field(default_factory=dict)


def begin(books: Books) -> None:
    """Take what is here as known, where nobody has listened yet."""
    if books.outbox.note(BEGUN) is None:
        note_told(books, news(books))
        books.outbox.remember(BEGUN, books.clock().isoformat())


def news(books: Books) -> tuple[Happening, ...]:
    """Return what happened of late and was not told, the earliest first."""
    since, told = books.clock() - KEPT_FOR, Told(books.outbox.db)
    items = [item for item in books.outbox.since(since) if (item.changed_at or item.made_at) >= since]
    replies = [one for one in books.replies() if one.at is None or one.at >= since]
    leads = _outlines(books, {item.lead_id for item in items} | {LeadId(one.lead_id) for one in replies})
    found = [one for item in items for one in _of_item(item, leads.get(item.lead_id))]
    for reply in replies:
        item = books.outbox.find(reply.of)
        found.append(_of_reply(reply, item, leads.get(LeadId(reply.lead_id)), books.clock()))
    found += [one for one in _of_proposals(books) if one.at >= since]
    return in_order(one for one in found if not told.knows(one.event_id))


def news_of_team(books: Books, feedback: Iterable[ReviewedFeedback]) -> tuple[Happening, ...]:
    """Return what reps contradicted and was not told, of the feedback that marketing's token sees."""
    since, told = books.clock() - KEPT_FOR, Told(books.outbox.db)
    disputes = (_of_team(one) for one in feedback if one.created_at and one.created_at >= since)
    return in_order(one for one in disputes if one is not None and not told.knows(one.event_id))


def in_order(happenings: Iterable[Happening]) -> tuple[Happening, ...]:
    """Return happenings by their moment."""
    return tuple(sorted(happenings, key=lambda one: (one.at, one.event_id)))


def note_told(books: Books, happenings: Iterable[Happening]) -> None:
    """Keep durably that these were told; lets go what can no longer be told again."""
    told = Told(books.outbox.db)
    told.mark({one.event_id: one.id for one in happenings}, books.clock())
    undated = {_reply_event(one) for one in books.replies() if one.at is None}
    told.forget(books.clock() - 2 * KEPT_FOR, undated)


def _outlines(books: Books, lead_ids: Iterable[LeadId]) -> dict[LeadId, Outline]:
    return {entry.lead_id: entry.outline for entry in books.entries_of(lead_ids)}


def _of_item(item: Item, lead: Outline | None) -> Iterator[Happening]:
    end = _ENDS.get(item.state)
    if end is None:
        return
    event, more = f"{item.kind}_{end}", _said(item)
    if end == "applied":
        at = (item.receipt.applied_at if item.receipt else None) or item.changed_at or item.made_at
        if item.feedback is not None and is_dispute(item.feedback):
            event = "dispute"
        event_id = f"{event}:{item.id}"
    else:
        at = item.changed_at or item.made_at
        event_id = f"{event}:{item.id}:{at.isoformat()}"  # it may be tried again, and end the same way
        more = {**more, "error": _clean(sharing.without_reach(item.error[: sharing.LONGEST]))}
    text = _clean(sharing.deed_line(item, lead))
    yield Happening(event, event_id, at, item.id, item.lead_id, f"{text} · {_END_WORDS[end]}", more)


_END_WORDS = {"applied": "sent", "conflict": "in conflict", "refused": "refused"}


def is_dispute(feedback: Feedback) -> bool:
    """Whether a piece of feedback contradicts a score or the definition."""
    return _contradicts(feedback.type.value, feedback.payload)


def _contradicts(kind: str, payload: Mapping[str, Any]) -> bool:
    if kind == FeedbackType.SCORE_ACCURACY:
        return payload.get("verdict") != "right"
    return kind == FeedbackType.DEFINITION_DISPUTE


def _said(item: Item) -> dict[str, Any]:
    decision, feedback = item.decision, item.feedback
    if decision is not None:
        return {
            "act": decision.act.value,
            "reason": _clean(decision.reason or "") or None,
            "batch_id": decision.batch_id,
            "disagrees_with": decision.disagrees_with,
        }
    type_ = feedback.type.value if feedback is not None else ""
    return {"type": type_, "batch_id": item.batch_id, "routed_to": _clean(item.routed_to) or None}


def _of_reply(reply: Reply, item: Item | None, lead: Outline | None, now: datetime) -> Happening:
    event = "reply_arrived"
    if reply.kind in BRINGS_BACK:
        event = "lead_returned"
    elif item is not None and item.feedback is not None:
        asked = item.feedback.type is FeedbackType.CONTENT_REQUEST
        event = "request_answered" if asked else event
    lead_id = reply.lead_id or (item.lead_id if item is not None else "")
    more = {
        "kind": reply.kind.value,
        "of": reply.of,
        "of_kind": _clean(reply.of_kind),
        "by": _clean(sharing.without_reach(reply.by[:200])),
        "link": _clean(reply.link) if reply.link else None,
    }
    text = _clean(sharing.reply_line(reply, item, lead))
    return Happening(event, _reply_event(reply), reply.at or now, reply.reply_id, lead_id, text, more)


def _reply_event(reply: Reply) -> str:
    return f"reply:{reply.reply_id}"


def _of_team(told: ReviewedFeedback) -> Happening | None:
    if told.created_at is None or not _contradicts(told.type, told.payload):
        return None
    said = {name: str(value) for name, value in told.payload.items()}
    words = sharing.payload_words(told.type, said)
    lead = ", ".join(str(told.lead[name])[:80] for name in ("name", "company") if told.lead.get(name))
    text = _clean(
        sharing.joined(lead or told.lead_id, words, f"by {told.rep.name[:80]}" if told.rep.name else "")
    )
    more = {"type": _clean(told.type), "batch_id": told.batch_id, "routed_to": _clean(told.routed_to) or None}
    event_id = f"dispute:{told.feedback_id}"
    return Happening("dispute", event_id, told.created_at, told.feedback_id, told.lead_id, text, more)


def _of_proposals(books: Books) -> Iterator[Happening]:
    for one in proposals(books).proposals:
        at = max([word.at for word in one.words if word.at is not None] + [one.at or _NEVER])
        version = _clean(one.definition.version)
        said = sharing.without_reach(one.why[:300]).strip()
        text = _clean(f"definition v{version} {one.state.value}{f': {said}' if said else ''}")
        more = {"version": version, "state": one.state.value, "based_on": _clean(one.based_on)}
        yield Happening(
            "proposal", f"proposal:{one.proposal_id}:{one.state.value}", at, one.proposal_id, "", text, more
        )


_NEVER = datetime.min.replace(tzinfo=UTC)


def _clean(text: str) -> str:
    return clean(text, limit=sharing.LONGEST)
