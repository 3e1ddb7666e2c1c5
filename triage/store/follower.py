"""Keeping a replica equal to its file, whoever wrote it: other records, torn ends, damage, an older format.

Owns what becomes of a file that is not as it was left. Must never show what is not safe on the disk, never
write to a file that does not read, and never work but under the journal's lock.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from triage.errors import CorruptJournal, WriteFailed
from triage.store.aside import keep_aside, move_aside
from triage.store.migrations import Migrations, newest_format
from triage.store.reading import read_file, read_what_is_left
from triage.store.record import seal
from triage.store.replay import Change, Reading, damaged, header_line, read_on, snapshot_bodies
from triage.store.replica import Replica, collector_paused

if TYPE_CHECKING:
    from triage.clock import Clock
    from triage.store.append_file import AppendFile
    from triage.store.disk import Seen
    from triage.store.lock import SideLock


class Follower:
    """A replica and the file that it follows."""

    def __init__(
        self,
        file: AppendFile,
        replica: Replica,
        lock: SideLock,
        *,
        migrations: Migrations,
        reads_damaged: bool,
        clock: Clock,
    ) -> None:
        self.sequence = 0
        """Number of the last record."""
        self.records = 0
        """How many lie behind the snapshot."""
        self.generation = 0
        """Rises with every change of the replica, whoever wrote it."""
        self.news = 0
        """Rises with what others wrote, whatever it was that took it in: a look, or a write of our own."""
        self.notices: list[str] = []
        """Sentences for the user: what was found, and set aside."""
        self.damage: CorruptJournal | None = None
        """Where the file is damaged, while it is shown all the same."""
        self._file = file
        self._replica = replica
        self._lock = lock
        self._migrations = migrations
        self._format = newest_format(migrations)
        self._reads_damaged = reads_damaged
        self._clock = clock
        self._is_provisional = False
        """What is in memory is not what the file's records add up to: read its next change from the start."""

    def say(self, notice: str) -> None:
        """Add a notice, once."""
        if notice not in self.notices:
            self.notices.append(notice)

    @property
    def may_write(self) -> bool:
        """Tell whether `refuse_if_it_must` would let a write pass."""
        return self._lock.is_possible and not self._file.refusal and self.damage is None

    def refuse_if_it_must(self) -> None:
        """Raise the reason why nothing can be written now, if there is one."""
        self.check_whole()
        self._file.refuse_if_it_must()
        if not self._lock.is_possible:
            raise WriteFailed(f"{self._file.path.name} cannot be written: its folder takes no lock file.")

    def check_whole(self) -> None:
        """Raise CorruptJournal while only a part of the file can be read."""
        if self.damage is not None:
            raise self.damage.with_traceback(None)

    def took(self, change: Change) -> None:
        """Apply a change of our own that is on the disk."""
        self._replica.apply(change)
        self.sequence += 1
        self.records += 1
        self.generation += 1

    def load(self, changes: list[Change]) -> None:
        """Become what these changes add up to."""
        self._replica.reset()
        for change in changes:
            self._replica.apply(change)
        self.generation += 1

    def rewrite(self, bodies: list[bytes], sequence: int) -> None:
        """Write a whole new file, a snapshot, and give it the name; the replica stays as it is."""
        lines = [header_line(sequence, len(bodies), self._format), *map(seal, bodies)]
        self._file.put(b"".join(lines))
        self.sequence, self.records = sequence, 0

    def catch_up(self) -> None:
        """Take in what is in the file now; CorruptJournal, NewerFormat, OSError."""
        there = self._file.look()
        if there == self._file.seen or self._file.is_poisoned:
            return
        before = self.generation
        with collector_paused():
            try:
                self._read(there)
            except CorruptJournal as damage:
                self._meet(damage)
        self.news += self.generation - before

    def _read(self, there: Seen | None) -> None:
        seen = self._file.seen
        if there is None:
            self._lose_sight()
        elif seen is None or there[:2] != seen[:2] or self._is_provisional:
            self._read_whole(there)
        else:
            self._read_more(seen, there.size)

    def _lose_sight(self) -> None:
        if self._file.durable:
            self._file.poison(f"{self._file.path.name} was removed while it was open")
            self.say(self._file.refusal)
            return
        self._file.close()
        self.load([])

    def _read_whole(self, there: Seen) -> None:
        file = self._file
        fd, data = file.open()
        try:
            if not data and file.seen is None:
                self.say(f"{file.path.name} was there, but empty (0 bytes). It begins anew.")
                file.disk.close(fd)
                return
            reading = read_file(file.path, data, self._migrations)
            file.settle(fd)
        except BaseException:
            file.disk.close(fd)
            raise
        file.adopt(fd, there)
        if file.durable and reading.sequence < self.sequence:
            fewer = self.sequence - reading.sequence
            self.say(f"{file.path.name} was replaced by an older copy: {fewer} records fewer.")
        self._take_whole(reading, damage=None)
        self._end_at(reading)
        if reading.version < self._format:
            self._write_in_this_format(data, reading.version)

    def _take_whole(self, reading: Reading, *, damage: CorruptJournal | None) -> None:
        if self.damage is not None:
            self.notices.remove(self._warning(self.damage))
        if damage is not None:
            self.say(self._warning(damage))
        self.damage = damage
        self._is_provisional = damage is not None
        self.load(reading.changes)
        self.sequence, self.records = reading.sequence, reading.records

    def _read_more(self, seen: Seen, size: int) -> None:
        file = self._file
        if size < seen.size:
            raise damaged(file.path, size, f"it ends here, but had {seen.size} bytes")
        reading = read_on(file.path, file.unread(), offset=seen.size, after=self.sequence)
        file.settle()
        for change in reading.changes:
            self._replica.apply(change)
        self.generation += reading.records
        self.sequence, self.records = reading.sequence, self.records + reading.records
        self._end_at(reading)

    def _end_at(self, reading: Reading) -> None:
        self._file.known_to(reading.end)
        if reading.torn:
            self._set_torn_aside(reading)

    def _set_torn_aside(self, reading: Reading) -> None:
        """Copy a torn end, then cut it off: its commit never returned, so nobody was told of it."""
        file = self._file
        what = f"{file.path.name} ended in {len(reading.torn)} bytes of a record that was never finished"
        if not self.may_write:
            self.say(f"{what}. They are left where they are.")
            return
        try:
            kept = keep_aside(file.disk, file.path, reading.torn, why="torn", clock=self._clock)
            file.cut(reading.end)
        except OSError as error:
            file.poison(f"{what}, and they cannot be set aside: {error.strerror}")
            return
        self.say(f"{what}. They are kept in {kept.name}.")

    def _write_in_this_format(self, data: bytes, version: int) -> None:
        """Keep a copy of the older file, then put the newer one in its place, all steps at once.

        Where that cannot be, what is in memory is shown, and nothing is written to the older file.
        """
        file, self._is_provisional = self._file, True
        if not self.may_write:
            return
        try:
            if file.durable:
                why = f"before-{self._format}"
                keep_aside(file.disk, file.path, data, why=why, clock=self._clock)
            self.rewrite(snapshot_bodies(self._replica.snapshot()), self.sequence)
        except (OSError, WriteFailed) as error:
            cause = error.__cause__ or error
            which = f"{file.path.name} cannot be brought from format {version} to {self._format}"
            file.refuse(f"{which}: {getattr(cause, 'strerror', cause)}")
            self.say(file.refusal)
        else:
            self._is_provisional = False

    def _warning(self, damage: CorruptJournal) -> str:
        return f"{self._file.path.name} is damaged: read-only, incomplete (byte {damage.offset})."

    def _meet(self, damage: CorruptJournal) -> None:
        if not self._file.durable:
            self._begin_anew(damage)
        elif self._reads_damaged and (self._file.seen is None or self.damage is not None):
            self._show_what_reads(damage)
        else:
            raise damage

    def _begin_anew(self, damage: CorruptJournal) -> None:
        """Move a damaged cache out of the way; the next write makes an empty one."""
        file = self._file
        what = f"{file.path.name} was damaged at byte {damage.offset}"
        self.load([])
        try:
            kept = move_aside(file.disk, file.path, why="damaged", clock=self._clock)
        except OSError as error:
            file.refuse(f"{what}, and it cannot be moved aside: {error.strerror}")
            self.say(file.refusal)
            return
        file.close()
        self.say(f"{what} and is kept as {kept.name}. The next sync fetches everything again.")

    def _show_what_reads(self, damage: CorruptJournal) -> None:
        """Take in what salvage would keep. The file stays open, so that no other one gets its number."""
        file = self._file
        there = file.look()
        fd, data = file.open()
        try:
            reading = read_what_is_left(file.path, data, self._migrations)
        except BaseException:
            file.disk.close(fd)
            raise
        if there is not None:
            file.adopt(fd, there)
        self._take_whole(reading, damage=damage)
