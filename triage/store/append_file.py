"""One file that only grows at its end or is replaced as a whole, and the reason why it may not be written.

Owns the open file: which one it is, up to where it is known, writing with taking back, and saying no. Must
never look at what the bytes mean. Its caller holds the lock.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from triage.errors import WriteFailed
from triage.store.bodies import OpenFile
from triage.store.disk import (
    APPEND,
    READ,
    Disk,
    Seen,
    is_not_allowed,
    look,
    open_private,
    put_whole,
    sync_folder,
    write_all,
)

if TYPE_CHECKING:
    from collections.abc import Iterable
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
        self._file: OpenFile | None = None

    @property
    def is_open(self) -> bool:
        """Tell whether there is a file to append to."""
        return self._file is not None

    @property
    def file(self) -> OpenFile:
        """The open file."""
        assert self._file is not None
        return self._file

    @property
    def current(self) -> OpenFile | None:
        """The open file, if there is one."""
        return self._file

    @property
    def damage(self) -> int | None:
        """Offset of a document that was found damaged when someone read it; None if none was."""
        return None if self._file is None else self._file.damage

    def look(self) -> Seen | None:
        """Return which file is there now; OSError as it comes."""
        return look(self.disk, self.path)

    def open(self) -> OpenFile:
        """Open the file that is there now; `adopt` it, or close it."""
        return OpenFile(self.path, self.disk, self._open())

    def adopt(self, file: OpenFile, seen: Seen) -> None:
        """Make this the open file. The one before is closed when nobody holds a document of it."""
        if self._file is not None and not self._file.is_lent:
            self._file.close()
        self._file, self.seen = file, seen

    def known_to(self, end: int) -> None:
        """Take note that the file is known up to a byte."""
        assert self.seen is not None
        self.seen = Seen(self.seen.device, self.seen.inode, end)

    def settle(self, file: OpenFile | None = None) -> None:
        """Make safe what will be shown: another process may have died between its write and its fsync.

        With a file that is not adopted yet, its name is made safe too.
        """
        if not self.durable or self.refusal:
            return
        try:
            self.disk.fsync((file or self.file).fd)
            if file is not None:
                sync_folder(self.disk, self.path.parent)
        except OSError as error:
            self.poison(f"{self.path.name}: {error.strerror}")
            raise

    def append(self, line: bytes | memoryview) -> None:
        """Write one record and make it safe; after WriteFailed nothing of it is there."""
        fd, is_written = self.file.fd, False
        try:
            write_all(self.disk, fd, line)
            is_written = True
            if self.durable:
                self.disk.fsync(fd)
        except OSError as error:
            self._take_back(fd)
            if is_written:
                # A second fsync would say yes with nothing written: PostgreSQL's wiki, "Fsync Errors".
                self.poison(f"{self.path.name}: {error.strerror}")
            raise self._failed(error) from error
        except BaseException:
            self._take_back(fd)
            raise
        assert self.seen is not None
        self.known_to(self.seen.size + len(line))

    def put(self, lines: Iterable[bytes], file: OpenFile) -> None:
        """Write a whole new file and give it the name; after WriteFailed the old one may still be there.

        `file` becomes the open one: documents that lie in it may know of it before it is written.
        """
        try:
            fd = put_whole(self.disk, self.path, lines)
        except OSError as error:
            raise self._failed(error) from error
        try:
            file.opened(fd)
            self._adopt_new(file)
            sync_folder(self.disk, self.path.parent)
        except OSError as error:
            self.poison(f"{self.path.parent}: {error.strerror}")
            raise self._failed(error) from error

    def cut(self, end: int) -> None:
        """Cut off what is behind a byte; OSError as it comes.

        Not synced: if the power goes first, the same bytes are met once more.
        """
        self.disk.ftruncate(self.file.fd, end)

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
        """Give the file back, whoever holds a document of it; harmless when done already."""
        if self._file is not None:
            self._file.close()
        self._file = self.seen = None

    def _open(self) -> int:
        try:
            return open_private(self.disk, self.path, APPEND)
        except OSError as error:
            if not is_not_allowed(error):
                raise
            self.refusal = f"{self.path.name} cannot be written: {error.strerror}."
            return open_private(self.disk, self.path, READ)

    def _adopt_new(self, file: OpenFile) -> None:
        try:
            seen = look(self.disk, file.fd)
        except BaseException:
            file.close()
            raise
        assert seen is not None
        self.adopt(file, seen)

    def _take_back(self, fd: int) -> None:
        assert self.seen is not None
        try:
            self.disk.ftruncate(fd, self.seen.size)
        except OSError as error:
            self.poison(f"{self.path.name}: {error.strerror}")

    def _failed(self, error: OSError) -> WriteFailed:
        return WriteFailed(f"{self.path.name}: {error.strerror}: nothing was recorded.")
