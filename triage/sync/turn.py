"""Whose turn it is to send: one sender per profile, app or cron. The lock dies with its process."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from msgspec import Struct

from triage.errors import WriteFailed


class Holder(Struct, frozen=True):
    """Who sends at this moment."""

    pid: int | None
    since: datetime | None


@contextmanager
def turn(path: Path, now: datetime) -> Iterator[Holder | None]:
    """Take the turn for the length of the block; yields None when it was free, else who has it."""
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise WriteFailed(f"{path.name} cannot be opened: {error.strerror}.") from error
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield _holder(handle)
            return
        note = json.dumps({"pid": os.getpid(), "since": now.isoformat()}).encode()
        with suppress(OSError):  # on a full disk the lock holds all the same, without saying whose it is
            os.ftruncate(handle, 0)
            os.pwrite(handle, note, 0)
        yield None
    finally:
        os.close(handle)


def _holder(handle: int) -> Holder:
    try:
        note = json.loads(os.pread(handle, 1000, 0))
        return Holder(int(note["pid"]), datetime.fromisoformat(note["since"]))
    except (ValueError, KeyError, TypeError):
        return Holder(None, None)
