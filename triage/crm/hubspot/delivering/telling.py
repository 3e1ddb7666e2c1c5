"""Feedback on its way: a note for each piece, looked for first, and its words on the contact."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from triage.clock import Clock
from triage.crm.hubspot import names
from triage.crm.hubspot.account import Account
from triage.crm.hubspot.api import Api
from triage.crm.hubspot.delivering import contact_fields, writing
from triage.crm.hubspot.delivering.standing import Ground, Standing, Standings, ground
from triage.crm.hubspot.delivering.writing import update_of
from triage.crm.hubspot.timeline.notes import mark_of, marks_on
from triage.crm.hubspot.timeline.noting import Noting, Shown
from triage.crm.records import notes
from triage.crm.records.mark import word_of
from triage.crm.records.receipts import receipt_of, record_of
from triage.domain.item import Item
from triage.domain.outcome import Already, Conflicted, Outcome, RetryLater, Theirs, Unknown
from triage.domain.people import Rep

_GONE = Conflicted(Theirs(deleted=True))


class Telling:
    """Feedback of one account."""

    def __init__(self, api: Api, account: Account, clock: Clock) -> None:
        self._api = api
        self._account = account
        self._standings = Standings(api, account, clock)
        self._noting = Noting(api)

    async def push(self, items: Sequence[Item]) -> dict[str, Outcome]:
        """Write feedback. A CrmError: nothing was written that a second time would not write the same."""
        known, rep = await ground(self._account), await self._account.me()
        leads = await self._standings.of(item.lead_id for item in items)
        notes = await marks_on(self._api, known.kind, leads)
        found: dict[str, Outcome] = {}
        new: list[Item] = []
        for item in items:
            mark = mark_of(item.id, notes.get(item.lead_id, ()))
            if mark is not None:
                found[item.id] = Already(receipt_of(mark))
            elif item.lead_id in leads:
                new.append(item)
            else:
                found[item.id] = _GONE
        failed = await self._contacts(known, leads, new)
        shown = [_shown(known, rep, leads[item.lead_id], item) for item in new if item.id not in failed]
        return found | failed | await self._noting.note(rep, shown)

    async def _contacts(
        self, known: Ground, leads: Mapping[str, Standing], items: Sequence[Item]
    ) -> dict[str, Outcome]:
        """Put the words of the last piece on each contact; returns the items that have to wait for that.

        A contact that will not have them is no reason to lose the note.
        """
        if names.FEEDBACK not in known.contact_properties:
            return {}
        last = {leads[one.lead_id].contact_id: one for one in sorted(items, key=lambda one: one.made_at)}
        inputs = [
            update_of(item.id, to, contact_fields.of_feedback(item.feedback))
            for to, item in last.items()
            if to and item.feedback is not None
        ]
        told = await writing.write(self._api, names.CONTACTS, writing.UPDATE, inputs)
        waiting = {
            to: told.failed[item.id]
            for to, item in last.items()
            if isinstance(told.failed.get(item.id), RetryLater | Unknown)
        }
        return {
            one.id: outcome
            for one in items
            if (outcome := waiting.get(leads[one.lead_id].contact_id)) is not None
        }


def _shown(known: Ground, rep: Rep, lead: Standing, item: Item) -> Shown:
    feedback = item.feedback
    said = feedback.payload if feedback is not None else {}
    readable = notes.paragraphs(
        f"Feedback by {notes.words(rep.name)}: {word_of(item)}",
        *(notes.words(f"{name}: {value}") for name, value in said.items()),
    )
    to = {known.kind: lead.lead_id} | ({names.CONTACTS: lead.contact_id} if lead.contact_id else {})
    return Shown(item, record_of(item, rep), readable, to)
