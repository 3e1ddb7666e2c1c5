"""Keeping a replica equal to its file, whoever wrote it: other records, torn ends, damage, an older format.

Owns what becomes of a file that is not as it was left. Must never show what is not safe on the disk, never
write to a file that does not read, and never work but under the journal's lock.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from triage.errors import CorruptJournal, WriteFailed
from triage.store.aside import keep_aside, move_aside
from triage.store.bodies import OpenFile
from triage.store.migrations import Migrations, newest_format
from triage.store.outlined import Kinds, Outliner
from triage.store.reading import read_file, read_what_is_left
from triage.store.replay import Change, Decoder, Reading, damaged, plainly, rest_of
from triage.store.replica import Replica, collector_paused
from triage.store.rewriting import Rewriting

if TYPE_CHECKING:
    from collections.abc import Iterable

    from triage.clock import Clock
    from triage.store.append_file import AppendFile
    from triage.store.checkpoint import Checkpoint
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
        kinds: Kinds,
        checkpoint: Checkpoint | None,
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
        self._kinds = kinds
        self._checkpoint = checkpoint
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

    def decoder(self, file: OpenFile) -> Decoder:
        """Return what makes lines of a file's JSON: of some tables, most stays there."""
        return Outliner(self._kinds, file) if self._kinds else plainly

    def rewrite(self, sequence: int) -> None:
        """Write a whole new file, a snapshot of the replica, and give it the name; the replica stays."""
        count = sum(1 for _change in self._replica.snapshot())
        rewriting = Rewriting(self._replica.snapshot(), count, sequence, self._format)
        file, old = self._new_file(), self._file.current
        self._put(rewriting, file, sequence)
        rewriting.settle(file)
        if old is not None:
            # What was taken out of the file must not lie on the disk for as long as someone holds it open.
            old.close()

    def create(self) -> None:
        """Write a file with nothing in it."""
        self._put(Rewriting([], 0, self.sequence, self._format), self._new_file(), self.sequence)

    def replace(self, changes: Iterable[Change], count: int) -> None:
        """Write a whole new file that holds so many changes alone, as one more record, and become it."""
        file, fresh, sequence = self._new_file(), self._replica.fresh(), self.sequence + 1
        rewriting = Rewriting(changes, count, sequence, self._format, Outliner(self._kinds, file))
        self._put(rewriting, file, sequence)
        fresh.apply(rewriting.taken)
        self._become(fresh)

    def note_down(self) -> None:
        """Write a checkpoint if that is worth it: then the next one to open the file reads less."""
        seen, is_whole = self._file.seen, not self._is_provisional and self.may_write
        if self._checkpoint is not None and seen is not None and is_whole and self.lags_behind(seen):
            self._checkpoint.keep(self._file.file, seen, sequence=self.sequence, records=self.records)

    def lags_behind(self, there: Seen | None) -> bool:
        """Tell whether a checkpoint of the file that is there now would be worth it."""
        return self._checkpoint is not None and there is not None and self._checkpoint.lags(there)

    def _new_file(self) -> OpenFile:
        return OpenFile(self._file.path, self._file.disk)

    def _put(self, rewriting: Rewriting, file: OpenFile, sequence: int) -> None:
        self._drop_checkpoint()
        with collector_paused():
            self._file.put(rewriting.lines(), file)
        self.sequence, self.records = sequence, 0

    def _drop_checkpoint(self) -> None:
        if self._checkpoint is not None:
            self._checkpoint.remove()

    def _become(self, replica: Replica) -> None:
        self._replica.become(replica)
        self.generation += 1

    def _sum_of(self, changes: Iterable[Change]) -> Replica:
        fresh = self._replica.fresh()
        for change in changes:
            fresh.apply(change)
        return fresh

    def catch_up(self) -> None:
        """Take in what is in the file now; CorruptJournal, NewerFormat, OSError."""
        there = self._file.look()
        if self._file.is_poisoned or (there == self._file.seen and self._file.damage is None):
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
        if seen is not None and there is not None and there[:2] == seen[:2] and self._file.damage is not None:
            raise damaged(self._file.path, self._file.damage, "what was written there does not read")
        if there is None:
            self._lose_sight()
        elif seen is None or there[:2] != seen[:2] or self._is_provisional:
            self._read_whole(there)
        else:
            self._read_more(there.size)

    def _lose_sight(self) -> None:
        if self._file.durable:
            self._file.poison(f"{self._file.path.name} was removed while it was open")
            self.say(self._file.refusal)
            return
        self._file.close()
        self._drop_checkpoint()
        self._become(self._replica.fresh())

    def _read_whole(self, there: Seen) -> None:
        opened = self._file.open()
        try:
            if self._file.seen is None and not opened.read(0, 1):
                self.say(f"{self._file.path.name} was there, but empty (0 bytes). It begins anew.")
                opened.close()
                return
            if self._recall(opened, there):
                return
            reading, changes = read_file(self._file.path, opened, self._migrations, self.decoder(opened))
            fresh = self._sum_of(changes)
            self._file.settle(opened)
        except BaseException:
            if self._file.current is not opened:
                opened.close()
            raise
        self._file.adopt(opened, there)
        self._say_if_older(reading.sequence)
        self._take_whole(fresh, reading.sequence, reading.records, damage=None)
        self._end_at(reading)
        if reading.version < self._format:
            self._write_in_this_format(opened, reading.version)

    def _recall(self, opened: OpenFile, there: Seen) -> bool:
        """Take what a checkpoint says of the file, and read only what was written since."""
        kept = self._checkpoint.recall(opened, there) if self._checkpoint is not None else None
        if kept is None:
            return False
        self._file.adopt(opened, there)
        self._file.known_to(kept.size)
        self._take_whole(kept.tables, kept.sequence, kept.records, damage=None)
        if kept.size < there.size:
            self._read_more(there.size)
        return True

    def _say_if_older(self, sequence: int) -> None:
        if self._file.durable and sequence < self.sequence:
            fewer = self.sequence - sequence
            self.say(f"{self._file.path.name} was replaced by an older copy: {fewer} records fewer.")

    def _take_whole(
        self, replica: Replica, sequence: int, records: int, *, damage: CorruptJournal | None
    ) -> None:
        if self.damage is not None:
            self.notices.remove(self._warning(self.damage))
        if damage is not None:
            self.say(self._warning(damage))
        self.damage = damage
        self._is_provisional = damage is not None
        self._become(replica)
        self.sequence, self.records = sequence, records

    def _read_more(self, size: int) -> None:
        file = self._file
        assert file.seen is not None
        known = file.seen.size
        if size < known:
            raise damaged(file.path, size, f"it ends here, but had {known} bytes")
        reading = Reading(
            file.path, file.file, decoder=self.decoder(file.file), offset=known, after=self.sequence
        )
        changes = list(reading.changes())
        file.settle()
        for change in changes:
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

    def _write_in_this_format(self, opened: OpenFile, version: int) -> None:
        """Keep a copy of the older file, then put the newer one in its place, all steps at once.

        Where that cannot be, what is in memory is shown, and nothing is written to the older file.
        """
        file, self._is_provisional = self._file, True
        if not self.may_write:
            return
        try:
            if file.durable:
                why = f"before-{self._format}"
                keep_aside(file.disk, file.path, rest_of(opened), why=why, clock=self._clock)
            self.rewrite(self.sequence)
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
        self._drop_checkpoint()
        self._become(self._replica.fresh())
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
        opened = file.open()
        try:
            left, changes = read_what_is_left(file.path, opened, self._migrations)
        except BaseException:
            opened.close()
            raise
        if there is not None:
            file.adopt(opened, there)
        self._take_whole(self._sum_of(changes), left.sequence, len(left.records), damage=damage)
