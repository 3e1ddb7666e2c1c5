"""The review as an app of its own: the review in front, the same keys, help and themes as everywhere.

Owns no sync: what marketing does is done at the CRM, at once.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping
from typing import Any

from textual.screen import Screen

from screens.app import TriageApp
from screens.habits import AS_SHIPPED, Habits
from screens.review.board import Board
from screens.review.screen import ReviewScreen
from screens.start.warming import warm
from screens.terminal.ending import run_to_end
from screens.words import counted
from triage.clock import Clock, utc_now
from triage.desk.session import Session
from triage.domain.inbox import View
from triage.domain.review_groups import Sieve, Wanted

WAITING = Sieve(wanted=Wanted.OPEN)


class ReviewApp(TriageApp):
    """What sales told marketing in, answers out."""

    TITLE = "triage review"
    has_inbox = False

    def __init__(
        self, session: Session, sieve: Sieve = WAITING, *, clock: Clock = utc_now, **options: Any
    ) -> None:
        """`sieve`: what is shown first; `options` are those of the app."""
        super().__init__(session, clock=clock, **options)
        rep = session.rep
        me = tuple(name for name in (rep.user_id, rep.name) if name)
        self.review = ReviewScreen(self.day, Board(clock, sieve, me))

    def get_default_screen(self) -> Screen[Any]:
        """Return the review."""
        return self.review

    async def _supervise(self) -> None:
        """Load what the first paint did without; nothing is synced here."""
        await asyncio.to_thread(warm)

    async def sync_now(self) -> None:
        """Read everything again."""
        self.review.read_again()

    async def synced(self) -> None:
        """Return at once: nothing is synced here."""

    async def leave(self) -> None:
        """Quit; while answers are sent only ctrl+q gets here, and `run` says how many were left."""
        self.exit()

    def look_at(self, view: View) -> None:
        """Refuse: the views of the inbox are in the inbox."""
        self.day.say(f"{view.label} is a view of the inbox: `triage` opens it.", bad=True)


def run(
    session: Session,
    sieve: Sieve,
    *,
    keymap: Mapping[str, str] | None = None,
    theme: str = "",
    habits: Habits = AS_SHIPPED,
) -> int:
    """Run the review until it ends and close the session; returns the process's exit code.

    What was still on its way then, or was refused, is said on standard error.
    Raises what broke the app, once the terminal is whole again.
    """
    app = ReviewApp(session, sieve, keymap=keymap, theme=theme, habits=habits)
    try:
        return run_to_end(app)
    finally:
        app.pace.release()
        session.close()
        if left := {reply.of for reply in app.review.board.made.values()}:
            told = (
                f"{counted(len(left), 'answer')} not confirmed by the CRM: `triage review` shows what waits."
            )
            sys.stderr.write(f"{told}\n")
