"""Opening the terminal app: on a profile, or on the welcome screen when there is none."""

from __future__ import annotations

import os

from triage.cli import ending, logbook
from triage.cli.terminal import need_terminal, run_on
from triage.house import House
from triage.wiring import open_session


def run() -> int:
    """Run `triage` without any words: the app, with nothing loaded that its first paint does not need."""
    return ending.to_code(_run)


def _run() -> int:
    logbook.begin("app", None)
    return open_app(None)


def open_app(profile: str | None) -> int:
    """Run the terminal app to its end; returns the process's exit code."""
    need_terminal()
    house = House.found(os.environ)
    if not house.settings.profiles and not profile:
        return _welcome(house)
    return run_on(open_session(house, profile, reads_damaged=True), house)


def _welcome(house: House) -> int:
    """Offer the demo, signing in, or leaving."""
    from screens.start.welcome import choose

    choice = choose(house.settings.ui.theme)
    if choice == "demo":
        from triage.cli.demo import run_demo

        return run_demo()
    if choice == "sign in":
        from triage.cli.signing_in import sign_in_here

        name, secret = sign_in_here(house)
        house = House.found(os.environ)
        return run_on(open_session(house, name, given=secret.reveal() if secret else None), house)
    return 0
