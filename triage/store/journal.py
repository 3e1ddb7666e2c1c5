"""A file of records: one write and one fsync a commit, snapshot and records together.

Owns the journal as its user sees it: lock, thread, commit, compaction. Knows no tables: what a change means
is the replica's. The rules that must never be broken:

* A commit that returned is on the disk.
* The replica changes only by a record that is on the disk: it is what a replay of the file gives.
* The file is only appended to, or replaced as a whole; cut only where a record was never finished, after a
  copy.
* A file that does not read is never taken for an empty one, and never written to. Only a cache, which can be
  fetched again, is moved aside and begins anew, and that is said.

One thread of one process owns an open journal.
"""

from __future__ import annotations

import os
import threading
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from triage.clock import Clock, utc_now
from triage.errors import CorruptJournal, StoreError, WriteFailed
from triage.store.append_file import AppendFile
from triage.store.disk import Disk, make_folder
from triage.store.follower import Follower
from triage.store.lock import SideLock
from triage.store.migrations import Migrations
from triage.store.packed import record_of
from triage.store.record import Slate, decode, head_size, spliced
from triage.store.replay import Change
from triage.store.replica import Replica

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from triage.store.checkpoint import Checkpoint
    from triage.store.outlined import Kinds

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
        migrations: Migrations = (),
        reads_damaged: bool = False,
        patience: float = PATIENCE,
        clock: Clock = utc_now,
        kinds: Kinds | None = None,
        checkpoint: Checkpoint | None = None,
    ) -> None:
        """`durable`: no cache. `reads_damaged`: a damaged file opens with what reads, and takes no write.

        `kinds` names the tables whose documents stay on the disk, with what is kept of each in memory.
        """
        self.path = Path(path)
        self._replica = replica
        self._disk = disk or Disk()
        self._owner = (os.getpid(), threading.get_ident())
        self._is_closed = self._is_read = False
        self._lock = self._prepare(patience)
        self._file = AppendFile(self.path, self._disk, durable=durable)
        self._slate = Slate()
        self._kinds = kinds or {}
        self._follower = Follower(
            self._file,
            replica,
            self._lock,
            migrations=migrations,
            reads_damaged=reads_damaged,
            clock=clock,
            kinds=self._kinds,
            checkpoint=checkpoint,
        )
        try:
            self._first_look()
            self._is_read = True
        except BaseException:
            self.close()
            raise

    # Reading

    @property
    def sequence(self) -> int:
        """Number of the last record."""
        return self._follower.sequence

    @property
    def generation(self) -> int:
        """Rises with every change of the replica, whoever wrote it."""
        return self._follower.generation

    @property
    def news(self) -> int:
        """Rises with what others wrote, whatever it was that took it in."""
        return self._follower.news

    @property
    def notices(self) -> list[str]:
        """Sentences for the user: what was found, and set aside."""
        return self._follower.notices

    def say(self, notice: str) -> None:
        """Add a notice, once."""
        self._follower.say(notice)

    @property
    def damage(self) -> CorruptJournal | None:
        """Where the file is damaged, if it is shown all the same: then no write passes."""
        return self._follower.damage

    def check_whole(self) -> None:
        """Raise CorruptJournal while only a part of the file can be read."""
        self._follower.check_whole()

    def changed_elsewhere(self) -> bool:
        """Tell by one `stat` whether another process wrote since the last look."""
        self.check_owner()
        with self._reading():
            return self._file.look() != self._file.seen or self._file.damage is not None

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
        many = self._follower.records > max(_FEW_RECORDS, 2 * len(self._replica))
        return many and self._follower.may_write

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
        self._file.refuse_if_it_must()
        with self._lock.held():
            self._catch_up()
            if not self._file.is_open:
                self._create()
            self._follower.refuse_if_it_must()
            yield

    def commit(self, change: Change) -> None:
        """Record one change: it is on the disk when this returns; after WriteFailed nothing of it is."""
        with self._encoding():
            body, taken = record_of(self._follower.sequence + 1, change)
            if self._kinds:
                taken = self._decoded(b"".join(body))["t"]
        self._append(body)
        self._follower.took(taken)

    def splice(self, change: Change) -> None:
        """Record one change, as `commit` does, whose documents are `msgspec.Raw`: JSON already."""
        body = spliced({"s": self._follower.sequence + 1, "t": change})
        line = self._decoded(body) if self._kinds else decode(body)
        self._append((body,))
        self._follower.took(line["t"])

    def replace(self, changes: Iterable[Change], count: int) -> None:
        """Put so many changes, applied to an empty replica, in the place of the whole file, at once.

        Each puts one document at most. A `msgspec.Raw` stands for a document that is JSON already.
        """
        with self._encoding():
            self._follower.replace(changes, count)

    def compact(self) -> None:
        """Rewrite the file without its history. What it holds stays equal."""
        with self.writing():
            self._follower.rewrite(self._follower.sequence)

    def note_down(self) -> None:
        """Write down, if it is worth it, what opens the file sooner next time; harmless when that fails."""
        with suppress(StoreError):
            self.check_owner()
            if self._wants_a_last_look():
                with self._lock.held():
                    self._catch_up()
                    self._follower.note_down()

    def close(self) -> None:
        """Give the files back; harmless when done already."""
        if self._is_read:
            self.note_down()
        self._is_closed = True
        self._file.close()
        self._lock.close()

    def _append(self, body: Iterable[bytes]) -> None:
        with self._slate.line(body) as line:
            self._file.append(line)

    # Opening

    def _prepare(self, patience: float) -> SideLock:
        try:
            make_folder(self._disk, self.path.parent)
        except OSError as error:
            raise WriteFailed(f"{self.path.parent} cannot be made: {error.strerror}.") from error
        return SideLock(self.path.with_name(self.path.name + ".lock"), self._disk, patience=patience)

    def _first_look(self) -> None:
        with self._lock.held():
            self._catch_up()
            if self._file.is_open:
                return
            try:
                self._create()
            except WriteFailed as error:
                # A full disk must not keep anyone from looking; each write tries again.
                self.say(error.message)

    def _wants_a_last_look(self) -> bool:
        """Tell, without the lock, whether there is something to write down, or damage that was met."""
        with self._reading():
            return self._file.damage is not None or self._follower.lags_behind(self._file.look())

    def _create(self) -> None:
        self._follower.refuse_if_it_must()
        self._follower.create()

    def _decoded(self, body: bytes) -> Any:
        """Return the line of this JSON, which will lie at the end of the file."""
        seen = self._file.seen
        assert seen is not None
        return self._follower.decoder(self._file.file)(body, seen.size + head_size(body))

    # Saying no

    def _catch_up(self) -> None:
        with self._reading():
            self._follower.catch_up()

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
