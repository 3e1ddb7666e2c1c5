"""Telling the CRM which replies the rep has seen. What fails holds up nothing and is tried again."""

from __future__ import annotations

import logging
from datetime import timedelta

from triage.crm.port import Crm, see_at
from triage.errors import TriageError
from triage.store.seen import Seen
from triage.sync.claim import keep_pause
from triage.sync.deliver import pause_of
from triage.sync.room import SyncRoom

AT_ONCE = 200
"""Ids of one request."""
KEPT_FOR = timedelta(days=30)
"""How long a mark is kept after the CRM and the cache have both let the reply go."""
_log = logging.getLogger(__name__)


async def tell_seen(room: SyncRoom, crm: Crm) -> int:
    """Tell the CRM what it has not been told yet; returns how many it took.

    A CRM without a word for it is not asked again and again: the marks stay here, where they hold as well.
    """
    seen = Seen(room.outbox.db)
    taken = 0
    try:
        unsent = await room.thread.acall(seen.unsent)
        for start in range(0, len(unsent), AT_ONCE):
            batch = unsent[start : start + AT_ONCE]
            if not await see_at(crm, batch):
                break
            room.step("seen")
            await room.thread.acall(seen.note_sent, batch)
            taken += len(batch)
        await room.thread.acall(_let_go, room, seen)
    except TriageError as error:
        await room.thread.acall(keep_pause, room.outbox, pause_of(error), room.clock())
        _log.warning("seen not told %s", type(error).__name__)
    return taken


def _let_go(room: SyncRoom, seen: Seen) -> None:
    """Drop marks of replies that are no longer here."""
    if seen.oldest_before(room.clock() - KEPT_FOR):
        keep = {reply.reply_id for reply in room.leads.replies()}
        seen.forget(room.clock() - KEPT_FOR, keep)
