"""The review on this terminal: a profile's session, and the screen that shows what waits for marketing."""

from __future__ import annotations

import os
import sys

from triage.cli import logbook
from triage.cli.keymap import keymap_in_force
from triage.cli.terminal import SWITCH, habits_of
from triage.domain.review_groups import Sieve
from triage.house import House
from triage.wiring import open_session


def open_review(profile: str | None, sieve: Sieve) -> int:
    """Run the review screen, first on what the sieve holds; returns the process's exit code."""
    from screens.review.app import run

    house = House.found(os.environ)
    session = open_session(house, profile, reads_damaged=True)
    sys.setswitchinterval(SWITCH)
    logbook.keep(house.paths, session.profile)
    return run(
        session,
        sieve,
        keymap=keymap_in_force(house),
        theme=house.settings.ui.theme,
        habits=habits_of(house),
    )
