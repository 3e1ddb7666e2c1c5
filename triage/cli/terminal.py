"""The app on this terminal: only where someone can see it and type."""

from __future__ import annotations

import sys

from triage.cli.diagnostics import keymap_in_force
from triage.desk.session import Session
from triage.errors import UsageError
from triage.wiring import House


def need_terminal() -> None:
    """Refuse politely where nobody could see or type."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise UsageError(
            "This is not a terminal.", hint="In scripts use `triage list`, `triage decide`, `triage sync`."
        )


def run_on(session: Session, house: House) -> int:
    """Run the app on an open session and close it."""
    from screens.app import run

    return run(
        session,
        keymap=keymap_in_force(house),
        theme=house.settings.ui.theme,
        interval=house.settings.sync.interval,
    )
