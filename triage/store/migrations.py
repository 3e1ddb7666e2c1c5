"""What became of a database's documents from one released format to the next. Forward only.

Owns the list of each database's migrations, and their application to a file's changes. Must never touch a
file, and never leave documents of two formats beside each other.

A file has one number, its format: the first is 1, and each migration raises it by one. It covers the bytes
and the documents alike, because that one number is what every older program looks at before it reads
anything else: a file it does not understand is refused, whichever of the two has changed. To change how
documents are written (`rows.py`), append a migration to the database's list; what is in a list is never
changed or removed, for a user may come from any version. `tests/store/golden/` holds the files of each
version that was released.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

from msgspec import Struct

from triage.errors import StoreError
from triage.store.replay import FORMAT, Change
from triage.store.rewriting import snapshot_bodies
from triage.store.state import Tables, copied

Contents = dict[str, dict[int, dict[str, Any]]]
"""All documents of a database: by table, then by id."""


class Migration(Struct, frozen=True):
    """One step from a format to the next."""

    what: str
    """What it does, in a few words, for the message when it cannot."""
    step: Callable[[Contents], None]
    """Changes the contents in place. They are its own copy; ids in use stay used."""


Migrations = Sequence[Migration]
OUTBOX: Final[tuple[Migration, ...]] = ()
LEADS: Final[tuple[Migration, ...]] = ()


def newest_format(migrations: Migrations) -> int:
    """Return the format that a program with these migrations writes."""
    return FORMAT + len(migrations)


def migrated(path: Path, changes: Sequence[Change], migrations: Migrations, *, version: int) -> list[bytes]:
    """Return the JSON of the snapshot that these changes of a format become; StoreError when a step fails."""
    before = Tables()
    for change in changes:
        before.apply(change)
    contents: Contents = {
        name: {doc_id: copied(row) for doc_id, row in before.table(name).rows().items()}
        for name in before.names()
    }
    for number, migration in enumerate(migrations[version - FORMAT :], start=version + 1):
        try:
            migration.step(contents)
            bodies = snapshot_bodies(_changes(before, contents))
        except Exception as error:
            # The boundary: whatever a step meets, the file stays as it was.
            raise StoreError(
                f"{path} cannot be brought to format {number} ({migration.what}): {_words(error)}.",
                hint="The file is as it was. Go on with the older triage, and please report this.",
            ) from error
    return bodies


def _changes(before: Tables, contents: Contents) -> list[Change]:
    """Return changes that give these contents, and leave used whatever id was used before."""
    heads = [change for change in before.snapshot() if not any("p" in part for part in change.values())]
    here, there = before.names(), set(contents)
    heads += [{name: {"x": True}} for name in sorted(here - there)]
    heads += [{name: {}} for name in sorted(there - here)]
    return heads + [
        {name: {"p": {str(doc_id): row}}} for name, rows in contents.items() for doc_id, row in rows.items()
    ]


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
