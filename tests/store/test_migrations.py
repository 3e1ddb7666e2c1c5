"""A file of an older format is brought to the newest when it is opened: whole or not at all, and a copy is kept."""

from __future__ import annotations

import errno
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from older_format import MIDDLE, NAME, NEW, OLD, PATH, RENAMED, SPLIT, content, old_disk, old_file, renamed
from power_loss import FailingDisk, MemoryDisk

from triage.errors import CorruptJournal, NewerFormat, StoreError, WriteFailed
from triage.store.disk import Disk
from triage.store.lock import SideLock
from triage.store.migrations import Contents, Migration
from triage.store.salvage import salvage
from triage.store.tiny import JournalDB


def _broken(contents: Contents) -> None:
    next(iter(contents["items"].values()))["state"] = 1
    raise KeyError("no such field")


BROKEN = Migration("does not work", _broken)


def version_of(disk: MemoryDisk) -> int:
    return int(bytes(disk.names[NAME].data).partition(b'"v":')[2][:1])


def kept(disk: MemoryDisk) -> list[str]:
    return sorted(name for name in disk.names if ".before-" in name)


def test_an_older_file_becomes_one_of_this_format_and_a_copy_of_it_is_kept(noon) -> None:
    disk = old_disk()
    before = bytes(disk.names[NAME].data)
    db = JournalDB(PATH, disk=disk, migrations=[RENAMED], clock=noon)
    assert db.storage.read() == MIDDLE
    assert version_of(disk) == 2
    assert kept(disk) == [f"{NAME}.before-2-20260302T120000Z"]
    assert bytes(disk.names[kept(disk)[0]].data) == before
    assert db.notices == []
    assert db.table("items").insert({"key": "n"}) == 4, "ids in use stay used"
    assert db.table("dropped").insert({}) == 2
    db.close()
    assert content(disk, RENAMED)["items"]["4"] == {"key": "n"}
    assert len(kept(disk)) == 1


def test_two_steps_are_taken_at_once_and_no_file_is_ever_of_the_format_between() -> None:
    disk = old_disk()
    start = len(disk.log)
    assert content(disk, RENAMED, SPLIT) == NEW
    assert version_of(disk) == 3
    assert len(kept(disk)) == 1
    assert sum(kind == "rename" for kind, *_ in disk.log[start:]) == 1


def test_a_file_between_two_formats_takes_only_the_steps_that_are_left() -> None:
    disk = old_disk()
    content(disk, RENAMED)
    assert content(disk, RENAMED, SPLIT) == NEW
    assert [name.split("-")[1] for name in kept(disk)] == ["2", "3"]


@pytest.mark.parametrize("steps", [(BROKEN,), (RENAMED, BROKEN)])
def test_a_step_that_raises_leaves_the_file_as_it_was_and_says_which(steps) -> None:
    disk = old_disk()
    names = {name: bytes(inode.data) for name, inode in disk.names.items()}
    with pytest.raises(StoreError, match=rf"format {1 + len(steps)} \(does not work\): KeyError") as caught:
        content(disk, *steps)
    assert "older triage" in caught.value.hint
    assert {name: bytes(inode.data) for name, inode in disk.names.items()} == names
    assert content(disk) == OLD


def test_a_step_that_leaves_what_json_cannot_hold_is_refused_too() -> None:
    def unfit(contents: Contents) -> None:
        contents["items"][1]["state"] = float("nan")

    disk = old_disk()
    with pytest.raises(StoreError, match="unfit"):
        content(disk, Migration("unfit", unfit))
    assert content(disk) == OLD


def test_an_older_program_that_meets_a_migrated_file_refuses_it_and_leaves_it(path) -> None:
    old_file(Disk(), path)
    older = JournalDB(path)
    newer = JournalDB(path, migrations=[RENAMED])
    before = path.read_bytes()
    with pytest.raises(NewerFormat, match="format 2"):
        older.table("items").insert({"id": "late"})
    with pytest.raises(NewerFormat):
        older.refresh()
    with pytest.raises(NewerFormat):
        JournalDB(path)
    assert path.read_bytes() == before
    newer.table("items").insert({"key": "goes on"})


def test_what_an_older_program_wrote_until_then_is_brought_along(path) -> None:
    old_file(Disk(), path)
    older = JournalDB(path)
    older.table("items").insert({"id": "late", "state": "queued"})
    assert JournalDB(path, migrations=[RENAMED]).table("items").all()[-1] == {
        "key": "late",
        "state": "queued",
    }


