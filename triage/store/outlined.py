"""Lines of a journal in which the documents of some tables stay on the disk.

Owns what is kept of such a document in memory: its part, as a typed value, and where its JSON lies. What
cannot be read into that type, or by the quick decoder, is held whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final
from zlib import crc32

import msgspec

from triage.store.bodies import Filed, OpenFile
from triage.store.record import decode

if TYPE_CHECKING:
    from triage.store.replay import Change

Kinds = Mapping[str, Any]
"""By table, the type that is kept in memory of each document."""
_UNREADABLE: Final = (ValueError, RecursionError, msgspec.MsgspecError)


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


_line = msgspec.json.Decoder(_Line).decode


class Outliner:
    """Makes lines whose documents lie in one file."""

    def __init__(self, kinds: Kinds, file: OpenFile) -> None:
        self._parts = {name: msgspec.json.Decoder(kind).decode for name, kind in kinds.items()}
        self._file = file
        file.is_lent = True

    def __call__(self, body: bytes, offset: int) -> Any:
        """Return the line of this JSON, which lies at an offset of the file."""
        try:
            line = _line(body)
        except _UNREADABLE:
            return decode(body)
        change = {name: self._change(name, part, body, offset) for name, part in line.t.items()}
        return {"b": line.b, "s": line.s, "t": change}

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
        read = self._parts.get(name)
        if read is None:
            return {key: decode(bytes(raw)) for key, raw in documents.items()}
        filed: dict[str, Any] = {}
        at = 0
        for key, raw in documents.items():
            text = bytes(raw)
            found = body.find(text, at)
            # It lies behind the one before, unless a key is there twice; any place with these bytes will do.
            at = body.find(text) if found < 0 else found
            try:
                filed[key] = Filed(read(text), self._file, offset + at, len(text), crc32(text))
            except _UNREADABLE:
                filed[key] = decode(text)
            at += len(text)
        return filed
