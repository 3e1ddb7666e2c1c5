"""How every run ends: each error becomes a sentence, a hint and an exit code. Knows no command.

Loads no command-line library: the app starts without it.
"""

from __future__ import annotations

import errno
import io
import os
import sys
from collections.abc import Callable

from triage.cli import logbook, narration
from triage.errors import TriageError


def to_code(work: Callable[[], int]) -> int:
    """Do the work of a command line and return its exit code."""
    _never_fail_to_print()
    code = _ended(work)
    logbook.end(code)
    return code


def _never_fail_to_print() -> None:
    """Let a character that the terminal's encoding lacks be written as an escape."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _ended(work: Callable[[], int]) -> int:
    """Do it, and turn each way to end into an exit code."""
    try:
        return work()
    except TriageError as error:
        narration.failure(error)
        return error.exit_code
    except KeyboardInterrupt:
        return interrupted()
    except OSError as error:
        return _unprinted(error)
    # The boundary: a traceback would tell a rep nothing, and might show a lead.
    except Exception as error:  # noqa: BLE001 - whatever it is, it is reported
        return logbook.broke(error)


def interrupted() -> int:
    """Say that it was interrupted; returns the exit code."""
    narration.say("\nInterrupted. What was acknowledged is saved.")
    return 130


def _unprinted(error: OSError) -> int:
    """Take a reader that has had enough as an end, a full disk behind the output as a failure."""
    if error.errno not in (errno.EPIPE, errno.ENOSPC, errno.EIO):
        return logbook.broke(error)
    # The interpreter flushes once more at exit; that must not fail too.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    if error.errno == errno.EPIPE:
        return 0
    narration.say(f"triage: the output could not be written: {error.strerror}.")
    narration.say("  What was decided is saved.")
    return 1
