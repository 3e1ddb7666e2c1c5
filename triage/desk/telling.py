"""Feedback: checked, routed and recorded for all leads of an act at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from triage.clock import new_id
from triage.desk.books import Books
from triage.desk.results import Acted, Preview, PreviewedLead, Skipped
from triage.domain.entry import HIDDEN
from triage.domain.feedback import (
    Feedback,
    FeedbackType,
    context_of,
    contribution_named,
    dispute_of,
    feedback_refusal,
    repeats,
    route,
)
from triage.domain.item import Item, State
from triage.domain.lead import Lead, LeadId
from triage.domain.payloads import LONG, read_payload
from triage.errors import UsageError

SAID_ALREADY = "you said so already"


def preview(
    books: Books,
    lead_ids: Sequence[LeadId],
    kind: FeedbackType,
    payload: Mapping[str, str],
    *,
    whole: bool = True,
) -> Preview:
    """Say which leads the feedback would reach, and who would answer.

    Not `whole`: what has to be said is still to be typed.
    """
    checked = _checked(books, kind, payload, books.clock(), whole=whole)
    leads, skipped = _weigh(books, lead_ids, kind, checked)
    reached = (PreviewedLead(lead.lead_id, checked, routed_to=route(kind, lead)) for lead in leads)
    return Preview(tuple(reached), skipped)


def tell(
    books: Books,
    lead_ids: Sequence[LeadId],
    kind: FeedbackType,
    payload: Mapping[str, str],
    decision_id: str | None,
) -> Acted:
    """Record one piece of feedback for each lead it makes sense on, as one record."""
    now = books.clock()
    checked = _checked(books, kind, payload, now)
    if decision_id is not None and books.outbox.find(decision_id) is None:
        raise UsageError(f"There is no decision {decision_id}.", hint="`triage queue list --all` lists them.")
    leads, skipped = _weigh(books, lead_ids, kind, checked)
    if not leads:
        return Acted(items=(), skipped=skipped)
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
                snapshot=context_of(lead) | dispute_of(lead, checked.get("contribution", "")),
            ),
        )
        for lead in leads
    ]
    recorded = books.outbox.add(items)
    entries = books.entries_of(item.lead_id for item in recorded)
    return Acted(items=recorded, skipped=skipped, entries=entries, batch_id=batch_id)


def _checked(
    books: Books, kind: FeedbackType, given: Mapping[str, str], now: datetime, *, whole: bool = True
) -> dict[str, str]:
    """Return a payload that names only what there is: a line of the definition, an open request."""
    payload = read_payload(kind, given, now.astimezone().date(), whole=whole)
    if kind is FeedbackType.DEFINITION_DISPUTE and "criterion" in payload:
        _check_criterion(books, payload["criterion"])
    if kind is FeedbackType.CONTENT_REQUEST and "request_id" in payload:
        return _plus_one(books, payload)
    return payload


def _check_criterion(books: Books, criterion: str) -> None:
    definition = books.definition()
    known = [one.criterion_id for one in (*definition.criteria, *definition.sql_criteria)]
    if known and criterion not in known:
        raise UsageError(
            f"Definition v{definition.version} has no line “{criterion}”.",
            hint=f"One of: {', '.join(known)}.",
        )


def _plus_one(books: Books, payload: Mapping[str, str]) -> dict[str, str]:
    """Complete one more voice with what the request is about; where nothing was fetched the CRM will say."""
    library = books.library()
    request = library.request(payload["request_id"])
    if request is not None:
        return {**payload, "topic": request.topic[:LONG]}
    if library.requests:
        known = ", ".join(one.request_id for one in library.requests if one.is_open)
        raise UsageError(f"There is no request {payload['request_id']}.", hint=f"Open ones: {known}.")
    return dict(payload)


def _weigh(
    books: Books, lead_ids: Sequence[LeadId], kind: FeedbackType, payload: Mapping[str, str]
) -> tuple[list[Lead], tuple[Skipped, ...]]:
    leads, skipped = [], []
    is_verdict = kind is FeedbackType.SCORE_ACCURACY
    verdicts = _verdicts(books, lead_ids) if is_verdict else {}
    for entry in books.whole_entries(lead_ids):
        lead = entry.lead
        hidden = HIDDEN if entry.is_blind and is_verdict else None
        why = hidden or feedback_refusal(lead, kind, payload)
        if not why and _is_repeated(verdicts.get(lead.lead_id, ()), lead, payload):
            why = SAID_ALREADY
        if why:
            skipped.append(Skipped(lead.lead_id, why))
        else:
            leads.append(lead)
    return leads, tuple(skipped)


def _is_repeated(verdicts: Sequence[Feedback], lead: Lead, payload: Mapping[str, str]) -> bool:
    """Tell whether a verdict is the last one on the same part of the score once more."""
    said = _on(lead, FeedbackType.SCORE_ACCURACY, payload)
    alike = [one for one in verdicts if one.payload.get("contribution") == said.get("contribution")]
    return bool(alike) and repeats(alike[-1], lead, said)


def _verdicts(books: Books, lead_ids: Sequence[LeadId]) -> dict[LeadId, list[Feedback]]:
    """Return what the rep said about the scores of these leads, oldest first, without what was taken back."""
    taken_back = books.outbox.takes_back(lead_ids)
    verdicts: defaultdict[LeadId, list[Feedback]] = defaultdict(list)
    for item in books.outbox.standing_of(lead_ids):
        said = item.feedback
        if said is not None and said.type is FeedbackType.SCORE_ACCURACY and item.id not in taken_back:
            verdicts[item.lead_id].append(said)
    return verdicts


def _on(lead: Lead, kind: FeedbackType, payload: Mapping[str, str]) -> dict[str, str]:
    """Complete a payload with what the lead itself says: the value a correction replaces, the promise."""
    complete = dict(payload)
    if kind is FeedbackType.DATA_CORRECTION:
        current = getattr(lead, complete["field"], None)
        complete.setdefault("old", "" if current is None else str(current)[:LONG])
    if kind is FeedbackType.MESSAGE_MISMATCH and lead.campaign is not None and lead.campaign.promise:
        complete.setdefault("promised", lead.campaign.promise[:LONG])
    if kind is FeedbackType.SCORE_ACCURACY and "contribution" in complete and lead.score is not None:
        part = contribution_named(complete["contribution"], lead.score)
        complete["contribution"] = part.label if part is not None else complete["contribution"]
    return complete
