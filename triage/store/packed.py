"""Documents that are in memory as their JSON, and parsed when someone looks at them.

Owns such a document, and a record that puts some: what is JSON already is neither written nor read a second
time. Must never stand for anything but what a replay of its JSON gives.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from triage.store.record import HOLE, decode, spliced, written

if TYPE_CHECKING:
    from collections.abc import Iterator

    from triage.store.replay import Change

Document = dict[str, Any]
Body = tuple[bytes, ...]
"""JSON in pieces: what was JSON before is not copied to stand in other JSON."""
_HOLE = msgspec.Raw(HOLE)


class Packed(msgspec.Struct, frozen=True, eq=False):
    """A document as its JSON, with the fields at hand that it is found by."""

    json: Body
    keys: Mapping[str, Any]
    """The document's key fields, each equal to what the JSON says."""

    def document(self) -> Document:
        """Return the whole of it, the caller's own."""
        whole: Document = decode(b"".join(self.json))
        return whole


def unpacked(rows: dict[int, Any], doc_id: int) -> Any:
    """Return what a table holds under an id, or None; what is packed is parsed there once and for all."""
    row = rows.get(doc_id)
    if type(row) is Packed:
        row = rows[doc_id] = row.document()
    return row


def record_of(sequence: int, change: Change) -> tuple[Body, Change]:
    """Return a record's JSON, and its change as a replay gives it; what is packed is so in both.

    ValueError when JSON cannot hold it.
    """
    if not any(_is_packed(part) for part in change.values()):
        body, line = written({"s": sequence, "t": change})
        taken: Change = line["t"]
        return (body,), taken
    parts = {name: _part(part) for name, part in change.items()}
    body = spliced({"s": sequence, "t": {name: part for name, (part, _taken) in parts.items()}})
    return tuple(_filled(body, change)), {name: taken for name, (_part, taken) in parts.items()}


def _filled(body: bytes, change: Change) -> Iterator[bytes]:
    """Yield a record's JSON, what is packed in its holes."""
    frames = iter(body.split(HOLE))
    yield next(frames)
    for part in change.values():
        for document in part.get("p", {}).values():
            if type(document) is Packed:
                yield from document.json
                yield next(frames)


def _is_packed(part: Mapping[str, Any]) -> bool:
    return Packed in map(type, part.get("p", {}).values())


def _part(part: Mapping[str, Any]) -> tuple[Document, Document]:
    """Return what a record does to one table: to be written, and as a replay gives it."""
    raw: dict[str, msgspec.Raw] = {}
    taken: Document = {}
    for key, document in part.get("p", {}).items():
        if type(document) is Packed:
            raw[key], taken[key] = _HOLE, document
        else:
            body, taken[key] = written(document)
            raw[key] = msgspec.Raw(body)
    return ({**part, "p": raw}, {**part, "p": taken}) if "p" in part else (dict(part), dict(part))