def test_a_second_process_that_opens_meanwhile_waits_and_finds_the_new_file(path) -> None:
    old_file(Disk(), path)
    code = """
import sys
from triage.store.migrations import Migration
from triage.store.tiny import JournalDB
def renamed(contents):
    for row in contents["items"].values():
        row["key"] = row.pop("id")
print("opening", flush=True)
db = JournalDB(sys.argv[1], migrations=[Migration("", renamed)], patience=60)
print([row["key"] for row in db.table("items").all()] == ["a", "\\u00e9\\ud800"], db.notices)
"""
    in_the_middle = threading.Event()
    other: list[subprocess.Popen[str]] = []

    def slowly(contents: Contents) -> None:
        other.append(
            subprocess.Popen(
                [sys.executable, "-c", code, str(path)],
                stdout=subprocess.PIPE,
                text=True,
                cwd=Path(__file__).parents[2],
            )
        )
        assert other[0].stdout is not None
        assert other[0].stdout.readline() == "opening\n"
        # It cannot come further than the lock, which another handle finds taken too.
        lock = SideLock(path.with_name(path.name + ".lock"), Disk(), patience=0)
        with pytest.raises(StoreError, match="too long"), lock.held():
            pass
        lock.close()
        in_the_middle.set()
        renamed(contents)

    db = JournalDB(path, migrations=[Migration("slowly", slowly)])
    assert in_the_middle.is_set()
    said, _ = other[0].communicate(timeout=60)
    assert said == "True []\n"
    assert len(list(path.parent.glob("*.before-2-*"))) == 1
    assert not db.refresh()


def test_a_cache_is_brought_along_without_a_copy(path) -> None:
    old_file(Disk(), path, durable=False)
    db = JournalDB(path, durable=False, migrations=[RENAMED])
    assert db.storage.read() == MIDDLE
    assert not list(path.parent.glob("*.before*"))


def test_a_torn_end_of_an_older_file_is_set_aside_first(path) -> None:
    old_file(Disk(), path)
    with path.open("ab") as file:
        file.write(b"1234")
    db = JournalDB(path, migrations=[RENAMED])
    assert db.storage.read() == MIDDLE
    assert "never finished" in db.notices[0]


def test_a_damaged_older_file_stays_what_it_was_and_its_salvage_is_brought_along(path) -> None:
    old_file(Disk(), path)
    data = bytearray(path.read_bytes())
    data[data.index(b"gone")] ^= 1
    path.write_bytes(bytes(data))
    with pytest.raises(CorruptJournal):
        JournalDB(path, migrations=[RENAMED])
    shown = JournalDB(path, migrations=[RENAMED], reads_damaged=True)
    assert shown.storage.read() == MIDDLE
    assert path.read_bytes() == bytes(data)
    salvage(path, migrations=[RENAMED])
    assert JournalDB(path).storage.read() == OLD, "salvage does not change the format"
    assert JournalDB(path, migrations=[RENAMED]).storage.read() == MIDDLE


@pytest.mark.parametrize("call", ["open", "write", "fsync", "replace"])
def test_where_it_cannot_be_written_the_older_file_stays_and_is_shown_in_this_format(path, call) -> None:
    old_file(Disk(), path)
    before = path.read_bytes()
    disk = FailingDisk()
    wanted = JournalDB(path)  # makes the lock file
    wanted.close()
    # The first fsyncs and the first open are of opening itself.
    disk.spare(call, {"open": 2, "fsync": 2}.get(call, 0))
    disk.fail(call, errno.ENOSPC, always=True)
    db = JournalDB(path, disk=disk, migrations=[RENAMED])
    assert db.storage.read() == MIDDLE
    assert "from format 1 to 2: No space left" in db.notices[0]
    with pytest.raises(WriteFailed, match="started again"):
        db.table("items").insert({"key": "n"})
    assert path.read_bytes() == before
    assert not list(path.parent.glob("*.new"))
    disk.mend()
    JournalDB(path).table("items").insert({"id": "late", "state": "s"})
    assert db.refresh()
    assert db.table("items").all()[-1] == {"key": "late", "state": "s"}, "read from the start, in this format"
    db.close()
    assert JournalDB(path, migrations=[RENAMED]).table("items").all()[-1]["key"] == "late"
