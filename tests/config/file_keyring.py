"""A keyring in a folder, one file an entry, for tests in which several processes share one."""

from __future__ import annotations

import contextlib
import hashlib
import os
from pathlib import Path


class FileKeyring:
    """Keeps each entry whole, whoever writes at the same time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def get_password(self, service: str, username: str) -> str | None:
        with contextlib.suppress(FileNotFoundError):
            return self._path(service, username).read_text()
        return None

    def set_password(self, service: str, username: str, password: str) -> None:
        path = self._path(service, username)
        draft = path.with_suffix(f".{os.getpid()}")
        draft.write_text(password)
        draft.replace(path)

    def delete_password(self, service: str, username: str) -> None:
        self._path(service, username).unlink()

    def _path(self, service: str, username: str) -> Path:
        return self.folder / hashlib.sha256(f"{service}\n{username}".encode()).hexdigest()[:16]
