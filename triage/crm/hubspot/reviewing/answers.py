"""Marketing's answers, written: a note with the record, then the contact's two properties that lists go by.

Idempotent by the reply's id: its note is looked for first. One that brings a lead back moves the lead before
the note, and only while the lead stands as the decision left it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from triage.clock import Clock
from triage.crm.hubspot import names
from triage.crm.hubspot.account import Account
from triage.crm.hubspot.api import BATCH, Api
from triage.crm.hubspot.delivering import plans, writing
from triage.crm.hubspot.delivering.standing import Ground, Standing, Standings, ground
from triage.crm.hubspot.delivering.writing import CREATE, UPDATE, Input, update_of
from triage.crm.hubspot.reviewing.review import Review
from triage.crm.hubspot.timeline.notes import NOTES, input_of, mark_of, marks_on
from triage.crm.records.mark import Mark
from triage.crm.records.notes import of_reply, words
from triage.domain.answers import BRINGS_BACK
from triage.domain.outcome import Outcome
from triage.domain.people import Rep
from triage.domain.review import Reply
from triage.errors import CrmError

_NO_SUCH = "HubSpot has no decision or feedback of this id."
_MOVED_ON = "The lead has moved on since this decision."
_IN_DOUBT = "HubSpot did not say whether it has taken it. Send it again."
NOT_SET_UP = "Answers need properties that this HubSpot account does not have yet."
SET_UP = "Run `triage setup`, then try again."


class Place(Struct, frozen=True):
    """Where an item stands: its note, its contact and its lead."""

    mark: Mark
    contact_id: str
    lead_id: str


class Answers:
    """Answers of one account."""

    def __init__(self, api: Api, account: Account, clock: Clock, review: Review) -> None:
        self._api = api
        self._account = account
        self._clock = clock
        self._review = review
        self._standings = Standings(api, account, clock)
        self._places: dict[str, Place] = {}
        self._turn = asyncio.Lock()

    async def reply_all(self, replies: Sequence[Reply]) -> Mapping[str, str]:
        """Record answers; returns by reply id why one is not recorded, or an empty text."""
        told: dict[str, str] = {}
        async with self._turn:
            known = await ground(self._account)
            if names.ANSWER not in known.contact_properties:
                raise CrmError(NOT_SET_UP, hint=SET_UP)
            me = await self._account.me()
            for start in range(0, len(replies), BATCH):
                part = {one.reply_id: one for one in replies[start : start + BATCH]}
                told |= await self._recorded(known, me, list(part.values()))
        return told

    async def _recorded(self, known: Ground, me: Rep, replies: Sequence[Reply]) -> dict[str, str]:
        places = await self._located(replies)
        told = {one.reply_id: _NO_SUCH for one in replies if one.of not in places}
        wanted = [one for one in replies if one.of in places]
        there = await marks_on(self._api, names.CONTACTS, {places[one.of].contact_id for one in wanted})
        leads = await self._standings.of({places[one.of].lead_id for one in wanted if places[one.of].lead_id})
        new: list[Reply] = []
        for one in wanted:
            place = places[one.of]
            if mark_of(one.reply_id, there.get(place.contact_id, ()), is_answer=True) is None:
                told[one.reply_id] = await self._brought_back(known, one, place, leads.get(place.lead_id))
                new += [one] if not told[one.reply_id] else []
        told |= await self._noted(known, me, new, places, leads)
        kept = [one for one in wanted if not told.get(one.reply_id)]
        return told | await self._on_contacts(kept, places)

    # Finding

    async def _located(self, replies: Iterable[Reply]) -> dict[str, Place]:
        """Return where the answered items stand, by their ids; those that are nowhere are missing."""
        for lead_id in {one.lead_id for one in replies if one.lead_id and one.of not in self._places}:
            await self._locate_on(lead_id)
        if any(one.of not in self._places for one in replies):
            for timeline in await self._review.timelines():
                self._keep(timeline.contact["id"], timeline.marks)
        return {one.of: self._places[one.of] for one in replies if one.of in self._places}

    async def _locate_on(self, lead_id: str) -> None:
        lead = (await self._standings.of([lead_id])).get(lead_id)
        if lead is not None and lead.contact_id:
            found = await marks_on(self._api, await self._account.kind(), [lead_id])
            self._keep(lead.contact_id, found.get(lead_id, ()))

    def _keep(self, contact_id: str, found: Iterable[Mark]) -> None:
        for mark in found:
            item = mark.record.get("item")
            lead_id = item.get("lead_id") if isinstance(item, dict) else ""
            if not mark.is_answer:
                on = lead_id if isinstance(lead_id, str) else ""
                self._places.setdefault(mark.item_id, Place(mark, contact_id, on))

    # Writing

    async def _brought_back(self, known: Ground, reply: Reply, place: Place, lead: Standing | None) -> str:
        """Give a lead back to the rep whose decision is not upheld; returns why that cannot be."""
        if reply.kind not in BRINGS_BACK or "before" not in place.mark.record:
            return ""
        if lead is None or not (plans.is_as_left(lead, place.mark) or plans.is_as_it_was(lead, place.mark)):
            return _MOVED_ON
        before = place.mark.record["before"]
        stage = before.get("stage") if isinstance(before, dict) else None
        owner = place.mark.rep.user_id
        wanted = {known.stage_property: stage if isinstance(stage, str) else "", names.OWNER: owner}
        write = {name: value for name, value in wanted.items() if value}
        told = await writing.write(
            self._api, known.kind, UPDATE, [update_of(reply.reply_id, lead.lead_id, write)]
        )
        return _why_not(told.failed.get(reply.reply_id))

    async def _noted(
        self,
        known: Ground,
        me: Rep,
        replies: Sequence[Reply],
        places: Mapping[str, Place],
        leads: Mapping[str, Standing],
    ) -> dict[str, str]:
        inputs = [self._note(known, me, one, places[one.of], leads) for one in replies]
        told = await writing.write(self._api, NOTES, CREATE, inputs)
        return {one.reply_id: _why_not(told.failed.get(one.reply_id)) for one in replies}

    def _note(
        self, known: Ground, me: Rep, reply: Reply, place: Place, leads: Mapping[str, Standing]
    ) -> Input:
        record = {
            "v": 1,
            "reply": {
                "of": reply.of,
                "of_kind": place.mark.record.get("kind") or reply.of_kind,
                "lead_id": place.lead_id,
                "text": reply.text,
                "link": reply.link,
                "by": me.name,
            },
        }
        to = {names.CONTACTS: place.contact_id}
        if known.kind == names.LEADS and place.lead_id in leads:
            to[names.LEADS] = place.lead_id
        body = of_reply(reply, record)
        return Input(reply.reply_id, input_of(body, self._clock(), me.user_id, to, reply.reply_id))

    async def _on_contacts(self, replies: Sequence[Reply], places: Mapping[str, Place]) -> dict[str, str]:
        """Put the last answer on each contact, where lists and reports see it; again where it is in doubt."""
        last = {places[one.of].contact_id: one for one in replies}
        inputs = [
            update_of(one.reply_id, to, {names.ANSWER: words(one.text), names.ANSWER_KIND: one.kind.value})
            for to, one in last.items()
        ]
        told = await writing.write(self._api, names.CONTACTS, UPDATE, inputs)
        return {
            one.reply_id: _why_not(told.failed.get(last[places[one.of].contact_id].reply_id))
            for one in replies
        }


def _why_not(outcome: Outcome | None) -> str:
    """Return why an answer is not recorded; an empty text where it is."""
    if outcome is None:
        return ""
    messages = getattr(outcome, "messages", None)
    return " ".join(messages) if messages else _IN_DOUBT
