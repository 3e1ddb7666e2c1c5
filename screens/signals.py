"""Leaving in order when a signal asks for it: the terminal is restored, the exit code is 128 + n."""

from __future__ import annotations

import asyncio
import signal
from functools import partial
from typing import Any

from textual.app import App

ENDING = (signal.SIGTERM, signal.SIGHUP)
"""SIGHUP also comes when an ssh connection drops."""


def leave_on_signals(app: App[Any]) -> None:
    """Let the app exit on each ending signal, in its own event loop."""
    loop = asyncio.get_running_loop()
    for number in ENDING:
        loop.add_signal_handler(number, partial(app.exit, return_code=128 + number))
