"""Lines of a journal in which the documents of some tables stay on the disk.

Owns what is kept of such a document in memory: its part, as a typed value, and where its JSON lies. What
cannot be read into that type, or by the quick decoder, is held whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final
from zlib import crc32

import msgspec

from triage.store.bodies import Filed, OpenFile, Place
from triage.store.record import decode

if TYPE_CHECKING:
    from triage.store.replay import Change

Kinds = Mapping[str, Any]
"""By table, the type that is kept in memory of each document."""
_UNREADABLE: Final = (ValueError, RecursionError, msgspec.MsgspecError)
_CLOSING: Final = b"}}}}"
"""What is behind the one document that a snapshot's line puts: its table's puts, the table, all, the line."""


class _Part(msgspec.Struct):
    """What a record does to one table; see `state.py`."""

    c: bool = False
    r: list[int] | None = None
    p: dict[str, msgspec.Raw] | None = None
    n: int | None = None
    x: bool = False


class _Line(msgspec.Struct):
    t: dict[str, _Part]
    b: int | None = None
    s: int | None = None


class Outliner:
    """Makes lines whose documents lie in one file."""

    def __init__(self, kinds: Kinds, file: OpenFile) -> None:
        self._parts = {name: msgspec.json.Decoder(kind).decode for name, kind in kinds.items()}
        self._file = file
        file.is_lent = bool(kinds)

    def __call__(self, body: bytes, offset: int) -> Any:
        """Return the line of this JSON, which lies at an offset of the file."""
        try:
            line = msgspec.json.decode(body, type=_Line)
        except _UNREADABLE:
            return decode(body)
        change = {name: self._change(name, part, body, offset) for name, part in line.t.items()}
        return {"b": line.b, "s": line.s, "t": change}

    def files(self, name: str) -> bool:
        """Tell whether documents of a table stay on the disk."""
        return name in self._parts

    def document(self, name: str, raw: bytes, offset: int) -> Any:
        """Return a table's document of this JSON, which lies at an offset of the file."""
        read = self._parts.get(name)
        try:
            if read is not None:
                return Filed(read(raw), Place(self._file, offset, len(raw), crc32(raw)))
        except _UNREADABLE:
            pass  # held whole
        return decode(bytes(raw))

    def _change(self, name: str, part: _Part, body: bytes, offset: int) -> Change:
        change: Change = {}
        if part.c:
            change["c"] = True
        if part.r:
            change["r"] = part.r
        if part.p is not None:
            change["p"] = self._documents(name, part.p, body, offset)
        if part.n is not None:
            change["n"] = part.n
        if part.x:
            change["x"] = True
        return change

    def _documents(
        self, name: str, documents: dict[str, msgspec.Raw], body: bytes, offset: int
    ) -> dict[str, Any]:
        known: dict[str, Any] = {}
        at = 0
        for key, raw in documents.items():
            at = _found(body, raw, at)
            known[key] = self.document(name, raw, offset + at)
            at += len(raw)
        return known


def last_place(body: bytes, raw: bytes) -> int:
    """Return where JSON begins that is the one document of a snapshot's line, and ends it."""
    return len(body) - len(_CLOSING) - len(raw)


def _found(body: bytes, raw: bytes, at: int) -> int:
    """Return where a document's JSON lies in its line; `at` is the end of the one before."""
    # To look for it costs as much as to read it, and most lines are those of a snapshot.
    last = last_place(body, raw)
    if last >= at and body.startswith(raw, last):
        return last
    found = body.find(raw, at)
    # It lies behind the one before, unless a key is there twice; any place with these bytes will do.
    return body.find(raw) if found < 0 else found
