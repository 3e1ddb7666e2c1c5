"""Handing a text to the clipboard: the terminal is asked, then the system; and which is known to have it.

The terminal gives no answer, so that is never called done. Must never read the clipboard, nor run a shell.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

from textual.app import App

TAKES = 2.0
"""Seconds the system's program may take."""
_PROGRAMS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("WAYLAND_DISPLAY", ("wl-copy",)),
    ("DISPLAY", ("xclip", "-selection", "clipboard")),
    ("DISPLAY", ("xsel", "--clipboard", "--input")),
)
_REMOTE = ("SSH_CONNECTION", "SSH_TTY")


async def copied(app: App[Any], label: str, text: str) -> str:
    """Copy a text that was cleaned, and say how: "Copied the phone with xclip", or by the terminal."""
    app.copy_to_clipboard(text)
    command = program(os.environ)
    took: bool = bool(command) and await asyncio.to_thread(_took, command, text)
    if took:
        return f"Copied the {label} with {command[0]}"
    return f"Copied the {label} by way of the terminal, if it allows"


def program(environment: Mapping[str, str], platform: str = sys.platform) -> tuple[str, ...]:
    """Return the system's own command; empty where there is none, and over ssh: it is far away."""
    if any(environment.get(name) for name in _REMOTE):
        return ()
    here = (("", ("pbcopy",)),) if platform == "darwin" else _PROGRAMS
    for variable, command in here:
        if (not variable or environment.get(variable)) and shutil.which(
            command[0], path=environment.get("PATH")
        ):
            return command
    return ()


def _took(command: tuple[str, ...], text: str) -> bool:
    """Whether the program took the text; one that hangs is left behind."""
    try:
        done = subprocess.run(  # noqa: S603 - one of ours, with no words from outside
            command,
            input=text.encode(errors="replace"),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=TAKES,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
