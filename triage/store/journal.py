"""A file of records: one write and one fsync a commit, snapshot and records together.

Owns the bytes on disk: lock, commit, other processes' records, torn ends, compaction. Knows no tables: what
a change means is the replica's. The rules that must never be broken:

* A commit that returned is on the disk.
* The replica changes only by a record that is on the disk: it is what a replay of the file gives.
* The file is only appended to, or replaced as a whole; cut only where a record was never finished, after a
  copy.
* A file that does not read is never taken for an empty one, and never written to.

One thread of one process owns an open journal.
"""

from __future__ import annotations

import os
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from triage.clock import Clock, utc_now
from triage.errors import StoreError, WriteFailed
from triage.store.aside import keep_aside
from triage.store.disk import (
    APPEND,
    READ,
    Disk,
    Seen,
    is_not_allowed,
    look,
    make_folder,
    open_private,
    put_whole,
    read_from,
    sync_folder,
    write_all,
)
from triage.store.lock import SideLock
from triage.store.record import decode, decode_all, encode, seal
from triage.store.replay import Change, Reading, damaged, header_line, read_on, read_whole, snapshot_bodies
from triage.store.replica import Replica, collector_paused

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

PATIENCE: Final = 5.0
"""Seconds to wait for another process's commit before StoreBusy."""
_FEW_RECORDS: Final = 1_000


