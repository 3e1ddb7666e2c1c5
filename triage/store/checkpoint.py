"""What a cache adds up to, beside its journal, so that opening it need not read all that was ever written.

Owns `NAME.checkpoint`. It is derived: one that is missing, damaged, of another journal or of another version
is passed over, and one that cannot be written is done without. It holds what the journal holds, so it must
never outlive bytes that were taken out of that: whoever writes the journal afresh removes it first.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final
from zlib import crc32

import msgspec
from msgspec import Struct

from triage.errors import StoreError, WriteFailed
from triage.store.bodies import Document, Filed, OpenFile, Place
from triage.store.disk import READ, Disk, Seen, look, open_private, put_whole
from triage.store.outlined import Kinds
from triage.store.record import decode, encode
from triage.store.replay import FORMAT
from triage.store.state import Tables

_VERSION: Final = 1
_ROWS: Final = 500
"""Documents in a block: enough for speed, few enough that other threads wait only a few milliseconds."""
_MARKED: Final = 4096
"""Bytes at either end of what the journal had by which it is known again."""
_LEAST: Final = 1 << 18
"""Bytes of a journal that are read again sooner than a checkpoint is written for them, …"""
_SHARE: Final = 16
"""… and as much as this part of the whole."""
_FRAME: Final = 8
_WORD: Final = re.compile(r"\w+")
_UNREADABLE: Final = (OSError, ValueError, TypeError, RecursionError, StoreError, msgspec.MsgspecError)

_Row = tuple[int, int, int, int, Any, bytes | None]
"""Id; offset, length, checksum and part of a document on the disk, or the JSON of one that is held whole."""


class _Head(msgspec.Struct, array_like=True):
    layout: int
    mark: int
    device: int
    inode: int
    size: int
    sequence: int
    records: int
    next_ids: dict[str, int]
    blocks: list[tuple[str, int]]
    """The tables, and in how many blocks each lies."""


class Recalled(Struct, frozen=True):
    """What a checkpoint says of a journal: its tables up to a byte, and the number of the last record."""

    tables: Tables
    size: int
    sequence: int
    records: int


class Checkpoint:
    """The checkpoint of one journal."""

    def __init__(
        self, journal: Path, tables: Tables, kinds: Kinds, disk: Disk, *, version: int = FORMAT
    ) -> None:
        """`version` is the format of the journals that one may be of: what it holds is in that format."""
        self.path = journal.with_suffix(".checkpoint")
        self._layout = _layout(kinds, version)
        self._tables = tables
        self._kinds = kinds
        self._disk = disk
        self._kept: Seen | None = None
        """Up to which byte of which journal the newest one that we know of goes."""

    def recall(self, file: OpenFile, there: Seen) -> Recalled | None:
        """Return what is kept of the journal that is open; None unless it is certainly of that one."""
        try:
            fd = open_private(self._disk, self.path, READ)
        except (OSError, StoreError):
            return None
        kept = OpenFile(self.path, self._disk, fd)
        try:
            return self._read(_frames(kept, self._size(fd)), file, there)
        except _UNREADABLE:
            return None
        finally:
            kept.close()

    def lags(self, seen: Seen) -> bool:
        """Tell whether a new one would save more reading than it costs."""
        kept = self._kept
        known = kept.size if kept is not None and kept[:2] == seen[:2] else 0
        return seen.size - known > max(_LEAST, seen.size // _SHARE)

    def keep(self, file: OpenFile, seen: Seen, *, sequence: int, records: int) -> None:
        """Write down what the tables are, which the journal adds up to here. What fails is done without."""
        names = sorted(self._tables.names())
        blocks = [(name, -(-len(self._tables.table(name)) // _ROWS)) for name in names]
        try:
            head = _Head(
                self._layout,
                _mark(file, seen.size),
                *seen,
                sequence,
                records,
                self._tables.next_ids(),
                blocks,
            )
            self._disk.close(put_whole(self._disk, self.path, self._written(head), durable=False))
        except _UNREADABLE:
            return
        self._kept = seen

    def remove(self) -> None:
        """Let it go; harmless when it is gone, WriteFailed when it cannot be removed."""
        self._kept = None
        for path in (self.path, self.path.with_name(self.path.name + ".new")):
            try:
                self._disk.unlink(path)
            except FileNotFoundError:
                continue
            except OSError as error:
                raise WriteFailed(f"{path.name}: {error.strerror}: nothing was recorded.") from error

    def _size(self, fd: int) -> int:
        seen = look(self._disk, fd)
        return seen.size if seen is not None else 0

    def _written(self, head: _Head) -> Iterator[bytes]:
        yield _framed(msgspec.msgpack.encode(head))
        for name, _count in head.blocks:
            rows = list(self._tables.table(name).held().items())
            for start in range(0, len(rows), _ROWS):
                yield _framed(msgspec.msgpack.encode([_row(*row) for row in rows[start : start + _ROWS]]))

    def _read(self, frames: Iterator[bytes], file: OpenFile, there: Seen) -> Recalled | None:
        head = msgspec.msgpack.decode(next(frames, b""), type=_Head)
        known = Seen(head.device, head.inode, head.size)
        if head.layout != self._layout or known[:2] != there[:2] or head.mark != _mark(file, head.size):
            return None
        tables = self._tables.fresh()
        for name, next_id in head.next_ids.items():
            tables.apply({name: {"n": next_id, "x": True}})
        for name, count in head.blocks:
            rows = _rows_of(self._kinds.get(name))
            tables.apply({name: {}})
            documents = {
                row[0]: _document(row, file) for _ in range(count) for row in rows(next(frames, b""))
            }
            tables.table(name).fill(documents)
        self._kept = known
        file.is_lent = True
        return Recalled(tables, head.size, head.sequence, head.records)


def _rows_of(kind: Any) -> Callable[[bytes], list[_Row]]:
    """Return what reads a block of a table of which documents of a kind lie on the disk, or none."""
    part: Any = None if kind is None else kind | None
    decoder: msgspec.msgpack.Decoder[list[_Row]] = msgspec.msgpack.Decoder(
        list[tuple[int, int, int, int, part, bytes | None]]
    )
    return decoder.decode


def _row(doc_id: int, document: Document | Filed) -> _Row:
    if isinstance(document, Filed):
        place = document.place
        return (doc_id, place.offset, place.length, place.checksum, document.part, None)
    return (doc_id, 0, 0, 0, None, encode(document))


def _document(row: _Row, file: OpenFile) -> Document | Filed:
    _id, offset, length, checksum, part, whole = row
    if whole is None:
        return Filed(part, Place(file, offset, length, checksum))
    document: Document = decode(whole)
    return document


def _framed(payload: bytes) -> bytes:
    return b"".join((len(payload).to_bytes(4), crc32(payload).to_bytes(4), payload))


def _frames(file: OpenFile, size: int) -> Iterator[bytes]:
    """Yield what was framed; ends where a frame is not what was written."""
    offset = 0
    while len(head := file.read(offset, _FRAME)) == _FRAME:
        length, checksum = int.from_bytes(head[:4]), int.from_bytes(head[4:])
        if offset + _FRAME + length > size:
            return  # a length that is off may claim anything: room is made only for what is there
        payload = file.read(offset + _FRAME, length)
        if len(payload) != length or crc32(payload) != checksum:
            return
        yield payload
        offset += _FRAME + length


def _mark(file: OpenFile, size: int) -> int:
    """Return by what the journal is known again: its first and its last bytes up to here."""
    start = max(size - _MARKED, 0)
    return crc32(file.read(0, min(size, _MARKED)) + file.read(start, size - start))


def _layout(kinds: Kinds, version: int) -> int:
    """Return what a program of another format, or whose types have other fields, has another value for."""
    said = [(name, _said(kind)) for name, kind in sorted(kinds.items())]
    return crc32(repr((_VERSION, version, said)).encode())


def _said(kind: type) -> list[tuple[str, dict[str, str]]]:
    """Return the names and hints of a type's fields, and of those that it is made of, as they are written.

    To have the hints evaluated costs 3 ms of each start.
    """
    said: dict[type, dict[str, str]] = {}
    to_say = [kind]
    while to_say:
        one = to_say.pop()
        if one in said:
            continue
        said[one] = hints = {name: str(hint) for name, hint in one.__annotations__.items()}
        known = vars(sys.modules[one.__module__])
        named = [known.get(word) for hint in hints.values() for word in _WORD.findall(hint)]
        to_say += [other for other in named if isinstance(other, type) and issubclass(other, Struct)]
    return [(f"{one.__module__}.{one.__qualname__}", hints) for one, hints in said.items()]
