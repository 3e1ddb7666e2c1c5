"""One file that only grows at its end or is replaced as a whole, and the reason why it may not be written.

Owns the open file: which one it is, up to where it is known, writing with taking back, and saying no. Must
never look at what the bytes mean. Its caller holds the lock.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from triage.errors import WriteFailed
from triage.store.disk import (
    APPEND,
    READ,
    Disk,
    Seen,
    is_not_allowed,
    look,
    open_private,
    put_whole,
    read_from,
    sync_folder,
    write_all,
)

if TYPE_CHECKING:
    from pathlib import Path


class AppendFile:
    """A file that may be there or not, and is open once it was read or made."""

    def __init__(self, path: Path, disk: Disk, *, durable: bool) -> None:
        self.path = path
        self.disk = disk
        self.durable = durable
        """Whether a write is safe when it returns. A cache that can be fetched again need not be."""
        self.seen: Seen | None = None
        """Which file is open, and up to which byte it is known."""
        self.refusal = ""
        """Why nothing can be written until it is opened by another process or once more; empty if it can."""
        self.is_poisoned = False
        """What is known of it stays as it is, whatever becomes of the file."""
        self._fd: int | None = None

    @property
    def is_open(self) -> bool:
        """Tell whether there is a file to append to."""
        return self._fd is not None

    def look(self) -> Seen | None:
        """Return which file is there now; OSError as it comes."""
        return look(self.disk, self.path)

    def open(self) -> tuple[int, bytes]:
        """Open the file that is there now and return it with all its bytes; `adopt` it, or close it."""
        fd = self._open()
        try:
            return fd, read_from(self.disk, fd, 0)
        except BaseException:
            self.disk.close(fd)
            raise

    def adopt(self, fd: int, seen: Seen) -> None:
        """Make this the open file."""
        self.close()
        self._fd, self.seen = fd, seen

    def known_to(self, end: int) -> None:
        """Take note that the file is known up to a byte."""
        assert self.seen is not None
        self.seen = Seen(self.seen.device, self.seen.inode, end)

    def unread(self) -> bytes:
        """Return the bytes behind what is known."""
        assert self._fd is not None
        assert self.seen is not None
        return read_from(self.disk, self._fd, self.seen.size)

    def settle(self, fd: int | None = None) -> None:
        """Make safe what will be shown: another process may have died between its write and its fsync.

        With a file that is not adopted yet, its name is made safe too.
        """
        target = self._fd if fd is None else fd
        assert target is not None
        if not self.durable or self.refusal:
            return
        try:
            self.disk.fsync(target)
            if fd is not None:
                sync_folder(self.disk, self.path.parent)
        except OSError as error:
            self.poison(f"{self.path.name}: {error.strerror}")
            raise

    def append(self, line: bytes) -> None:
        """Write one record and make it safe; after WriteFailed nothing of it is there."""
        assert self._fd is not None
        is_written = False
        try:
            write_all(self.disk, self._fd, line)
            is_written = True
            if self.durable:
                self.disk.fsync(self._fd)
        except OSError as error:
            self._take_back(self._fd)
            if is_written:
                # A second fsync would say yes with nothing written: PostgreSQL's wiki, "Fsync Errors".
                self.poison(f"{self.path.name}: {error.strerror}")
            raise self._failed(error) from error
        except BaseException:
            self._take_back(self._fd)
            raise
        assert self.seen is not None
        self.known_to(self.seen.size + len(line))

    def put(self, data: bytes) -> None:
        """Write a whole new file and give it the name; after WriteFailed the old one may still be there."""
        try:
            fd = put_whole(self.disk, self.path, data)
        except OSError as error:
            raise self._failed(error) from error
        try:
            self._adopt_new(fd)
            sync_folder(self.disk, self.path.parent)
        except OSError as error:
            self.poison(f"{self.path.parent}: {error.strerror}")
            raise self._failed(error) from error

    def cut(self, end: int) -> None:
        """Cut off what is behind a byte; OSError as it comes.

        Not synced: if the power goes first, the same bytes are met once more.
        """
        assert self._fd is not None
        self.disk.ftruncate(self._fd, end)

    def refuse_if_it_must(self) -> None:
        """Raise WriteFailed while nothing can be written."""
        if self.refusal:
            raise WriteFailed(self.refusal)

    def refuse(self, why: str) -> None:
        """Write nothing from now on."""
        self.refusal = f"{why}. Nothing is recorded until triage is started again."

    def poison(self, why: str) -> None:
        """Neither write nor read from now on."""
        self.is_poisoned = True
        self.refuse(why)

    def close(self) -> None:
        """Give the file back; harmless when done already."""
        if self._fd is not None:
            self.disk.close(self._fd)
        self._fd = self.seen = None

    def _open(self) -> int:
        try:
            return open_private(self.disk, self.path, APPEND)
        except OSError as error:
            if not is_not_allowed(error):
                raise
            self.refusal = f"{self.path.name} cannot be written: {error.strerror}."
            return open_private(self.disk, self.path, READ)

    def _adopt_new(self, fd: int) -> None:
        try:
            seen = look(self.disk, fd)
        except BaseException:
            self.disk.close(fd)
            raise
        assert seen is not None
        self.adopt(fd, seen)

    def _take_back(self, fd: int) -> None:
        assert self.seen is not None
        try:
            self.disk.ftruncate(fd, self.seen.size)
        except OSError as error:
            self.poison(f"{self.path.name}: {error.strerror}")

    def _failed(self, error: OSError) -> WriteFailed:
        return WriteFailed(f"{self.path.name}: {error.strerror}: nothing was recorded.")
