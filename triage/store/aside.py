"""Evidence is kept: bytes that do not read go into a file of their own before anything is cut or rebuilt.

Owns the names `NAME.torn-STAMP` and `NAME.damaged-STAMP`. Must never overwrite or delete.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from triage.store.disk import ASIDE, Disk, open_private, sync_folder, write_all

if TYPE_CHECKING:
    from pathlib import Path

    from triage.clock import Clock


def keep_aside(disk: Disk, path: Path, data: bytes, *, why: str, clock: Clock) -> Path:
    """Write `data` into a new file beside `path`, safe when this returns; OSError as it comes."""
    kept, fd = _fresh(disk, path, f"{path.name}.{why}-{clock():%Y%m%dT%H%M%SZ}")
    try:
        write_all(disk, fd, data)
        disk.fsync(fd)
    finally:
        disk.close(fd)
    sync_folder(disk, path.parent)
    return kept


def _fresh(disk: Disk, path: Path, name: str) -> tuple[Path, int]:
    number = 1
    while True:
        kept = path.with_name(name if number == 1 else f"{name}-{number}")
        try:
            return kept, open_private(disk, kept, ASIDE)
        except FileExistsError:
            number += 1
