"""What a decision is to write, judged on the lead as it stands. Pure: nothing is read or written here.

Owner and status are compared with what the rep saw; a restore with what the decision that it takes back left.
An item that was sent before and has reached the lead in part is gone on with, and never compared: the
difference is its own, and what stands already is not written again.

Rejecting and disqualifying are Odoo's *lost*, which trains its scoring; recycling must not, so the lead only
loses its owner and gets a tag. Never writes a probability. Not confirmed against a live account: that
`action_set_lost` passes further values on to `write`, and that `type` may be written back to lead.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from triage.crm.odoo.account import TEAM
from triage.crm.odoo.delivering import standing
from triage.crm.odoo.delivering.standing import CONVERT, LOSE, REVIVE, WRITE, Standing, Write
from triage.crm.odoo.statuses import LEAD, OPPORTUNITY, Statuses
from triage.crm.records.mark import Mark
from triage.domain.act import Act
from triage.domain.decision import Decision
from triage.domain.item import Item
from triage.domain.lead import UNDECIDED, LeadStatus, Owner, Seen
from triage.domain.outcome import Conflicted, Outcome, Refused, Theirs
from triage.domain.people import Rep

_TAG = {
    Act.ACCEPT: LeadStatus.ACCEPTED,
    Act.REJECT: LeadStatus.REJECTED,
    Act.DISQUALIFY: LeadStatus.DISQUALIFIED,
    Act.RECYCLE: LeadStatus.RECYCLED,
    Act.SNOOZE: LeadStatus.SNOOZED,
}
LOSES = (Act.REJECT, Act.DISQUALIFY)
LEAVES = (Act.RECYCLE, Act.REROUTE)
"""By these a lead is out of the rep's sight, perhaps: the note goes first, for later nobody could post it."""
GONE = Conflicted(Theirs(deleted=True))
_ELSEWHERE = Owner("another", "another salesperson")
"""Whose a lead is that the record rules hide: Odoo does not say it."""
HIDDEN = Conflicted(Theirs(owner=_ELSEWHERE))
_ANOTHERS = Refused(("The lead has another owner.",))
_NO_RECORD = Refused(("Odoo has no record of the decision that this takes back.",))


class Scene(Struct, frozen=True):
    """All that a decision is judged by."""

    rep: Rep
    statuses: Statuses
    fields: frozenset[str]
    """The fields of a lead that there are."""
    people: Mapping[str, str]
    """Who may own a lead, id to name; empty where that was not asked, or Odoo does not say."""
    reasons: Mapping[tuple[str, str], int] = field(default_factory=dict)
    """The lost reason of an act and a code of ours."""

    def name_of(self, owner_id: str) -> str:
        """Return what an owner is called."""
        return self.rep.name if owner_id == self.rep.user_id else self.people.get(owner_id, "")


class Plan(Struct, frozen=True):
    """One decision on its way: what is written on the lead, and how it was before."""

    item: Item
    lead: Standing
    writes: tuple[Write, ...]
    """Only what changes anything."""
    before: dict[str, Any]
    then: Standing
    """The lead as the writes leave it."""
    is_begun: bool = False
    """Whether it has reached the lead before, in part at least."""
    mark: Mark | None = None
    """Its note, where that is there already."""

    @property
    def decision(self) -> Decision:
        """The decision it is about."""
        if self.item.decision is None:
            raise ValueError("a plan is of a decision")
        return self.item.decision

    @property
    def note_first(self) -> bool:
        """Whether the note goes before the write."""
        return self.decision.act in LEAVES

    def after(self, scene: Scene) -> dict[str, Any]:
        """Return what a later decision is compared with."""
        return {**self.then.before, "owner_name": scene.name_of(self.then.owner)}


