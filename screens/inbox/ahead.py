"""Makes ready in the pauses between keys what the next key may bring: briefs, rows, a filter, an accept."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Protocol

from triage.domain.act import Act

if TYPE_CHECKING:
    from screens.day import Day
    from screens.widgets.brief import Brief
    from screens.widgets.lead_list import LeadList
    from triage.domain.lead import LeadId

PAUSE = 0.01
"""Seconds from a key to making ready what the next may bring: first the terminal gets what changed."""
PREPARED_AT_ONCE = 300
"""Leads made ready for the filter between two keys: about a millisecond."""


class Shows(Protocol):
    """A screen with a list and the brief of one of its leads."""

    day: Day
    list: LeadList
    brief: Brief

    @property
    def is_too_small(self) -> bool:
        """Whether nothing but a sentence about it is shown."""

    def call_later(self, callback: Any, /) -> object:
        """Call something once the messages that wait are done with."""


class Ahead:
    """What an inbox has ready before it is asked for, a little at a time."""

    def __init__(self, screen: Shows) -> None:
        self._screen = screen
        self._pause: asyncio.TimerHandle | None = None
        self._weighed: LeadId | None = None
        """The lead whose accept was weighed last."""

    def soon(self, pause: float = PAUSE) -> None:
        """Prepare in a while: the thread that writes to the terminal needs the interpreter too."""
        if self._pause is not None:
            self._pause.cancel()
        loop = asyncio.get_running_loop()
        self._pause = loop.call_later(pause, self._screen.call_later, self.prepare)

    def prepare(self) -> None:
        """Make a little of it ready.

        By the event loop's clock: the messages of a screen follow each other, and no key comes in between.
        """
        if self._screen.is_too_small:
            return
        # never at once: a screen's own messages follow each other without a pause
        if self._briefs() or self._screen.list.prepare() or self._screen.day.tray.prepare(PREPARED_AT_ONCE):
            self.soon(0)
        else:
            self._weigh()

    def _briefs(self) -> bool:
        """Make one brief ready that a step or a page may show; False if all are."""
        day, brief = self._screen.day, self._screen.brief
        tray, page, now = day.tray, max(self._screen.list.room - 1, 1), day.clock()
        away = [line for line in (tray.index + page, tray.index - page) if 0 <= line < len(tray.shown)]
        near = (*tray.neighbours(), *(tray.shown[line] for line in away))
        width = brief.extent.width
        return any(brief.prepare(day.glance(tray.inbox.entries[one], width, now)) for one in near)

    def _weigh(self) -> None:
        """Weigh an accept of the lead that is being read: the key finds the plan made, if it still holds.

        Not under a question: the plan that a preview has shown must be the one that its Enter records.
        """
        day = self._screen.day
        cursor = day.tray.cursor
        if cursor in (None, self._weighed) or day.tray.inbox.marks or day.asking.question is not None:
            return
        self._weighed = cursor
        day.session.thread.begin(day.session.desk.preview, (cursor,), Act.ACCEPT)
