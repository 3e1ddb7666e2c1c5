"""A file's bytes as changes in this program's own format, whether it is older or damaged.

Owns that order: first what the bytes say, then what the migrations make of it. Must never touch a file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from triage.store.migrations import Migrations, migrated, newest_format
from triage.store.record import decode_all
from triage.store.replay import Change, Decoder, Reading, Source, check_format, plainly, read_whole, rest_of
from triage.store.survivors import Survivors, survivors_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


def read_file(
    path: Path, source: Source, migrations: Migrations, decoder: Decoder = plainly
) -> tuple[Reading, Iterable[Change]]:
    """Read a whole file as its changes are asked for: what it says of itself is known when all were.

    CorruptJournal, NewerFormat, or StoreError where a migration fails.
    """
    newest = newest_format(migrations)
    reading = read_whole(path, source, newest=newest, decoder=decoder)
    if reading.version == newest:
        return reading, reading.changes()
    return reading, _in_this_format(path, list(reading.changes()), migrations, reading.version)


def read_what_is_left(
    path: Path, source: Source, migrations: Migrations
) -> tuple[Survivors, Iterable[Change]]:
    """Read what salvage would keep of a damaged file; NewerFormat, or StoreError where a migration fails."""
    left, newest = survivors_of(rest_of(source)), newest_format(migrations)
    check_format(path, left.header, newest)
    version = left.header.get("v", newest)
    return left, _in_this_format(path, left.changes, migrations, version)


def _in_this_format(path: Path, changes: list[Change], migrations: Migrations, version: int) -> list[Change]:
    if version >= newest_format(migrations):
        return changes
    bodies = migrated(path, changes, migrations, version=version)
    return [line["t"] for line in decode_all(bodies)]
