"""Decisions on their way, a push at a time: read and judged, then written, then noted in the chatter.

The note is the effect. It comes last, so that it tells what is; only where a decision takes the lead out of
the rep's sight it comes first, and the item is done when the lead is gone as well. Whoever comes again finds
the note, or the lead as a decision leaves it, and goes on from there.

Not confirmed against a live account: that whoever wrote a note finds it though record rules hide its lead.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from msgspec.structs import replace

from triage.crm.odoo.account import LEADS, Account
from triage.crm.odoo.api import Api
from triage.crm.odoo.chatter import mark_of, notes_of
from triage.crm.odoo.delivering import plans, standing
from triage.crm.odoo.delivering.plans import Plan, Scene
from triage.crm.odoo.delivering.standing import Found, standings, writable
from triage.crm.odoo.delivering.writing import Note, Writing
from triage.crm.odoo.lost_reasons import LABELS
from triage.crm.odoo.our_tags import make_tags
from triage.crm.records.mark import Mark
from triage.crm.records.notes import paragraphs
from triage.crm.records.readable import readable_of
from triage.crm.records.receipts import receipt_of, record_of
from triage.domain.act import Act
from triage.domain.item import Item
from triage.domain.outcome import Already, Outcome, Refused

_OUT_OF_SIGHT = Refused(("Odoo does not show you this lead any more: ask who has it.",))
_GIVES = (Act.REROUTE, Act.RESTORE)


class Deciding:
    """Decisions of one database."""

    def __init__(self, api: Api, account: Account) -> None:
        self._api = api
        self._account = account

    async def push(self, items: Sequence[Item]) -> Mapping[str, Outcome]:
        """Write decisions on different leads. A CrmError but AnswerLost: nothing was written."""
        scene = await self.scene(items)
        judged = await self._judged(scene, items)
        going = [one for one in judged.values() if isinstance(one, Plan)]
        told = await self.write(scene, going)
        settled = {one: found for one, found in judged.items() if not isinstance(found, Plan)}
        return {**settled, **told}

    async def left_of(self, scene: Scene, item: Item) -> Plan | Outcome | None:
        """Return what is left of an item that may have been sent, or that it is there; None: nothing is."""
        found = (await self._judged(scene, [item], was_sent=True))[item.id]
        if isinstance(found, Already):
            return found
        return found if isinstance(found, Plan) and (found.is_begun or found.mark is not None) else None

    async def write(self, scene: Scene, going: Sequence[Plan]) -> Mapping[str, Outcome]:
        """Write what is planned; returns what became of each item. Raises only while nothing is written."""
        writing = Writing(self._api, self._account)
        writing.take_up(going)
        await writing.note([_note(scene, one) for one in going if one.note_first and one.mark is None])
        await writing.change(going)
        await writing.note([_told(scene, one, writing) for one in going if not one.note_first])
        told = await writing.applied([one.item for one in going])
        done = {
            one.item.id: Already(receipt_of(one.mark))
            for one in going
            if one.mark is not None and one.item.id not in told
        }
        return {**told, **done}

    async def scene(self, items: Sequence[Item]) -> Scene:
        """Return what decisions are judged by. Makes our tags where they are missing."""
        rep, fields = await self._account.me(), await self._api.fields(LEADS)
        await make_tags(self._api, self._account)
        reasons: dict[tuple[str, str], int] = {}
        for item in items:
            decision = item.decision
            if decision is not None and decision.act in plans.LOSES:
                code = decision.reason or ""
                found = await self._account.lost_reason(decision.act, code, LABELS.get(code, ""))
                reasons |= {(decision.act.value, code): found} if found is not None else {}
        return Scene(
            rep, await self._account.statuses(), writable(fields), await self._people(items), reasons
        )

    async def _people(self, items: Iterable[Item]) -> dict[str, str]:
        """Return who may own a lead, where a decision gives one to somebody."""
        if not any(one.decision is not None and one.decision.act in _GIVES for one in items):
            return {}
        return {person.user_id: person.name for person in await self._account.people()}

    async def _judged(
        self, scene: Scene, items: Sequence[Item], *, was_sent: bool = False
    ) -> dict[str, Plan | Outcome]:
        leads = await standings(self._api, self._account, [item.lead_id for item in items])
        wanted = {one for item in items for one in (item.id, item.takes_back) if one}
        marks = [mark for one in await notes_of(self._api, wanted) if (mark := one.mark) is not None]
        return {
            item.id: _judge(scene, item, leads, marks, was_sent=was_sent or item.attempts > 1)
            for item in items
        }


def _judge(
    scene: Scene, item: Item, leads: Found, marks: Sequence[Mark], *, was_sent: bool
) -> Plan | Outcome:
    lead = leads.there.get(item.lead_id)
    mark = mark_of(item.id, marks)
    if lead is None and mark is None:
        if item.takes_back is not None and item.lead_id in leads.hidden:
            return _OUT_OF_SIGHT
        return plans.HIDDEN if item.lead_id in leads.hidden else plans.GONE
    if mark is not None:
        is_waiting = lead is not None and _leaves(item) and plans.is_as_it_was(lead, mark)
        if lead is None or not is_waiting:
            return Already(receipt_of(mark))
    if lead is None:
        raise AssertionError("a lead that is nowhere was judged above")
    original = mark_of(item.takes_back, marks)
    plan = plans.judged(scene, item, lead, original, was_sent=was_sent)
    return replace(plan, mark=mark) if isinstance(plan, Plan) else plan


def _leaves(item: Item) -> bool:
    return item.decision is not None and item.decision.act in plans.LEAVES


def _note(scene: Scene, plan: Plan) -> Note:
    """Return the note of a decision: what people read, and the whole record."""
    more = {"before": plan.before, "after": plan.after(scene), "answer": plan.lead.answer}
    record = record_of(plan.item, scene.rep, **more)
    return Note(plan.item, record, readable_of(plan.decision, scene.rep))


def _told(scene: Scene, plan: Plan, writing: Writing) -> Note:
    """Return the note of a decision as far as Odoo took it."""
    turn, words = writing.cut_short.get(plan.item.id, (len(plan.writes), ""))
    if not words:
        return _note(scene, plan)
    stands = standing.after(plan.lead, plan.writes[:turn], scene.statuses)
    note = _note(scene, replace(plan, then=stands))
    return replace(note, readable=note.readable + paragraphs(f"Odoo refused a part of it: {words}"))
