"""The report of an error nobody foresaw: where in the code, and nothing else.

Owns the files `crash-STAMP-PID.txt`. Must never hold a variable's value or an exception's text: both may be a
lead's, or a secret.
"""

from __future__ import annotations

import contextlib
import linecache
import os
import platform
import traceback
from collections.abc import Iterator
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

from triage import __version__
from triage.redaction import redacted
from triage.text import clean_note

KEPT: Final = 5
_NAMES: Final = "crash-*.txt"
_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_LIBRARIES: Final = ("textual", "httpx", "tinydb", "keyring", "click", "msgspec")


def write_report(folder: Path, error: BaseException, *, command: str, now: datetime) -> Path:
    """Write a report for this user only and return where it is; keeps the last few. OSError as it comes."""
    path = folder / f"crash-{now:%Y%m%dT%H%M%SZ}-{os.getpid()}.txt"
    handle = os.open(path, _NEW, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
        file.write(clean_note(redacted("\n".join([*_circumstances(command, now), *_story(error)]))) + "\n")
    _drop_old(folder)
    return path


def reports(folder: Path) -> list[Path]:
    """Return the reports that are kept, the oldest first."""
    with contextlib.suppress(OSError):
        return sorted(folder.glob(_NAMES))
    return []


def _drop_old(folder: Path) -> None:
    for old in reports(folder)[:-KEPT]:
        with contextlib.suppress(OSError):
            old.unlink()


def _circumstances(command: str, now: datetime) -> Iterator[str]:
    yield f"triage {__version__}, {command}, {now:%Y-%m-%dT%H:%M:%SZ}"
    yield f"Python {platform.python_version()} on {platform.system()}, TERM={os.environ.get('TERM', '')}"
    yield ", ".join(f"{name} {_version_of(name)}" for name in _LIBRARIES)
    yield "Values of variables and texts of exceptions are left out: they may hold leads."


def _version_of(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "is not installed"


def _story(error: BaseException, depth: int = 0) -> Iterator[str]:
    """Yield an exception with what caused it, the cause first."""
    if depth > KEPT:
        return
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if before is not None:
        yield from _story(before, depth + 1)
        yield ""
        yield "which led to"
    yield ""
    yield f"{type(error).__module__}.{type(error).__qualname__}"
    for frame, line in traceback.walk_tb(error.__traceback__):
        module = frame.f_globals.get("__name__", "?")
        yield f"  {module}:{line} {frame.f_code.co_name}"
        # From the source alone, so it is code and no value.
        yield f"    {linecache.getline(frame.f_code.co_filename, line).strip()}".rstrip()
    if isinstance(error, BaseExceptionGroup):
        for one in error.exceptions:
            yield from _story(one, depth + 1)
