"""A lead as it stands at BottleCRM before it is written, and how that differs from what was seen. Pure.

BottleCRM gives one answer for a lead that was deleted and for one that somebody else has now: neither is to
be seen, and that is all that is known.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct

from triage.crm.bottlecrm import names
from triage.crm.bottlecrm.account import name_of
from triage.crm.bottlecrm.api import Row
from triage.crm.bottlecrm.reading import log
from triage.crm.bottlecrm.reading.definitions import Definition, definitions_of
from triage.crm.bottlecrm.statuses import Statuses
from triage.crm.fields import Fields
from triage.crm.records.mark import Mark
from triage.domain.act import Act
from triage.domain.item import Item
from triage.domain.lead import LeadStatus, Owner
from triage.domain.outcome import Conflicted, Theirs

HIDDEN = Owner("not-shown", "someone else, or it was deleted")
"""Whose a lead is that BottleCRM does not show any more; the words end “Someone gave the lead to”."""
OUT_OF_SIGHT = Conflicted(Theirs(owner=HIDDEN))
_ONE_WRITE = timedelta(minutes=5)
"""So far apart may our moment of a write and BottleCRM's be; who gives a lead back does so later."""


class Standing(Struct, frozen=True):
    """One lead, with what is said on it."""

    row: Row
    status: LeadStatus
    """In our words."""
    owners: dict[str, str]
    """Whose it is, id to name; several share a lead."""
    marks: tuple[Mark, ...]
    """Our records on it, the oldest first."""
    comments: tuple[str, ...]
    definitions: dict[str, Definition]
    """The custom fields that leads have, by their keys."""

    @property
    def theirs(self) -> str:
        """BottleCRM's own status."""
        return str(self.row.get("status") or "")

    @property
    def custom(self) -> Mapping[str, Any]:
        """The values of its custom fields."""
        return log.custom_of(self.row)

    def mark(self, item_id: str | None) -> Mark | None:
        """Return our record of an item, or None."""
        return next((mark for mark in self.marks if mark.item_id == item_id), None)


def standing_of(body: Mapping[str, Any], statuses: Statuses, now: datetime) -> Standing:
    """Return the lead of a detail answer, or of the answer to a comment, which has no definitions."""
    fields = Fields(body, Counter())
    row = fields.raw("lead_obj")
    row = row if isinstance(row, dict) else {}
    said = fields.raw("comments")
    comments = [
        one.get("comment") for one in (said if isinstance(said, list) else ()) if isinstance(one, dict)
    ]
    return Standing(
        row=row,
        status=statuses.status(row, now),
        owners=owners_of(row),
        marks=log.read(row),
        comments=tuple(one for one in comments if isinstance(one, str)),
        definitions=definitions_of(body),
    )


def owners_of(row: Mapping[str, Any]) -> dict[str, str]:
    """Return whose a lead is, id to name."""
    assigned = Fields(row, Counter()).children("assigned_to")
    return {one.text("id"): name_of(one) for one in assigned if one.text("id")}


def is_as_seen(item: Item, lead: Standing) -> bool:
    """Whether owner and status are what the rep saw, or what our own writes made of it since.

    A lead that slept when it was seen may have woken meanwhile: that is no change by anybody.
    """
    if item.decision is None:
        return True
    seen = item.base or item.decision.snapshot.seen
    return seen.owner_id in lead.owners and _awake(seen.status) == _awake(lead.status.value)


def is_as_left(lead: Standing, original: Mark) -> bool:
    """Whether a lead still is as an earlier decision of ours left it."""
    return (lead.theirs, sorted(lead.owners)) == _place(original.record.get("after"))


def is_as_it_was(lead: Standing, original: Mark) -> bool:
    """Whether a lead is as it was before an earlier decision of ours."""
    return (lead.theirs, sorted(lead.owners)) == _place(original.record.get("before"))


def is_still_to_give(lead: Standing, mark: Mark | None) -> bool:
    """Whether a reroute is on record, and the lead is whose it was, with no write since.

    BottleCRM writes owners after all else, in no transaction: who stops it there leaves the record alone.
    """
    if mark is None or mark.word != Act.REROUTE or lead.custom.get(names.KEY) != mark.item_id:
        return False
    written_at = Fields(lead.row, Counter()).time("updated_at")
    if mark.at is None or written_at is None or abs(written_at - mark.at) > _ONE_WRITE:
        return False
    before, after = (_place(mark.record.get(name))[1] for name in ("before", "after"))
    return before != after and sorted(lead.owners) == before


def theirs_of(lead: Standing, me: str) -> Conflicted:
    """Return a lead as a conflict tells it; who changed it BottleCRM does not say."""
    first = next(iter(lead.owners.items()), ("", ""))
    owner = Owner(me, lead.owners[me]) if me in lead.owners else Owner(*first)
    changed_at = Fields(lead.row, Counter()).time("updated_at")
    version = str(lead.row.get("updated_at") or "")
    return Conflicted(Theirs(version, lead.status.value, owner, changed_at=changed_at))


def place_of(lead: Standing) -> dict[str, Any]:
    """Return all of a lead that a decision changes, for the record."""
    return {
        "theirs": lead.theirs,
        "assigned_to": sorted(lead.owners),
        **{name: str(lead.custom.get(name) or "") for name in (names.DECISION, names.REASON, names.WAKE_AT)},
    }


def _place(value: object) -> tuple[str, list[str]]:
    """Return status and owners of a record that somebody could have changed."""
    fields = Fields(value if isinstance(value, dict) else {}, Counter())
    return fields.text("theirs"), sorted(fields.texts("assigned_to"))


def _awake(status: str) -> str:
    return LeadStatus.ASSIGNED.value if status == LeadStatus.SNOOZED.value else status
