"""Brings decisions and feedback to BottleCRM, once each, where nothing locks and no second send is known.

The effect, our key and the whole record go in one PATCH, which BottleCRM writes in one statement, and owners
after it: the item's id in the lead's log says that it took effect. A comment for people follows, and is
looked for before. What is in doubt is unknown, and `verify` reads: where the id is in the log, the comment
alone is made good. A reroute takes the lead out of our sight, so that its comment goes before.

One push at a time; what another process does is the outbox's lock to keep out. Whoever writes the same lead
in the same tenths of a second can undo our write, and we theirs, for BottleCRM writes whole leads and locks
none. The answer to the comment shows it, or another look: the item is then unknown, not applied. A lead that
several have is looked at once more behind the push: a colleague's triage reads the log before it writes it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from triage.clock import Clock
from triage.crm.bottlecrm.account import Account
from triage.crm.bottlecrm.api import Api, BottleRefused, NotThere, lead_path
from triage.crm.bottlecrm.delivering import comments
from triage.crm.bottlecrm.delivering.plans import Plan, Scene, check_fields, conflict_of, planned
from triage.crm.bottlecrm.delivering.standing import (
    HIDDEN,
    OUT_OF_SIGHT,
    Standing,
    is_still_to_give,
    standing_of,
)
from triage.crm.bottlecrm.statuses import Statuses
from triage.crm.records.mark import Mark
from triage.crm.records.receipts import receipt_of
from triage.domain.item import Item
from triage.domain.outcome import (
    Absent,
    Already,
    Applied,
    Outcome,
    Receipt,
    Refused,
    RetryLater,
    Unknown,
    Verdict,
)
from triage.errors import AnswerLost, CrmError, NotPermitted, NotSignedIn, RateLimited, Unreachable

BATCH = 10
"""Items of one push, of three requests each: soon enough something is recorded."""
_LINGERS = timedelta(minutes=1)
"""So long a request may be at work at BottleCRM after nobody waits for its answer any more."""
_OF_ALL = (NotSignedIn, NotPermitted, RateLimited)
_NOT_SHOWN = Refused(("BottleCRM does not show you this lead any more.",))
_OVERWRITTEN = Unknown("Somebody wrote this lead at the same time, and BottleCRM kept theirs.")


class Delivery:
    """Writes and verification for one organisation."""

    def __init__(self, api: Api, account: Account, clock: Clock) -> None:
        self._api = api
        self._account = account
        self._clock = clock
        self._statuses = Statuses(account.dialect)
        self._taken_away: dict[str, Receipt] = {}
        """Reroutes that were sent, and whose answers were lost: the lead out of sight is what was wanted."""
        self._shared: set[str] = set()
        """Items of this push that stand on leads of several."""
        self._turn = asyncio.Lock()

    async def push(self, items: Sequence[Item]) -> Mapping[str, Outcome]:
        """Write items of either kind. NotSignedIn, NotPermitted and RateLimited: nothing was written."""
        async with self._turn:
            self._shared.clear()
            found = await self._each_pushed({one.id: one for one in items}.values())
            for item in items:
                if item.id in self._shared and not await self._still_stands(item):
                    found[item.id] = _OVERWRITTEN
        return found

    async def _each_pushed(self, items: Collection[Item]) -> dict[str, Outcome]:
        found: dict[str, Outcome] = {}
        for item in items:
            try:
                found[item.id] = await self._pushed(item)
            except CrmError as error:
                if isinstance(error, _OF_ALL) and not found:
                    raise
                found[item.id] = RetryLater(error.message, getattr(error, "retry_after", None))
                if isinstance(error, (*_OF_ALL, Unreachable)):
                    left = [one.id for one in items if one.id not in found]
                    return found | dict.fromkeys(left, RetryLater(error.message))
        return found

    async def _still_stands(self, item: Item) -> bool:
        """Look once more at a lead that others have too: who read it before our write may write it after."""
        try:
            lead = await self._lead(item)
        except CrmError:
            return True
        return lead is None or lead.mark(item.id) is not None

    async def verify(self, item: Item) -> Verdict:
        """Look for the item in its lead's log; where only the comment is missing, write it after a minute.

        Conflicted: the lead is out of sight, and nobody can say what became of the item.
        """
        async with self._turn:
            lead = await self._lead(item)
            if lead is None:
                return self._verdict_unseen(item)
            mark = lead.mark(item.id)
            if mark is None or is_still_to_give(lead, mark):
                return Absent()
            if comments.is_missing(mark, lead) and self._may_be_at_work(item):
                return Absent()
            await self._finish(item, mark, lead)
            return Already(receipt_of(mark))

    def _may_be_at_work(self, item: Item) -> bool:
        """Whether the comment of an item may still be on its way: then nobody believes that it is absent."""
        return item.changed_at is not None and abs(self._clock() - item.changed_at) < _LINGERS

    def _verdict_unseen(self, item: Item) -> Verdict:
        """Return what can be said of an item whose lead is out of sight."""
        taken = self._taken_away.get(item.id)
        if taken is not None:
            return Already(taken)
        return Absent() if _knows_of_it(item) else OUT_OF_SIGHT

    async def _pushed(self, item: Item) -> Outcome:
        """Write one item. A CrmError: certainly nothing was written."""
        scene = await self._scene()
        lead = await self._lead(item)
        if lead is None:
            return _NOT_SHOWN if _knows_of_it(item) else OUT_OF_SIGHT
        mark = lead.mark(item.id)
        if mark is not None and not is_still_to_give(lead, mark):
            return await self._finished(item, mark, lead)
        check_fields(item, lead)
        plan = planned(scene, item, lead)
        return await self._written(plan, lead) if isinstance(plan, Plan) else plan

    async def _written(self, plan: Plan, lead: Standing) -> Outcome:
        if plan.takes_away:
            told = await self._told_before(plan, lead)
            if told is not None:
                return told
        try:
            await self._api.patch(lead_path(plan.item.lead_id), plan.body)
        except AnswerLost as error:
            return self._in_doubt(plan, error)
        except NotThere:
            return OUT_OF_SIGHT
        except BottleRefused as error:
            return await self._refused(plan.item, error.words)
        return await self._proven(plan, lead)

    async def _told_before(self, plan: Plan, lead: Standing) -> Outcome | None:
        """Write the comment of a lead that will be out of sight; returns why it ends there."""
        if comments.is_missing(plan.mark, lead):
            try:
                await self._comment(plan.item)
            except AnswerLost as error:
                return Unknown(error.message)
            except NotThere:
                return OUT_OF_SIGHT
        return None

    async def _proven(self, plan: Plan, lead: Standing) -> Outcome:
        """Return whether a write that was taken stands: by the answer to its comment, else by a look."""
        is_told = plan.takes_away or not comments.is_missing(plan.mark, lead)
        try:
            body = await (self._api.detail(plan.item.lead_id) if is_told else self._comment(plan.item))
        except NotThere:
            return Applied(receipt_of(plan.mark))
        except CrmError as error:
            return self._in_doubt(plan, error)
        now = standing_of(body, self._statuses, self._now())
        if now.mark(plan.item.id) is None or is_still_to_give(now, plan.mark):
            return _OVERWRITTEN
        if len(now.owners) > 1:
            self._shared.add(plan.item.id)
        return Applied(receipt_of(plan.mark))

    def _in_doubt(self, plan: Plan, error: CrmError) -> Unknown:
        if plan.takes_away:
            self._taken_away[plan.item.id] = receipt_of(plan.mark)
        return Unknown(error.message)

    async def _refused(self, item: Item, words: tuple[str, ...]) -> Outcome:
        """Return why a write was not taken: the lead may have changed since it was read."""
        lead = await self._lead(item)
        if lead is None:
            return OUT_OF_SIGHT
        return conflict_of(await self._scene(), item, lead) or Refused(words)

    async def _finished(self, item: Item, mark: Mark, lead: Standing) -> Outcome:
        """Bring to its end what took effect before; what goes wrong then leaves a doubt."""
        try:
            await self._finish(item, mark, lead)
        except CrmError as error:
            return Unknown(error.message)
        return Already(receipt_of(mark))

    async def _finish(self, item: Item, mark: Mark, lead: Standing) -> None:
        if comments.is_missing(mark, lead):
            await self._comment(item)

    async def _comment(self, item: Item) -> dict[str, object]:
        people = {person.user_id: person.name for person in await self._account.people()}
        text = comments.of_item(item, await self._account.me(), people)
        return await self._api.comment(item.lead_id, text)

    async def _lead(self, item: Item) -> Standing | None:
        """Return the lead of an item; None where it is out of sight."""
        try:
            body = await self._api.detail(item.lead_id)
        except NotThere:
            return None
        return standing_of(body, self._statuses, self._now())

    async def _scene(self) -> Scene:
        people = {person.user_id: person.name for person in await self._account.people()}
        return Scene(await self._account.me(), people, self._statuses, self._now())

    def _now(self) -> datetime:
        now = self._clock()
        return now.replace(microsecond=now.microsecond // 1000 * 1000)


def _knows_of_it(item: Item) -> bool:
    """Whether the rep sent the item knowing that the lead is out of sight: it cannot have been written."""
    decision = item.decision
    seen = (item.base or decision.snapshot.seen) if decision is not None else None
    return seen is not None and seen.owner_id == HIDDEN.user_id
