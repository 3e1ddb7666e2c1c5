"""From bytes to changes: reads a journal's lines and tells a torn end from damage.

Owns the meaning of a file as a whole: a header, `base` lines of a snapshot, then records with contiguous
sequence numbers. Must never touch a file, and never take damage for an end or for an empty journal.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from triage.errors import CorruptJournal, NewerFormat
from triage.store.record import NEWLINE, body_span, decode, decode_all, encode, intact_lines, seal

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

FORMAT: Final = 1
"""The first format. A journal's own is this and one for each migration that its database has."""
SALVAGE_HINT: Final = (
    "Run `triage doctor --salvage`: it keeps the damaged file, rebuilds from all intact lines"
    " and names what is lost."
)

Change = dict[str, Any]
"""What one record does, as JSON. Its meaning belongs to the replica."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a stretch of a journal says: its changes in order, where they end, and the torn bytes behind."""

    changes: list[Change]
    sequence: int
    """Of the last record."""
    records: int
    """How many of the changes are records behind the snapshot."""
    end: int
    torn: bytes
    version: int = FORMAT
    """The format of the file."""


def header_line(sequence: int, base: int, version: int = FORMAT) -> bytes:
    """Return the first line: number of the last record in the snapshot, number of its lines, the format."""
    return seal(encode({"s": sequence, "v": version, "base": base}))


def snapshot_bodies(changes: Iterable[Change]) -> list[bytes]:
    """Return the JSON of a snapshot's lines; ValueError for what JSON cannot hold."""
    return [encode({"b": number, "t": change}) for number, change in enumerate(changes, start=1)]


def read_whole(path: Path, data: bytes, *, newest: int = FORMAT) -> Reading:
    """Read a file from its first byte; CorruptJournal, or NewerFormat, before anything of it is used.

    `newest` is the latest format that the caller understands.
    """
    bodies, offsets, end = intact_lines(data)
    header = _header(path, bodies, newest)
    base = header["base"]
    if len(bodies) <= base:
        raise damaged(path, end, "a line of the snapshot does not read")
    torn = _torn_end(path, data, end)
    lines = decode_all(bodies[1:])
    _check(path, lines[:base], offsets[1:], key="b", after=0)
    _check(path, lines[base:], offsets[1 + base :], key="s", after=header["s"])
    records = len(lines) - base
    changes = [line["t"] for line in lines]
    return Reading(changes, header["s"] + records, records, end, torn, header["v"])


def read_on(path: Path, data: bytes, *, offset: int, after: int) -> Reading:
    """Read the records that `data` adds at `offset` of a file known up to the sequence number `after`."""
    bodies, offsets, end = intact_lines(data)
    torn = _torn_end(path, data, end, shift=offset)
    lines = decode_all(bodies)
    _check(path, lines, [offset + here for here in offsets], key="s", after=after)
    return Reading([line["t"] for line in lines], after + len(lines), len(lines), offset + end, torn)


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


def _header(path: Path, bodies: list[bytes], newest: int) -> dict[str, Any]:
    header = decode(bodies[0]) if bodies else None
    if not isinstance(header, dict) or not isinstance(header.get("v"), int) or header["v"] < FORMAT:
        raise damaged(path, 0, "its first line does not read")
    check_format(path, header, newest)
    return header


def _torn_end(path: Path, data: bytes, end: int, *, shift: int = 0) -> bytes:
    """Return the bytes behind the last intact line if a write that was cut short can have left them.

    One write holds one record, and the next begins only when that one is safe. So a torn end has no line feed
    but as its last byte, and nothing but zeros behind the place where its own length says that it ends.
    """
    torn = data[end:]
    line_feed = torn.find(NEWLINE)
    span = body_span(torn, 0)
    beyond = torn[span[1] + 1 :] if span else b""
    if -1 < line_feed < len(torn) - 1 or beyond.strip(b"\0"):
        raise damaged(path, end + shift, "a record does not read, and others follow it")
    return torn


def _check(path: Path, lines: list[Any], offsets: list[int], *, key: str, after: int) -> None:
    for expected, (line, offset) in enumerate(zip(lines, offsets, strict=False), start=after + 1):
        if line.get(key) != expected:
            raise damaged(path, offset, f"record {expected} was expected and {line.get(key)} is there")
