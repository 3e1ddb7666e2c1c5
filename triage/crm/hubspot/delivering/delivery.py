"""Brings decisions and feedback to HubSpot, once each, without a key of HubSpot's for repeated requests.

A decision is three writes: the lead (stage, owner, our key), its contact (what marketing's lists go by), and
a note with the whole record, which is the last and counts as the effect. Only a note that HubSpot confirms is
`Applied`. Between the writes the process may end: whoever comes again finds the key on the lead, or the note,
and goes on from there, `verify` too: what is half done can neither be withdrawn nor forgotten. One push at a
time; what another process does is the outbox's lock to keep out.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import timedelta

from triage.clock import Clock
from triage.crm.hubspot.account import Account
from triage.crm.hubspot.api import Api
from triage.crm.hubspot.delivering.decided import Deciding
from triage.crm.hubspot.delivering.telling import Telling
from triage.crm.hubspot.delivering.writing import failure_of
from triage.crm.hubspot.timeline.notes import mark_of, marks_on
from triage.crm.records.receipts import receipt_of
from triage.crm.rounds import rounds_of
from triage.domain.item import Item
from triage.domain.outcome import Absent, Already, Applied, Conflicted, Outcome, RetryLater, Verdict
from triage.errors import AnswerLost, BadAnswer, CrmError, NotPermitted, NotSignedIn, RateLimited

_OF_ALL = (NotSignedIn, NotPermitted, RateLimited)
_LINGERS = timedelta(minutes=1)
"""So long a request may be at work at HubSpot after nobody waits for its answer any more."""


class Delivery:
    """Writes and verification for one account."""

    def __init__(self, api: Api, account: Account, clock: Clock) -> None:
        self._api = api
        self._account = account
        self._deciding = Deciding(api, account, clock)
        self._telling = Telling(api, account, clock)
        self._clock = clock
        self._turn = asyncio.Lock()

    async def push(self, items: Sequence[Item]) -> Mapping[str, Outcome]:
        """Write items of either kind. NotSignedIn, NotPermitted and RateLimited: nothing was written.

        AnswerLost: all are of unknown outcome, and HubSpot asks for a pause.
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
        """Look for the item's note on its lead; where only the note is missing, write it.

        Absent: it is not there. NotPermitted: it is half there, and the token may not write the rest.
        BadAnswer: it cannot be said now.
        """
        kind = await self._account.kind()
        async with self._turn:
            found = (await marks_on(self._api, kind, [item.lead_id])).get(item.lead_id, ())
            mark = mark_of(item.id, found)
            if mark is not None:
                return Already(receipt_of(mark))
            if item.decision is None:
                return Absent()
            self._deciding.check_may_finish()
            return await self._finished(item) if await self._deciding.is_half_done(item) else Absent()

    async def _finished(self, item: Item) -> Verdict:
        """Bring a half-done item to its end; not while a request of ours may still be at work on that."""
        lately = item.changed_at is not None and abs(self._clock() - item.changed_at) < _LINGERS
        if lately:
            return Absent()
        outcome = await self._deciding.finish(item)
        if isinstance(outcome, Applied | Already):
            return Already(outcome.receipt)
        if isinstance(outcome, Conflicted):
            return outcome
        raise BadAnswer("HubSpot has half of this decision, and did not say that it took the rest.")

    async def _pushed(
        self, way: Deciding | Telling, items: Sequence[Item], *, begun: bool
    ) -> Mapping[str, Outcome]:
        """Push; what nothing can have been written of comes later, and what concerns all of them is raised.

        Once something was written the rest waits, for an error would lose those outcomes.
        """
        try:
            return await way.push(items)
        except CrmError as error:
            if not begun and (isinstance(error, _OF_ALL) or _asks_for_a_pause(error)):
                raise
            return dict.fromkeys((item.id for item in items), _outcome_of(error))


def _asks_for_a_pause(error: CrmError) -> bool:
    return isinstance(error, AnswerLost) and error.retry_after is not None


def _outcome_of(error: CrmError) -> Outcome:
    """Return what a failure says of items: reads come first, so that only a lost answer leaves a doubt."""
    return failure_of(error) if isinstance(error, AnswerLost) else RetryLater(error.message)
