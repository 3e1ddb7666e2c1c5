"""`fix-terminal`: a terminal that was left raw, because the app was ended by force, made usable again."""

from __future__ import annotations

import os
import termios

import click

from screens.terminal.restore import attributes_of, restore, sane
from triage.errors import UsageError

_TERMINAL = "/dev/tty"


@click.command("fix-terminal")
def fix_terminal_command() -> None:
    """Make this terminal usable again, after a kill -9 left it without echo or full of mouse codes.

    Nothing is shown while you type it: end the line with Ctrl+J if Enter does nothing. `reset` does it too,
    and clears the screen.
    """
    try:
        handle = os.open(_TERMINAL, os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC)
    except OSError as error:
        raise UsageError("There is no terminal here to mend.") from error
    try:
        attributes = attributes_of(handle)
        if attributes is not None:
            termios.tcflush(handle, termios.TCIFLUSH)  # mouse codes that would be taken for a command
        restore(handle, sane(attributes) if attributes is not None else None)
    finally:
        os.close(handle)
