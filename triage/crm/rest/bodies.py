"""From the outbox to the contract's JSON: the bodies of writes, and the key that makes a batch repeatable."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from enum import Enum
from typing import Any

from msgspec import Struct

from triage.domain.decision import Decision
from triage.domain.feedback import Feedback
from triage.domain.item import Item
from triage.domain.lead import Seen
from triage.domain.review import Reply

_AS_IT_IS = frozenset({str, int, float, bool, type(None)})
_names: dict[type, tuple[str, ...]] = {}
"""The fields of each type that was met; of one that is no Struct, none."""


def batch_body(items: Sequence[Item]) -> dict[str, Any]:
    """Return the body of one write."""
    return {"items": [item_body(item) for item in items]}


def batch_key(items: Iterable[Item]) -> str:
    """Return the Idempotency-Key: the same for the same ids in any order, another for a part of them."""
    ids = sorted(item.id for item in items)
    return hashlib.sha256("\n".join(ids).encode()).hexdigest()


def item_body(item: Item) -> dict[str, Any]:
    """Return one item. The same item always has the same content; only `seen` moves with our receipts."""
    if item.decision:
        return _decision(item.decision, item.base or item.decision.snapshot.seen)
    if item.feedback:
        return _feedback(item.feedback)
    raise ValueError("an item holds a decision or a feedback")


def reply_body(reply: Reply) -> dict[str, Any]:
    """Return marketing's answer; who and when is the CRM's to say."""
    return {
        "reply_id": reply.reply_id,
        "of": reply.of,
        "kind": reply.kind.value,
        "text": reply.text,
        "link": reply.link,
    }


def wire_time(moment: datetime) -> str:
    """Return a moment as the contract writes it: UTC, Z, milliseconds only where there are some."""
    precision = "milliseconds" if moment.microsecond else "seconds"
    return moment.astimezone(UTC).isoformat(timespec=precision).replace("+00:00", "Z")


def plain(value: Any) -> Any:
    """Return a domain value in JSON's own types; the field names stay."""
    kind = type(value)
    if kind in _AS_IT_IS:
        return value
    names = _names.get(kind)
    if names is None:
        names = _names[kind] = _names_of(kind)
    if names:
        parts = [(name, getattr(value, name)) for name in names]
        return {name: part if type(part) in _AS_IT_IS else plain(part) for name, part in parts}
    return _plain_of(value)


def _names_of(kind: type) -> tuple[str, ...]:
    return kind.__struct_fields__ if issubclass(kind, Struct) else ()


def _plain_of(value: Any) -> Any:
    """Return what is no Struct."""
    if isinstance(value, datetime):
        return wire_time(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return {str(name): plain(entry) for name, entry in value.items()}
    if isinstance(value, list | tuple):
        return [plain(entry) for entry in value]
    return value


def _decision(decision: Decision, seen: Seen) -> dict[str, Any]:
    return {
        "decision_id": decision.decision_id,
        "lead_id": decision.lead_id,
        "act": decision.act.value,
        "reason": decision.reason,
        "params": dict(decision.params),
        "note": decision.note,
        "decided_at": wire_time(decision.decided_at),
        "batch_id": decision.batch_id,
        "supersedes": decision.supersedes,
        "of": decision.of,
        "after_contact": decision.after_contact,
        "disagrees_with": decision.disagrees_with,
        "skew_ms": decision.skew_ms,
        "seen": plain(seen),
        "snapshot": plain(decision.snapshot),
    }


def _feedback(feedback: Feedback) -> dict[str, Any]:
    return {
        "feedback_id": feedback.feedback_id,
        "lead_id": feedback.lead_id,
        "decision_id": feedback.decision_id,
        "batch_id": feedback.batch_id,
        "type": feedback.type.value,
        "payload": dict(feedback.payload),
        "created_at": wire_time(feedback.created_at),
        "supersedes": feedback.supersedes,
        "routed_to": feedback.routed_to or None,
        "snapshot": plain(feedback.snapshot),
    }
