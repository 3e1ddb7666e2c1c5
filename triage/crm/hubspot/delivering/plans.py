"""What a decision is to write, judged on the lead as it stands. Nothing is written here.

Owner and status are compared with what the rep saw; a restore with what the decision that it takes back left.
An item that has reached the lead before is gone on with, and never compared: the difference is its own.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from triage.crm.hubspot import names
from triage.crm.hubspot.account import Account
from triage.crm.hubspot.delivering import contact_fields
from triage.crm.hubspot.delivering.standing import Ground, Standing
from triage.crm.hubspot.stages import Said
from triage.crm.hubspot.values import moment_of
from triage.crm.records import notes
from triage.crm.records.mark import Mark
from triage.domain.act import Act
from triage.domain.decision import Decision
from triage.domain.item import Item
from triage.domain.lead import Owner
from triage.domain.outcome import Conflicted, Outcome, Refused, Theirs
from triage.domain.people import Rep

_CLOSES = (Act.REJECT, Act.RECYCLE, Act.DISQUALIFY)
_ANOTHERS = Refused(("The lead has another owner.",))
_NO_RECORD = Refused(("HubSpot has no record of the decision that this takes back.",))


class Plan(Struct, frozen=True):
    """One decision on its way: what is written on lead and contact, and how the lead was before."""

    item: Item
    lead: Standing
    write: dict[str, str]
    """Properties of the lead; empty where the lead has them already, or nothing is to be changed on it."""
    contact: dict[str, str]
    said: Said
    before: dict[str, str]
    """stage, owner, status, outcome and wake_at: what a restore goes back to."""
    stage: str = ""
    owner: str = ""
    version: str = ""

    @property
    def decision(self) -> Decision:
        """The decision it is about."""
        if self.item.decision is None:
            raise ValueError("a plan is of a decision")
        return self.item.decision


class Scene(Struct, frozen=True):
    """All that a decision is judged by."""

    known: Ground
    rep: Rep
    owners: dict[str, str]
    """The people who may own a lead, id to name; empty where HubSpot does not say."""
    reasons: Collection[str]
    """The options of our own property for reasons."""
    now: datetime

    def name_of(self, owner_id: str) -> str:
        """Return what an owner is called."""
        return self.rep.name if owner_id == self.rep.user_id else self.owners.get(owner_id, "")


def is_as_seen(item: Item, lead: Standing) -> bool:
    """Whether owner and status are what the rep saw, or what our own writes made of it since."""
    if item.decision is None:
        return True
    seen = item.base or item.decision.snapshot.seen
    return (lead.owner, lead.status) == (seen.owner_id, seen.status)


def is_as_left(lead: Standing, original: Mark) -> bool:
    """Whether a lead still is as an earlier decision of ours left it."""
    after = _texts(original.record.get("after"))
    return (lead.stage, lead.owner) == (after.get("stage", ""), after.get("owner", ""))


def is_as_it_was(lead: Standing, original: Mark) -> bool:
    """Whether a lead is as it was before an earlier decision of ours."""
    before = _texts(original.record.get("before"))
    return (lead.stage, lead.owner) == (before.get("stage", ""), before.get("owner", ""))


def theirs(lead: Standing, owners: dict[str, str]) -> Conflicted:
    """Return a lead as a conflict tells it; who changed it HubSpot does not say."""
    owner = Owner(lead.owner, owners.get(lead.owner, ""))
    return Conflicted(Theirs(version=lead.version, status=lead.status, owner=owner))


async def planned(
    account: Account, scene: Scene, item: Item, lead: Standing, original: Mark | None
) -> Plan | Outcome:
    """Return what an item writes on a lead that was compared, or why it is refused."""
    decision = item.decision
    if decision is None:
        raise ValueError("a plan is of a decision")
    if lead.owner != scene.rep.user_id and decision.act is not Act.RESTORE:
        return _ANOTHERS
    if decision.act is Act.RESTORE:
        return _restoring(scene, item, lead, original)
    to = decision.params.get("to", "")
    if decision.act is Act.REROUTE and (not to or (scene.owners and to not in scene.owners)):
        return Refused((f"There is no user “{to}” in HubSpot.",))
    write: dict[str, str] = {}
    stage = scene.known.stages.target(decision.act, lead.pipeline, lead.stage)
    if stage is not None and stage != lead.stage:
        write[scene.known.stage_property] = stage
    if decision.act is Act.REROUTE:
        write[names.OWNER] = to
    if decision.act in _CLOSES and scene.known.kind == names.LEADS:
        write |= await _closing(account, decision)
    return _plan(scene, item, lead, write)


def resumed(
    scene: Scene, item: Item, lead: Standing, before: Mapping[str, str], original: Mark | None
) -> Plan:
    """Return what is left of a decision that has reached the lead: contact and note, nothing of the lead.

    `before`: stage and owner as they were, by HubSpot's history; the status is the one that the rep saw.
    """
    if item.decision is None:
        raise ValueError("a plan is of a decision")
    seen = item.base or item.decision.snapshot.seen
    undone = _texts(original.record.get("before")) if original is not None else {}
    plan = _plan(scene, item, lead, {}, undone=undone)
    was = before_of(lead) | {"status": seen.status, **before}
    return replace(plan, write={}, before=was)


async def _closing(account: Account, decision: Decision) -> dict[str, str]:
    """Return the reason and the words that a disqualified stage has room for, or wants."""
    value = await account.reason_value(decision.act, decision.reason)
    said = [decision.act.done, decision.reason or "", decision.note]
    return {
        names.NOTE_OF_LEAD: notes.words(" · ".join(part for part in said if part)),
    } | ({names.REASON_OF_LEAD: value} if value else {})


def _restoring(scene: Scene, item: Item, lead: Standing, original: Mark | None) -> Plan | Outcome:
    """Go back to stage and owner before the decision `of`, if nobody has acted since."""
    if original is None or "before" not in original.record:
        return _NO_RECORD
    if not is_as_left(lead, original):
        return theirs(lead, scene.owners)
    before = _texts(original.record["before"])
    back = {scene.known.stage_property: before.get("stage", ""), names.OWNER: before.get("owner", "")}
    now = {scene.known.stage_property: lead.stage, names.OWNER: lead.owner}
    write = {name: value for name, value in back.items() if value and value != now[name]}
    if scene.known.stage_property in write and scene.known.kind == names.LEADS:
        write |= {names.REASON_OF_LEAD: "", names.NOTE_OF_LEAD: ""}
    return _plan(scene, item, lead, write, undone=before)


def _plan(
    scene: Scene,
    item: Item,
    lead: Standing,
    write: dict[str, str],
    *,
    undone: Mapping[str, str] = MappingProxyType({}),
) -> Plan:
    """Put a plan together; `undone` is how the lead was before the decision that a restore takes back."""
    known = scene.known
    plan = Plan(item, lead, {}, {}, Said(), before_of(lead))
    before = Said(undone.get("outcome", ""), moment_of(undone.get("wake_at")))
    said = contact_fields.said_by(plan.decision, before, undone.get("status", ""))
    write = {name: value for name, value in write.items() if name in known.lead_properties}
    if known.has_key:
        write[names.KEY] = item.id
    contact = contact_fields.of_decision(plan.decision, scene.rep, said)
    contact = contact_fields.known(contact, known.contact_properties, scene.reasons)
    if known.kind == names.CONTACTS:
        write, contact = {**write, **contact}, {}
    return replace(
        plan,
        write=write,
        contact=contact,
        said=said,
        stage=write.get(known.stage_property, lead.stage),
        owner=write.get(names.OWNER, lead.owner),
        version=lead.version,
    )


def before_of(lead: Standing) -> dict[str, str]:
    """Return what a restore goes back to."""
    wake_at = lead.said.wake_at
    return {
        "stage": lead.stage,
        "owner": lead.owner,
        "status": lead.status,
        "outcome": lead.said.outcome,
        "wake_at": wake_at.isoformat() if wake_at is not None else "",
    }


def _texts(value: Any) -> dict[str, str]:
    """Return the texts of an object in a record that somebody could have changed."""
    given = value if isinstance(value, dict) else {}
    return {str(name): one for name, one in given.items() if isinstance(one, str)}
