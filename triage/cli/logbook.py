"""The log of this process and its crash reports: begun with a command, ended with its exit code.

Must never keep a command from its work: where the folder of logs cannot be used, there is none.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING

from triage import __version__
from triage.cli import narration
from triage.errors import ConfigError, TriageError

if TYPE_CHECKING:
    from pathlib import Path

    from config.paths import Paths
    from triage.logs import Log

DEVELOPER = "TRIAGE_DEV"
"""Set to 1: errors are shown as they are, and the toolkit's own logs are allowed."""
_TOKENS = "TRIAGE_TOKEN"
_kept: list[Log] = []
_command: list[str] = ["triage"]


def is_developer() -> bool:
    """Whether someone works on triage itself: then what a bug says may be shown."""
    return os.environ.get(DEVELOPER) == "1"


def begin(command: str, profile: str | None) -> None:
    """Log that a command begins, from here on, if this home is in use: a look around leaves no trace."""
    from config.paths import paths

    _command[:] = [command]
    places = paths(os.environ)
    if places.settings_file.exists() or places.state.exists():
        keep(places, profile)


def keep(places: Paths, profile: str | None) -> None:
    """Keep a log, unless one is kept already."""
    if _kept:
        return
    from config.paths import private_folder
    from triage.logs import keep as keep_log

    with suppress(ConfigError):
        folder = private_folder(places.logs)
        _hide_tokens()
        _kept.append(keep_log(folder))
        _tell("%s begun version=%s profile=%s", _command[0], __version__, profile or "-")


def note_damage(notices: Iterable[str]) -> None:
    """Log what was found damaged in the local files."""
    for notice in notices:
        _tell("damage: %s", notice)


def end(code: int) -> None:
    """Log how the command ended, and close the log."""
    if _kept:
        _tell("%s ended code=%d", _command[0], code)
        from triage.logs import forget

        forget(_kept.pop())


def path_in(folder: Path) -> Path:
    """Return where the log is in the folder of logs."""
    from triage.logs import NAME

    return folder / NAME


def state() -> str:
    """Say where the log is, with how many crash reports beside it; ConfigError if it cannot be written."""
    from config.paths import paths
    from triage.crash import reports

    folder = paths(os.environ).logs
    if folder.exists() and not (folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)):
        raise ConfigError(f"Nothing is logged: {folder} cannot be written.", hint="Mend its permissions.")
    count = len(reports(folder))
    return f"{path_in(folder)}, {count} crash {'report' if count == 1 else 'reports'}"


def broke(error: Exception) -> int:
    """Take a bug: write a report, say so in a sentence, and return the exit code. A developer is shown it."""
    if is_developer():
        raise error
    report = _report(error)
    _tell("crashed %s report=%s", _named(error), report.name if report else "none")
    narration.failure(
        TriageError(
            f"Something is wrong in triage itself ({type(error).__name__}). What was acknowledged is saved.",
            hint=f"{report} says where, and holds no lead: please send it along."
            if report
            else "No report could be written; TRIAGE_DEV=1 shows the error itself.",
        )
    )
    return 1


def _report(error: Exception) -> Path | None:
    from config.paths import paths, private_folder
    from triage.clock import utc_now
    from triage.crash import write_report

    _hide_tokens()
    try:
        folder = private_folder(paths(os.environ).logs)
        return write_report(folder, error, command=_command[0], now=utc_now())
    except (OSError, ConfigError):
        return None


def _hide_tokens() -> None:
    from triage.redaction import hide

    for name, value in os.environ.items():
        if name.startswith(_TOKENS):
            hide(value)


def _named(error: Exception) -> str:
    from triage.logs import named

    return named(error)


def _tell(words: str, *facts: object) -> None:
    if _kept:
        import logging

        logging.getLogger(__name__).info(words, *facts)