def judged(
    scene: Scene, item: Item, lead: Standing, original: Mark | None, *, was_sent: bool
) -> Plan | Outcome:
    """Return what an item writes on a lead, or why it does not. `was_sent`: it may have left here before."""
    decision = item.decision
    if decision is None:
        raise ValueError("a plan is of a decision")
    may_be_ours = was_sent or (lead.key != "" and lead.key == item.id)
    if decision.act is Act.RESTORE:
        return _restoring(scene, item, lead, original, may_be_ours=may_be_ours)
    refused = _refusal(scene, decision)
    if refused is not None:
        return refused
    writes = _writes(scene, item, decision)
    seen = item.base or decision.snapshot.seen
    if (lead.owner, lead.status.value) == (seen.owner_id, seen.status):
        return _plan(scene, item, lead, writes) if lead.owner == scene.rep.user_id else _ANOTHERS
    if may_be_ours and _has_reached(scene, decision, lead, writes, seen):
        plan = _plan(scene, item, lead, writes)
        return replace(plan, before=_before(scene, decision, lead, seen), is_begun=True)
    return theirs(lead, scene)


def _has_reached(
    scene: Scene, decision: Decision, lead: Standing, writes: tuple[Write, ...], seen: Seen
) -> bool:
    """Whether a lead that is not as the rep saw it is as a decision leaves it, whole or converted only.

    Who converted it nobody can tell, as long as it stands where a conversion leaves it: the rep wanted that.
    """
    gives_away = any("user_id" in one.values for one in writes)
    whole = standing.after(lead, writes, scene.statuses)
    if lead.owner != (whole.owner if gives_away else seen.owner_id):
        return False
    if not any(standing.changes(lead, one, scene.statuses) for one in writes):
        return True
    return decision.act is Act.ACCEPT and lead.status is LeadStatus.OPPORTUNITY and lead.tag is None


def theirs(lead: Standing, scene: Scene) -> Conflicted:
    """Return a lead as a conflict tells it; who changed it a row does not say."""
    name = lead.owner_name or scene.name_of(lead.owner)
    return Conflicted(
        Theirs(
            version=lead.version,
            status=lead.status.value,
            owner=Owner(lead.owner, name),
            archived=not lead.is_active and lead.tag is None,
        )
    )


def is_as_left(lead: Standing, original: Mark) -> bool:
    """Whether a lead still is as an earlier decision of ours left it."""
    return _is_as(lead, original.record.get("after"))


def is_as_it_was(lead: Standing, original: Mark) -> bool:
    """Whether a lead is as it was before an earlier decision of ours."""
    return _is_as(lead, original.record.get("before"))


def back(lead: Standing, before: Mapping[str, Any], scene: Scene, **more: Any) -> tuple[Write, ...]:
    """Return the writes by which a lead comes back to what it was; `more` wins over that."""
    values: dict[str, Any] = {"user_id": _whole(before.get("owner")) or False}
    if before.get("type") in (LEAD, OPPORTUNITY):
        values["type"] = before["type"]
    if _whole(before.get("stage")):
        values["stage_id"] = _whole(before["stage"])
    tag = before.get("tag")
    wanted = LeadStatus(tag) if tag in list(LeadStatus) else None
    values |= {"tag_ids": _commands(scene.statuses, wanted), **more}
    write = Write(WRITE, {name: one for name, one in values.items() if name in scene.fields})
    if before.get("active") is False:
        reason = {"lost_reason_id": _whole(before.get("lost_reason"))}
        return (Write(LOSE, {name: one for name, one in reason.items() if one}), write)
    return (write,) if lead.is_active else (Write(REVIVE, {}), write)


def _is_as(lead: Standing, said: object) -> bool:
    return isinstance(said, dict) and (said.get("status"), said.get("owner")) == (
        lead.status.value,
        lead.owner,
    )


def _plan(scene: Scene, item: Item, lead: Standing, writes: tuple[Write, ...]) -> Plan:
    changing = tuple(one for one in writes if standing.changes(lead, one, scene.statuses))
    return Plan(item, lead, changing, lead.before, standing.after(lead, writes, scene.statuses))


def _refusal(scene: Scene, decision: Decision) -> Refused | None:
    to = decision.params.get("to", "")
    if decision.act is Act.REROUTE and (not _owner(to) or (scene.people and to not in scene.people)):
        return Refused((f"There is no user “{to}” in Odoo.",))
    return None


