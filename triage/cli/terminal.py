"""The app on this terminal: only where someone can see it and type."""

from __future__ import annotations

import os
import sys
from typing import TextIO

from triage.cli import logbook
from triage.cli.diagnostics import keymap_in_force
from triage.desk.session import Session
from triage.errors import UsageError
from triage.store.filesystem import HINT as SAFE_PLACE
from triage.store.filesystem import warning_for
from triage.wiring import House

TELLING = ("TEXTUAL_LOG", "TEXTUAL_SCREENSHOT", "TEXTUAL_PRESS", "TEXTUAL_DRIVER")
"""What makes the toolkit write what is shown somewhere else, press keys, or run someone's code."""
_LINE_BY_LINE = "Line by line, here and in scripts: `triage list`, `triage decide`, `triage sync`."


def need_terminal() -> None:
    """Refuse politely where nobody could see or type, and where the toolkit would tell others."""
    if not all(map(_is_terminal, (sys.stdin, sys.stdout, sys.stderr))):
        raise UsageError("This is not a terminal.", hint=_LINE_BY_LINE)
    if os.environ.get("TERM") == "dumb":
        raise UsageError("This terminal (TERM=dumb) cannot show the app.", hint=_LINE_BY_LINE)
    if not logbook.is_developer() and (telling := _telling()):
        raise UsageError(
            f"{telling} is set: the toolkit would show leads to others, or act for you.",
            hint=f"Unset {telling}.",
        )


def _is_terminal(stream: TextIO | None) -> bool:
    return stream is not None and not stream.closed and stream.isatty()


def _telling() -> str:
    """Return the first variable by which the toolkit tells more than the screen; empty: none."""
    if {"devtools", "debug"} & set(os.environ.get("TEXTUAL", "").replace(" ", "").split(",")):
        return "TEXTUAL"
    return next((name for name in TELLING if os.environ.get(name)), "")


def run_on(session: Session, house: House) -> int:
    """Run the app on an open session and close it."""
    from screens.app import run

    logbook.keep(house.paths, session.profile)
    logbook.note_damage(session.desk.outbox.db.notices + session.desk.leads.db.notices)
    if warning := warning_for(session.lock.parent):
        session.desk.outbox.db.say(f"{warning} {SAFE_PLACE}")
    return run(
        session,
        keymap=keymap_in_force(house),
        theme=house.settings.ui.theme,
        interval=house.settings.sync.interval,
    )
