"""A journal of format 1, two migrations that a later program may have, and what it holds in each format."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from power_loss import MemoryDisk

from triage.store.disk import Disk
from triage.store.migrations import Contents, Migration
from triage.store.tiny import JournalDB

NAME = "outbox.journal"
PATH = f"/m/{NAME}"


def renamed(contents: Contents) -> None:
    for row in contents.get("items", {}).values():
        row["key"] = row.pop("id")


def _split(contents: Contents) -> None:
    contents["states"] = {doc_id: {"state": row.pop("state")} for doc_id, row in contents["items"].items()}


RENAMED = Migration("id is called key", renamed)
SPLIT = Migration("states have a table of their own", _split)
OLD = {"items": {"1": {"id": "a", "state": "queued"}, "2": {"id": "é\ud800", "state": "sent"}}, "notes": {}}
MIDDLE = {
    "items": {"1": {"key": "a", "state": "queued"}, "2": {"key": "é\ud800", "state": "sent"}},
    "notes": {},
}
NEW = {
    "items": {"1": {"key": "a"}, "2": {"key": "é\ud800"}},
    "notes": {},
    "states": {"1": {"state": "queued"}, "2": {"state": "sent"}},
}


def old_file(disk: Disk, path: Path | str = PATH, **options: Any) -> None:
    """Write a file of format 1: snapshot, records, a removed document, a dropped table."""
    db = JournalDB(path, disk=disk, **options)
    items = db.table("items")
    items.insert({"id": "a", "state": "queued"})
    db.compact()
    items.insert({"id": "é\ud800", "state": "sent"})
    items.insert({"id": "gone", "state": "sent"})
    items.remove(doc_ids=[3])
    db.table("notes").persist()
    db.table("dropped").insert({})
    db.drop_table("dropped")
    db.close()


def old_disk() -> MemoryDisk:
    disk = MemoryDisk()
    old_file(disk)
    return disk


def content(disk: MemoryDisk, *migrations: Migration) -> dict[str, Any]:
    db = JournalDB(PATH, disk=disk, migrations=migrations)
    try:
        return db.storage.read()
    finally:
        db.close()
