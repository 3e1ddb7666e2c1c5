"""A file of lines that several processes may append to: whole lines, a bounded size, for this user only.

Owns rotation: `triage.log`, `triage.log.1`, `triage.log.2`. Raises OSError where the system refuses, and must
never raise anything else.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Final

from msgspec import Struct

_SAFE: Final = os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
_APPEND: Final = os.O_WRONLY | os.O_APPEND | _SAFE
_PRIVATE: Final = 0o600
_PATIENCE: Final = 0.5
"""Seconds another process may hold the lock; then the line is written all the same, without rotation."""
_POLL: Final = 0.005


class LogFile(Struct, frozen=True):
    """One log and its two older parts; `largest` is in bytes, each."""

    path: Path
    largest: int = 1_000_000
    kept: int = 3

    def append(self, line: str) -> None:
        """Add one line; OSError if it was not written, and then none of it is."""
        data = line.encode(errors="backslashreplace") + b"\n"
        with self._locked() as is_ours:
            if is_ours and self._size() + len(data) > self.largest:
                self._rotate()
            # Opened for each line, so that a rotation by another process needs no message. Lines are few.
            handle = self._open()
            try:
                size = os.fstat(handle).st_size
                if os.write(handle, data) < len(data) and is_ours:
                    os.ftruncate(handle, size)  # a half line would swallow the next one
            finally:
                os.close(handle)

    def _size(self) -> int:
        with contextlib.suppress(FileNotFoundError):
            return self.path.stat().st_size
        return 0

    def _open(self) -> int:
        handle = os.open(self.path, _APPEND, _PRIVATE)
        with contextlib.suppress(PermissionError):
            os.fchmod(handle, _PRIVATE)
        return handle

    def _rotate(self) -> None:
        parts = [self.path, *(self.path.with_name(f"{self.path.name}.{n}") for n in range(1, self.kept))]
        for newer, older in reversed(list(pairwise(parts))):
            with contextlib.suppress(FileNotFoundError):
                newer.replace(older)

    @contextlib.contextmanager
    def _locked(self) -> Iterator[bool]:
        """Hold the lock that all processes share, if it can be had in time; yields whether."""
        lock = os.open(self.path.with_name(f"{self.path.name}.lock"), os.O_RDWR | _SAFE, _PRIVATE)
        try:
            yield _acquired(lock)
        finally:
            os.close(lock)


def _acquired(lock: int) -> bool:
    until = time.monotonic() + _PATIENCE
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= until:
                return False
            time.sleep(_POLL)
        else:
            return True
