"""The app on this terminal: only where someone can see it and type."""

from __future__ import annotations

import os
import sys
from functools import partial
from typing import TYPE_CHECKING, TextIO

from screens.start.opening import ahead as read_ahead
from triage.cli import logbook
from triage.cli.keymap import keymap_in_force
from triage.desk.session import Session
from triage.errors import UsageError
from triage.house import House
from triage.store.filesystem import HINT as SAFE_PLACE
from triage.store.filesystem import warning_for

if TYPE_CHECKING:
    from screens.habits import Habits
    from triage.domain.views import View

TELLING = ("TEXTUAL_LOG", "TEXTUAL_SCREENSHOT", "TEXTUAL_PRESS", "TEXTUAL_DRIVER")
"""What makes the toolkit write what is shown somewhere else, press keys, or run someone's code."""
_LINE_BY_LINE = "Line by line, here and in scripts: `triage list`, `triage decide`, `triage sync`."


SWITCH = 0.0005
"""Seconds a thread may keep the interpreter from another: with Python's own 5 ms, a key that comes while
something is loaded waits that long for each of its steps, and so does each write to the terminal."""


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
    sys.setswitchinterval(SWITCH)
    logbook.keep(house.paths, session.profile)
    logbook.note_damage(session.desk.outbox.db.notices + session.desk.leads.db.notices)
    if warning := warning_for(session.lock.parent):
        session.desk.outbox.db.say(f"{warning} {SAFE_PLACE}")
    ahead = read_ahead(session)
    from screens.app import run
    from triage.cli.farewell import say_farewell

    return run(
        session,
        keymap=keymap_in_force(house),
        theme=house.settings.ui.theme,
        habits=habits_of(house),
        interval=house.settings.sync.interval,
        ahead=ahead,
        ended=partial(say_farewell, session),
    )


def habits_of(house: House) -> Habits:
    """Return how the rep likes the screen, and where that is written down."""
    from screens.habits import Habits

    def keep(key: str, value: str | bool) -> None:
        from config.write import set_value

        set_value(house.paths.settings_file, key, value)

    ui = house.settings.ui
    return Habits(bell=ui.bell, hint_seen=ui.hint_seen, views=_own_views(house), keep=keep)


def _own_views(house: House) -> tuple[View, ...]:
    if not house.settings.views:
        return ()
    from config.views import views_of

    return views_of(house.settings.views)
