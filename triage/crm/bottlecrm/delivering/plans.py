"""What an item is to write, judged on the lead as it stands: one PATCH that has effect, key and record. Pure.

Owner and status are compared with what the rep saw; a restore with what the decision that it takes back left.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct

from triage.crm.bottlecrm import names
from triage.crm.bottlecrm.delivering.standing import (
    Standing,
    is_as_left,
    is_as_seen,
    place_of,
    theirs_of,
)
from triage.crm.bottlecrm.reading import log
from triage.crm.bottlecrm.reviewing.typed import put_away
from triage.crm.bottlecrm.statuses import Statuses, day_of
from triage.crm.dialect import Dialect
from triage.crm.fields import Fields
from triage.crm.records.mark import Mark, Record, word_of
from triage.crm.records.notes import words
from triage.crm.records.receipts import record_of
from triage.domain.act import Act
from triage.domain.decision import Decision
from triage.domain.feedback import Feedback
from triage.domain.item import Item
from triage.domain.outcome import Conflicted, Outcome, Refused
from triage.domain.people import Rep
from triage.errors import NotPermitted

_ANOTHERS = Refused(("The lead has another owner.",))
_NO_RECORD = Refused(("BottleCRM has no record of the decision that this takes back.",))
_OWN_REASON = "reason"
"""In the profile's `fields`: an organisation's own dropdown of reasons, filled beside triage's."""


class Scene(Struct, frozen=True):
    """All that an item is judged by, beside its lead."""

    rep: Rep
    people: dict[str, str]
    """Whom a lead may go to, id to name."""
    statuses: Statuses
    now: datetime
    """To the millisecond: so the log has it."""

    @property
    def dialect(self) -> Dialect:
        """The profile's own words."""
        return self.statuses.dialect


class Plan(Struct, frozen=True):
    """One write."""

    item: Item
    body: dict[str, Any]
    mark: Mark
    """Our record, as it will be read."""
    takes_away: bool = False
    """Whether the rep does not see the lead any more once this is written."""


def check_fields(item: Item, lead: Standing) -> None:
    """Raise NotPermitted where the custom fields are missing that this item cannot do without.

    BottleCRM drops a value for a field that it does not have, and says that all is well.
    """
    needed = names.NEEDED if item.decision is not None else (names.LOG,)
    missing = [name for name in needed if name not in lead.definitions]
    decision = lead.definitions.get(names.DECISION)
    if item.decision is not None and decision is not None and decision.options:
        missing += [one for one in names.DECISIONS.values() if one not in decision.options]
    if missing:
        raise NotPermitted(
            "BottleCRM does not have triage's fields yet.",
            hint=f"An admin runs `triage setup` once. Missing: {', '.join(missing)}.",
        )


def planned(scene: Scene, item: Item, lead: Standing) -> Plan | Outcome:
    """Return what an item writes, or why it is not written."""
    decision = item.decision
    if decision is None:
        told = _known(lead, _of_feedback(item.feedback))
        return _plan(scene, item, lead, record_of(item, scene.rep), {"custom_fields": told})
    if decision.act is Act.RESTORE:
        return _restoring(scene, item, lead)
    if not is_as_seen(item, lead):
        return theirs_of(lead, scene.rep.user_id)
    if scene.rep.user_id not in lead.owners:
        return _ANOTHERS
    to = decision.params.get("to", "")
    if decision.act is Act.REROUTE and to not in scene.people:
        return Refused((f"There is no user “{to}” in BottleCRM.",))
    return _deciding(scene, item, decision, lead)


def _deciding(scene: Scene, item: Item, decision: Decision, lead: Standing) -> Plan:
    write: dict[str, Any] = {}
    target = scene.statuses.target(decision.act)
    if target is not None and target != lead.theirs:
        write["status"] = target
    if decision.act is Act.REROUTE:
        others = [one for one in lead.owners if one != scene.rep.user_id]
        write["assigned_to"] = list(dict.fromkeys([decision.params["to"], *others]))
    reason = decision.reason or ""
    values = {
        names.DECISION: names.DECISIONS[decision.act],
        names.REASON: reason,
        names.WAKE_AT: _wakes_on(decision),
    } | _told(decision)
    own = scene.dialect.fields.get(_OWN_REASON)
    if own:
        values[own] = scene.dialect.reason(decision.act, decision.reason) or reason
    return _decided(scene, item, lead, write, values)


