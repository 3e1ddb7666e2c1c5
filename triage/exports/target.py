"""A file to export to: whole or not there, for this user only, and never over another one by mistake."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Final

from triage.errors import ExportFailed, UsageError

_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_NO_LINKS: Final = frozenset({errno.EPERM, errno.EOPNOTSUPP, errno.ENOTSUP, errno.EMLINK, errno.ENOSYS})
"""How a file system says that it has no hard links."""


def write_export(path: Path, text: str, *, force: bool) -> None:
    """Write a file, 0600 and durable before it has its name.

    UsageError if something is there already: with `force`, only if it is no plain file. ExportFailed where
    the system refuses; then nothing was changed.
    """
    with _draft_of(path, force=force) as draft:
        _write(draft, text.encode(errors="backslashreplace"))


@contextlib.contextmanager
def export_in_parts(path: Path, *, force: bool) -> Iterator[Callable[[str], object]]:
    """Yield what writes a part of a file, which has its name once the block ends: whole, 0600, durable.

    For what is too much to hold; else as `write_export`. A block that raises leaves nothing.
    """
    with _draft_of(path, force=force) as draft, _private(draft) as file:
        yield lambda text: file.write(text.encode(errors="backslashreplace"))
        file.flush()
        os.fsync(file.fileno())


@contextlib.contextmanager
def _draft_of(path: Path, *, force: bool) -> Iterator[Path]:
    """Yield a name to write under; it becomes the file's when the block ends, and goes when it raises."""
    _refuse(path, force=force)
    folder = _opened(path)
    draft = path.with_name(f".{secrets.token_hex(8)}.tmp")
    try:
        yield draft
        if force:
            draft.replace(path)
        else:
            _name(draft, path)
        os.fsync(folder)
    except FileExistsError:
        raise _exists(path) from None
    except OSError as error:
        raise _failed(path, error) from error
    finally:
        os.close(folder)
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)


def made_folder(path: Path) -> Path:
    """Make a folder to export to, for this user only, unless it is there. ExportFailed where it cannot be."""
    try:
        path.mkdir(mode=0o700, exist_ok=True)
    except FileExistsError:
        raise UsageError(f"{path} is not a folder.", hint="Name a folder, or another one.") from None
    except OSError as error:
        raise _failed(path, error) from error
    return path


def _opened(path: Path) -> int:
    """Open the folder before anything is written: in one that cannot be read no name is made durable."""
    try:
        return os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except PermissionError as error:
        problem = f"{path} was not written: the folder {path.parent} cannot be read."
        raise ExportFailed(problem, hint="Allow reading it, or name a file in another folder.") from error
    except OSError as error:
        raise _failed(path, error) from error


def _failed(path: Path, error: OSError) -> ExportFailed:
    """Return the error for a file that the system refuses: what is wrong, and what to do about it."""
    folder = path.parent
    if error.errno == errno.ENOENT:
        return ExportFailed(
            f"{path} was not written: there is no folder {folder}.", hint="Make it, or name a file elsewhere."
        )
    if error.errno == errno.ENOTDIR:
        return ExportFailed(
            f"{path} was not written: {folder} is not a folder.", hint="Name a file in a folder."
        )
    return ExportFailed(f"{path} was not written: {error.strerror}.")


def _refuse(path: Path, *, force: bool) -> None:
    try:
        kind = path.lstat().st_mode
    except FileNotFoundError:
        return
    except OSError as error:
        raise _failed(path, error) from error
    if not stat.S_ISREG(kind) and not stat.S_ISLNK(kind):
        raise UsageError(f"{path} is not a file.", hint="Name a file to write, or leave -o out.")
    if not force:
        raise _exists(path)


def _exists(path: Path) -> UsageError:
    return UsageError(f"{path} is there already.", hint="--force replaces it.")


def _write(draft: Path, data: bytes) -> None:
    with _private(draft) as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


@contextlib.contextmanager
def _private(draft: Path) -> Iterator[IO[bytes]]:
    """Open a new file for this user only."""
    with os.fdopen(os.open(draft, _NEW, 0o600), "wb") as file:
        os.fchmod(file.fileno(), 0o600)
        yield file


def _name(draft: Path, path: Path) -> None:
    """Give the draft its name, unless someone took that name meanwhile."""
    try:
        os.link(draft, path, follow_symlinks=False)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        draft.replace(path)
