"""A disk that is full, failing, read-only or busy: nothing is recorded, memory equals the file, and the error says what to do."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from power_loss import FailingDisk, MemoryDisk

from triage.errors import StoreBusy, StoreError, WriteFailed
from triage.store.disk import Disk
from triage.store.tiny import JournalDB

ROOT = Path(__file__).parents[2]


@pytest.fixture
def disk() -> FailingDisk:
    return FailingDisk()


def ids(db: JournalDB) -> list[str]:
    return [row["id"] for row in db.all()]


@pytest.mark.parametrize("after", [0, 1, 30])
def test_a_full_disk_records_nothing_and_goes_on_after_room_is_made(path, disk, after) -> None:
    db = JournalDB(path, disk=disk)
    db.insert({"id": "a"})
    before = path.read_bytes()
    disk.fail("write", errno.ENOSPC, after=after)
    with pytest.raises(
        WriteFailed, match=r"outbox.journal: No space left on device: nothing was recorded"
    ) as caught:
        db.insert({"id": "b"})
    assert "Make room" in caught.value.hint
    assert path.read_bytes() == before
    assert ids(db) == ["a"]
    db.insert({"id": "c"})
    assert ids(JournalDB(path)) == ["a", "c"]


def test_the_systems_own_file_size_limit_records_nothing(path) -> None:
    code = """
import resource, sys
from triage.errors import WriteFailed
from triage.store.tiny import JournalDB
db = JournalDB(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (2000, resource.RLIM_INFINITY))
done = 0
try:
    while True:
        db.insert({"text": "x" * 100})
        done += 1
except WriteFailed as error:
    print(done, len(db), error.message.endswith("File too large: nothing was recorded."))
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
print(db.insert({"text": "room"}) - done)
"""
    run = subprocess.run(
        [sys.executable, "-c", code, str(path)],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        timeout=60,
    )
    first, second = run.stdout.splitlines()
    done, there, said = first.split()
    assert (there, said, second) == (done, "True", "1")
    db = JournalDB(path)
    assert len(db) == int(done) + 1
    assert db.notices == []


def test_a_failed_fsync_poisons_the_journal_until_it_is_opened_again(path, disk) -> None:
    db = JournalDB(path, disk=disk)
    db.insert({"id": "a"})
    disk.fail("fsync", errno.EIO)
    with pytest.raises(WriteFailed, match="Input/output error"):
        db.insert({"id": "b"})
    with pytest.raises(WriteFailed, match="until triage is started again"):
        db.insert({"id": "c"})
    assert ids(db) == ["a"]
    db.close()
    again = JournalDB(path)
    assert ids(again) == ["a"]
    again.insert({"id": "d"})


def test_what_cannot_be_taken_back_is_not_shown_and_stops_writing(path, disk) -> None:
    db = JournalDB(path, disk=disk)
    db.insert({"id": "a"})
    disk.fail("write", errno.ENOSPC, after=10)
    disk.fail("ftruncate", errno.EIO)
    with pytest.raises(WriteFailed, match="No space left"):
        db.insert({"id": "b"})
    with pytest.raises(WriteFailed, match="until triage is started again"):
        db.insert({"id": "c"})
    assert not db.refresh()
    assert ids(db) == ["a"]
    again = JournalDB(path)
    assert ids(again) == ["a"]
    assert "never finished" in again.notices[0]


def test_a_record_whose_fsync_failed_is_not_shown_even_if_it_cannot_be_taken_back(path, disk) -> None:
    db = JournalDB(path, disk=disk)
    db.insert({"id": "a"})
    disk.fail("fsync", errno.EIO)
    disk.fail("ftruncate", errno.EIO)
    with pytest.raises(WriteFailed, match="Input/output error"):
        db.insert({"id": "b"})
    assert db.changed_elsewhere()
    assert not db.refresh()
    assert ids(db) == ["a"]


@pytest.mark.parametrize("call", ["open", "write", "fsync", "replace"])
@pytest.mark.parametrize("act", ["compact", "replace_table"])
def test_a_rewrite_that_fails_leaves_everything_and_no_litter(path, disk, call, act) -> None:
    db = JournalDB(path, disk=disk)
    db.insert({"id": "a"})
    before = path.read_bytes()
    disk.fail(call, errno.ENOSPC)
    with pytest.raises(WriteFailed, match="No space left on device: nothing was recorded"):
        db.compact() if act == "compact" else db.replace_table("_default", [{"id": "x"}])
    assert path.read_bytes() == before
    assert sorted(file.name for file in path.parent.iterdir()) == [path.name, path.name + ".lock"]
    assert ids(db) == ["a"]
    db.compact() if act == "compact" else db.replace_table("_default", [{"id": "x"}])
    assert ids(db) == ids(JournalDB(path)) == (["a"] if act == "compact" else ["x"])


def test_a_full_disk_does_not_keep_a_new_journal_from_opening(path, disk) -> None:
    path.parent.mkdir()
    disk.fail("write", errno.ENOSPC, always=True)
    db = JournalDB(path, disk=disk)
    assert "No space left" in db.notices[0]
    assert ids(db) == []
    with pytest.raises(WriteFailed):
        db.insert({"id": "a"})
    disk.mend()
    db.insert({"id": "b"})
    assert ids(JournalDB(path)) == ["b"]


@pytest.mark.parametrize("number", [errno.EACCES, errno.EROFS])
def test_a_read_only_folder_can_be_read_and_writing_says_why(path, number) -> None:
    JournalDB(path).insert({"id": "a"})

    class ReadOnly(Disk):
        def open(self, target, flags, mode=0o777):
            if flags & (os.O_RDWR | os.O_CREAT):
                raise OSError(number, os.strerror(number))
            return os.open(target, flags, mode)

    db = JournalDB(path, disk=ReadOnly())
    assert ids(db) == ["a"]
    with pytest.raises(WriteFailed, match=f"cannot be written: {os.strerror(number)}"):
        db.insert({"id": "b"})
    JournalDB(path).insert({"id": "c"})
    assert db.refresh()
    assert ids(db) == ["a", "c"]


def test_a_read_only_folder_without_a_journal_is_an_empty_one(path) -> None:
    path.parent.mkdir()

    class ReadOnly(Disk):
        def open(self, target, flags, mode=0o777):
            if flags & (os.O_RDWR | os.O_CREAT):
                raise OSError(errno.EROFS, os.strerror(errno.EROFS))
            return os.open(target, flags, mode)

    db = JournalDB(path, disk=ReadOnly())
    assert ids(db) == []
    with pytest.raises(WriteFailed, match="takes no lock file"):
        db.insert({"id": "b"})


def test_a_torn_end_is_left_where_nothing_may_be_written(path) -> None:
    JournalDB(path).insert({"id": "a"})
    with path.open("ab") as file:
        file.write(b"torn")

    class ReadOnly(Disk):
        def open(self, target, flags, mode=0o777):
            if flags & (os.O_RDWR | os.O_CREAT):
                raise OSError(errno.EROFS, os.strerror(errno.EROFS))
            return os.open(target, flags, mode)

    db = JournalDB(path, disk=ReadOnly())
    assert ids(db) == ["a"]
    assert "left where they are" in db.notices[0]
    assert path.read_bytes().endswith(b"torn")


def test_another_process_that_never_lets_go_is_said_after_the_wait(path) -> None:
    JournalDB(path).close()
    holder = JournalDB(path)
    waiting = JournalDB(path, patience=0.01)
    with holder.transaction(), pytest.raises(StoreBusy, match="too long"):
        waiting.insert({"id": "a"})
    waiting.insert({"id": "b"})


def test_a_removed_lock_file_does_not_let_two_in(path) -> None:
    first, second = JournalDB(path), JournalDB(path, patience=0.01)
    path.with_name(path.name + ".lock").unlink()
    first.insert({"id": "a"})
    with second.transaction(), pytest.raises(StoreBusy):
        JournalDB(path, patience=0.01)
    with second.transaction():
        second.insert({"id": "b"})
    assert ids(JournalDB(path)) == ["a", "b"]


def test_only_the_thread_that_opened_it_may_use_it(path) -> None:
    db = JournalDB(path)
    caught: list[Exception] = []

    def use() -> None:
        for act in (db.all, lambda: db.insert({}), db.refresh, db.compact, db.changed_elsewhere, db.tables):
            try:
                act()
            except StoreError as error:
                caught.append(error)

    thread = threading.Thread(target=use)
    thread.start()
    thread.join()
    assert len(caught) == 6
    assert "belongs to the thread" in str(caught[0])


def test_a_forked_child_may_not_use_it(path) -> None:
    code = """
