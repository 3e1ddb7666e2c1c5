"""The only place that writes to stderr: errors with their hint, and how a longer step is going."""

from __future__ import annotations

import sys

from triage.errors import TriageError
from triage.text import clean_note

INCOMPLETE = "triage.incomplete"
"""The mark in a command's context that not all was printed."""


def say(text: str) -> None:
    """Narrate one line."""
    _echo(clean_note(text))


def failure(error: TriageError) -> None:
    """Say what happened, and what to do next."""
    say(f"triage: {error.message}")
    if error.hint:
        say(f"  {error.hint}")


def incomplete(error: TriageError) -> None:
    """Say why what the command prints is not all there is; it ends with 1."""
    import click

    failure(error)
    click.get_current_context().meta[INCOMPLETE] = True


def progress(text: str) -> None:
    """Show how far a step is, on one line, where someone is watching."""
    if sys.stderr.isatty():
        _echo(f"\r\x1b[2K{clean_note(text)}", ends_line=False)


def progress_over() -> None:
    """Take the progress line away."""
    if sys.stderr.isatty():
        _echo("\r\x1b[2K", ends_line=False)


def _echo(text: str, *, ends_line: bool = True) -> None:
    from click import echo  # the app starts without it, and mostly has nothing to say here

    echo(text, err=True, nl=ends_line)
