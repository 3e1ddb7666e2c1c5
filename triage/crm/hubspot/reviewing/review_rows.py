"""From the record in a note to what marketing reads. Pure; tolerant, for anybody could have changed it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from triage.crm.dialect import Dialect
from triage.crm.fields import Fields
from triage.crm.hubspot.reading import marketing
from triage.crm.hubspot.rows import Row
from triage.crm.hubspot.timeline.marks import Mark
from triage.crm.hubspot.values import Values
from triage.domain.lead import Owner
from triage.domain.review import Reply, ReviewedDecision, ReviewedFeedback


def rep_of(mark: Mark) -> Owner:
    """Return who said it."""
    rep = Fields(mark.record, Counter()).child("rep")
    return Owner(rep.text("user_id"), rep.text("name")) if rep is not None else Owner("")


def lead_of(contact: Row, dialect: Dialect) -> dict[str, Any]:
    """Return the few facts that marketing counts by, of the lead's contact as it is now."""
    values = Values(contact["properties"])
    campaign = marketing.campaign_of(values, dialect)
    source = dialect.fields.get("source", "")
    return {
        "name": " ".join(part for part in (values.text("firstname"), values.text("lastname")) if part),
        "title": values.text("jobtitle"),
        "company": values.text("company"),
        "source": (values.text(source) if source else "") or marketing.source_of(values),
        "campaign": campaign.name if campaign is not None else "",
    }


def decision_of(mark: Mark, lead: dict[str, Any], replies: Sequence[Reply]) -> ReviewedDecision:
    """Return a decision of its note."""
    fields = _item(mark)
    return ReviewedDecision(
        decision_id=mark.item_id,
        lead_id=fields.text("lead_id"),
        rep=rep_of(mark),
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
    """Return a piece of feedback of its note."""
    fields = _item(mark)
    return ReviewedFeedback(
        feedback_id=mark.item_id,
        lead_id=fields.text("lead_id"),
        rep=rep_of(mark),
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


def _item(mark: Mark) -> Fields:
    return Fields(mark.record, Counter()).child("item") or Fields({}, Counter())
