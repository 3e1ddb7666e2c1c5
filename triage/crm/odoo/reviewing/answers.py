"""Marketing's answers, written: a note with the record, then the two fields that lists go by, where they are.

Idempotent by the reply's id: its note is looked for first. One that brings a lead back moves the lead before
the note, and only while the lead stands as the decision left it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from msgspec import Struct

from triage.crm.odoo.account import Account
from triage.crm.odoo.api import Api, OdooRefused
from triage.crm.odoo.chatter import Message, notes_of, post
from triage.crm.odoo.delivering import plans, standing
from triage.crm.odoo.delivering.deciding import Deciding
from triage.crm.odoo.delivering.plans import Scene
from triage.crm.odoo.delivering.standing import ANSWER, ANSWER_KIND, WRITE, Standing, Write, standings
from triage.crm.odoo.delivering.writing import change, words_of
from triage.crm.records.mark import Mark
from triage.crm.records.notes import of_reply, words
from triage.domain.answers import BRINGS_BACK
from triage.domain.people import Rep
from triage.domain.review import Reply
from triage.errors import AnswerLost, NotPermitted

_NO_SUCH = "Odoo has no decision or feedback of this id."
_MOVED_ON = "The lead has moved on since this decision."
_IN_DOUBT = "Odoo did not say whether it has taken it. Send it again."
_AT_ONCE = 50


class Answers:
    """Answers of one database."""

    def __init__(self, api: Api, account: Account) -> None:
        self._api = api
        self._account = account
        self._deciding = Deciding(api, account)
        self._turn = asyncio.Lock()

    async def reply_all(self, replies: Sequence[Reply]) -> Mapping[str, str]:
        """Record answers; returns by reply id why one is not recorded, or an empty text."""
        told: dict[str, str] = {}
        async with self._turn:
            scene = await self._deciding.scene(())
            for start in range(0, len(replies), _AT_ONCE):
                part = {one.reply_id: one for one in replies[start : start + _AT_ONCE]}
                told |= await self._recorded(scene, list(part.values()))
        return told

    async def _recorded(self, scene: Scene, replies: Sequence[Reply]) -> dict[str, str]:
        found = await notes_of(self._api, {one for reply in replies for one in (reply.reply_id, reply.of)})
        places = {(mark.item_id, mark.is_answer): Place(one.lead_id, mark) for one, mark in _marked(found)}
        answered = [place.lead_id for (_, is_answer), place in places.items() if not is_answer]
        leads = (await standings(self._api, self._account, answered)).there
        told: dict[str, str] = {}
        for reply in replies:
            place = places.get((reply.of, False))
            lead = leads.get(place.lead_id) if place is not None else None
            if place is None or lead is None:
                told[reply.reply_id] = _NO_SUCH
                continue
            is_noted = (reply.reply_id, True) in places
            told[reply.reply_id] = await self._record(scene, reply, lead, place.mark, is_noted=is_noted)
        return told

    async def _record(
        self, scene: Scene, reply: Reply, lead: Standing, original: Mark, *, is_noted: bool
    ) -> str:
        """Move the lead, post the note, fill the fields; returns why that is not done, or an empty text."""
        brings_back = reply.kind in BRINGS_BACK and "before" in original.record and not is_noted
        if brings_back and not (plans.is_as_left(lead, original) or plans.is_as_it_was(lead, original)):
            return _MOVED_ON
        try:
            if brings_back:
                await self._bring_back(scene, lead, original)
            if not is_noted:
                await post(
                    self._api, lead.lead_id, of_reply(reply, _record_of(reply, lead, original, scene.rep))
                )
            await self._fill(scene, reply, lead)
        except AnswerLost as error:
            if error.retry_after is not None:
                raise
            return _IN_DOUBT
        except (OdooRefused, NotPermitted) as error:
            return words_of(error)
        return ""

    async def _bring_back(self, scene: Scene, lead: Standing, original: Mark) -> None:
        """Give a lead back to the rep whose decision is not upheld, as it was before."""
        before: dict[str, Any] = {**original.record["before"], "owner": original.rep.user_id}
        for write in plans.back(lead, before, scene, **{standing.OUTCOME: "returned"}):
            if standing.changes(lead, write, scene.statuses):
                await change(self._api, [int(lead.lead_id)], write)

    async def _fill(self, scene: Scene, reply: Reply, lead: Standing) -> None:
        """Put the answer into the fields, where lists and reports see it; the last one stands there."""
        values = {ANSWER: words(reply.text), ANSWER_KIND: reply.kind.value}
        there = {name: value for name, value in values.items() if name in scene.fields}
        if any(str(lead.row.get(name) or "") != value for name, value in there.items()):
            await change(self._api, [int(lead.lead_id)], Write(WRITE, there))


class Place(Struct, frozen=True):
    """Where a note stands."""

    lead_id: str
    mark: Mark


def _marked(found: Iterable[Message]) -> list[tuple[Message, Mark]]:
    """Return notes of ours with what they say, the newest first: the oldest of a marker has the last word."""
    marked = [(one, mark) for one in found if (mark := one.mark) is not None]
    return marked[::-1]


def _record_of(reply: Reply, lead: Standing, original: Mark, me: Rep) -> dict[str, Any]:
    told = {
        "of": reply.of,
        "of_kind": original.record.get("kind") or reply.of_kind,
        "lead_id": lead.lead_id,
        "text": reply.text,
        "link": reply.link,
        "by": me.name,
    }
    return {"v": 1, "reply": told}