def _owner(to: str) -> dict[str, Any]:
    """Return what makes a lead a user's, or nobody's of a team; nothing where the id is neither."""
    if to.startswith(TEAM) and _whole(to.removeprefix(TEAM)):
        return {"user_id": False, "team_id": _whole(to.removeprefix(TEAM))}
    return {"user_id": _whole(to)} if _whole(to) else {}


def _writes(scene: Scene, item: Item, decision: Decision) -> tuple[Write, ...]:
    """Return all that a decision writes, in order."""
    act = decision.act
    tag = _TAG.get(act)
    values: dict[str, Any] = {"tag_ids": _commands(scene.statuses, tag), **_told(item, decision)}
    if act in LOSES:
        reason = scene.reasons.get((act.value, decision.reason or ""))
        return (Write(LOSE, _known(scene, ({"lost_reason_id": reason} if reason else {}) | values)),)
    if act is Act.RECYCLE:
        values["user_id"] = False
    if act is Act.REROUTE:
        values |= _owner(decision.params["to"])
    stage = scene.statuses.stage_for(tag) if tag is not None and act is not Act.SNOOZE else None
    if stage is not None:
        values["stage_id"] = stage.stage_id
    write = Write(WRITE, _known(scene, values))
    return (
        (Write(CONVERT, {}), write) if act is Act.ACCEPT and scene.statuses.kind != OPPORTUNITY else (write,)
    )


def _told(item: Item, decision: Decision) -> dict[str, Any]:
    """Return what goes into the fields that an admin may have made."""
    return {
        standing.OUTCOME: decision.act.done,
        standing.REASON: decision.reason or False,
        standing.KEY: item.id,
    }


def _known(scene: Scene, values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: one for name, one in values.items() if name in scene.fields}


def _commands(statuses: Statuses, wanted: LeadStatus | None) -> list[list[int]]:
    """Return what puts one tag of ours on a lead, and takes off the others."""
    off = [[standing.UNLINK, tag_id] for status, tag_id in statuses.tags.items() if status is not wanted]
    on = statuses.tags.get(wanted) if wanted is not None else None
    return [*off, *([[standing.LINK, on]] if on is not None else [])]


def _before(scene: Scene, decision: Decision, lead: Standing, seen: Seen) -> dict[str, Any]:
    """Return how a lead was before a decision that has reached it already, as far as that can be told."""
    status = LeadStatus(seen.status) if seen.status in list(LeadStatus) else LeadStatus.UNKNOWN
    was_lead = decision.act is Act.ACCEPT and status in UNDECIDED and scene.statuses.kind == LEAD
    is_moved = scene.statuses.stage_for(_TAG.get(decision.act, LeadStatus.UNKNOWN)) is not None
    return lead.before | {
        "status": status.value,
        "owner": seen.owner_id,
        "type": LEAD if was_lead else lead.kind,
        "stage": 0 if is_moved else lead.before["stage"],
        "active": True,
        "lost_reason": 0,
        "tag": status.value if status in scene.statuses.tags else "",
    }


def _restoring(
    scene: Scene, item: Item, lead: Standing, original: Mark | None, *, may_be_ours: bool
) -> Plan | Outcome:
    """Go back to what was before the decision `of`, if nobody has acted since."""
    if original is None or not isinstance(original.record.get("before"), dict):
        return _NO_RECORD
    told = {standing.OUTCOME: "restored", standing.REASON: False, standing.KEY: item.id}
    writes = back(lead, original.record["before"], scene, **told)
    if is_as_left(lead, original):
        return _plan(scene, item, lead, writes)
    if may_be_ours and (is_as_it_was(lead, original) or _is_between(lead, original)):
        return replace(_plan(scene, item, lead, writes), is_begun=True)
    return theirs(lead, scene)


def _is_between(lead: Standing, original: Mark) -> bool:
    """Whether all of a lead is as an earlier decision found or left it, some of each."""
    now, was, left = lead.before, original.record["before"], original.record.get("after")
    return isinstance(left, dict) and all(
        now[name] in (was.get(name), left.get(name)) for name in ("owner", "type", "active", "tag")
    )


def _whole(value: object) -> int:
    return int(value) if isinstance(value, int | str) and str(value).isdecimal() else 0
