"""Brings items to Salesforce and tells what became of each: one graph an item, all of it or nothing.

One request carries the graphs of up to 75 items. After fourteen failed graphs Salesforce leaves the rest of a
request alone; what is sent again goes in parts that cannot meet that. One delivery at a time: the second send
of an item finds the first.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import TypeVar

from triage.crm.pacing import Tempo
from triage.crm.salesforce.account import Account
from triage.crm.salesforce.delivering.graph_outcomes import Again, is_about_condition, outcome_of
from triage.crm.salesforce.delivering.judging import Plan
from triage.crm.salesforce.delivering.nodes import graph_id_of
from triage.crm.salesforce.delivering.preparing import Preparation
from triage.crm.salesforce.keeping.decision_object import OBJECT
from triage.crm.salesforce.keeping.ledger import ledger_of, sent_anywhere
from triage.domain.item import Item
from triage.domain.outcome import Absent, Already, Outcome, Refused, RetryLater, Unknown, Verdict
from triage.errors import AnswerLost, CrmError, NotPermitted, NotSignedIn, RateLimited

BATCH = 75
"""Graphs in one request, at most."""
FAILURES = 14
"""Failed graphs after which Salesforce leaves the rest of a request alone: so many leave no rest."""
_ROUNDS = 4
"""How often an item is sent in one delivery, at most, where each time it certainly did not take effect."""
_PAUSE = 0.5
"""Seconds, and up to as many again, before a locked record is tried once more."""
_jitter = partial(random.uniform, _PAUSE, 2 * _PAUSE)
_T = TypeVar("_T")


class Delivery:
    """Writes and verification in one org."""

    def __init__(self, account: Account, tempo: Tempo) -> None:
        self._account = account
        self._tempo = tempo
        self._preparation = Preparation(account)
        self._turn = asyncio.Lock()

    async def push(self, items: Sequence[Item]) -> Mapping[str, Outcome]:
        """Write items. NotSignedIn, NotPermitted, RateLimited: nothing was written.

        AnswerLost: all are of unknown outcome, and Salesforce asks for a pause.
        """
        async with self._turn:
            run = _Run(self._account, self._preparation, self._tempo)
            return await run.deliver(tuple({item.id: item for item in items}.values()))

    async def refuses_twice(self) -> bool:
        """Whether the org itself refuses an item that it has."""
        return (await ledger_of(self._account)).refuses_twice

    async def verify(self, item: Item) -> Verdict:
        """Ask for the item by its id, in both modes."""
        kept = await sent_anywhere(self._account, item.id)
        return Absent() if kept is None else Already(kept.receipt)


class _Run:
    """One delivery: what each item has come to so far, and what is to be sent once more."""

    def __init__(self, account: Account, preparation: Preparation, tempo: Tempo) -> None:
        self._account = account
        self._preparation = preparation
        self._tempo = tempo
        self._done: dict[str, Outcome] = {}
        self._again: dict[str, Again] = {}
        self._begun = False
        """Whether anything may have been written: an error for all would lose those outcomes from then on."""
        self._stopped: CrmError | None = None

    async def deliver(self, items: Sequence[Item]) -> dict[str, Outcome]:
        """Send in rounds until each item has come to something."""
        pending, size = list(items), BATCH
        for _ in range(_ROUNDS):
            if not pending or self._stopped is not None:
                break
            await self._round(pending, size)
            pending, size = [item for item in pending if item.id not in self._done], FAILURES
        return {item.id: self._done.get(item.id) or self._left(item) for item in items}

    async def _round(self, pending: Sequence[Item], size: int) -> None:
        if any(again.pauses for again in self._again.values()):
            await self._tempo.sleep(_jitter())
        for batch in _parts(pending, BATCH):
            plans = await self._plans(_first_of_each_lead(batch))
            for part in _parts(plans, size):
                if self._stopped is None:
                    await self._send(part)

    async def _plans(self, items: Sequence[Item]) -> list[Plan]:
        """Return what is to be written; what needs no write is done."""
        if self._stopped is not None:
            return []
        try:
            judged = await self._preparation.judged(items)
        except CrmError as error:
            self._stop(error)
            return []
        plans: list[Plan] = []
        for item_id, one in judged.items():
            if isinstance(one, Plan):
                plans.append(one)
            else:
                self._done[item_id] = one
        return plans

    async def _send(self, plans: Sequence[Plan]) -> None:
        graphs = [await self._preparation.graph_of(plan) for plan in plans]
        try:
            answer = await self._account.api.graph(graphs)
        except AnswerLost as error:
            if error.retry_after is not None and not self._begun:
                raise  # a pause that is asked of the whole account, not of an item
            self._done |= dict.fromkeys((plan.item.id for plan in plans), Unknown(error.message))
            self._begun, self._stopped = True, error
            return
        except CrmError as error:
            self._stop(error)
            return
        if answer.refused and self._preparation.conditional and is_about_condition(answer.refused):
            self._preparation.conditional = False  # nothing was looked at: all of it comes in the next round
        elif answer.refused:
            await self._send_halves(plans, answer.refused)
        else:
            self._begun = True
            for plan in plans:
                self._note(plan, outcome_of(answer.graphs.get(graph_id_of(plan.item.id)), plan.after))

    async def _send_halves(self, plans: Sequence[Plan], words: str) -> None:
        """Find the item that Salesforce chokes on: halve until it stands alone."""
        if len(plans) == 1:
            self._done[plans[0].item.id] = Refused((words,))
            return
        middle = len(plans) // 2
        for half in (plans[:middle], plans[middle:]):
            if self._stopped is None:
                await self._send(half)

    def _note(self, plan: Plan, outcome: Outcome | Again) -> None:
        if not isinstance(outcome, Again):
            self._done[plan.item.id] = outcome
            return
        self._again[plan.item.id] = outcome
        if outcome.unconditional:
            self._preparation.conditional = False
        if outcome.looks_anew:
            self._account.api.forget("Lead", "Task", self._account.object_name, OBJECT)

    def _stop(self, error: CrmError) -> None:
        """End the delivery: nothing of what is left was sent."""
        if isinstance(error, NotSignedIn | NotPermitted | RateLimited) and not self._begun:
            raise error
        self._stopped = error

    def _left(self, item: Item) -> Outcome:
        """Return what an item is that was not sent, or certainly did not take effect."""
        if self._stopped is None and item.id in self._again:
            return self._again[item.id].otherwise
        error = self._stopped
        seconds = error.retry_after if isinstance(error, RateLimited) else None
        return RetryLater(error.message if error else "Salesforce did not come to it.", seconds)


def _parts(values: Sequence[_T], most: int) -> Iterator[Sequence[_T]]:
    for start in range(0, len(values), most):
        yield values[start : start + most]


def _first_of_each_lead(items: Sequence[Item]) -> list[Item]:
    """Leave later decisions on a lead to the next round: graphs of one request have no order."""
    taken: set[str] = set()
    first: list[Item] = []
    for item in items:
        if item.decision is None or item.lead_id not in taken:
            first.append(item)
        if item.decision is not None:
            taken.add(item.lead_id)
    return first
