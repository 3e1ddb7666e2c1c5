"""Domain values as JSON documents and back: the only place that knows how they are written down."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from operator import attrgetter
from typing import Any, TypeVar

import msgspec
from msgspec import Struct
from msgspec.structs import fields, force_setattr, replace

from triage.domain.decision import Snapshot
from triage.domain.item import Item
from triage.domain.lead import Lead, LeadId
from triage.domain.outline import Outline, PartOfLead
from triage.domain.review import Reply
from triage.domain.score import Contribution, Score
from triage.errors import StoreError
from triage.store.packed import Packed
from triage.store.record import HOLE, decode

Document = dict[str, Any]
_T = TypeVar("_T")


class LeadOutline(Struct, frozen=True, gc=False):
    """A lead's document, as far as it is held in memory."""

    gone: bool
    lead: Outline

    def __post_init__(self) -> None:
        """Share what thousands of leads have in common."""
        lead = self.lead
        force_setattr(lead, "owner", _shared(lead.owner))
        force_setattr(lead, "campaign", _shared(lead.campaign))

    @property
    def lead_id(self) -> LeadId:
        """The lead's id."""
        return self.lead.lead_id


@lru_cache(1_000)
def _shared(value: _T) -> _T:
    """Return the same object for all values that are equal."""
    return value


class _LeadDocument(Struct, frozen=True):
    lead_id: LeadId
    gone: bool
    lead: Lead


class _LeadInParts(msgspec.Struct):
    lead_id: str
    gone: bool
    lead: dict[str, msgspec.Raw]


_KEYS = ("id", "kind", "lead_id", "batch_id")
"""What is searched for, or told by it, stands on top."""
_SAID = tuple(name for name in Item.__struct_fields__ if name not in ("seq", "changed_at", "decision"))
"""What else an item says, its decision aside; its order is the store's own."""
_ItemDocument = msgspec.defstruct("_ItemDocument", ("decision", *_SAID, "changed_at", *_KEYS), frozen=True)
_keys, _said = attrgetter(*_KEYS), attrgetter(*_SAID)
_HOLE = msgspec.Raw(HOLE)
_quick = msgspec.json.Encoder().encode


def item_document(item: Item) -> Document:
    """Return an item as a document; what is searched for stands on top."""
    document: Document = _plain(item, _of_item(item))
    del document["seq"]  # the order is the store's own
    document.update(zip(_KEYS, _keys(item), strict=True))
    return document


def item_json(item: Item, changed_at: datetime) -> Packed | Document:
    """Return an item that changes now as a document that is JSON already; plain where that would lose."""
    try:
        if math.isfinite(_of_item(item)):
            return Packed((_json_of(item, changed_at),), _found_by(item))
    except UnicodeEncodeError:
        pass
    return {**item_document(item), "changed_at": value_document(changed_at)}


class Foreseen(Struct, frozen=True):
    """A decision's item that may be recorded next, as JSON but for its moments."""

    item: Item
    around: Sequence[bytes]
    """The JSON before, between and behind the moments."""
    found_by: Mapping[str, Any]

    @classmethod
    def of(cls, item: Item) -> Foreseen | None:
        """Make the JSON of an item; None where it would lose, or where the item holds no decision."""
        if item.decision is None or not math.isfinite(_of_item(item)):
            return None
        decision = replace(item.decision, decided_at=_HOLE)
        try:
            json = _json_of(replace(item, decision=decision, due_at=_HOLE), _HOLE)
        except UnicodeEncodeError:
            return None
        return cls(item, json.split(HOLE), _found_by(item))

    def json(self, item: Item, changed_at: datetime) -> Packed | None:
        """Return the JSON of an item; None if it differs from what was foreseen in more than its moments."""
        seen, said, known = self.item, item.decision, self.item.decision
        if said is None or known is None or said.snapshot is not known.snapshot:
            return None
        said_then = replace(said, decided_at=known.decided_at)
        then = replace(item, decision=said_then, due_at=seen.due_at, changed_at=seen.changed_at, seq=seen.seq)
        if then != seen:
            return None
        before, between, among, behind = self.around
        moments = _quick(said.decided_at), _quick(item.due_at), _quick(changed_at)
        json = before, moments[0], between, moments[1], among, moments[2], behind
        return Packed(json, self.found_by)


def _json_of(item: Item, changed_at: datetime | msgspec.Raw) -> bytes:
    return _quick(_ItemDocument(item.decision, *_said(item), changed_at, *_keys(item)))


def _found_by(item: Item) -> dict[str, Any]:
    item_id, _kind, lead_id, batch_id = _keys(item)
    return {"id": item_id, "lead_id": lead_id, "batch_id": batch_id, "state": item.state.value}