class JournalFile:
    """One journal, open: `commit` and `replace` write, `refresh` reads what other processes wrote."""

    def __init__(
        self,
        path: Path | str,
        replica: Replica,
        *,
        disk: Disk | None = None,
        durable: bool = True,
        patience: float = PATIENCE,
        clock: Clock = utc_now,
    ) -> None:
        self.path = Path(path)
        self.notices: list[str] = []
        """Sentences for the user: what was found and set aside."""
        self.sequence = 0
        """Number of the last record."""
        self.records = 0
        """How many lie behind the snapshot."""
        self.generation = 0
        """Rises with every change of the replica, whoever wrote it."""
        self._replica = replica
        self._disk = disk or Disk()
        self._durable = durable
        self._clock = clock
        self._owner = (os.getpid(), threading.get_ident())
        self._fd: int | None = None
        self._seen: Seen | None = None
        """Which file is open, and up to which byte it is in the replica."""
        self._refusal = ""
        """Why nothing can be written until the journal is opened again."""
        self._is_poisoned = False
        """The replica stays as it is, whatever becomes of the file."""
        self._is_closed = False
        self._lock = self._prepare(patience)
        try:
            self._first_look()
        except BaseException:
            self.close()
            raise

    # Reading

    def changed_elsewhere(self) -> bool:
        """Tell by one `stat` whether another process wrote since the last look."""
        self.check_owner()
        return look(self._disk, self.path) != self._seen

    def refresh(self) -> bool:
        """Take in what other processes wrote; tell whether there was anything."""
        self.check_owner()
        before = self.generation
        if self.changed_elsewhere():
            with self._lock.held():
                self._catch_up()
        return self.generation != before

    def worth_compacting(self) -> bool:
        """Tell whether most of the file is history: over 1,000 records, and over two for each thing kept."""
        return self.records > max(_FEW_RECORDS, 2 * len(self._replica))

    def check_owner(self) -> None:
        """Raise StoreError when closed, or in another thread or process than the one that opened it."""
        if self._is_closed:
            raise StoreError(f"{self.path.name} is closed.")
        if self._owner != (os.getpid(), threading.get_ident()):
            raise StoreError(f"{self.path.name} belongs to the thread that opened it.")

    # Writing

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the lock, with what other processes wrote taken in; inside it `commit` and `replace` work."""
        self.check_owner()
        self._refuse_if_it_must()
        with self._lock.held():
            self._catch_up()
            self._refuse_if_it_must()
            if self._fd is None:
                self._create()
            yield

    def commit(self, change: Change) -> None:
        """Record one change: it is on the disk when this returns; after WriteFailed nothing of it is."""
        with self._encoding():
            body = encode({"s": self.sequence + 1, "t": change})
            replayed = decode(body)["t"]
        line = seal(body)
        self._append(line)
        self._replica.apply(replayed)
        self._advance(len(line))

    def replace(self, changes: Iterable[Change]) -> None:
        """Put these changes, applied to an empty replica, in the place of the whole file, at once."""
        with self._encoding():
            bodies = snapshot_bodies(changes)
            replayed = [line["t"] for line in decode_all(bodies)]
        self._rewrite(bodies, self.sequence + 1)
        with collector_paused():
            self._load(replayed)

    def compact(self) -> None:
        """Rewrite the file without its history. What it holds stays equal."""
        with self.writing():
            self._rewrite(snapshot_bodies(self._replica.snapshot()), self.sequence)

    def close(self) -> None:
        """Give the files back; harmless when done already."""
        self._is_closed = True
        self._close_file()
        self._lock.close()

    # Opening

    def _prepare(self, patience: float) -> SideLock:
        try:
            make_folder(self._disk, self.path.parent)
        except OSError as error:
            raise WriteFailed(f"{self.path.parent} cannot be made: {error.strerror}.") from error
        lock = SideLock(self.path.with_name(self.path.name + ".lock"), self._disk, patience=patience)
        if not lock.is_possible:
            self._refusal = f"{self.path} cannot be written: its folder takes no lock file."
        return lock

    def _first_look(self) -> None:
        with self._lock.held():
            self._catch_up()
            if self._fd is None:
                try:
                    self._create()
                except WriteFailed as error:
                    # A full disk must not keep anyone from looking; each write tries again.
                    self.notices.append(error.message)

    def _create(self) -> None:
        self._refuse_if_it_must()
        self._rewrite([], self.sequence)

    # Reading what is there; the lock is held

    def _catch_up(self) -> None:
        there = look(self._disk, self.path)
        if there == self._seen or self._is_poisoned:
            return
        with self._reading(), collector_paused():
            if there is None:
                self._lose_sight()
            elif self._seen is None or there[:2] != self._seen[:2]:
                self._open_and_read(there)
            else:
                self._read_more(there.size)

    def _lose_sight(self) -> None:
        if self._durable:
            self._poison(f"{self.path} was removed while it was open")
            return
        self._close_file()
        self._load([])

    def _open_and_read(self, there: Seen) -> None:
        fd = self._open_file()
        try:
            data = read_from(self._disk, fd, 0)
            if not data and self._seen is None:
                self._say(f"{self.path.name} was there, but empty (0 bytes). It begins anew.")
                self._disk.close(fd)
                return
            reading = read_whole(self.path, data)
            self._settle(fd, with_name=True)
        except BaseException:
            self._disk.close(fd)
            raise
        self._close_file()
        self._fd = fd
        self._take_whole(reading, there)

    def _open_file(self) -> int:
        try:
            return open_private(self._disk, self.path, APPEND)
        except OSError as error:
            if not is_not_allowed(error):
                raise
            self._refusal = f"{self.path} cannot be written: {error.strerror}."
            return open_private(self._disk, self.path, READ)

    def _take_whole(self, reading: Reading, there: Seen) -> None:
        if self._durable and reading.sequence < self.sequence:
            fewer = self.sequence - reading.sequence
            self._say(f"{self.path.name} was replaced by an older copy: {fewer} records fewer.")
        self._load(reading.changes)
        self.sequence, self.records = reading.sequence, reading.records
        self._end_at(reading, there)

    def _read_more(self, size: int) -> None:
        assert self._fd is not None
        assert self._seen is not None
        seen = self._seen
        if size < seen.size:
            raise damaged(self.path, size, f"it ends here, but had {seen.size} bytes")
        data = read_from(self._disk, self._fd, seen.size)
        reading = read_on(self.path, data, offset=seen.size, after=self.sequence)
        self._settle(self._fd)
        for change in reading.changes:
            self._replica.apply(change)
        self.generation += reading.records
        self.sequence, self.records = reading.sequence, self.records + reading.records
        self._end_at(reading, seen)

    def _settle(self, fd: int, *, with_name: bool = False) -> None:
        """Make safe what will be shown: another process may have died between its write and its fsync."""
        if not self._durable or self._refusal:
            return
        try:
            self._disk.fsync(fd)
            if with_name:
                sync_folder(self._disk, self.path.parent)
        except OSError as error:
            self._poison(f"{self.path}: {error.strerror}")
            raise

    def _end_at(self, reading: Reading, there: Seen) -> None:
        self._seen = Seen(there.device, there.inode, reading.end)
        if reading.torn:
            self._set_torn_aside(reading)

    def _set_torn_aside(self, reading: Reading) -> None:
        """Copy a torn end, then cut it off: its commit never returned, so nobody was told of it."""
        what = f"{self.path.name} ended in {len(reading.torn)} bytes of a record that was never finished"
        if self._refusal:
            self._say(f"{what}. They are left where they are.")
            return
        assert self._fd is not None
        try:
            kept = keep_aside(self._disk, self.path, reading.torn, why="torn", clock=self._clock)
            # Not synced: if the power goes first, the same bytes are set aside once more.
            self._disk.ftruncate(self._fd, reading.end)
        except OSError as error:
            self._poison(f"{what}, and they cannot be set aside: {error.strerror}")
            return
        self._say(f"{what}. They are kept in {kept.name}.")

    def _load(self, changes: list[Change]) -> None:
        self._replica.reset()
        for change in changes:
            self._replica.apply(change)
        self.generation += 1

    # Writing bytes; the lock is held and everything is read

    def _append(self, line: bytes) -> None:
        assert self._fd is not None
        is_written = False
        try:
            write_all(self._disk, self._fd, line)
            is_written = True
            if self._durable:
                self._disk.fsync(self._fd)
        except OSError as error:
            self._take_back(self._fd)
            if is_written:
                # A second fsync would say yes with nothing written: PostgreSQL's wiki, "Fsync Errors".
                self._poison(f"{self.path}: {error.strerror}")
            raise self._failed(error) from error
        except BaseException:
            self._take_back(self._fd)
            raise

    def _take_back(self, fd: int) -> None:
        assert self._seen is not None
        try:
            self._disk.ftruncate(fd, self._seen.size)
        except OSError as error:
            self._poison(f"{self.path}: {error.strerror}")

    def _advance(self, size: int) -> None:
        assert self._seen is not None
        device, inode, known = self._seen
        self._seen = Seen(device, inode, known + size)
        self.sequence += 1
        self.records += 1
        self.generation += 1

    def _rewrite(self, bodies: list[bytes], sequence: int) -> None:
        """Write a whole new file beside the old one, and give it the name."""
        lines = [header_line(sequence, len(bodies)), *map(seal, bodies)]
        try:
            fd = put_whole(self._disk, self.path, b"".join(lines))
        except OSError as error:
            raise self._failed(error) from error
        self._close_file()
        self._fd, self._seen = fd, look(self._disk, fd)
        self.sequence, self.records = sequence, 0
        self._make_the_name_safe()

    def _make_the_name_safe(self) -> None:
        try:
            sync_folder(self._disk, self.path.parent)
        except OSError as error:
            self._poison(f"{self.path.parent}: {error.strerror}")
            raise self._failed(error) from error

    # Saying no

    def _refuse_if_it_must(self) -> None:
        if self._refusal:
            raise WriteFailed(self._refusal)

    def _poison(self, why: str) -> None:
        self._is_poisoned = True
        self._refusal = f"{why}. Nothing is recorded until triage is started again."

    def _failed(self, error: OSError) -> WriteFailed:
        return WriteFailed(f"{self.path}: {error.strerror}: nothing was recorded.")

    def _say(self, notice: str) -> None:
        if notice not in self.notices:
            self.notices.append(notice)

    @contextmanager
    def _reading(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise StoreError(f"{self.path} cannot be read: {error.strerror}.") from error

    @contextmanager
    def _encoding(self) -> Iterator[None]:
        try:
            yield
        except ValueError as error:
            raise WriteFailed(
                f"{self.path}: a value cannot be kept ({error}): nothing was recorded."
            ) from error

    def _close_file(self) -> None:
        if self._fd is not None:
            self._disk.close(self._fd)
        self._fd = self._seen = None
