"""The mode with the custom object: an item is one row, made under its unique key.

A row is made, never upserted, with the lead's change in one graph: a second write of the same key is refused
by the org and takes the lead's change with it, however late it arrives. Answers are upserted: they change no
lead. Not confirmed against a live account: the code of the refusal is DUPLICATE_VALUE, and its words name
the key.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from triage.crm.rest.bodies import wire_time
from triage.crm.salesforce import soql
from triage.crm.salesforce.api import DATA, Api
from triage.crm.salesforce.delivering.nodes import node
from triage.crm.salesforce.describe import Described, select
from triage.crm.salesforce.keeping import decision_rows
from triage.crm.salesforce.keeping.decision_object import ANSWER, DECISION, FEEDBACK, KEY
from triage.crm.salesforce.keeping.kept import Kept, Standing
from triage.crm.salesforce.reviewing import answer_rows
from triage.crm.salesforce.reviewing.typed_ids import key_in
from triage.crm.salesforce.selects import select_from
from triage.domain.item import Item
from triage.domain.review import Reply

_KEYS_AT_ONCE = 100
_SEEN_AT_ONCE = 200
_ORDER = ("Decided_At__c", "Id")


class DecisionLedger:
    """Rows of Lead_Triage_Decision__c."""

    refuses_twice = True

    def __init__(self, api: Api, name: str, described: Described | None) -> None:
        """Without `described` every column is asked for: NoSuchField where that is too much."""
        self._api = api
        self._described = described
        self._object = name

    async def find(self, keys: Sequence[str]) -> Mapping[str, Kept]:
        """Return the rows of these keys, with their records."""
        found: dict[str, Kept] = {}
        for part in soql.split(tuple(dict.fromkeys(keys)), _KEYS_AT_ONCE):
            async for row in self._rows(decision_rows.ALL, f"{KEY} IN {soql.ids(part)}"):
                found[row.key] = row
        return found

    async def sent(self, keys: Sequence[str]) -> Mapping[str, Kept]:
        """Return the rows of these keys: a key is one user's."""
        return await self.find(keys)

    async def of_leads(self, lead_ids: Sequence[str], *, background: bool = False) -> list[Kept]:
        """Return the decisions on these leads."""
        rows: list[Kept] = []
        for part in soql.split(tuple(dict.fromkeys(lead_ids))):
            where = f"Kind__c = {soql.literal(DECISION)} AND Lead__c IN {soql.ids(part)}"
            rows += [row async for row in self._rows(decision_rows.FEW, where, background=background)]
        return rows

    async def node(
        self, item: Item, by: str, before: Standing | None, after: Standing | None, *, on_lead: bool = True
    ) -> dict[str, Any]:
        """Return the creation of an item's row, with the columns that this user may write."""
        body = decision_rows.row_body(item, by, before, after)
        if not on_lead:
            del body["Lead__c"]
        return node("POST", self._object, "row", self._writable(body))

    async def kept(self, kind: str, *, by: str | None = None) -> list[Kept]:
        """Return the rows of a kind, the oldest first."""
        where = " AND ".join([f"Kind__c = {soql.literal(kind)}", *_of(by, None)])
        columns = (*decision_rows.ALL, *decision_rows.OF_LEAD)
        return [row async for row in self._rows(columns, where, background=True)]

    async def answered(self, by: str | None, since: datetime | None) -> list[Kept]:
        """Return all rows: whether a long text is filled cannot be asked."""
        where = [f"Kind__c IN {soql.ids((DECISION, FEEDBACK, ANSWER))}", *_of(by, since)]
        return [row async for row in self._rows(decision_rows.FEW, " AND ".join(where), background=True)]

    async def answer_nodes(self, reply: Reply, to: Kept) -> list[dict[str, Any]]:
        """Return the answer's own row and, on the row that it answers, what marketing's lists show."""
        columns = self._writable(answer_rows.row_body(reply, to))
        del columns[KEY]  # an upsert has it in its address
        shown = self._writable(answer_rows.fields_of(answer_rows.typed_of(reply)))
        return [
            node("PATCH", f"{self._object}/{KEY}", "answer", columns, record_id=reply.reply_id),
            node("PATCH", self._object, "answered", shown, record_id=to.row_id),
        ]

    async def see(self, reply_ids: Sequence[str], at: datetime) -> None:
        """Fill `Seen_At__c` of the rows that hold these answers, where it is empty."""
        self._api.check_usage()
        keys = tuple(dict.fromkeys(key_in(reply_id) for reply_id in reply_ids))
        unseen = [row.row_id for row in (await self.find(keys)).values() if row.seen_at is None]
        for part in soql.split(unseen, _SEEN_AT_ONCE):
            seen = {"attributes": {"type": self._object}, "Seen_At__c": wire_time(at)}
            records = [{**seen, "id": row_id} for row_id in part]
            body = {"allOrNone": False, "records": records}
            await self._api.send(f"{DATA}/composite/sobjects", body, method="PATCH")

    async def _rows(
        self, columns: Sequence[str], where: str, *, background: bool = False
    ) -> AsyncIterator[Kept]:
        readable = self._readable(columns)
        order = [name for name in _ORDER if name in self._readable(_ORDER)]
        query = select_from(self._object, readable, where, order)
        async for row in self._api.query(query, background=background):
            read = decision_rows.read_row(row)
            if read is not None:
                yield read

    def _readable(self, columns: Sequence[str]) -> Sequence[str]:
        return columns if self._described is None else select(columns, self._described)

    def _writable(self, body: dict[str, Any]) -> dict[str, Any]:
        """Return the columns that the org has and this user may fill; without its key a row is no use."""
        fields = self._described.fields if self._described else {}
        return {
            name: value
            for name, value in body.items()
            if name == KEY or (name in fields and fields[name].createable)
        }


def _of(by: str | None, since: datetime | None) -> list[str]:
    mine = [] if by is None else [f"Decided_By__c = {soql.literal(by)}"]
    return mine if since is None else [*mine, f"SystemModstamp >= {soql.moment(since)}"]
