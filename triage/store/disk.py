"""The calls to the operating system that a journal makes, in one object that a test can replace.

Owns how a file or folder of ours is opened: for this user only, never through a symbolic link, never
inherited by a child process. Must never decide what is written.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import stat
import sys
from typing import TYPE_CHECKING, Final, NamedTuple

from triage.errors import StoreError

if TYPE_CHECKING:
    from pathlib import Path

PRIVATE_FILE: Final = 0o600
PRIVATE_FOLDER: Final = 0o700
_SAFE: Final = os.O_CLOEXEC | os.O_NOFOLLOW
APPEND: Final = os.O_RDWR | os.O_APPEND | _SAFE
READ: Final = os.O_RDONLY | _SAFE
AFRESH: Final = APPEND | os.O_CREAT | os.O_TRUNC
ASIDE: Final = APPEND | os.O_CREAT | os.O_EXCL
LOCKFILE: Final = os.O_RDWR | os.O_CREAT | _SAFE
_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_CHUNK: Final = 1 << 24
_NOT_ALLOWED: Final = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})


class Seen(NamedTuple):
    """What `stat` says of a file: which one it is, and how many bytes it has."""

    device: int
    inode: int
    size: int


class Disk:
    """The operating system's calls, as they are. A test makes a subclass that records them, or fails."""

    open = staticmethod(os.open)
    close = staticmethod(os.close)
    write = staticmethod(os.write)
    pread = staticmethod(os.pread)
    ftruncate = staticmethod(os.ftruncate)
    replace = staticmethod(os.replace)
    unlink = staticmethod(os.unlink)
    mkdir = staticmethod(os.mkdir)
    stat = staticmethod(os.stat)
    fstat = staticmethod(os.fstat)
    chmod = staticmethod(os.chmod)
    fchmod = staticmethod(os.fchmod)
    flock = staticmethod(fcntl.flock)

    if sys.platform == "darwin":

        @staticmethod
        def fsync(fd: int) -> None:
            """Flush the drive too: `fsync` alone leaves the data in its cache (fsync(2) of macOS)."""
            try:
                fcntl.fcntl(fd, fcntl.F_FULLFSYNC)
            except OSError as error:
                if error.errno not in {errno.ENOTSUP, errno.EINVAL}:
                    raise
                os.fsync(fd)
    else:
        fsync = staticmethod(os.fsync)


def is_not_allowed(error: OSError) -> bool:
    """Tell whether this is about permissions, or a read-only file system."""
    return error.errno in _NOT_ALLOWED


def open_private(disk: Disk, path: Path, flags: int) -> int:
    """Open a file of ours, for this user only; OSError as it comes, StoreError for what is no plain file."""
    try:
        fd = disk.open(path, flags, PRIVATE_FILE)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise StoreError(f"{path} is a symbolic link, and is not followed.") from error
        raise
    try:
        _keep_private(disk, fd, path)
    except BaseException:
        disk.close(fd)
        raise
    return fd


def _keep_private(disk: Disk, fd: int, path: Path) -> None:
    mode = disk.fstat(fd).st_mode
    if not stat.S_ISREG(mode):
        raise StoreError(f"{path} is not a regular file.")
    if stat.S_IMODE(mode) != PRIVATE_FILE:
        # Not ours to change, for example on a read-only mount: reading may go on.
        with contextlib.suppress(PermissionError, OSError):
            disk.fchmod(fd, PRIVATE_FILE)


def look(disk: Disk, target: Path | int) -> Seen | None:
    """Return which file is at a path, or behind a descriptor; None if there is none."""
    try:
        seen = disk.fstat(target) if isinstance(target, int) else disk.stat(target)
    except FileNotFoundError:
        return None
    return Seen(seen.st_dev, seen.st_ino, seen.st_size)


def read_from(disk: Disk, fd: int, offset: int) -> bytes:
    """Return all bytes from `offset` to the end."""
    chunks: list[bytes] = []
    while chunk := disk.pread(fd, _CHUNK, offset):
        chunks.append(chunk)
        offset += len(chunk)
    return b"".join(chunks)


def write_all(disk: Disk, fd: int, data: bytes) -> None:
    """Write all bytes, in one call if the system takes them; OSError with a part written when it does not."""
    done = disk.write(fd, data)
    while done < len(data):
        done += disk.write(fd, memoryview(data)[done:])


def put_whole(disk: Disk, path: Path, data: bytes) -> int:
    """Write a new file beside and give it the name; return it, open. The name is safe after `sync_folder`."""
    beside = path.with_name(path.name + ".new")
    fd = open_private(disk, beside, AFRESH)
    try:
        write_all(disk, fd, data)
        disk.fsync(fd)
        disk.replace(beside, path)
    except BaseException:
        disk.close(fd)
        with contextlib.suppress(OSError):
            disk.unlink(beside)
        raise
    return fd


def sync_folder(disk: Disk, folder: Path) -> None:
    """Make the names in a folder survive a power loss."""
    fd = disk.open(folder, _FOLDER, 0)
    try:
        disk.fsync(fd)
    finally:
        disk.close(fd)


def make_folder(disk: Disk, folder: Path) -> None:
    """Make a folder and what lacks above it, each for this user only; their names survive a power loss."""
    if look(disk, folder) is not None:
        return
    make_folder(disk, folder.parent)
    with contextlib.suppress(FileExistsError):
        disk.mkdir(folder, PRIVATE_FOLDER)
        # A umask may have taken from the user too.
        disk.chmod(folder, PRIVATE_FOLDER)
    sync_folder(disk, folder.parent)
