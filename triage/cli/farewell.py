"""What is said to the shell when the app has ended: what the session came to, and what is left of it."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from triage.cli import narration
from triage.desk.desk import Desk
from triage.desk.session import Session
from triage.errors import TriageError


def say_farewell(session: Session, since: datetime) -> None:
    """Narrate in one line what was decided since a moment; nothing where nothing was.

    Files that cannot be read any more are no reason to end with an error: the work is done.
    """
    with suppress(TriageError):
        words = session.wait(_words, session.desk, since)
        if words:
            narration.say(words)


def _words(desk: Desk, since: datetime) -> str:
    status = desk.status()
    return desk.history(since).tally().closing_words(status.unsent, status.needs_rep)