import os, sys
from triage.errors import StoreError
from triage.store.tiny import JournalDB
db = JournalDB(sys.argv[1])
child = os.fork()
if child == 0:
    try:
        db.insert({})
    except StoreError:
        os._exit(7)
    os._exit(0)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), len(db))
"""
    run = subprocess.run(
        [sys.executable, "-c", code, str(path)],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        timeout=60,
    )
    assert run.stdout.split() == ["7", "0"]


def test_a_closed_journal_says_so(path) -> None:
    db = JournalDB(path)
    db.close()
    db.close()
    with pytest.raises(StoreError, match="closed"):
        db.insert({})


@pytest.mark.parametrize("umask", [0o000, 0o077, 0o277])
def test_files_and_folders_are_this_users_alone_whatever_the_umask(tmp_path, umask) -> None:
    path = tmp_path / "new" / "state" / "outbox.journal"
    before = os.umask(umask)
    try:
        db = JournalDB(path)
        db.insert({"id": "a"})
        db.compact()
    finally:
        os.umask(before)
    with path.open("ab") as file:
        file.write(b"torn")
    JournalDB(path).close()
    modes = {entry.name: stat.S_IMODE(entry.stat().st_mode) for entry in path.parent.iterdir()}
    assert len(modes) == 3
    assert set(modes.values()) == {0o600}
    for folder in (path.parent, path.parent.parent):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_file_that_others_could_read_is_taken_back(path) -> None:
    JournalDB(path).close()
    path.chmod(0o644)
    JournalDB(path).close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_one_commit_is_one_write_and_one_fsync(path, disk) -> None:
    db = JournalDB(path, disk=disk)
    disk.calls.clear()
    with db.transaction():
        for number in range(50):
            db.table(f"t{number % 3}").insert({"n": number})
    assert disk.calls == ["write", "fsync"]


def test_a_disposable_cache_does_not_wait_for_the_disk_but_is_still_replaced_at_once(path, disk) -> None:
    db = JournalDB(path, disk=disk, durable=False)
    disk.calls.clear()
    db.insert({"id": "a"})
    assert disk.calls == ["write"]
    disk.calls.clear()
    db.replace_table("_default", [{"id": "b"}])
    assert disk.calls == ["open", "write", "fsync", "replace", "fsync"]


def test_no_file_is_inherited_by_a_child_process(path) -> None:
    disk = MemoryDisk()
    flags: list[int] = []
    opening = disk.open
    disk.open = lambda target, how, mode=0: flags.append(how) or opening(target, how, mode)
    db = JournalDB("/m/outbox.journal", disk=disk)
    db.compact()
    assert flags
    assert all(how & os.O_CLOEXEC for how in flags)
    assert all(how & os.O_NOFOLLOW or how & os.O_DIRECTORY for how in flags)
