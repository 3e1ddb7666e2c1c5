"""What Salesforce keeps of an item, in whichever mode: one value, and the JSON that both modes write. Pure.

The JSON has the item in the open contract's form, so that nothing is lost that has no field of its own; it
holds what the rep typed unchanged, for Salesforce trims and rewrites the text of its own fields.
"""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime
from typing import Any

from msgspec import Struct, field

from triage.crm.fields import Fields
from triage.crm.limits import decode
from triage.crm.rest.bodies import item_body
from triage.domain.item import Item
from triage.domain.lead import Owner
from triage.domain.outcome import Receipt

_HEAVY = ("contributions", "criteria")
"""What a snapshot can do without first, where everything does not fit."""


class Standing(Struct, frozen=True):
    """How a lead stands: Salesforce's own status, whose it is, and the status in our words."""

    status: str
    owner_id: str
    ours: str
    owner_name: str = ""


class Typed(Struct, frozen=True):
    """Marketing's answer, as it stands in fields that a person can fill."""

    text: str = ""
    kind: str = ""
    by: str = ""
    at: datetime | None = None
    link: str = ""
    place: str = ""
    """The record it was typed on, if that is not the item's own: the same text there is the same answer."""


class Kept(Struct, frozen=True):
    """One decision, feedback or answer as Salesforce keeps it. Texts are raw."""

    row_id: str
    key: str
    kind: str
    outcome: str = ""
    lead_id: str = ""
    by: Owner = field(default_factory=lambda: Owner(""))
    decided_at: datetime | None = None
    created_at: datetime | None = None
    modified_at: datetime | None = None
    about: str = ""
    """What an answer answers; what a restore takes back."""
    reason: str = ""
    wake_at: datetime | None = None
    """When a lead that was put off or recycled comes back."""
    words: str = ""
    """What the rep typed, as Salesforce shows it."""
    seen_at: datetime | None = None
    typed: Typed = field(default_factory=Typed)
    record: dict[str, Any] = field(default_factory=dict)
    lead: dict[str, Any] = field(default_factory=dict)
    """The lead as it is now, for marketing's lists."""

    @property
    def receipt(self) -> Receipt:
        """The receipt that the delivery of this item came to, the same whenever it is asked for."""
        return receipt_of(self.row_id, self.left)

    @property
    def before(self) -> Standing | None:
        """How the lead stood when the decision was applied; None where that was not kept."""
        return standing_in(self.record, "before")

    @property
    def left(self) -> Standing | None:
        """How the decision left the lead; None where that was not kept."""
        return standing_in(self.record, "after")


def receipt_of(row_id: str, after: Standing | None) -> Receipt:
    """Return the receipt of an item; feedback leaves the lead as it was."""
    if after is None:
        return Receipt(row_id)
    return Receipt(row_id, status=after.ours, owner=Owner(after.owner_id, after.owner_name))


def record_of(item: Item, before: Standing | None, after: Standing | None, limit: int) -> str:
    """Return the JSON that is kept of an item, of at most `limit` characters.

    What does not fit is left out of the snapshot, and only then what the rep typed is cut.
    """
    body = item_body(item)
    body.pop("seen", None)
    record = {"v": 1, "item": body, "before": _plain(before), "after": _plain(after)}
    text = packed(record)
    snapshot = body.get("snapshot")
    if len(text) > limit and isinstance(snapshot, dict):
        for name in _HEAVY:
            snapshot.pop(name, None)
        text = packed(record)
    if len(text) > limit:
        body["snapshot"] = {}
        text = packed(record)
    return text if len(text) <= limit else packed(_cut(record, len(text) - limit))


def read_record(text: str) -> dict[str, Any]:
    """Return the JSON of a record; empty where it cannot be read, as after someone edited it."""
    try:
        value = decode(text.encode("utf-8", "surrogatepass"))
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def standing_in(record: dict[str, Any], name: str) -> Standing | None:
    """Return how a lead stood before or after, as a record keeps it."""
    fields = Fields(record, Counter()).child(name)
    if fields is None or not fields.text("owner"):
        return None
    return Standing(
        fields.text("status"), fields.text("owner"), fields.text("ours"), fields.text("owner_name")
    )


def _plain(standing: Standing | None) -> dict[str, str] | None:
    if standing is None:
        return None
    return {
        "status": standing.status,
        "owner": standing.owner_id,
        "owner_name": standing.owner_name,
        "ours": standing.ours,
    }


def packed(value: object) -> str:
    """Write ASCII: lone surrogates and controls travel as escapes, and come back unchanged.

    So does the sign by which a graph would take a part of the text for a name of its own: @{...}.
    """
    text = json.dumps(value, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return text.replace("@", "\\u0040")


def _cut(record: dict[str, Any], excess: int) -> dict[str, Any]:
    """Cut the longest text that the rep typed; the whole of it stands in the rep's own journal."""
    body = record["item"]
    holder = body["payload"] if body.get("payload") else body
    name = max(
        (key for key, value in holder.items() if isinstance(value, str)), key=lambda key: len(holder[key])
    )
    text = holder[name]
    keep, spent = len(text), 0
    while keep and spent < excess:
        keep -= 1
        spent += len(packed(text[keep])) - 2
    holder[name] = text[:keep]
    return record
