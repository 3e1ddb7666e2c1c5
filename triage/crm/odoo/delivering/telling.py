"""Feedback on its way: a note for each piece, looked for first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from triage.crm.odoo.account import Account
from triage.crm.odoo.api import Api
from triage.crm.odoo.chatter import mark_of, notes_of
from triage.crm.odoo.delivering import plans
from triage.crm.odoo.delivering.standing import Standing, standings
from triage.crm.odoo.delivering.writing import Note, Writing
from triage.crm.records import notes
from triage.crm.records.mark import word_of
from triage.crm.records.receipts import receipt_of, record_of
from triage.domain.item import Item
from triage.domain.outcome import Already, Outcome
from triage.domain.people import Rep


class Telling:
    """Feedback of one database."""

    def __init__(self, api: Api, account: Account) -> None:
        self._api = api
        self._account = account

    async def push(self, items: Sequence[Item]) -> Mapping[str, Outcome]:
        """Write feedback. A CrmError but AnswerLost: nothing was written."""
        rep = await self._account.me()
        leads = await standings(self._api, self._account, [item.lead_id for item in items])
        written = await notes_of(self._api, [item.id for item in items])
        marks = [mark for one in written if (mark := one.mark) is not None]
        found: dict[str, Outcome] = {}
        new: list[Note] = []
        for item in items:
            mark, lead = mark_of(item.id, marks), leads.there.get(item.lead_id)
            if mark is not None:
                found[item.id] = Already(receipt_of(mark))
            elif lead is None:
                found[item.id] = plans.HIDDEN if item.lead_id in leads.hidden else plans.GONE
            else:
                new.append(_note(rep, lead, item))
        writing = Writing(self._api, self._account)
        await writing.note(new)
        return {**found, **await writing.applied([one.item for one in new])}


def _note(rep: Rep, lead: Standing, item: Item) -> Note:
    said = item.feedback.payload if item.feedback is not None else {}
    readable = notes.paragraphs(
        f"Feedback by {notes.words(rep.name or rep.user_id)}: {word_of(item)}",
        *(notes.words(f"{name}: {value}") for name, value in said.items()),
    )
    return Note(item, record_of(item, rep, answer=lead.answer), readable)
