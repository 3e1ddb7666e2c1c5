"""Asks a command for the token, without a shell. Shows neither the command nor what it printed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from config.secret import Secret
from triage.errors import ConfigError, CredentialsUnavailable
from triage.text import clean

if TYPE_CHECKING:  # loaded when a command is asked
    import subprocess

VARIABLE = "TRIAGE_TOKEN_COMMAND"
LIMIT = 10.0
"""Seconds until the command is ended."""
_TOKEN_LIKE = 4
"""Characters from which on a printed word is hidden in the complaint."""
_SHOWN = 300
"""Characters of its own complaint that are shown."""


def token_from_command(line: str, environ: Mapping[str, str], *, limit: float = LIMIT) -> Secret:
    """Run the command and return the first line it prints.

    CredentialsUnavailable if it fails, with what it said on stderr; UsageError if the line is no token. The
    command itself is never shown: it may hold a secret, or be one by mistake.
    """
    ended = _run(_words(line), environ, limit)
    printed = ended.stdout.decode(errors="replace")
    if ended.returncode != 0:
        said = _cleaned(ended.stderr.decode(errors="replace"), printed)
        raise _failure(f"ended with {ended.returncode}{': ' + said if said else ''}")
    return Secret.parse(next(iter(printed.splitlines()), ""), f"What {VARIABLE} printed")


def _words(line: str) -> list[str]:
    import shlex  # noqa: PLC0415 - most tokens come from no command

    try:
        words = shlex.split(line)
    except ValueError:
        raise ConfigError(f"{VARIABLE} has a quotation mark without its partner.") from None
    if not words:
        raise ConfigError(f"{VARIABLE} is empty.")
    return words


def _run(words: list[str], environ: Mapping[str, str], limit: float) -> subprocess.CompletedProcess[bytes]:
    import subprocess  # noqa: PLC0415 - most tokens come from no command, and most commands need no token

    # `from None` throughout: the original errors carry the command and what it printed.
    try:
        return subprocess.run(  # noqa: S603 - the user's own command, split into words, no shell
            words,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=limit,
            check=False,
            env=dict(environ),
        )
    except subprocess.TimeoutExpired:
        problem = f"did not answer within {limit:g} s"
    except (OSError, ValueError) as error:
        problem = f"could not be started: {getattr(error, 'strerror', None) or 'not a command'}"
    raise _failure(problem)


def _failure(problem: str) -> CredentialsUnavailable:
    return CredentialsUnavailable(
        f"{VARIABLE} {problem}.", hint=f"Try the command in a shell, or unset {VARIABLE}."
    )


def _cleaned(complaint: str, printed: str) -> str:
    """Return the end of a complaint in one safe line, without any word that was printed as the token."""
    for word in printed.split():
        if len(word) >= _TOKEN_LIKE:
            complaint = complaint.replace(word, "***")
    return clean(" ".join(complaint.split())[-_SHOWN:], limit=_SHOWN)
