"""One push's writes and notes, and what became of each item: what is begun is never called undone.

Leads that get the same are written in one call, all or none; where Odoo refuses, each goes by itself, so that
the culprit stands alone. Where an answer is lost the leads are read once more. A failure that is everyone's
ends the push: it is raised while nothing is begun, and later it leaves a doubt about what is.

Where Odoo takes the first write of a decision and refuses the second, the note tells what stands. A note that
went first says no longer that something was decided when its write is refused.

A lead is converted by Odoo's own wizard: `convert_opportunity` would clear the customer. Not confirmed
against a live account: that the wizard leaves the lead's customer as it is where its action is nothing, and
that who wrote a note may rewrite it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime

from msgspec import Struct

from triage.crm.odoo.account import Account
from triage.crm.odoo.api import Api, OdooRefused
from triage.crm.odoo.chatter import LEAD, MESSAGES, post
from triage.crm.odoo.delivering import standing
from triage.crm.odoo.delivering.plans import Plan
from triage.crm.odoo.delivering.standing import CONVERT, WRITE, Write, standings
from triage.crm.odoo.rows import moment_of
from triage.crm.odoo.statuses import Statuses
from triage.crm.records.mark import Mark, Record
from triage.crm.records.notes import of_item, paragraphs
from triage.crm.records.receipts import receipt_of
from triage.domain.item import Item
from triage.domain.outcome import Applied, Outcome, Refused, RetryLater, Unknown
from triage.errors import AnswerLost, CrmError, NotPermitted, NotSignedIn, RateLimited, Unreachable

_WIZARD = "crm.lead2opportunity.partner"
_LOST_AT_MOST = 2
"""So many lost answers end a push: each may take as long as a deadline."""
_SILENT = "Odoo did not say that it took the note."


class Note(Struct, frozen=True):
    """What is put into the chatter for one item."""

    item: Item
    record: Record
    readable: str
    """HTML of what people read."""


class Writing:
    """The writes of one push. Raises what concerns all items and came before anything was written."""

    def __init__(self, api: Api, account: Account) -> None:
        self._api = api
        self._account = account
        self._begun: set[str] = set()
        """Items of which something is written, or may be."""
        self._waiting: set[str] = set()
        """Items whose note is not the last that is written."""
        self._posted: dict[str, tuple[str, Note]] = {}
        self.cut_short: dict[str, tuple[int, str]] = {}
        """Of items that Odoo took in part: how many writes of the plan, and why not the next one."""
        self._lost = 0
        self._stopped: CrmError | None = None
        self.found: dict[str, Outcome] = {}

    @property
    def is_begun(self) -> bool:
        """Whether anything of this push may be at Odoo."""
        return bool(self._begun)

    def take_up(self, plans: Sequence[Plan]) -> None:
        """Know the plans; of what an earlier push has begun a failure leaves a doubt."""
        self._begun |= {one.item.id for one in plans if one.is_begun or one.mark is not None}
        self._waiting |= {one.item.id for one in plans if one.note_first and one.writes}

    async def change(self, plans: Sequence[Plan]) -> None:
        """Write the leads of plans: all first writes, then all second ones."""
        statuses = await self._account.statuses()
        for turn in range(max((len(plan.writes) for plan in plans), default=0)):
            groups: dict[str, list[Plan]] = {}
            for plan in plans:
                if turn < len(plan.writes):
                    groups.setdefault(_key_of(plan, turn), []).append(plan)
            for group in groups.values():
                await self._change(self._still(group), turn, statuses)

    async def note(self, notes: Sequence[Note]) -> None:
        """Post notes, one by one: the effect of each item."""
        for one in notes:
            if not self._is_settled(one.item):
                await self._post(one)

    async def applied(self, items: Sequence[Item]) -> Mapping[str, Outcome]:
        """Return what became of the items; those with a note of this push are applied."""
        moments = await self._moments()
        for item_id, (note_id, note) in self._posted.items():
            mark = Mark(note_id, item_id, "", note.record, moments.get(note_id))
            self.found.setdefault(item_id, Applied(receipt_of(mark)))
        for item in items:
            self._is_settled(item)
        return self.found

    # Leads

    async def _change(self, plans: Sequence[Plan], turn: int, statuses: Statuses) -> None:
        if not plans:
            return
        write = plans[0].writes[turn]
        try:
            await self._sent(plans, write)
        except AnswerLost as error:
            await self._look_again(plans, write, statuses, error)
        except (OdooRefused, NotPermitted) as error:
            if len(plans) == 1:
                await self._refused(plans[0], turn, words_of(error))
            for plan in plans if len(plans) > 1 else ():
                await self._change(self._still([plan]), turn, statuses)
        except CrmError as error:
            self._stop(error, [plan.item for plan in plans])
        else:
            self._changed(plans)

    def _changed(self, plans: Sequence[Plan]) -> None:
        self._begun |= {plan.item.id for plan in plans}
        self._waiting -= {plan.item.id for plan in plans}

    async def _sent(self, plans: Sequence[Plan], write: Write) -> None:
        ids = [int(plan.lead.lead_id) for plan in plans]
        if write.way == CONVERT:
            await convert(self._api, self._account, ids[0])
        else:
            await change(self._api, ids, write)

    async def _look_again(
        self, plans: Sequence[Plan], write: Write, statuses: Statuses, error: AnswerLost
    ) -> None:
        """See by the leads whether a write took effect; what cannot be told is unknown."""
        if error.retry_after is not None:
            self._stop(error, [plan.item for plan in plans])
            return
        self._begun |= {plan.item.id for plan in plans}
        try:
            there = (await standings(self._api, self._account, [plan.lead.lead_id for plan in plans])).there
        except CrmError:
            there = {}
        for plan in plans:
            now = there.get(plan.lead.lead_id)
            if now is None or standing.changes(now, write, statuses):
                self.found[plan.item.id] = Unknown(error.message)
            else:
                self._changed([plan])
        self._count_lost(error)

    async def _refused(self, plan: Plan, turn: int, words: str) -> None:
        """Settle an item that Odoo refuses; one of which a part stands already is told as it is."""
        if plan.item.id in self._begun and not plan.note_first:
            self.cut_short[plan.item.id] = (turn, words)
            return
        self.found[plan.item.id] = Refused((words,))
        if plan.note_first:
            await self._call_back(plan, words)

    async def _call_back(self, plan: Plan, words: str) -> None:
        """Rewrite the note of what Odoo refused: nobody is to count it as decided."""
        note_id = plan.mark.note_id if plan.mark is not None else self._posted[plan.item.id][0]
        body = paragraphs(f"Odoo refused to have this lead {plan.decision.act.done}: {words}")
        with suppress(CrmError):
            await self._api.call(MESSAGES, "write", [int(note_id)], write=True, vals={"body": body})

    # Notes

    async def _post(self, note: Note) -> None:
        item = note.item
        try:
            posted = await post(self._api, item.lead_id, of_item(item, note.record, note.readable))
        except AnswerLost as error:
            if error.retry_after is not None:
                self._stop(error, [item])
                return
            self._begun.add(item.id)
            self.found[item.id] = Unknown(error.message)
            self._count_lost(error)
        except (OdooRefused, NotPermitted) as error:
            is_begun = item.id in self._begun
            self.found[item.id] = Unknown(error.message) if is_begun else Refused((words_of(error),))
        except CrmError as error:
            self._stop(error, [item])
        else:
            self._begun.add(item.id)
            if posted:
                self._posted[item.id] = (posted, note)
            else:
                self.found[item.id] = Unknown(_SILENT)

    async def _moments(self) -> dict[str, datetime | None]:
        """Return when Odoo took the notes; a receipt does without."""
        ids = [int(note_id) for note_id, _ in self._posted.values()]
        if not ids:
            return {}
        try:
            rows = await self._api.search_read(MESSAGES, [["id", "in", ids]], ["date"])
        except CrmError:
            return {}
        return {str(row["id"]): moment_of(row.get("date")) for row in rows}

    # What went wrong

    def _still(self, plans: Sequence[Plan]) -> list[Plan]:
        return [
            plan for plan in plans if not self._is_settled(plan.item) and plan.item.id not in self.cut_short
        ]

    def _is_settled(self, item: Item) -> bool:
        """Whether it is known what becomes of an item; after a failure of all that is known of each."""
        is_done = item.id in self._posted and item.id not in self._waiting
        if item.id not in self.found and self._stopped is not None and not is_done:
            self.found[item.id] = self._after(item, self._stopped)
        return item.id in self.found

    def _stop(self, error: CrmError, items: Sequence[Item]) -> None:
        lost = isinstance(error, AnswerLost)
        if not self._begun and (isinstance(error, NotSignedIn | RateLimited) or lost):
            raise error
        self._begun |= {item.id for item in items} if lost else set()
        self._stopped = error
        for item in items:
            self._is_settled(item)

    def _after(self, item: Item, error: CrmError) -> Outcome:
        if item.id in self._begun:
            return Unknown(error.message)
        return RetryLater(error.message, error.retry_after if isinstance(error, Unreachable) else None)

    def _count_lost(self, error: CrmError) -> None:
        self._lost += 1
        if self._lost >= _LOST_AT_MOST:
            self._stopped = error


async def change(api: Api, ids: Sequence[int], write: Write) -> None:
    """Write the same on some leads, all or none."""
    values = {"vals": write.values} if write.way == WRITE else write.values
    await api.call(LEAD, write.way, ids, write=True, **values)


async def convert(api: Api, account: Account, lead_id: int) -> None:
    """Make an opportunity of a lead by the wizard. AnswerLost: it may be one; any other CrmError: it is not.

    The wizard finds leads by the context; without the name `convert` it would merge duplicates.
    """
    context = {"active_model": LEAD, "active_id": lead_id, "active_ids": [lead_id]}
    wanted = {
        "lead_id": lead_id,
        "name": "convert",
        "action": account.customer,
        "force_assignment": False,
    }
    try:
        made = await api.call(_WIZARD, "create", write=True, vals_list=[wanted], context=context)
    except AnswerLost as error:
        raise Unreachable(error.message, retry_after=error.retry_after) from None  # only a form was opened
    ids = made if isinstance(made, list) else [made]
    await api.call(
        _WIZARD, "action_apply", [one for one in ids if type(one) is int], write=True, context=context
    )


def words_of(error: CrmError) -> str:
    """Return Odoo's own words of a refusal, else ours."""
    return getattr(error, "words", "") or error.message


def _key_of(plan: Plan, turn: int) -> str:
    """Return what is the same of leads that are written in one call; a wizard takes one."""
    write = plan.writes[turn]
    own = plan.item.id if write.way == CONVERT else ""
    return json.dumps([write.way, write.values, own], sort_keys=True)
