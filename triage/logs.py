"""What this process does, told to a log: one line an event, of our own words, ids and counts.

Owns how a record becomes a line. Must never hold a lead's text, a secret or a control byte, never make anyone
wait for the disk, and never fail: what cannot be written is left out.
"""

from __future__ import annotations

import contextlib
import logging
import os
import queue
import sys
import threading
import traceback
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Final

from triage.logfile import LogFile
from triage.redaction import redacted
from triage.text import clean

NAME: Final = "triage.log"
OURS: Final = ("triage", "screens", "config")
_LONGEST: Final = 1_000
_AT_MOST_WAITING: Final = 1_000
"""Lines kept for a disk that does not answer."""
_LAST_LINES_WITHIN: Final = 1.0
"""Seconds that the last lines may hold up the end."""


class Line(logging.Formatter):
    """`2026-11-17T09:00:00.123Z 4711 INFO sync finished applied=3`.

    Our own records are told in full. Of other people's only who and which exception: their words may quote
    anything. Of an exception only its class and our last frame: its text may be a lead's.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return one clean line."""
        when = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        words = record.getMessage() if _is_ours(record.name) else record.name
        error = record.exc_info[1] if record.exc_info else None
        if error is not None:
            words = f"{words} {named(error)}"
        stamp = when.replace("+00:00", "Z")
        return f"{stamp} {os.getpid()} {record.levelname} {clean(redacted(words), limit=_LONGEST)}"


class Log(logging.Handler):
    """Writes lines on a thread of its own, so that no key press waits for a disk."""

    def __init__(self, file: LogFile) -> None:
        super().__init__()
        self._file = file
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self.setFormatter(Line())

    def emit(self, record: logging.LogRecord) -> None:
        """Hand a line over."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._write, name="log", daemon=True)
            self._thread.start()
        if self._lines.qsize() < _AT_MOST_WAITING:
            # A log is never the reason why something else fails, not even by a record that cannot be told.
            with contextlib.suppress(ValueError, TypeError, RuntimeError):
                self._lines.put(self.format(record))

    def close(self) -> None:
        """Write what waits, if the disk answers in time."""
        if self._thread is not None:
            self._lines.put(None)
            self._thread.join(_LAST_LINES_WITHIN)
            self._thread = None
        super().close()

    def _write(self) -> None:
        while (line := self._lines.get()) is not None:
            with contextlib.suppress(OSError):
                self._file.append(line)


def keep(folder: Path) -> Log:
    """Log to a folder from now on, instead of to the terminal; whatever fails unseen is told too.

    Take the log away with `forget`.
    """
    log = Log(LogFile(folder / NAME))
    logging.getLogger().addHandler(log)
    for name in OURS:
        logging.getLogger(name).setLevel(logging.INFO)
    # httpx tells whole addresses at INFO.
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)
    threading.excepthook = _tell_thread
    sys.unraisablehook = _tell_unraisable
    return log


def forget(log: Log) -> None:
    """Write the last lines, and log no more."""
    logging.getLogger().removeHandler(log)
    log.close()
    threading.excepthook = threading.__excepthook__
    sys.unraisablehook = sys.__unraisablehook__


def named(error: BaseException) -> str:
    """Return an exception's class and where in our code it came from: `KeyError at triage.sync.fetch:88`."""
    place = _last_of_ours(error.__traceback__)
    return f"{type(error).__qualname__} at {place}" if place else type(error).__qualname__


def _last_of_ours(trace: TracebackType | None) -> str:
    ours = [
        f"{module}:{line}"
        for frame, line in traceback.walk_tb(trace)
        if _is_ours(module := str(frame.f_globals.get("__name__", "")))
    ]
    return ours[-1] if ours else ""


def _is_ours(name: str) -> bool:
    return name.partition(".")[0] in OURS


def _tell_thread(failure: threading.ExceptHookArgs) -> None:
    if failure.exc_value is not None:
        thread = failure.thread.name if failure.thread else "?"
        _log.error("thread %s ended %s", thread, named(failure.exc_value))


def _tell_unraisable(failure: sys.UnraisableHookArgs) -> None:
    if failure.exc_value is not None:
        _log.error("not raised %s", named(failure.exc_value))


_log = logging.getLogger(__name__)
