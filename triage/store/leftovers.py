"""What lies beside the journals: evidence that was kept aside, copies from before a change, unfinished files.

Owns which files those are. A journal, its lock, and a file that another process may be writing at this moment
are never among them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from triage.errors import StoreError

# `.new` is what a compaction writes: the next one takes its place.
_BESIDE = re.compile(r".+\.journal\.(?!(?:lock|new)$).+")


def beside_journals(folders: Iterable[Path]) -> tuple[Path, ...]:
    """Return what was kept aside in some folders."""
    found = {path for folder in folders if folder.is_dir() for path in folder.iterdir()}
    return tuple(sorted(path for path in found if _BESIDE.fullmatch(path.name)))


def all_files(folder: Path) -> tuple[Path, ...]:
    """Return every file below a folder but locks, which hold nothing; links too, and none is followed."""
    found = (path for path in folder.rglob("*") if path.suffix != ".lock")
    return tuple(sorted(path for path in found if path.is_symlink() or path.is_file()))


def older(files: Iterable[Path], before: datetime) -> tuple[Path, ...]:
    """Return the files that were last written before a moment; one that is gone by now is left out."""
    return tuple(path for path in files if _is_older(path, before))


def remove(files: Iterable[Path]) -> None:
    """Remove files; harmless where one is gone already, StoreError where it cannot be removed."""
    for path in files:
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise StoreError(f"{path} cannot be removed: {error.strerror}.") from error


def _is_older(path: Path, before: datetime) -> bool:
    try:
        return datetime.fromtimestamp(path.lstat().st_mtime, tz=UTC) < before
    except FileNotFoundError:
        return False
