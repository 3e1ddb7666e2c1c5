"""Feedback: checked, routed and recorded for all leads of an act at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from triage.clock import new_id
from triage.desk.books import Books
from triage.desk.results import Acted, Preview, PreviewedLead, Skipped
from triage.domain.feedback import (
    Feedback,
    FeedbackType,
    context_of,
    feedback_refusal,
    read_payload,
    route,
)
from triage.domain.item import Item, State
from triage.domain.lead import Lead, LeadId
from triage.errors import UsageError


def preview(
    books: Books, lead_ids: Sequence[LeadId], kind: FeedbackType, payload: Mapping[str, str]
) -> Preview:
    """Say which leads the feedback would reach."""
    checked = read_payload(kind, payload)
    leads, skipped = _weigh(books, lead_ids, kind)
    return Preview(tuple(PreviewedLead(lead.lead_id, checked) for lead in leads), skipped)


def tell(
    books: Books,
    lead_ids: Sequence[LeadId],
    kind: FeedbackType,
    payload: Mapping[str, str],
    decision_id: str | None,
) -> Acted:
    """Record one piece of feedback for each lead it makes sense on, as one record."""
    checked = read_payload(kind, payload)
    if decision_id is not None and books.outbox.find(decision_id) is None:
        raise UsageError(f"There is no decision {decision_id}.", hint="`triage queue list --all` lists them.")
    leads, skipped = _weigh(books, lead_ids, kind)
    if not leads:
        return Acted(items=(), skipped=skipped)
    now = books.clock()
    batch_id = new_id(now) if len(set(lead_ids)) > 1 else None
    items = [
        Item(
            state=State.QUEUED,
            due_at=now + books.hold,
            feedback=Feedback(
                feedback_id=new_id(now),
                lead_id=lead.lead_id,
                type=kind,
                payload=_on(lead, kind, checked),
                created_at=now,
                decision_id=decision_id,
                batch_id=batch_id,
                routed_to=route(kind, lead),
                snapshot=context_of(lead),
            ),
        )
        for lead in leads
    ]
    recorded = books.outbox.add(items)
    entries = books.entries_of(item.lead_id for item in recorded)
    return Acted(items=recorded, skipped=skipped, entries=entries, batch_id=batch_id)


def _weigh(
    books: Books, lead_ids: Sequence[LeadId], kind: FeedbackType
) -> tuple[list[Lead], tuple[Skipped, ...]]:
    leads, skipped = [], []
    for entry in books.whole_entries(lead_ids):
        lead = entry.lead
        why = feedback_refusal(lead, kind)
        if why:
            skipped.append(Skipped(lead.lead_id, why))
        else:
            leads.append(lead)
    return leads, tuple(skipped)


def _on(lead: Lead, kind: FeedbackType, payload: Mapping[str, str]) -> dict[str, str]:
    """Complete a payload with what the lead itself says: the value a correction replaces, the promise."""
    complete = dict(payload)
    if kind is FeedbackType.DATA_CORRECTION:
        current = getattr(lead, complete["field"], None)
        complete.setdefault("old", "" if current is None else str(current))
    if kind is FeedbackType.MESSAGE_MISMATCH and lead.campaign is not None and lead.campaign.promise:
        complete.setdefault("promised", lead.campaign.promise)
    return complete
