"""What still reads of a damaged journal: every line whose own checksum is right, and which ones are missing.

Owns that reading, for showing what is left and for rebuilding from it. Must never touch a file, and never
hide a gap.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from triage.store.record import NEWLINE, body_span, decode, has_checksum
from triage.store.replay import Change


class Survivors(Struct, frozen=True):
    """The intact lines of a file, by number."""

    header: dict[str, Any]
    """Empty if it does not read."""
    snapshot: dict[int, Change]
    records: dict[int, Change]
    unread_bytes: int
    """Bytes that belong to no intact line."""

    @property
    def changes(self) -> list[Change]:
        """What is left, in order."""
        return [*self.snapshot.values(), *self.records.values()]

    @property
    def sequence(self) -> int:
        """Number of the last record."""
        last: int = max(self.records, default=self.header.get("s", 0))
        return last

    @property
    def lost_records(self) -> tuple[int, ...]:
        """Numbers of records that do not read, as far as later ones show that they were there."""
        before = self.header.get("s", min(self.records, default=1) - 1)
        return _gaps(before, self.records, max(self.records, default=before))

    @property
    def lost_snapshot_lines(self) -> tuple[int, ...]:
        """Numbers of the snapshot's lines that do not read."""
        return _gaps(0, self.snapshot, self.header.get("base", max(self.snapshot, default=0)))


def survivors_of(data: bytes) -> Survivors:
    """Return what reads of a file's bytes."""
    header: dict[str, Any] = {}
    snapshot: dict[int, Change] = {}
    records: dict[int, Change] = {}
    unread = len(data)
    for offset, start, end in _intact_bodies(data):
        line = decode(data[start:end])
        unread -= end + 1 - offset
        if "v" in line:
            header = line
        elif "b" in line:
            snapshot[line["b"]] = line["t"]
        else:
            records[line["s"]] = line["t"]
    return Survivors(header, snapshot, records, max(unread, 0))


def _intact_bodies(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Yield where each line with a right checksum begins, whatever its line feed, and its JSON's span."""
    offset = 0
    while offset < len(data):
        span = body_span(data, offset)
        if span and span[1] <= len(data) and has_checksum(data, offset, span[1]):
            yield offset, *span
            offset = span[1] + 1
        else:
            line_feed = data.find(NEWLINE, offset)
            offset = line_feed + 1 if line_feed >= 0 else len(data)


def _gaps(before: int, there: dict[int, Change], last: int) -> tuple[int, ...]:
    return tuple(number for number in range(before + 1, last + 1) if number not in there)
