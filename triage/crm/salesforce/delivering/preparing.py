"""Makes items ready to be written: reads how their leads stand, judges each, and puts its graph together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from triage.crm.salesforce import soql
from triage.crm.salesforce.account import Account, same_id
from triage.crm.salesforce.delivering.judging import LEAD_COLUMNS, Judge, Plan
from triage.crm.salesforce.delivering.nodes import graph, graph_id_of, node
from triage.crm.salesforce.describe import select
from triage.crm.salesforce.keeping.ledger import by_lead, ledger_of
from triage.crm.salesforce.selects import select_from
from triage.domain.act import Act
from triage.domain.item import Item
from triage.domain.outcome import Already, Outcome

_ID_LENGTHS = (15, 18)


class Preparation:
    """Three reads for any number of items up to a batch, and no write."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._api = account.api
        self.conditional = True
        """Whether the org takes a condition on a lead's change; once it refused, none is sent."""

    async def judged(self, items: Sequence[Item]) -> dict[str, Outcome | Plan]:
        """Return by id what an item has come to already, or what is to be written for it.

        What is kept is asked for last: whatever took effect before that is found, and whatever does after it
        is refused by the lead's condition or by the key.
        """
        leads = await self._leads(items)
        ledger = await ledger_of(self._account)
        decided = [item.lead_id for item in items if item.decision and item.lead_id in leads]
        decisions = by_lead(await ledger.of_leads(decided))
        kept = await ledger.sent([key for item in items for key in (item.id, _original(item)) if key])
        judge = await self._judge(items)
        found: dict[str, Outcome | Plan] = {}
        for item in items:
            row = leads.get(item.lead_id)
            on_lead = decisions.get(str(row.get("Id")), []) if row else []
            already = kept.get(item.id)
            if already is not None:
                found[item.id] = Already(already.receipt)
            else:
                found[item.id] = judge.judge(item, row, on_lead, kept.get(_original(item)))
        return found

    async def graph_of(self, plan: Plan) -> dict[str, Any]:
        """Return the graph of one item: the lead's change and the item's own record, or the record alone."""
        item = plan.item
        ledger = await ledger_of(self._account)
        by = (await self._account.whoami()).user_id
        row = await ledger.node(item, by, plan.before, plan.after, on_lead=plan.on_lead)
        if not plan.columns:
            return graph(graph_id_of(item.id), row)
        since = plan.unmodified_since if self.conditional else None
        columns = dict(plan.columns)
        lead = node("PATCH", "Lead", "lead", columns, record_id=item.lead_id, unmodified_since=since)
        return graph(graph_id_of(item.id), lead, row)

    async def _judge(self, items: Iterable[Item]) -> Judge:
        account = self._account
        rep = await account.whoami()
        statuses, lead = await account.statuses(), await account.lead()
        recycles = any(item.decision and item.decision.act is Act.RECYCLE for item in items)
        recycles_to = await account.recycling_owner() if recycles else ""
        return Judge(rep.user_id, rep.name, statuses, lead, account.reason_value, recycles_to)

    async def _leads(self, items: Iterable[Item]) -> dict[str, dict[str, Any]]:
        """Return the leads as they are now, deleted ones too; what this user may not see is missing."""
        wanted = tuple(dict.fromkeys(item.lead_id for item in items if _is_id(item.lead_id)))
        columns = select(LEAD_COLUMNS, await self._account.lead())
        found: dict[str, dict[str, Any]] = {}
        for part in soql.split(wanted):
            query = select_from("Lead", columns, f"Id IN {soql.ids(part)}")
            for row in await self._api.rows(query, deleted=True):
                found |= {one: row for one in part if same_id(str(row.get("Id")), one)}
        return found


def _original(item: Item) -> str:
    """Return the id of the decision that an item takes back; empty for any other."""
    decision = item.decision
    return (decision.of or "") if decision is not None and decision.act is Act.RESTORE else ""


def _is_id(text: str) -> bool:
    """Whether Salesforce could have such an id: it refuses a whole query for one that it cannot."""
    return len(text) in _ID_LENGTHS and text.isascii() and text.isalnum()
