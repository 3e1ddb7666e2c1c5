"""Salvage, on the user's word: rebuild a damaged journal from its intact lines, and say what is lost.

Owns nothing but that one rebuilding. The damaged file is kept beside it, byte for byte. Must never run by
itself, never touch a journal that reads, and never hide a gap.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from msgspec import Struct

from triage.clock import Clock, utc_now
from triage.errors import CorruptJournal, StoreError, WriteFailed
from triage.store.aside import keep_aside
from triage.store.disk import READ, Disk, open_private, put_whole, read_from, sync_folder
from triage.store.journal import PATIENCE
from triage.store.lock import SideLock
from triage.store.migrations import Migrations, newest_format
from triage.store.record import seal
from triage.store.replay import Change, InMemory, check_format, header_line, read_whole
from triage.store.rewriting import snapshot_bodies
from triage.store.survivors import Survivors, survivors_of


class SalvageReport(Struct, frozen=True):
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


def salvage(
    path: Path | str,
    *,
    migrations: Migrations = (),
    mend: Callable[[list[Change]], list[Change]] = list,
    disk: Disk | None = None,
    patience: float = PATIENCE,
    clock: Clock = utc_now,
) -> SalvageReport:
    """Rebuild a damaged journal and say what is lost; StoreError if there is none.

    It stays in the format it had; one whose header is lost is taken to have the newest. `mend` says what the
    intact changes become: nobody ever reads them as the damage left them.
    """
    target, system = Path(path), disk or Disk()
    newest = newest_format(migrations)
    lock = SideLock(target.with_name(target.name + ".lock"), system, patience=patience)
    try:
        with lock.held():
            if not lock.is_possible:
                raise WriteFailed(f"{target} cannot be salvaged: its folder takes no lock file.")
            data = _read(system, target)
            undamaged = _undamaged(target, data, newest)
            if undamaged is not None:
                return undamaged
            left = survivors_of(data)
            check_format(target, left.header, newest)
            kept = _put(system, target, data, _rebuilt(left, newest, mend), clock)
    finally:
        lock.close()
    return SalvageReport(
        target, kept, len(left.changes), left.lost_records, left.lost_snapshot_lines, left.unread_bytes
    )


def _read(disk: Disk, path: Path) -> bytes:
    try:
        fd = open_private(disk, path, READ)
        try:
            return read_from(disk, fd, 0)
        finally:
            disk.close(fd)
    except OSError as error:
        raise StoreError(f"{path} cannot be read: {error.strerror}.") from error


def _undamaged(path: Path, data: bytes, newest: int) -> SalvageReport | None:
    if not data:
        return SalvageReport(path, None, 0, (), (), 0)
    try:
        reading = read_whole(path, InMemory(data), newest=newest)
        lines = sum(1 for _change in reading.changes())
    except CorruptJournal:
        return None
    return SalvageReport(path, None, lines, (), (), len(reading.torn))


def _rebuilt(left: Survivors, newest: int, mend: Callable[[list[Change]], list[Change]]) -> bytes:
    bodies = snapshot_bodies(mend(left.changes))
    header = header_line(left.sequence, len(bodies), left.header.get("v", newest))
    return b"".join([header, *map(seal, bodies)])


def _put(disk: Disk, path: Path, damaged: bytes, rebuilt: bytes, clock: Clock) -> Path:
    """Put the rebuilt file in the place of the damaged one; return where that is kept."""
    try:
        kept = keep_aside(disk, path, damaged, why="damaged", clock=clock)
        disk.close(put_whole(disk, path, [rebuilt]))
        sync_folder(disk, path.parent)
    except OSError as error:
        raise WriteFailed(f"{path}: {error.strerror}: nothing was salvaged.") from error
    return kept
