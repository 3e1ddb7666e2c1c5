"""What a note says of the write it stands for: the same receipt whenever it is read. Pure."""

from __future__ import annotations

from collections import Counter
from typing import Any

from triage.crm.fields import Fields
from triage.crm.records.mark import Mark, Record, plain
from triage.domain.item import Item
from triage.domain.lead import Owner
from triage.domain.outcome import Receipt
from triage.domain.people import Rep


def record_of(item: Item, rep: Rep, **more: Any) -> Record:
    """Return the record of an item: all that marketing and a later write of ours need to know of it."""
    said = item.decision if item.decision is not None else item.feedback
    return {
        "v": 1,
        "kind": item.kind,
        "rep": {"user_id": rep.user_id, "name": rep.name},
        "item": plain(said),
        **more,
    }


def receipt_of(mark: Mark) -> Receipt:
    """Return the receipt of an item by its note."""
    after = Fields(mark.record, Counter()).child("after")
    if after is None:
        return Receipt(mark.note_id, mark.at)
    owner_id = after.text("owner")
    return Receipt(
        receipt_id=mark.note_id,
        applied_at=mark.at,
        version=after.text("version"),
        status=after.text("status"),
        owner=Owner(owner_id, after.text("owner_name")) if after.has("owner") else None,
    )
