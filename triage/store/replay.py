"""From bytes to changes: reads a journal's lines and tells a torn end from damage.

Owns the meaning of a file as a whole: a header, `base` lines of a snapshot, then records with contiguous
sequence numbers. Must never take damage for an end or for an empty journal, and never hold a whole file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Protocol

from triage.errors import CorruptJournal, NewerFormat
from triage.store.record import NEWLINE, IntactLines, body_span, decode, encode, head_size, seal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FORMAT: Final = 1
"""The first format. A journal's own is this and one for each migration that its database has."""
SALVAGE_HINT: Final = (
    "Run `triage doctor --salvage`: it keeps the damaged file, rebuilds from all intact lines"
    " and names what is lost."
)
_PIECE: Final = 1 << 20

Change = dict[str, Any]
"""What one record does, as JSON. Its meaning belongs to the replica."""


class Source(Protocol):
    """Bytes that can be read at any place: a file, or what was read of one."""

    def read(self, offset: int, size: int) -> bytes:
        """Return at most so many bytes at an offset; none at the end."""


class Decoder(Protocol):
    """What makes a line of its JSON, which lies at an offset of a file."""

    def __call__(self, body: bytes, offset: int) -> Any:
        """Return the line, its change under "t"."""


def plainly(body: bytes, offset: int) -> Any:
    """Return a line with all that it says."""
    del offset
    return decode(body)


class InMemory:
    """Bytes that are at hand, as a source."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def read(self, offset: int, size: int) -> bytes:
        """Return at most so many bytes at an offset; none at the end."""
        return self._data[offset : offset + size]


class Reading:
    """A stretch of a journal: go through its changes, and where they end and what is behind is known."""

    def __init__(
        self,
        path: Path,
        source: Source,
        *,
        decoder: Decoder = plainly,
        offset: int = 0,
        base: int = 0,
        after: int = 0,
        version: int = FORMAT,
    ) -> None:
        """Begin where `base` lines of a snapshot are to come, then records behind the number `after`."""
        self.version = version
        """The format of the file."""
        self.sequence = after
        """Of the last record."""
        self.records = 0
        """How many of the changes are records behind the snapshot."""
        self.torn = b""
        """What a write that was cut short left behind them."""
        self._path = path
        self._source = source
        self._decoder = decoder
        self._base = base
        self._lines = IntactLines(source.read, offset)

    @property
    def end(self) -> int:
        """Where they end."""
        return self._lines.end

    def changes(self) -> Iterator[Change]:
        """Yield them in order; CorruptJournal where what comes next is no end that a crash can leave."""
        number = 0
        for offset, body in self._lines:
            line = self._decoder(body, offset + head_size(body))
            number += 1
            if number <= self._base:
                self._check(offset, number, line.get("b"))
            else:
                self._check(offset, self.sequence + 1, line.get("s"))
                self.sequence += 1
                self.records += 1
            yield line["t"]
        if number < self._base:
            raise damaged(self._path, self.end, "a line of the snapshot does not read")
        self.torn = _torn_end(self._path, rest_of(self._source, self.end), self.end)

    def _check(self, offset: int, expected: int, number: object) -> None:
        if number != expected:
            raise damaged(self._path, offset, f"record {expected} was expected and {number} is there")


def header_line(sequence: int, base: int, version: int = FORMAT) -> bytes:
    """Return the first line: number of the last record in the snapshot, number of its lines, the format."""
    return seal(encode({"s": sequence, "v": version, "base": base}))


def read_whole(path: Path, source: Source, *, newest: int = FORMAT, decoder: Decoder = plainly) -> Reading:
    """Read a file from its first byte; CorruptJournal, or NewerFormat, before anything of it is used.

    `newest` is the latest format that the caller understands, and the one that the decoder is for.
    """
    first = IntactLines(source.read)
    header = _header(path, next(iter(first), (0, b""))[1], newest)
    return Reading(
        path,
        source,
        decoder=decoder if header["v"] == newest else plainly,
        offset=first.end,
        base=header["base"],
        after=header["s"],
        version=header["v"],
    )


def rest_of(source: Source, offset: int = 0) -> bytes:
    """Return all bytes from an offset on."""
    pieces: list[bytes] = []
    while piece := source.read(offset, _PIECE):
        pieces.append(piece)
        offset += len(piece)
    return b"".join(pieces)


def damaged(path: Path, offset: int, what: str) -> CorruptJournal:
    """Return the error that names file and byte."""
    return CorruptJournal(
        # The name first: a narrow line cuts off the end.
        f"{path.name} is damaged at byte {offset}: {what} ({path.parent}).",
        path=str(path),
        offset=offset,
        hint=SALVAGE_HINT,
    )


def check_format(path: Path, header: dict[str, Any], newest: int = FORMAT) -> None:
    """Raise NewerFormat if a newer version of the program wrote this header."""
    if header.get("v", newest) > newest:
        raise NewerFormat(f"{path} has format {header['v']}; this triage reads up to format {newest}.")


def _header(path: Path, body: bytes, newest: int) -> dict[str, Any]:
    header = decode(body) if body else None
    if not isinstance(header, dict) or not isinstance(header.get("v"), int) or header["v"] < FORMAT:
        raise damaged(path, 0, "its first line does not read")
    check_format(path, header, newest)
    return header


def _torn_end(path: Path, torn: bytes, at: int) -> bytes:
    """Return the bytes behind the last intact line if a write that was cut short can have left them.

    One write holds one record, and the next begins only when that one is safe. So a torn end has no line feed
    but as its last byte, and nothing but zeros behind the place where its own length says that it ends.
    """
    line_feed = torn.find(NEWLINE)
    span = body_span(torn, 0)
    beyond = torn[span[1] + 1 :] if span else b""
    if -1 < line_feed < len(torn) - 1 or beyond.strip(b"\0"):
        raise damaged(path, at, "a record does not read, and others follow it")
    return torn
