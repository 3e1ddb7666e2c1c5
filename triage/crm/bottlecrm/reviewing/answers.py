"""Marketing's answers, written: record and the two fields that lists go by in one PATCH, then a comment.

Idempotent by the reply's id, which is looked for before. BottleCRM locks nothing: what the comment's answer
does not have was overwritten by somebody else at that moment, and is written again. One that brings a lead
back does so in the same PATCH, and only while the lead stands as the decision left it.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from msgspec.structs import replace

from triage.clock import Clock
from triage.crm.bottlecrm import names
from triage.crm.bottlecrm.account import Account
from triage.crm.bottlecrm.api import Api, BottleRefused, NotThere, lead_path
from triage.crm.bottlecrm.delivering import comments
from triage.crm.bottlecrm.delivering.standing import Standing, is_as_it_was, is_as_left, standing_of
from triage.crm.bottlecrm.reading import log
from triage.crm.bottlecrm.reviewing.review import Review
from triage.crm.bottlecrm.reviewing.typed import mark_of
from triage.crm.bottlecrm.statuses import Statuses
from triage.crm.fields import Fields
from triage.crm.records.mark import Mark
from triage.crm.records.notes import words
from triage.domain.answers import BRINGS_BACK
from triage.domain.review import Reply
from triage.errors import AnswerLost, CrmError

_TRIES = 5
_NO_SUCH = "BottleCRM shows no decision or feedback of this id."
_MOVED_ON = "The lead has moved on since this decision."
_LEFT = "Whose lead it was is no user of BottleCRM any more: give it to somebody there."
_IN_DOUBT = "BottleCRM did not say whether it has taken it. Send it again."
_NEEDED = (names.ANSWERS, names.ANSWER, names.ANSWER_KIND)
NOT_SET_UP = "Answers need fields that this BottleCRM does not have yet."
SET_UP = "An admin runs `triage setup` once, then try again."


class Answers:
    """Answers of one organisation."""

    def __init__(self, api: Api, account: Account, clock: Clock, review: Review) -> None:
        self._api = api
        self._account = account
        self._clock = clock
        self._review = review
        self._statuses = Statuses(account.dialect)
        self._places: dict[str, str] = {}
        """On which lead an item is, as far as lists told."""
        self._turn = asyncio.Lock()

    async def reply_all(self, replies: Sequence[Reply]) -> Mapping[str, str]:
        """Record answers; returns by reply id why one is not recorded, or an empty text."""
        async with self._turn:
            if not await self._account.has(*_NEEDED):
                self._account.forget_definitions()
                raise CrmError(NOT_SET_UP, hint=SET_UP)
            listed = False
            told: dict[str, str] = {}
            for reply in replies:
                if not reply.lead_id and reply.of not in self._places and not listed:
                    await self._look()
                    listed = True
                told[reply.reply_id] = await self._recorded(reply)
        return told

    async def _look(self) -> None:
        for lead in await self._review.told():
            self._places |= {mark.item_id: str(lead.row.get("id")) for mark in lead.marks}

    async def _recorded(self, reply: Reply) -> str:
        lead_id = reply.lead_id or self._places.get(reply.of, "")
        try:
            return await self._written(replace(reply, lead_id=lead_id)) if lead_id else _NO_SUCH
        except NotThere:
            return _NO_SUCH
        except BottleRefused as error:
            return " ".join(error.words)
        except AnswerLost as error:
            if error.retry_after is not None:
                raise
            return _IN_DOUBT

    async def _written(self, reply: Reply) -> str:
        """Write an answer until it stands there; returns why it does not."""
        me = await self._account.me()
        text = comments.of_reply(reply, me.name)
        for _ in range(_TRIES):
            lead = await self._lead(reply.lead_id)
            mark = lead.mark(reply.of)
            if mark is None:
                return _NO_SUCH
            if not _is_kept(reply, lead):
                people = {person.user_id for person in await self._account.people()}
                write = _writing(reply, mark, lead, people)
                if isinstance(write, str):
                    return write
                now = self._clock()
                at = now.replace(microsecond=now.microsecond // 1000 * 1000)
                said = replace(reply, by=me.name, at=at, of_kind=mark.of_kind)
                write["custom_fields"][names.ANSWERS] = log.answers_appended(lead.row, mark_of(said))
                await self._api.patch(lead_path(reply.lead_id), write)
            if comments.is_told(reply.reply_id, reply.kind.value, lead.comments, answers=True):
                lead = await self._lead(reply.lead_id)
            else:
                body = await self._api.comment(reply.lead_id, text)
                lead = standing_of(body, self._statuses, self._clock())
            if _is_kept(reply, lead):
                return ""
        return _IN_DOUBT

    async def _lead(self, lead_id: str) -> Standing:
        return standing_of(await self._api.detail(lead_id), self._statuses, self._clock())


def _is_kept(reply: Reply, lead: Standing) -> bool:
    return any(mark.item_id == reply.reply_id for mark in log.read_answers(lead.row))


def _writing(reply: Reply, mark: Mark, lead: Standing, people: AbstractSet[str]) -> dict[str, Any] | str:
    """Return what an answer writes beside its record, or why it cannot be given."""
    custom = {names.ANSWER: words(reply.text), names.ANSWER_KIND: reply.kind.value}
    before = mark.record.get("before")
    if reply.kind not in BRINGS_BACK or not isinstance(before, dict):
        return {"custom_fields": custom}
    if lead.theirs == names.CONVERTED or not (is_as_left(lead, mark) or is_as_it_was(lead, mark)):
        return _MOVED_ON
    was = Fields(before, Counter())
    custom |= {name: was.text(name) for name in (names.DECISION, names.REASON, names.WAKE_AT)}
    owners = was.texts("assigned_to")
    write: dict[str, Any] = {"status": was.text("theirs")} if was.text("theirs") else {}
    if owners and sorted(owners) != sorted(lead.owners):
        if not people & set(owners):
            return _LEFT  # BottleCRM drops whom it does not know, and the lead would be nobody's
        write["assigned_to"] = list(owners)
    return {**write, "custom_fields": custom}
