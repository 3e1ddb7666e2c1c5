"""Whether a decision may be written as the lead stands now, and what the write then says. Pure.

Owner and status are compared with what the rep saw; a status is read with what triage decided last on the
lead, as a fetch reads it. Whatever else was changed on a lead is no conflict. Not confirmed against a live
account: `MasterRecordId` of a deleted lead names the one that it was merged into.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from triage.crm.fields import Fields
from triage.crm.rest.bodies import wire_time
from triage.crm.salesforce.account import is_queue_id, same_id
from triage.crm.salesforce.describe import Described
from triage.crm.salesforce.keeping.decision_rows import wake_of
from triage.crm.salesforce.keeping.kept import Kept, Standing
from triage.crm.salesforce.keeping.ledger import decided, standing
from triage.crm.salesforce.statuses import Statuses, decided_status
from triage.domain.act import Act
from triage.domain.decision import Decision
from triage.domain.item import Item
from triage.domain.lead import UNDECIDED, LeadStatus, Owner, Seen
from triage.domain.outcome import Conflicted, Outcome, Refused, Theirs

Row = Mapping[str, Any]
LEAD_COLUMNS = (
    "OwnerId",
    "Owner.Name",
    "Status",
    "IsConverted",
    "ConvertedOpportunityId",
    "LastModifiedDate",
    "LastModifiedBy.Name",
    "SystemModstamp",
    "IsDeleted",
    "MasterRecordId",
)
_BECOMES = {
    Act.ACCEPT: LeadStatus.ACCEPTED,
    Act.REJECT: LeadStatus.REJECTED,
    Act.RECYCLE: LeadStatus.RECYCLED,
    Act.DISQUALIFY: LeadStatus.DISQUALIFIED,
    Act.SNOOZE: LeadStatus.SNOOZED,
    Act.REROUTE: LeadStatus.ASSIGNED,
}
_CONVERTED = Refused(("The lead is converted in Salesforce: nothing can be written to it any more.",))
_NOT_OURS = Refused(("The lead has another owner.",))
_TO_NOBODY = Refused(("The profile's recycles_to names no queue of leads that Salesforce shows you.",))
_NOTHING_TO_RESTORE = Refused(("Salesforce keeps no record of what this takes back.",))


class Plan(Struct, frozen=True):
    """What is to be written for one item."""

    item: Item
    columns: Mapping[str, Any]
    """Of the lead; empty for feedback."""
    before: Standing | None = None
    after: Standing | None = None
    unmodified_since: datetime | None = None
    on_lead: bool = True
    """Whether something new may refer to the lead: nothing may to a converted one."""


class Judge(Struct, frozen=True):
    """What an item is judged by, as long as one delivery lasts."""

    user_id: str
    user_name: str
    statuses: Statuses
    lead: Described
    reason_value: Callable[[str, str | None], str]
    recycles_to: str | None = ""
    """Whose recycled leads become, by the profile; empty: they stay; None: the org knows no such queue."""

    def judge(
        self, item: Item, row: Row | None, decisions: Sequence[Kept], original: Kept | None
    ) -> Outcome | Plan:
        """Return why nothing is written, or what is; `decisions` on the lead, the oldest first."""
        if row is None or row.get("IsDeleted") is True:
            return Conflicted(_removed(row))
        if item.decision is None:
            return Plan(item, {}, on_lead=row.get("IsConverted") is not True)
        now = self._standing(row, decided(decisions))
        if item.decision.act is Act.RESTORE:
            return self._restored(item, row, now, decisions, original)
        obstacle = self._obstacle(row, now, item.base or item.decision.snapshot.seen)
        if item.decision.act is Act.RECYCLE and self.recycles_to is None:
            obstacle = obstacle or _TO_NOBODY
        return obstacle or self._planned(item, item.decision, row, now, decisions)

    def _obstacle(self, row: Row, now: Standing, seen: Seen) -> Outcome | None:
        """Return why a decision cannot be written to a lead that is there, or None."""
        if not (same_id(now.owner_id, seen.owner_id) and now.ours == seen.status):
            return Conflicted(theirs_of(row, now))
        if row.get("IsConverted") is True:
            return _CONVERTED
        mine = same_id(now.owner_id, self.user_id) or is_queue_id(now.owner_id)
        return None if mine else _NOT_OURS

    def _planned(
        self, item: Item, decision: Decision, row: Row, now: Standing, decisions: Sequence[Kept]
    ) -> Plan:
        status = self._status_for(decision.act, now.status)
        owner, name = self._owner_for(decision, now)
        outcome = (item.id, decision.act.done, "")
        after = Standing(status, owner, self._ours_after(row, status, decisions, outcome), name)
        return self._plan(item, row, now, after)

    def _restored(
        self, item: Item, row: Row, now: Standing, decisions: Sequence[Kept], original: Kept | None
    ) -> Outcome | Plan:
        """Bring back what was before a decision, if nobody has acted on the lead since."""
        if original is None or original.before is None:
            return _NOTHING_TO_RESTORE
        stands = standing(decisions)
        left = original.left
        touched = left is None or (left.status, left.owner_id) != (now.status, now.owner_id)
        if touched or row.get("IsConverted") is True or stands is None or stands.key != original.key:
            return Conflicted(theirs_of(row, now))
        before = original.before
        outcome = (item.id, Act.RESTORE.done, original.key)
        ours = self._ours_after(row, before.status, decisions, outcome)
        return self._plan(item, row, now, replace(before, ours=ours))

    def _plan(self, item: Item, row: Row, now: Standing, after: Standing) -> Plan:
        columns: dict[str, Any] = {"Status": after.status}
        if after.owner_id != now.owner_id:
            columns["OwnerId"] = after.owner_id
        if item.decision is not None:
            columns |= self._told(item.decision)
        modified = Fields(row, Counter()).time("LastModifiedDate")
        return Plan(item, columns, now, after, modified)

    def _told(self, decision: Decision) -> dict[str, Any]:
        """Return the lead's own columns about the decision, as far as the org has them."""
        wakes = wake_of(decision)
        told = {
            "Triage_Outcome__c": decision.act.done,
            "Triage_Reason__c": self.reason_value(decision.act.value, decision.reason) or None,
            "Triage_Wake_At__c": wire_time(wakes) if wakes else None,
        }
        return {name: value for name, value in told.items() if self.lead.can_update(name)}

    def _standing(self, row: Row, told: LeadStatus | None) -> Standing:
        fields = Fields(row, Counter())
        owner = fields.child("Owner")
        return Standing(
            fields.text("Status"),
            fields.text("OwnerId"),
            self.statuses.of(row, told).value,
            owner.text("Name") if owner else "",
        )

    def _status_for(self, act: Act, now: str) -> str:
        """Return Salesforce's status after an act; one that triage has no word for stays."""
        if act is Act.REROUTE and self.statuses.ours(now) in UNDECIDED:
            return now
        return self.statuses.theirs(_BECOMES[act]) or now

    def _owner_for(self, decision: Decision, now: Standing) -> tuple[str, str]:
        """Return whose lead it is afterwards: who accepts one of a queue's takes it."""
        if decision.act is Act.REROUTE:
            return decision.params.get("to", ""), ""
        if decision.act is Act.ACCEPT and is_queue_id(now.owner_id):
            return self.user_id, self.user_name
        if decision.act is Act.RECYCLE and self.recycles_to:
            return self.recycles_to, ""
        return now.owner_id, now.owner_name

    def _ours_after(
        self, row: Row, status: str, decisions: Sequence[Kept], outcome: tuple[str, str, str]
    ) -> str:
        """Return the status in our words, as the next fetch will read it."""
        told = [*((one.key, one.outcome, one.about) for one in decisions), outcome]
        return self.statuses.of({**row, "Status": status}, decided_status(told)).value


def theirs_of(row: Row, now: Standing) -> Theirs:
    """Return the lead as Salesforce has it; a converted one is put away."""
    fields = Fields(row, Counter())
    by = fields.child("LastModifiedBy")
    return Theirs(
        version=fields.text("SystemModstamp"),
        status=now.ours,
        owner=Owner(now.owner_id, now.owner_name),
        changed_by=by.text("Name") if by else "",
        changed_at=fields.time("LastModifiedDate"),
        archived=row.get("IsConverted") is True,
    )


def _removed(row: Row | None) -> Theirs:
    """Return a lead that is deleted, or merged into another; one that is not shown to us was put away."""
    if row is None:
        return Theirs(archived=True)
    fields = Fields(row, Counter())
    by, into = fields.child("LastModifiedBy"), fields.id("MasterRecordId")
    return Theirs(
        changed_by=by.text("Name") if by else "",
        changed_at=fields.time("LastModifiedDate"),
        deleted=True,
        merged_into=into,
    )