def item_of(document: Mapping[str, Any], seq: int) -> Item:
    """Read an item; StoreError when the document is of another shape."""
    return _read({**document, "seq": seq}, Item)


def lead_document(lead: Lead, *, gone: bool = False) -> Document:
    """Return a lead as a document of the cache."""
    return {"lead_id": lead.lead_id, "gone": gone, "lead": _plain(lead, _of_lead(lead))}


def lead_json(lead: Lead, *, gone: bool = False) -> msgspec.Raw | Document:
    """Return a lead as a document of the cache that is JSON already; as a plain one where that would lose.

    The quick encoder turns a number that is none (NaN, infinity) into null, and takes no half of a character.
    """
    if not math.isfinite(_of_lead(lead)):
        return lead_document(lead, gone=gone)
    try:
        return msgspec.Raw(msgspec.json.encode(_LeadDocument(lead.lead_id, gone, lead)))
    except UnicodeEncodeError:
        return lead_document(lead, gone=gone)


def amended_json(raw: bytes, fields: Mapping[str, object]) -> msgspec.Raw | None:
    """Return a lead's document with other values in some fields, the rest untouched and unread.

    None where the quick reader or encoder does not take it.
    """
    try:
        document = msgspec.json.decode(raw, type=_LeadInParts)
        document.lead.update({name: msgspec.Raw(msgspec.json.encode(one)) for name, one in fields.items()})
        return msgspec.Raw(msgspec.json.encode(document))
    except (ValueError, msgspec.MsgspecError):
        return None


def lead_of(document: Mapping[str, Any]) -> Lead:
    """Read a lead of the cache."""
    return _read(document["lead"], Lead)


def lead_of_json(raw: bytes) -> Lead:
    """Read a lead of the cache from its document's JSON."""
    try:
        return msgspec.json.decode(raw, type=_LeadDocument).lead
    except (ValueError, msgspec.MsgspecError):
        return lead_of(decode(raw))


def outline_of(document: Mapping[str, Any]) -> LeadOutline:
    """Read of a lead of the cache what a list needs."""
    return _read({"gone": False, **document}, LeadOutline)


def lead_of_outline(outline: Outline) -> PartOfLead:
    """Return as much of a lead as its outline says, marked as a part."""
    said = {field.name: getattr(outline, field.name) for field in fields(outline)}
    score = outline.score
    if score is not None:
        said["score"] = Score(**{field.name: getattr(score, field.name) for field in fields(score)})
    return PartOfLead(**said)


def _plain(value: object, floats: float) -> Any:
    """Return a value as what a replay of its JSON gives, which costs no more than dicts of it.

    Where the quick encoder would lose a number (NaN is null to it) or takes no half of a character: as dicts.
    """
    try:
        if math.isfinite(floats):
            return decode(msgspec.json.encode(value))
    except UnicodeEncodeError:
        pass
    return msgspec.to_builtins(value)


def _of_lead(lead: Lead) -> float:
    """Return a number that is finite only if every number of the lead is."""
    total = sum([fact for fact in lead.facts.values() if type(fact) is float])
    if (score := lead.score) is not None:
        total += score.score + score.base_points + score.other + _of_parts(score.contributions)
        total += (score.fit or 0.0) + (score.engagement or 0.0) + (score.trend or 0.0)
    if (twin := lead.account.duplicate_of) is not None:
        total += twin.confidence or 0.0
    return total


def _of_item(item: Item) -> float:
    """Return a number that is finite only if every number of the item is."""
    if item.decision is not None:
        return _of_snapshot(item.decision.snapshot)
    told = item.feedback.snapshot.values() if item.feedback is not None else ()
    return sum([value for value in told if type(value) is float])


def _of_snapshot(snapshot: Snapshot) -> float:
    return (snapshot.score or 0.0) + _of_parts(snapshot.contributions)


def _of_parts(contributions: Iterable[Contribution]) -> float:
    return sum(
        [one.points_earned + one.points_applied + (one.points_after_decay or 0.0) for one in contributions]
    )


def reply_document(reply: Reply) -> Document:
    """Return marketing's answer as a document."""
    document: Document = msgspec.to_builtins(reply)
    return document


def reply_of(document: Document) -> Reply:
    """Read marketing's answer."""
    return _read(document, Reply)


def value_document(value: object) -> Any:
    """Return any frozen domain value as plain JSON types."""
    return msgspec.to_builtins(value)


def value_of(document: Any, kind: type[_T]) -> _T:
    """Read a frozen domain value back."""
    return _read(document, kind)


def _read(document: Any, kind: type[_T]) -> _T:
    try:
        return msgspec.convert(document, kind)
    except msgspec.ValidationError as error:
        raise StoreError(
            f"A {kind.__name__.lower()} in the local store cannot be read: {error}",
            hint="Update triage; if it is up to date, please report this.",
        ) from None
