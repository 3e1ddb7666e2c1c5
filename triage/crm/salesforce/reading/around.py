"""All that is asked about a page of leads besides their own fields, at once: a fixed number of questions."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from msgspec import Struct, field

from triage.crm.salesforce.account import Account
from triage.crm.salesforce.api import NoSuchField, Row
from triage.crm.salesforce.keeping.kept import Kept
from triage.crm.salesforce.keeping.ledger import by_lead, ledger_of
from triage.crm.salesforce.reading.activities import EVENTS, OWNER_CHANGES, TASKS
from triage.crm.salesforce.reading.marketing import MEMBERS
from triage.crm.salesforce.reading.questions import Question, by_id, rows_about
from triage.crm.salesforce.reading.score import Prediction, predictions


class Around(Struct, frozen=True):
    """What other objects say about leads, by the lead's id."""

    members: dict[str, list[Row]] = field(default_factory=dict)
    tasks: dict[str, list[Row]] | None = field(default_factory=dict)
    """None: the user may not read tasks; so for events."""
    events: dict[str, list[Row]] | None = field(default_factory=dict)
    changes: dict[str, list[Row]] = field(default_factory=dict)
    """Of owners."""
    predictions: dict[str, tuple[Prediction, ...]] = field(default_factory=dict)
    decisions: dict[str, list[Kept]] = field(default_factory=dict)


async def look_around(account: Account, lead_ids: Sequence[str]) -> Around:
    """Ask about leads. CrmError as of the first question that failed; the others are given up."""
    api = account.api

    async def ask(question: Question) -> dict[str, list[Row]] | None:
        rows = await rows_about(api, question, lead_ids)
        return None if rows is None else by_id(rows, question.by)

    try:
        async with asyncio.TaskGroup() as group:
            members, tasks = group.create_task(ask(MEMBERS)), group.create_task(ask(TASKS))
            events, changes = group.create_task(ask(EVENTS)), group.create_task(ask(OWNER_CHANGES))
            told = group.create_task(predictions(api, lead_ids))
            decisions = group.create_task(_decided(account, lead_ids))
    except ExceptionGroup as failed:
        first = failed.exceptions[0]
    else:
        return Around(
            members.result() or {},
            tasks.result(),
            events.result(),
            changes.result() or {},
            told.result(),
            decisions.result(),
        )
    raise first


async def _decided(account: Account, lead_ids: Sequence[str]) -> dict[str, list[Kept]]:
    """Return the decisions on leads; none where this user may read neither the object nor tasks."""
    try:
        return await _kept(account, lead_ids)
    except NoSuchField:
        account.api.forget(account.object_name, TASKS.sobject)
    if await account.decision_object() is None and await account.api.describe(TASKS.sobject) is None:
        return {}
    return await _kept(account, lead_ids)


async def _kept(account: Account, lead_ids: Sequence[str]) -> dict[str, list[Kept]]:
    ledger = await ledger_of(account)
    return by_lead(await ledger.of_leads(lead_ids, background=True))
