"""When a reply counts as read: it stood in front of the rep for a moment, painted. Asks for no key.

Must never say so of what was only passed over, or of what a window too small does not show.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Collection

from textual.timer import Timer

from screens.room import TriageScreen
from triage.domain.lead import LeadId
from triage.errors import TriageError

READ_AFTER = 0.8
"""Seconds: whoever moves on sooner has not read it."""
_log = logging.getLogger(__name__)


async def _nothing() -> None:
    """Draw nothing afterwards."""


class Reading:
    """Watches what stands in front on one screen."""

    def __init__(self, screen: TriageScreen, then: Callable[[], Awaitable[None]] = _nothing) -> None:
        """`then` draws what is other once something was read."""
        self._screen = screen
        self._then = then
        self._front: frozenset[str] = frozenset()
        self._timer: Timer | None = None

    def front(self, reply_ids: Collection[str], lead_id: LeadId) -> None:
        """Take what stands in front now: unread replies, and the lead they are about."""
        ids = frozenset(reply_ids)
        if ids == self._front:
            return
        self._front = ids
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        if ids:
            self._timer = self._screen.set_timer(READ_AFTER, lambda: self._read(ids, lead_id))

    async def _read(self, ids: frozenset[str], lead_id: LeadId) -> None:
        screen = self._screen
        self._timer = None
        if ids != self._front or not screen.is_current or not await screen.painted():
            self._front = frozenset()  # looked at again, it begins anew
            return
        session = screen.day.session
        try:
            if await session.call(session.desk.see, ids):
                await screen.desktop.reread((lead_id,) if lead_id else ())
        except TriageError as error:
            # A mark that is not kept costs a second look, and is not worth a message over what is read.
            _log.warning("reply not marked as read: %s", type(error).__name__)
            return
        await self._then()
