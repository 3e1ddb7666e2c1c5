"""Decisions on their way, a batch at a time: read, judge, then lead, contact and note, in this order.

Each step goes on with what the one before confirmed. Where an answer is lost the records are read once more:
our key on them says that the write took effect. What nobody can say is unknown. A token that may write leads,
and not their contacts or notes, halves one push at most: from then on nothing is begun.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from triage.clock import Clock
from triage.crm.hubspot import names
from triage.crm.hubspot.account import Account
from triage.crm.hubspot.api import Api
from triage.crm.hubspot.delivering import certain, plans
from triage.crm.hubspot.delivering.plans import Plan, Scene
from triage.crm.hubspot.delivering.standing import Standing, Standings, ground, version_of
from triage.crm.hubspot.delivering.writing import SILENT, update_of
from triage.crm.hubspot.rows import Row
from triage.crm.hubspot.stages import Said
from triage.crm.hubspot.timeline.notes import mark_of, marks_on
from triage.crm.hubspot.timeline.noting import Noting, Shown
from triage.crm.hubspot.values import Values
from triage.crm.records.mark import Mark
from triage.crm.records.readable import readable_of
from triage.crm.records.receipts import receipt_of, record_of
from triage.domain.act import Act
from triage.domain.item import Item
from triage.domain.outcome import Already, Conflicted, Outcome, Refused, RetryLater, Theirs, Unknown
from triage.errors import CrmError, NotPermitted

Marks = Mapping[str, Sequence[Mark]]
_GONE = Conflicted(Theirs(deleted=True))


class Deciding:
    """Decisions of one account."""

    def __init__(self, api: Api, account: Account, clock: Clock) -> None:
        self._api = api
        self._account = account
        self._clock = clock
        self._standings = Standings(api, account, clock)
        self._noting = Noting(api)
        self._forbidden: NotPermitted | None = None
        """Why what was begun could not be brought to its end."""

    async def push(self, items: Sequence[Item]) -> dict[str, Outcome]:
        """Write decisions on different leads. A CrmError but AnswerLost: nothing was written."""
        self.check_may_finish()
        found: dict[str, Outcome] = {}
        scene = await self._scene()
        going: list[Plan] = []
        for item_id, judged in (await self._judged(scene, items)).items():
            if isinstance(judged, Plan):
                going.append(judged)
            else:
                found[item_id] = judged
        begun = [plan for plan in going if not plan.write]
        new = [plan for plan in going if plan.write]
        found |= await self._finished(scene, begun)
        if self._forbidden is not None:
            return found | {plan.item.id: RetryLater(self._forbidden.message) for plan in new}
        new, failed = await self._leads(scene, new)
        return found | failed | await self._finished(scene, new)

    async def is_half_done(self, item: Item) -> bool:
        """Whether the lead was written, of an item that has no note."""
        lead = (await self._standings.of([item.lead_id])).get(item.lead_id)
        return lead is not None and lead.key == item.id

    async def finish(self, item: Item) -> Outcome:
        """Bring to its end what is half done. NotPermitted: the key may not."""
        outcome = (await self.push([item]))[item.id]
        self.check_may_finish()
        return outcome

    def check_may_finish(self) -> None:
        """Raise NotPermitted where a decision of ours could be begun, and not brought to its end."""
        if self._forbidden is not None:
            raise self._forbidden

    async def _scene(self) -> Scene:
        return Scene(
            await ground(self._account),
            await self._account.me(),
            {person.user_id: person.name for person in await self._account.owners()},
            await self._account.options(names.CONTACTS, names.REASON),
            self._clock(),
        )

    # Judging: nothing is written here

    async def _judged(self, scene: Scene, items: Sequence[Item]) -> dict[str, Plan | Outcome]:
        leads = await self._standings.of(item.lead_id for item in items)
        notes = await self._notes(scene, items, leads)
        return {item.id: await self._judge(scene, item, leads.get(item.lead_id), notes) for item in items}

    async def _notes(self, scene: Scene, items: Sequence[Item], leads: Mapping[str, Standing]) -> Marks:
        """Return our notes on the leads of items that may have been written before, or that take one back."""
        asked = [
            item.lead_id
            for item in items
            if (lead := leads.get(item.lead_id)) is not None
            and (_was_sent(item) or lead.key == item.id or item.takes_back is not None)
        ]
        return await marks_on(self._api, scene.known.kind, asked) if asked else {}

    async def _judge(self, scene: Scene, item: Item, lead: Standing | None, notes: Marks) -> Plan | Outcome:
        if lead is None:
            return _GONE
        on_lead = notes.get(item.lead_id, ())
        mark = mark_of(item.id, on_lead)
        if mark is not None:
            return Already(receipt_of(mark))
        original = mark_of(item.takes_back, on_lead) if item.takes_back is not None else None
        if lead.key == item.id:
            return await self._half_done(scene, item, lead, original)
        if item.takes_back is None and not plans.is_as_seen(item, lead):
            return await self._changed(scene, item)
        plan = await plans.planned(self._account, scene, item, lead, original)
        if isinstance(plan, Conflicted) and await self._may_be_ours(scene, item, lead, original):
            return await self._half_done(scene, item, lead, original)
        return plan

    async def _changed(self, scene: Scene, item: Item) -> Plan | Outcome:
        """Look again, with what the contact says, before a conflict is told."""
        lead = (await self._standings.of([item.lead_id], thoroughly=True)).get(item.lead_id)
        if lead is None:
            return _GONE
        if plans.is_as_seen(item, lead):
            return await plans.planned(self._account, scene, item, lead, None)
        if await self._may_be_ours(scene, item, lead, None):
            return await self._half_done(scene, item, lead, None)
        return plans.theirs(lead, scene.owners)

    async def _may_be_ours(self, scene: Scene, item: Item, lead: Standing, original: Mark | None) -> bool:
        """Whether a lead that cannot carry our key is just as this item, sent before, would have left it."""
        decision = item.decision
        if scene.known.has_key or not _was_sent(item) or decision is None:
            return False
        if decision.act is Act.RESTORE:
            return original is not None and plans.is_as_it_was(lead, original)
        before = await self._standings.before(scene.known, lead.lead_id, item.id)
        to = decision.params.get("to", "") if decision.act is Act.REROUTE else before["owner"]
        stage = scene.known.stages.target(decision.act, lead.pipeline, before["stage"]) or before["stage"]
        seen = item.base or decision.snapshot.seen
        return (lead.stage, lead.owner, before["owner"]) == (stage, to, seen.owner_id)

    async def _half_done(self, scene: Scene, item: Item, lead: Standing, original: Mark | None) -> Plan:
        """Go on with what has reached the lead: nothing on the lead is written again."""
        before = await self._standings.before(scene.known, lead.lead_id, item.id)
        return plans.resumed(scene, item, lead, before, original)

    # Writing

    async def _leads(self, scene: Scene, going: Sequence[Plan]) -> tuple[list[Plan], dict[str, Outcome]]:
        """Write the leads; returns the plans to go on with, and what became of the others."""
        inputs = [update_of(plan.item.id, plan.lead.lead_id, plan.write) for plan in going if plan.write]
        told = await certain.update(self._api, scene.known.kind, inputs)
        kept = [plan for plan in going if plan.item.id not in told.failed]
        return [_written(scene, plan, told.rows) for plan in kept], dict(told.failed)

    async def _finished(self, scene: Scene, going: Sequence[Plan]) -> dict[str, Outcome]:
        """Write what comes after the leads; what goes wrong then leaves a doubt."""
        try:
            return await self._contacts_and_notes(scene, going) if going else {}
        except CrmError as error:
            self._forbidden = error if isinstance(error, NotPermitted) else None
            return {plan.item.id: Unknown(error.message) for plan in going}

    async def _contacts_and_notes(self, scene: Scene, going: Sequence[Plan]) -> dict[str, Outcome]:
        """Write contacts, then notes; the note is what counts."""
        last = _last_of_each_contact(going)
        inputs = [update_of(plan.item.id, to, plan.contact) for to, plan in last.items()]
        told = await certain.update(self._api, names.CONTACTS, inputs)
        unknown: dict[str, Outcome] = {}
        shown: list[Shown] = []
        for plan in going:
            teller = last.get(plan.lead.contact_id)
            failed = told.failed.get(teller.item.id) if teller is not None else None
            if failed is not None and not isinstance(failed, Refused | Conflicted):
                unknown[plan.item.id] = _doubt(failed)
            else:
                shown.append(_shown(scene, plan, failed, says=teller is plan or not plan.contact))
        return unknown | await self._noting.note(scene.rep, shown)


def _last_of_each_contact(going: Sequence[Plan]) -> dict[str, Plan]:
    """Return the plan that writes a contact: of several leads of one, the decision made last stands there."""
    in_order = sorted(going, key=lambda one: one.item.made_at)
    return {plan.lead.contact_id: plan for plan in in_order if plan.lead.contact_id and plan.contact}


def _was_sent(item: Item) -> bool:
    """Whether the item may have left here before: its claim has counted this attempt already."""
    return item.attempts > 1


def _doubt(outcome: Outcome) -> Outcome:
    """Return what is said of an item whose lead was written, whatever became of the rest: nobody knows."""
    return outcome if isinstance(outcome, Unknown) else Unknown(getattr(outcome, "why", SILENT.why))


def _written(scene: Scene, plan: Plan, rows: Mapping[str, Row]) -> Plan:
    """Return a plan with the lead as HubSpot has it after the write."""
    row = rows.get(plan.item.id)
    if row is None:
        return plan
    owner = Values(row["properties"]).text(names.OWNER) or plan.owner
    return replace(plan, owner=owner, version=version_of(scene.known.kind, row))


def _shown(scene: Scene, plan: Plan, failed: Outcome | None, *, says: bool) -> Shown:
    """Return the note of a decision; `says`: the contact speaks of this lead, and of no other one."""
    known = scene.known
    said = plan.said if says and failed is None and known.keeps_outcomes else Said()
    after = {
        "stage": plan.stage,
        "owner": plan.owner,
        "owner_name": scene.name_of(plan.owner),
        "status": known.stages.status(plan.stage, said, scene.now).value,
        "version": plan.version,
    }
    record = record_of(plan.item, scene.rep, before=plan.before, after=after)
    to = {known.kind: plan.lead.lead_id}
    if plan.lead.contact_id and not isinstance(failed, Conflicted):
        to[names.CONTACTS] = plan.lead.contact_id
    refused = failed.messages[0] if isinstance(failed, Refused) else ""
    return Shown(plan.item, record, readable_of(plan.decision, scene.rep, refused), to)