def _restoring(scene: Scene, item: Item, lead: Standing) -> Plan | Outcome:
    """Go back to status, owners and fields before the decision `of`, if nobody has acted since."""
    original = lead.mark(item.takes_back)
    before = original.record.get("before") if original is not None else None
    if original is None or not isinstance(before, dict):
        return _NO_RECORD
    if not is_as_left(lead, original):
        return theirs_of(lead, scene.rep.user_id)
    was = Fields(before, Counter())
    write: dict[str, Any] = {}
    if was.text("theirs") and was.text("theirs") != lead.theirs:
        write["status"] = was.text("theirs")
    if was.texts("assigned_to") and sorted(was.texts("assigned_to")) != sorted(lead.owners):
        write["assigned_to"] = list(was.texts("assigned_to"))
    values = {name: was.text(name) for name in (names.DECISION, names.REASON, names.WAKE_AT)}
    values[names.DECISION] = values[names.DECISION] or names.DECISIONS[Act.RESTORE]
    return _decided(scene, item, lead, write, values)


def _decided(
    scene: Scene, item: Item, lead: Standing, write: Mapping[str, Any], values: Mapping[str, str]
) -> Plan:
    """Put the plan of a decision together, with how the lead was before and will be after."""
    known = _known(lead, {**values, names.KEY: item.id, **put_away(lead.row, item.id)})
    after = {**lead.row, **write, "custom_fields": {**lead.custom, **known}}
    owners = {one: _name(scene, lead, one) for one in write.get("assigned_to", lead.owners)}
    owner = scene.rep.user_id if scene.rep.user_id in owners else next(iter(owners), "")
    record = record_of(
        item,
        scene.rep,
        before=place_of(lead) | {"status": lead.status.value},
        after={
            "theirs": str(after.get("status") or ""),
            "assigned_to": sorted(owners),
            "status": scene.statuses.status(after, scene.now).value,
            "owner": owner,
            "owner_name": owners.get(owner, ""),
        },
    )
    return _plan(scene, item, lead, record, {**write, "custom_fields": known})


def _plan(scene: Scene, item: Item, lead: Standing, record: Record, write: dict[str, Any]) -> Plan:
    """Put a plan together: what is written, with its record in the log."""
    mark = Mark(f"{lead.row.get('id')}:{item.id}", item.id, word_of(item), record, scene.now)
    custom = {**write["custom_fields"], names.LOG: log.appended(lead.row, mark)}
    takes_away = scene.rep.user_id not in write.get("assigned_to", (scene.rep.user_id,))
    return Plan(item, {**write, "custom_fields": custom}, mark, takes_away)


def _known(lead: Standing, values: Mapping[str, str]) -> dict[str, str]:
    """Return what the organisation has a place for; a dropdown that lacks a value is emptied."""
    there = lead.definitions
    kept = {name: value for name, value in values.items() if name in there}
    unknown = [name for name in kept if there[name].options and kept[name] not in there[name].options]
    return kept | dict.fromkeys(unknown, "")


def _name(scene: Scene, lead: Standing, user_id: str) -> str:
    return lead.owners.get(user_id) or scene.people.get(user_id, "")


def _wakes_on(decision: Decision) -> str:
    """Return the day on which a snooze or a recycle ends; empty where it has none, or another act."""
    if decision.act not in (Act.SNOOZE, Act.RECYCLE):
        return ""
    return day_of(decision.params.get("wake", "")) or day_of(decision.params.get("until", ""))


def _told(decision: Decision) -> dict[str, str]:
    return {names.FEEDBACK: words(decision.note)} if decision.note else {}


def _of_feedback(feedback: Feedback | None) -> dict[str, str]:
    if feedback is None:
        return {}
    said = [f"{name}: {value}" for name, value in feedback.payload.items() if value]
    return {names.FEEDBACK: words("\n".join([feedback.type.value, *said]))}


def conflict_of(scene: Scene, item: Item, lead: Standing) -> Conflicted | None:
    """Return how a lead differs from what the rep saw, or None where it does not."""
    is_restore = item.decision is not None and item.decision.act is Act.RESTORE
    original = lead.mark(item.takes_back) if is_restore else None
    same = is_as_seen(item, lead) if original is None else is_as_left(lead, original)
    return None if same else theirs_of(lead, scene.rep.user_id)
