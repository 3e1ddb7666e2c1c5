"""The tables that commands export: which columns there are, named as in their JSON. Knows no format."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from triage.cli.shapes import Shape, lead_shape
from triage.domain.outline import AnyLead
from triage.exports.sheet import Sheet

_OF_LEAD = (
    *("lead_id", "name", "title", "company", "email", "source", "score", "band", "grade"),
    *("status", "owner", "contacted_at", "sla_state", "sla_due_at", "badges"),
)
_OF_ITEM = (
    *("state", "kind", "id", "batch_id", "lead_id", "act", "type", "reason"),
    *("decided_at", "attempts", "error"),
)
_OF_REVIEW = (
    *("kind", "id", "batch_id", "at", "rep", "act", "type", "reason"),
    *("lead_id", "source", "replies", "words"),
)


def lead_sheet(leads: Sequence[AnyLead], now: datetime) -> Sheet:
    """Return leads as `list` exports them."""
    return Sheet("Leads", now, _OF_LEAD, [_row(_lead(lead_shape(lead, now)), _OF_LEAD) for lead in leads])


def queue_sheet(items: Iterable[Shape], now: datetime) -> Sheet:
    """Return items of the queue, given as JSON has them."""
    return Sheet("Queue", now, _OF_ITEM, [_row(item, _OF_ITEM) for item in items])


def review_sheet(items: Iterable[Shape], now: datetime) -> Sheet:
    """Return decisions and feedback as marketing sees them, given as JSON has them."""
    return Sheet("Review", now, _OF_REVIEW, [_row(_reviewed(item), _OF_REVIEW) for item in items])


def said(item: Shape) -> str:
    """Return what a rep said in words."""
    return item.get("note") or "; ".join(map(str, (item.get("payload") or {}).values()))


def _lead(shape: Shape) -> Shape:
    owner, sla = shape["owner"], shape["sla"]
    return {
        **shape,
        "owner": owner["name"] or owner["user_id"],
        "sla_state": sla["state"],
        "sla_due_at": sla["due_at"],
        "badges": " ".join(shape["badges"]),
    }


def _reviewed(shape: Shape) -> Shape:
    return {
        **shape,
        "id": shape.get("decision_id") if shape["kind"] == "decision" else shape.get("feedback_id"),
        "at": shape.get("decided_at") or shape.get("created_at"),
        "rep": shape["rep"]["name"],
        "source": (shape.get("lead") or {}).get("source"),
        "replies": len(shape["replies"]),
        "words": said(shape),
    }


def _row(shape: Shape, columns: Sequence[str]) -> tuple[Any, ...]:
    return tuple(shape.get(name) for name in columns)
