"""Evidence is kept: bytes that do not read, or are about to be changed, go into a file of their own first.

Owns the names `NAME.torn-STAMP`, `NAME.damaged-STAMP` and `NAME.before-FORMAT-STAMP`. Must never overwrite or
delete what was kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from triage.store.disk import AFRESH, Disk, discard, open_private, sync_folder, write_all

if TYPE_CHECKING:
    from pathlib import Path

    from triage.clock import Clock


def keep_aside(disk: Disk, path: Path, data: bytes, *, why: str, clock: Clock) -> Path:
    """Write `data` into a new file beside `path`, safe when this returns; OSError and no new file if not."""
    kept, fd = _fresh(disk, path, f"{path.name}.{why}-{clock():%Y%m%dT%H%M%SZ}")
    try:
        write_all(disk, fd, data)
        disk.fsync(fd)
        sync_folder(disk, path.parent)
    except BaseException:
        discard(disk, fd, kept)
        raise
    disk.close(fd)
    return kept


def move_aside(disk: Disk, path: Path, *, why: str, clock: Clock) -> Path:
    """Give a whole file another name, which takes no room; OSError, and the old name, if that cannot be."""
    kept, fd = _fresh(disk, path, f"{path.name}.{why}-{clock():%Y%m%dT%H%M%SZ}")
    try:
        disk.replace(path, kept)
    except BaseException:
        discard(disk, fd, kept)
        raise
    disk.close(fd)
    return kept


def _fresh(disk: Disk, path: Path, name: str) -> tuple[Path, int]:
    number = 1
    while True:
        kept = path.with_name(name if number == 1 else f"{name}-{number}")
        try:
            return kept, open_private(disk, kept, AFRESH)
        except FileExistsError:
            number += 1
