"""Whose files are opened, and how: this user's own, plain ones, never through a link; and when one is safe."""

from __future__ import annotations

import errno
import os
import stat
from types import SimpleNamespace

import pytest

from triage.errors import StoreError, WriteFailed
from triage.store.disk import Disk, whole_flush
from triage.store.salvage import salvage
from triage.store.tiny import JournalDB

OTHERS = os.geteuid() + 12_345


class Foreign(Disk):
    """Says of some files that they belong to another user."""

    def __init__(self, *endings: str) -> None:
        self._endings = endings
        self._foreign: set[int] = set()

    def open(self, path, flags, mode=0o777):
        fd = os.open(path, flags, mode)
        if str(path).endswith(self._endings):
            self._foreign.add(fd)
        return fd

    def close(self, fd):
        self._foreign.discard(fd)
        os.close(fd)

    def fstat(self, fd):
        found = os.fstat(fd)
        if fd not in self._foreign:
            return found
        return SimpleNamespace(
            st_uid=OTHERS,
            st_mode=found.st_mode,
            st_dev=found.st_dev,
            st_ino=found.st_ino,
            st_size=found.st_size,
        )


@pytest.mark.parametrize("ending", [".journal", ".lock"])
def test_a_file_of_another_user_is_refused_and_left(path, ending: str) -> None:
    JournalDB(path).insert({"id": "a"})
    before = path.read_bytes()
    for act in (JournalDB, salvage):
        with pytest.raises(StoreError, match="belongs to another user") as caught:
            act(path, disk=Foreign(ending))
        assert "TRIAGE_HOME" in caught.value.hint
    assert path.read_bytes() == before


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file to another user")
def test_the_system_itself_says_whose_file_it_is(path) -> None:
    JournalDB(path).close()
    os.chown(path, OTHERS, OTHERS)
    with pytest.raises(StoreError, match="belongs to another user"):
        JournalDB(path)


@pytest.mark.parametrize("name", ["outbox.journal", "outbox.journal.lock"])
def test_a_link_in_the_place_of_a_file_is_refused(path, name: str) -> None:
    path.parent.mkdir()
    target = path.parent / "elsewhere"
    target.write_text("precious")
    (path.parent / name).symlink_to(target)
    with pytest.raises(StoreError, match=f"{name} is a symbolic link"):
        JournalDB(path)
    assert target.read_text() == "precious"


@pytest.mark.parametrize("plant", ["link", "hard link", "left by a kill"])
def test_what_lies_where_a_new_file_is_written_is_removed_and_never_followed(path, plant: str) -> None:
    db = JournalDB(path)
    db.insert({"id": "a"})
    target, beside = path.parent / "elsewhere", path.with_name(path.name + ".new")
    target.write_text("precious")
    if plant == "link":
        beside.symlink_to(target)
    elif plant == "hard link":
        beside.hardlink_to(target)
    else:
        beside.write_text("half of it")
    db.compact()
    assert target.read_text() == "precious"
    assert not os.path.lexists(beside)
    assert [row["id"] for row in JournalDB(path).all()] == ["a"]


def test_a_link_where_evidence_would_be_kept_is_not_followed(path, noon) -> None:
    JournalDB(path).insert({"id": "a"})
    with path.open("ab") as file:
        file.write(b"torn")
    planted = path.with_name(f"{path.name}.torn-20260302T120000Z")
    planted.symlink_to(path.parent / "nowhere")
    db = JournalDB(path, clock=noon)
    assert f"{planted.name}-2" in db.notices[0]
    assert planted.with_name(f"{planted.name}-2").read_bytes() == b"torn"
    assert not (path.parent / "nowhere").exists()


def test_what_is_no_plain_file_is_refused(path) -> None:
    path.parent.mkdir()
    os.mkfifo(path)
    for act in (JournalDB, salvage):
        with pytest.raises(StoreError, match="not a regular file"):
            act(path)


def test_a_second_name_of_the_journal_as_backups_make_them_is_no_obstacle(path) -> None:
    db = JournalDB(path)
    db.insert({"id": "a"})
    (path.parent / "backup").hardlink_to(path)
    db.insert({"id": "b"})
    db.compact()
    db.insert({"id": "c"})
    assert len(JournalDB(path)) == 3


def test_a_lock_that_fails_is_said_and_nothing_is_written_without_it(path) -> None:
    class NoLocks(Disk):
        fails = False

        def flock(self, fd, operation):
            if self.fails:
                raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))
            Disk.flock(fd, operation)

    disk = NoLocks()
    db = JournalDB(path, disk=disk)
    before = path.read_bytes()
    disk.fails = True
    with pytest.raises(StoreError, match=r"cannot be locked: No locks available"):
        db.insert({"id": "a"})
    assert path.read_bytes() == before
    disk.fails = False
    db.insert({"id": "b"})
    assert [row["id"] for row in JournalDB(path).all()] == ["b"]


def test_a_lock_file_that_cannot_be_opened_again_lets_nobody_write(path) -> None:
    class NoMoreFiles(Disk):
        fails = False

        def open(self, target, flags, mode=0o777):
            if self.fails and str(target).endswith(".lock"):
                raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))
            return os.open(target, flags, mode)

    disk = NoMoreFiles()
    db = JournalDB(path, disk=disk)
    before = path.read_bytes()
    path.with_name(path.name + ".lock").unlink()
    disk.fails = True
    with pytest.raises(WriteFailed, match="takes no lock file"):
        db.insert({"id": "a"})
    assert path.read_bytes() == before
    disk.fails = False
    db.insert({"id": "b"})


def test_a_lock_that_cannot_be_given_back_is_given_back_by_closing_it(path) -> None:
    class Clings(Disk):
        def flock(self, fd, operation):
            if operation & 8:  # LOCK_UN
                raise OSError(errno.EIO, os.strerror(errno.EIO))
            Disk.flock(fd, operation)

    db = JournalDB(path, disk=Clings())
    db.insert({"id": "a"})
    other = JournalDB(path, patience=0.01)
    other.insert({"id": "b"})
    db.insert({"id": "c"})
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(JournalDB(path)) == 3


# When a file is safe: F_FULLFSYNC is macOS's; here its logic alone is run, with a module in fcntl's place.


class Drive:
    """A stand-in for the module fcntl of macOS."""

    F_FULLFSYNC = 51

    def __init__(self, error: int = 0) -> None:
        self.asked: list[tuple[int, int]] = []
        self.plain: list[int] = []
        self._error = error

    def fcntl(self, fd: int, command: int) -> int:
        self.asked.append((fd, command))
        if self._error:
            raise OSError(self._error, os.strerror(self._error))
        return 0


def test_where_the_drive_has_to_be_flushed_it_is_asked_to() -> None:
    drive = Drive()
    whole_flush(drive, drive.plain.append)(7)
    assert (drive.asked, drive.plain) == ([(7, 51)], [])


@pytest.mark.parametrize("number", [errno.ENOTSUP, errno.EINVAL])
def test_a_file_system_that_cannot_flush_the_drive_gets_a_plain_fsync(number: int) -> None:
    drive = Drive(number)
    whole_flush(drive, drive.plain.append)(7)
    assert drive.plain == [7]


def test_a_flush_that_fails_is_not_made_good_by_a_plain_fsync() -> None:
    drive = Drive(errno.EIO)
    with pytest.raises(OSError, match="Input/output"):
        whole_flush(drive, drive.plain.append)(7)
    assert drive.plain == []


def test_a_system_without_such_a_flush_uses_fsync_itself() -> None:
    assert whole_flush(SimpleNamespace(), os.fsync) is os.fsync
