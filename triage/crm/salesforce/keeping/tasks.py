"""The mode without the custom object: an item is one completed task of the lead, found again by its subject.

Nothing in the org refuses a second task of the same item: it is single because it is looked for before it is
written, and because the lead's change in the same graph is refused where the lead was changed meanwhile. Not
confirmed against a live account: a task can be part of a graph; queryAll finds the tasks of a deleted lead.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec.structs import replace

from triage.crm.fields import Fields
from triage.crm.salesforce import soql
from triage.crm.salesforce.api import Api, Row
from triage.crm.salesforce.delivering.nodes import node
from triage.crm.salesforce.describe import select
from triage.crm.salesforce.keeping import task_rows
from triage.crm.salesforce.keeping.decision_object import ANSWER, DECISION
from triage.crm.salesforce.keeping.kept import Kept, Standing, Typed
from triage.crm.salesforce.reviewing import answer_rows
from triage.crm.salesforce.selects import select_from
from triage.domain.item import Item
from triage.domain.review import Reply

_TASK, _LEAD = "Task", "Lead"
_KEYS_AT_ONCE = 25
_ON_LEAD = ("Triage_Answer__c", "Triage_Answer_Kind__c", "SystemModstamp", "LastModifiedBy.Name")


class TaskLedger:
    """Completed tasks on leads."""

    refuses_twice = False

    def __init__(self, api: Api, user_id: str) -> None:
        self._api = api
        self._user_id = user_id

    async def find(self, keys: Sequence[str]) -> Mapping[str, Kept]:
        """Return the tasks of these ids, also those that went into the recycle bin with their lead."""
        return await self._found(keys)

    async def sent(self, keys: Sequence[str]) -> Mapping[str, Kept]:
        """Return those that this user made: Salesforce has an index for that, and none for subjects."""
        return await self._found(keys, f" AND CreatedById = {soql.literal(self._user_id)}")

    async def _found(self, keys: Sequence[str], made: str = "") -> Mapping[str, Kept]:
        found: dict[str, Kept] = {}
        for part in soql.split(tuple(dict.fromkeys(keys)), _KEYS_AT_ONCE):
            marks = [f"{mark}{key}]" for key in part for mark in (task_rows.MARK, task_rows.ANSWER_MARK)]
            either = " OR ".join(f"Subject LIKE {_holding(mark)}" for mark in marks)
            async for kept in self._tasks(f"({either}){made}", task_rows.read_task, deleted=True):
                found.setdefault(kept.key, kept)
        return {key: kept for key, kept in found.items() if key in keys}

    async def of_leads(self, lead_ids: Sequence[str], *, background: bool = False) -> list[Kept]:
        """Return the decisions on these leads."""
        rows: list[Kept] = []
        for part in soql.split(tuple(dict.fromkeys(lead_ids))):
            where = f"WhoId IN {soql.ids(part)} AND Subject LIKE {_holding(task_rows.MARK)}"
            tasks = self._tasks(where, task_rows.read_task, background=background)
            rows += [kept async for kept in tasks if kept.kind == DECISION]
        return rows

    async def node(
        self, item: Item, by: str, before: Standing | None, after: Standing | None, *, on_lead: bool = True
    ) -> dict[str, Any]:
        """Return the creation of an item's task."""
        body = task_rows.task_body(item, before, after) | {"OwnerId": by}
        if not on_lead:
            del body["WhoId"]
        return node("POST", _TASK, "row", body)

    async def kept(self, kind: str, *, by: str | None = None) -> list[Kept]:
        """Return the tasks of a kind, the oldest first; of an answer, `by` is whose item it answers."""
        if kind == ANSWER:
            return [row for row in await self.answered(by, None) if row.kind == ANSWER]
        mine = [] if by is None else [f"OwnerId = {soql.literal(by)}"]
        where = " AND ".join([f"Subject LIKE {_holding(task_rows.MARK)}", *mine])
        tasks = self._tasks(where, task_rows.read_task, background=True)
        return [row async for row in tasks if row.kind == kind]

    async def answered(self, by: str | None, since: datetime | None) -> list[Kept]:
        """Return tasks of answers, and decisions with what was typed on their lead or in a task about it."""
        where = " AND ".join([f"Subject LIKE '{soql.like(task_rows.TYPED_SUBJECT)}%'", *_since(since)])
        tasks = [row async for row in self._tasks(where, task_rows.read_answer, background=True)]
        given = [row for row in tasks if row.key]
        said = [*(row for row in tasks if not row.key), *await self._typed_on_leads(since)]
        return [*await self._to_items_of(by, given), *await self._about_decisions_of(by, said)]

    async def _to_items_of(self, by: str | None, given: Sequence[Kept]) -> list[Kept]:
        if by is None or not given:
            return list(given)
        own = await self.find([row.about for row in given if row.about])
        return [row for row in given if row.about in own and own[row.about].by.user_id == by]

    async def _about_decisions_of(self, by: str | None, said: Sequence[Kept]) -> list[Kept]:
        """Return the decision that each word of a person is about, with that word."""
        lead_ids = [one.lead_id for one in said if one.lead_id]
        decisions = await self.of_leads(lead_ids, background=True)
        found: list[Kept] = []
        for one in said:
            mine = (row for row in decisions if row.lead_id == one.lead_id and by in (None, row.by.user_id))
            last = max((row for row in mine if _was_before(row, one.typed.at)), key=_key, default=None)
            if last is not None:
                found.append(replace(last, typed=one.typed, modified_at=one.modified_at))
        return found

    async def answer_nodes(self, reply: Reply, to: Kept) -> list[dict[str, Any]]:
        """Return the task of an answer."""
        record = answer_rows.record_of(reply, to, task_rows.answer_limit())
        return [node("POST", _TASK, "answer", task_rows.answer_body(reply, to, record))]

    async def see(self, reply_ids: Sequence[str], at: datetime) -> None:
        """Do nothing: a task has no field for it."""

    async def _typed_on_leads(self, since: datetime | None) -> list[Kept]:
        described = await self._api.describe(_LEAD)
        if described is None or not all(map(described.can_read, _ON_LEAD[:2])):
            return []
        where = " AND ".join([f"{_ON_LEAD[1]} != NULL", *_since(since)])
        query = select_from(_LEAD, select(_ON_LEAD, described), where, ("SystemModstamp", "Id"))
        rows = self._api.query(query, background=True)
        return [kept async for row in rows if (kept := _on_lead(row)) is not None]

    async def _tasks(
        self,
        where: str,
        read: Callable[[Row], Kept | None],
        *,
        deleted: bool = False,
        background: bool = False,
    ) -> AsyncIterator[Kept]:
        described = await self._api.describe(_TASK)
        columns = select(task_rows.COLUMNS, described) if described else task_rows.COLUMNS
        query = select_from(_TASK, columns, where, ("CreatedDate", "Id"))
        async for row in self._api.query(query, deleted=deleted, background=background):
            kept = read(row)
            if kept is not None:
                yield kept


def _was_before(decision: Kept, said_at: datetime | None) -> bool:
    """Whether a word can be about a decision; when a field of the lead was filled nobody knows."""
    return said_at is None or decision.created_at is None or decision.created_at <= said_at


def _key(row: Kept) -> str:
    return row.key


def _holding(text: str) -> str:
    return f"'%{soql.like(text)}%'"


def _since(since: datetime | None) -> list[str]:
    return [] if since is None else [f"SystemModstamp >= {soql.moment(since)}"]


def _on_lead(row: Row) -> Kept | None:
    fields = Fields(row, Counter())
    lead_id, text = fields.id("Id"), fields.text("Triage_Answer__c")
    if lead_id is None or not text.strip():
        return None
    who = fields.child("LastModifiedBy")
    at = fields.time("SystemModstamp")
    name = who.text("Name") if who else ""
    typed = Typed(text, fields.text("Triage_Answer_Kind__c"), name, place=lead_id)
    return Kept("", "", ANSWER, lead_id=lead_id, typed=typed, modified_at=at)
