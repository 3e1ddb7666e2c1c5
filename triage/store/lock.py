"""One writer at a time: an exclusive `flock` on a file beside the journal.

Owns that side file, which is never replaced, renamed or deleted, so that all processes lock the same one.
The lock goes with its process, so none is left behind by a crash. Must never wait without a bound.
"""

from __future__ import annotations

import contextlib
import fcntl
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from triage.errors import StoreBusy, StoreError
from triage.store.disk import LOCKFILE, READ, Disk, look, open_private

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_POLL: Final = 0.001
"""Seconds between two tries: a commit of another process takes about as long."""


class SideLock:
    """The lock of one journal. Where the folder takes no lock file, `is_possible` is False: none is held."""

    def __init__(self, path: Path, disk: Disk, *, patience: float) -> None:
        self._path = path
        self._disk = disk
        self._patience = patience
        self._is_held = False
        self._fd = self._open()

    @property
    def is_possible(self) -> bool:
        """Tell whether there is a file to lock."""
        return self._fd is not None

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the lock; StoreBusy if another process keeps it for longer than `patience` seconds."""
        if self._is_held:
            raise StoreError(f"{self._path.name} is held already: this cannot be done inside a transaction.")
        self._acquire()
        self._is_held = True
        try:
            yield
        finally:
            self._is_held = False
            self._release()

    def close(self) -> None:
        """Give the file back, and with it the lock."""
        if self._fd is not None:
            self._disk.close(self._fd)
            self._fd = None

    def _open(self) -> int | None:
        for flags in (LOCKFILE, READ):
            # A folder that may not be written, or a full disk, can still hold a lock file made earlier.
            with contextlib.suppress(OSError):
                return open_private(self._disk, self._path, flags)
        return None

    def _acquire(self) -> None:
        deadline = time.monotonic() + self._patience
        if self._fd is None:
            self._fd = self._open()
        while self._fd is not None:
            try:
                self._wait(self._fd, deadline)
                if self._is_the_one(self._fd):
                    return
            except OSError as error:
                self.close()
                raise StoreError(f"{self._path} cannot be locked: {error.strerror}.") from error
            # Someone removed the side file: whoever comes next locks another one, so move to that.
            self.close()
            self._fd = self._open()

    def _wait(self, fd: int, deadline: float) -> None:
        while True:
            try:
                self._disk.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                if time.monotonic() >= deadline:
                    raise StoreBusy(
                        f"Another process has been writing {self._path.stem} for too long."
                    ) from error
                time.sleep(_POLL)
            else:
                return

    def _is_the_one(self, fd: int) -> bool:
        ours, there = look(self._disk, fd), look(self._disk, self._path)
        return ours is not None and there is not None and ours[:2] == there[:2]

    def _release(self) -> None:
        if self._fd is None:
            return
        try:
            self._disk.flock(self._fd, fcntl.LOCK_UN)
        except OSError:
            # What was recorded is recorded. Closing gives the lock back too; the next holder opens it again.
            self.close()
