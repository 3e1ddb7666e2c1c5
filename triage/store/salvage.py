"""Salvage, on the user's word: rebuild a damaged journal from its intact lines, and say what is lost.

Owns nothing but that one rebuilding. The damaged file is kept beside it, byte for byte. Must never run by
itself, never touch a journal that reads, and never hide a gap.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from triage.clock import Clock, utc_now
from triage.errors import CorruptJournal, StoreError, WriteFailed
from triage.store.aside import keep_aside
from triage.store.disk import READ, Disk, open_private, put_whole, read_from, sync_folder
from triage.store.journal import PATIENCE
from triage.store.lock import SideLock
from triage.store.record import NEWLINE, body_span, decode, has_checksum, seal
from triage.store.replay import check_format, header_line, read_whole, snapshot_bodies

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class SalvageReport:
    """What became of a damaged journal. Of an intact one: nothing kept aside, nothing lost."""

    path: Path
    kept_aside: Path | None
    """The damaged file as it was; None if there was no damage."""
    lines: int
    """How many lines with content are intact."""
    lost_records: tuple[int, ...]
    """Sequence numbers of records that do not read, as far as later ones show that they were there."""
    lost_snapshot_lines: tuple[int, ...]
    """Numbers of the snapshot's lines that do not read: each held one document."""
    unread_bytes: int
    """Bytes that belong to no intact line."""


@dataclass(frozen=True, slots=True)
class _Survivors:
    header: dict[str, Any]
    snapshot: dict[int, Any]
    records: dict[int, Any]
    unread_bytes: int

    @property
    def changes(self) -> list[Any]:
        return [*self.snapshot.values(), *self.records.values()]

    @property
    def lost_records(self) -> tuple[int, ...]:
        before = self.header.get("s", min(self.records, default=1) - 1)
        return _gaps(before, self.records, max(self.records, default=before))

    @property
    def lost_snapshot_lines(self) -> tuple[int, ...]:
        return _gaps(0, self.snapshot, self.header.get("base", max(self.snapshot, default=0)))


def salvage(
    path: Path | str, *, disk: Disk | None = None, patience: float = PATIENCE, clock: Clock = utc_now
) -> SalvageReport:
    """Rebuild a damaged journal and say what is lost; StoreError if there is none."""
    target, system = Path(path), disk or Disk()
    lock = SideLock(target.with_name(target.name + ".lock"), system, patience=patience)
    try:
        with lock.held():
            data = _read(system, target)
            return _undamaged(target, data) or _rebuild(system, target, data, clock)
    finally:
        lock.close()


def _read(disk: Disk, path: Path) -> bytes:
    try:
        fd = open_private(disk, path, READ)
    except OSError as error:
        raise StoreError(f"{path} cannot be read: {error.strerror}.") from error
    try:
        return read_from(disk, fd, 0)
    finally:
        disk.close(fd)


def _undamaged(path: Path, data: bytes) -> SalvageReport | None:
    if not data:
        return SalvageReport(path, None, 0, (), (), 0)
    try:
        reading = read_whole(path, data)
    except CorruptJournal:
        return None
    return SalvageReport(path, None, len(reading.changes), (), (), len(reading.torn))


def _rebuild(disk: Disk, path: Path, data: bytes, clock: Clock) -> SalvageReport:
    survivors = _survivors(data)
    check_format(path, survivors.header)
    sequence = max(survivors.records, default=survivors.header.get("s", 0))
    bodies = snapshot_bodies(survivors.changes)
    lines = [header_line(sequence, len(bodies)), *map(seal, bodies)]
    try:
        kept = keep_aside(disk, path, data, why="damaged", clock=clock)
        disk.close(put_whole(disk, path, b"".join(lines)))
        sync_folder(disk, path.parent)
    except OSError as error:
        raise WriteFailed(f"{path}: {error.strerror}: nothing was salvaged.") from error
    return SalvageReport(
        path, kept, len(bodies), survivors.lost_records, survivors.lost_snapshot_lines, survivors.unread_bytes
    )


def _survivors(data: bytes) -> _Survivors:
    header: dict[str, Any] = {}
    snapshot: dict[int, Any] = {}
    records: dict[int, Any] = {}
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
    return _Survivors(header, snapshot, records, max(unread, 0))


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


def _gaps(before: int, there: dict[int, Any], last: int) -> tuple[int, ...]:
    return tuple(number for number in range(before + 1, last + 1) if number not in there)
