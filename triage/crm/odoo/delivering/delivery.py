"""Brings decisions and feedback to Odoo, once each, without a key of Odoo's for repeated requests.

A decision is one or two writes on the lead, and a note with the whole record. Between them the process may
end: whoever comes again finds the note, or the lead as the decision leaves it, and goes on from there;
`verify` too, for what is half done can neither be withdrawn nor forgotten. One push at a time; what another
process does is the outbox's lock to keep out.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import timedelta

from triage.clock import Clock
from triage.crm.odoo.account import Account
from triage.crm.odoo.api import Api
from triage.crm.odoo.chatter import mark_of, notes_of
from triage.crm.odoo.delivering.deciding import Deciding
from triage.crm.odoo.delivering.plans import Plan
from triage.crm.odoo.delivering.telling import Telling
from triage.crm.records.receipts import receipt_of
from triage.crm.rounds import rounds_of
from triage.domain.item import Item
from triage.domain.outcome import (
    Absent,
    Already,
    Applied,
    Conflicted,
    Outcome,
    RetryLater,
    Unknown,
    Verdict,
)
from triage.errors import AnswerLost, BadAnswer, CrmError, NotPermitted, NotSignedIn, RateLimited, Unreachable

_OF_ALL = (NotSignedIn, NotPermitted, RateLimited)
_LINGERS = timedelta(minutes=1)
"""So long a request may be at work at Odoo after nobody waits for its answer any more."""


class Delivery:
    """Writes and verification for one database."""

    def __init__(self, api: Api, account: Account, clock: Clock) -> None:
        self._api = api
        self._deciding = Deciding(api, account)
        self._telling = Telling(api, account)
        self._clock = clock
        self._turn = asyncio.Lock()

    async def push(self, items: Sequence[Item]) -> Mapping[str, Outcome]:
        """Write items of either kind. NotSignedIn, NotPermitted and RateLimited: nothing was written.

        AnswerLost: all are of unknown outcome, and Odoo asks for a pause.
        """
        found: dict[str, Outcome] = {}
        async with self._turn:
            for group in rounds_of([item for item in items if item.decision is not None]):
                found |= await self._pushed(self._deciding, group, begun=bool(found))
            told = list({item.id: item for item in items if item.feedback is not None}.values())
            if told:
                found |= await self._pushed(self._telling, told, begun=bool(found))
        return found

    async def verify(self, item: Item) -> Verdict:
        """Look for the item's note; where the item is half done, bring it to its end.

        Absent: nothing of it is there. BadAnswer: it cannot be said now.
        """
        async with self._turn:
            if item.decision is not None:
                return await self._verified(item)
            marks = [mark for one in await notes_of(self._api, [item.id]) if (mark := one.mark) is not None]
            mark = mark_of(item.id, marks)
            return Absent() if mark is None else Already(receipt_of(mark))

    async def _verified(self, item: Item) -> Verdict:
        scene = await self._deciding.scene([item])
        left = await self._deciding.left_of(scene, item)
        if isinstance(left, Already):
            return left
        if not isinstance(left, Plan) or self._was_sent_lately(item):
            return Absent()
        outcome = (await self._deciding.write(scene, [left]))[item.id]
        if isinstance(outcome, Applied | Already):
            return Already(outcome.receipt)
        if isinstance(outcome, Conflicted):
            return outcome
        raise BadAnswer("Odoo has half of this decision, and did not say that it took the rest.")

    def _was_sent_lately(self, item: Item) -> bool:
        """Whether a request of ours may still be at work on it."""
        return item.changed_at is not None and abs(self._clock() - item.changed_at) < _LINGERS

    async def _pushed(
        self, way: Deciding | Telling, items: Sequence[Item], *, begun: bool
    ) -> Mapping[str, Outcome]:
        """Push; what nothing can have been written of comes later, and what concerns all of them is raised.

        Once something was written the rest waits, for an error would lose those outcomes.
        """
        try:
            return await way.push(items)
        except AnswerLost as error:
            if not begun and error.retry_after is not None:
                raise
            return {item.id: Unknown(error.message) for item in items}
        except CrmError as error:
            if not begun and isinstance(error, _OF_ALL):
                raise
            pause = error.retry_after if isinstance(error, Unreachable) else None
            return {item.id: RetryLater(error.message, pause) for item in items}
