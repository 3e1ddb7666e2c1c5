"""The calls to the operating system that a journal makes, in one object that a test can replace.

Owns how a file or folder of ours is opened: for this user only, never another user's, never through a
symbolic link, never inherited by a child process. Must never decide what is written.

A second name of a file (a hard link) is no reason to refuse: in a folder that is closed to others only the
user, or a backup of theirs, can have made it. What is written afresh goes into a file of its own and is
renamed, so no other name of anything is ever cut or overwritten.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import stat
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from triage.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

PRIVATE_FILE: Final = 0o600
PRIVATE_FOLDER: Final = 0o700
# Without O_NONBLOCK, opening a pipe that lies there would wait for ever; on a file it means nothing.
_SAFE: Final = os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
APPEND: Final = os.O_RDWR | os.O_APPEND | _SAFE
READ: Final = os.O_RDONLY | _SAFE
AFRESH: Final = APPEND | os.O_CREAT | os.O_EXCL
LOCKFILE: Final = os.O_RDWR | os.O_CREAT | _SAFE
_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_CHUNK: Final = 1 << 24
_PIECE: Final = 1 << 20
_NOT_ALLOWED: Final = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})


class Seen(NamedTuple):
    """What `stat` says of a file: which one it is, and how many bytes it has."""

    device: int
    inode: int
    size: int


def whole_flush(control: Any, plain: Callable[[int], None]) -> Callable[[int], None]:
    """Return what makes a file safe: `plain` (fsync), and on macOS what flushes the drive too.

    There `fsync` alone leaves the data in the drive's cache (fsync(2) of macOS). `control` is the module
    fcntl; it names F_FULLFSYNC only on macOS. A file system that does not know it gets the plain one.
    """
    command = getattr(control, "F_FULLFSYNC", None)
    if command is None:
        return plain

    def flush(fd: int) -> None:
        try:
            control.fcntl(fd, command)
        except OSError as error:
            if error.errno not in {errno.ENOTSUP, errno.EINVAL}:
                raise
            plain(fd)

    return flush


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
    fsync = staticmethod(whole_flush(fcntl, os.fsync))


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
        if flags & os.O_EXCL:
            discard(disk, fd, path)
        else:
            disk.close(fd)
        raise
    return fd


def _keep_private(disk: Disk, fd: int, path: Path) -> None:
    found = disk.fstat(fd)
    if not stat.S_ISREG(found.st_mode):
        raise StoreError(f"{path} is not a regular file.")
    if found.st_uid != os.geteuid():
        raise StoreError(
            f"{path} belongs to another user.",
            hint="Nothing of it was read. Run triage as that user, or set TRIAGE_HOME to a folder of yours.",
        )
    if stat.S_IMODE(found.st_mode) != PRIVATE_FILE:
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


def write_all(disk: Disk, fd: int, data: bytes | memoryview) -> None:
    """Write all bytes, in one call if the system takes them; OSError with a part written when it does not."""
    done = disk.write(fd, data)
    while done < len(data):
        done += disk.write(fd, memoryview(data)[done:])


def open_afresh(disk: Disk, path: Path) -> int:
    """Open a new, empty file; one that a killed process left there, or a link, is removed, never followed."""
    try:
        return open_private(disk, path, AFRESH)
    except FileExistsError:
        disk.unlink(path)
        return open_private(disk, path, AFRESH)


def put_whole(disk: Disk, path: Path, lines: Iterable[bytes], *, durable: bool = True) -> int:
    """Write a new file beside and give it the name; return it, open. The name is safe after `sync_folder`."""
    beside = path.with_name(path.name + ".new")
    fd = open_afresh(disk, beside)
    try:
        for piece in _pieces(lines):
            write_all(disk, fd, piece)
        if durable:
            disk.fsync(fd)
        disk.replace(beside, path)
    except BaseException:
        discard(disk, fd, beside)
        raise
    return fd


def _pieces(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Put lines together to what is worth a call; a file of any size needs the room of one piece."""
    piece: list[bytes] = []
    size = 0
    for line in lines:
        piece.append(line)
        size += len(line)
        if size >= _PIECE:
            yield b"".join(piece)
            piece, size = [], 0
    yield b"".join(piece)


def discard(disk: Disk, fd: int, path: Path) -> None:
    """Close and remove a file that was not finished, as far as the system lets us."""
    disk.close(fd)
    with contextlib.suppress(OSError):
        disk.unlink(path)


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
