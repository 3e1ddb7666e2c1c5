"""A file's bytes as changes in this program's own format, whether it is older or damaged.

Owns that order: first what the bytes say, then what the migrations make of it. Must never touch a file.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from triage.store.migrations import Migrations, migrated, newest_format
from triage.store.record import decode_all
from triage.store.replay import Change, Reading, check_format, read_whole
from triage.store.survivors import survivors_of

if TYPE_CHECKING:
    from pathlib import Path


def read_file(path: Path, data: bytes, migrations: Migrations) -> Reading:
    """Read a whole file; CorruptJournal, NewerFormat, or StoreError where a migration fails."""
    reading = read_whole(path, data, newest=newest_format(migrations))
    return replace(reading, changes=_in_this_format(path, reading.changes, migrations, reading.version))


def read_what_is_left(path: Path, data: bytes, migrations: Migrations) -> Reading:
    """Read what salvage would keep of a damaged file; NewerFormat, or StoreError where a migration fails."""
    left, newest = survivors_of(data), newest_format(migrations)
    check_format(path, left.header, newest)
    version = left.header.get("v", newest)
    changes = _in_this_format(path, left.changes, migrations, version)
    return Reading(changes, left.sequence, len(left.records), len(data), torn=b"", version=version)


def _in_this_format(path: Path, changes: list[Change], migrations: Migrations, version: int) -> list[Change]:
    if version >= newest_format(migrations):
        return changes
    bodies = migrated(path, changes, migrations, version=version)
    return [line["t"] for line in decode_all(bodies)]
