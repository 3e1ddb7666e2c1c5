"""Domain values as JSON documents and back: the only place that knows how they are written down."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec

from triage.domain.item import Item
from triage.domain.lead import Lead
from triage.domain.review import Reply
from triage.errors import StoreError

Document = dict[str, Any]
_T = TypeVar("_T")


def item_document(item: Item) -> Document:
    """Return an item as a document; what is searched for stands on top."""
    document: Document = msgspec.to_builtins(item)
    del document["seq"]  # the order is the store's own
    document.update(id=item.id, kind=item.kind, lead_id=item.lead_id, batch_id=item.batch_id)
    return document


def item_of(document: Mapping[str, Any], seq: int) -> Item:
    """Read an item; StoreError when the document is of another shape."""
    return _read({**document, "seq": seq}, Item)


def lead_document(lead: Lead, *, gone: bool = False) -> Document:
    """Return a lead as a document of the cache."""
    return {"lead_id": lead.lead_id, "gone": gone, "lead": msgspec.to_builtins(lead)}


def lead_of(document: Mapping[str, Any]) -> Lead:
    """Read a lead of the cache."""
    return _read(document["lead"], Lead)


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
