"""Replaces a small file so that a crash leaves the old one or the whole of the next one. Knows no content."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path

from triage.errors import ConfigError


def replace_file(path: Path, text: str) -> None:
    """Write `text` as UTF-8, 0600, durable before it takes the name; ConfigError: nothing was changed.

    A symbolic link at `path` is followed, so that a file kept elsewhere stays there.
    """
    target = path.resolve()
    draft = target.with_name(f".{target.name}.{secrets.token_hex(8)}.tmp")
    try:
        _write(draft, text.encode())
        draft.replace(target)
        _sync_folder(target.parent)
    except OSError as error:
        hint = f"Make room, or mend the permissions of {target.parent}."
        raise ConfigError(f"{path.name} was not saved: {error.strerror}.", hint=hint) from error
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)


def _write(draft: Path, content: bytes) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    with os.fdopen(os.open(draft, flags, 0o600), "wb") as file:
        os.fchmod(file.fileno(), 0o600)
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    """Make the name itself durable: without this the file may be gone after a power cut."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
