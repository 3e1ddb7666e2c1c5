"""`sync --events`: what happened, a JSON object a line, each once. Prints first, and then keeps that it did.

A pipe that breaks loses nothing: what was not written out is told by the next run.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from msgspec.structs import asdict

from triage.cli import narration, output
from triage.desk import happenings
from triage.desk.events import Delivered, Event, Progress, SyncFinished, SyncReport, SyncStopped
from triage.desk.happenings import Happening
from triage.desk.online import reached
from triage.desk.session import Session
from triage.domain.review import ReviewedFeedback
from triage.errors import TriageError
from triage.text import clean

_ONE = {"replies": "reply"}
"""Counts whose name is a plural."""
_AT_ONCE = 50
"""Delivered items after which they are told, while others are still on their way."""
MARKETING = "marketing"


class EventLines:
    """Tells what happens during one sync, and what happened since the last that told."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._waiting = 0

    async def begin(self) -> None:
        """Begin to listen; what is here already is no news the first time."""
        await self._session.call(happenings.begin, self._session.desk)
        await self._tell()

    async def hear(self, event: Event) -> None:
        """Take a step of the sync."""
        if isinstance(event, Progress):
            return
        self._waiting += isinstance(event, Delivered)
        if isinstance(event, Delivered) and self._waiting < _AT_ONCE:
            return
        self._waiting = 0
        await self._tell()
        now = self._session.desk.clock()
        if isinstance(event, SyncFinished):
            await self._tell_of_team()
            _print(_ended("sync_finished", now, event.report))
        elif isinstance(event, SyncStopped):
            said = {"error": type(event.error).__name__, "text": clean(event.error.message)}
            _print({**_ended("sync_stopped", now, event.report), **said})

    async def _tell(self) -> None:
        desk = self._session.desk
        await self._told(await self._session.call(happenings.news, desk))

    async def _tell_of_team(self) -> None:
        """Tell what all reps contradicted, where this is marketing's profile."""
        if self._session.rep.role != MARKETING:
            return
        try:
            feedback = await self._feedback()
        except TriageError as error:  # the sync itself has ended well: the next run tells it
            narration.say(f"The team's feedback could not be read: {error.message}")
            return
        await self._told(await self._session.call(happenings.news_of_team, self._session.desk, feedback))

    async def _feedback(self) -> list[ReviewedFeedback]:
        async with reached(self._session) as crm:
            return [one async for one in crm.feedback()]

    async def _told(self, found: Iterable[Happening]) -> None:
        found = tuple(found)
        for one in found:
            _print(event_shape(one))
        if found:
            await self._session.call(happenings.note_told, self._session.desk, found)


def event_shape(one: Happening) -> dict[str, Any]:
    """Return a happening as it is printed; names are kept once released."""
    return {
        "event": one.event,
        "event_id": one.event_id,
        "at": output.moment(one.at),
        "id": one.id or None,
        "lead_id": one.lead_id or None,
        "text": one.text,
        **one.more,
    }


def _ended(event: str, now: datetime, report: SyncReport) -> dict[str, Any]:
    at = output.moment(now)
    counts = {name: value for name, value in asdict(report).items() if isinstance(value, int)}
    named = ((value, _ONE.get(name, name) if value == 1 else name) for name, value in counts.items() if value)
    said = ", ".join(f"{value} {name}" for value, name in named)
    return {
        "event": event,
        "event_id": f"{event}:{at}",
        "at": at,
        "id": None,
        "lead_id": None,
        "text": said or "nothing new",
        "counts": counts,
    }


def _print(document: dict[str, Any]) -> None:
    output.as_json_line(document)
    sys.stdout.flush()
