"""A conflict, field by field: what the rep saw, what the CRM has, what the rep wants; and what hinders it.

Only fields that matter are compared: status, owner, and whether the record is still there. Words are raw, and
people are ids: a screen cleans them and says names.
"""

from __future__ import annotations

from msgspec import Struct

from triage.domain.act import Act
from triage.domain.decision import Decision
from triage.domain.item import Item, State
from triage.domain.outcome import Theirs

STATUS, OWNER, RECORD = "status", "owner", "record"
THERE = "there"


class Compared(Struct, frozen=True):
    """One field in its versions; empty where one does not say."""

    field: str
    seen: str
    theirs: str
    mine: str

    @property
    def changed(self) -> bool:
        """Whether others changed it."""
        return self.seen != self.theirs


class Obstacle(Struct, frozen=True):
    """Why a conflicting item cannot be sent once more, and what to do instead."""

    why: str
    instead: str


def compared(item: Item) -> tuple[Compared, ...]:
    """Return the fields that matter of a conflicting decision; nothing where there is none to compare."""
    decision, theirs = item.decision, item.theirs
    if decision is None or theirs is None:
        return ()
    seen = item.base or decision.snapshot.seen
    rows = (
        []
        if theirs.deleted
        else [
            Compared(STATUS, seen.status, theirs.status, _status_wanted(decision)),
            Compared(OWNER, seen.owner_id, theirs.owner.user_id, _owner_wanted(decision, seen.owner_id)),
        ]
    )
    wanted = _status_wanted(decision) if theirs.deleted else ""
    record = Compared(RECORD, THERE, _record_of(theirs), wanted)
    return (*rows, record) if record.changed else tuple(rows)


def obstacle(item: Item) -> Obstacle | None:
    """Say why "keep mine" is not possible, or return None where it is."""
    theirs = item.theirs
    if item.state is not State.CONFLICT or theirs is None:
        return Obstacle(
            f"{item.id} is {item.state}, not in conflict.", "`triage queue` shows what can be done."
        )
    if theirs.merged_into:
        other = theirs.merged_into
        return Obstacle(
            f"The lead was merged into {other} at the CRM.", f"Decide {other}, and drop this one."
        )
    if theirs.deleted:
        return Obstacle("The lead was deleted at the CRM.", "Drop it.")
    if item.decision is None:
        return Obstacle("Feedback compares nothing that could be kept.", "Drop it.")
    if item.decision.act is Act.RESTORE:
        return Obstacle("Someone has acted on the lead since: it cannot be restored.", "Drop the undo.")
    return None


def is_out_of_reach(item: Item, theirs: Theirs) -> bool:
    """Whether the lead is no longer the rep's: deleted, archived, or somebody else's."""
    seen = item.base or (item.decision.snapshot.seen if item.decision else theirs.seen)
    owner = theirs.owner.user_id
    return theirs.deleted or theirs.archived or owner not in ("", seen.owner_id)


def what_others_did(item: Item, theirs: Theirs) -> str:
    """Say what happened to the lead at the CRM, and by whom if it says (hostile text)."""
    who = theirs.changed_by or "Someone"
    if theirs.merged_into:
        return f"{who} merged the lead into {theirs.merged_into}"
    if theirs.deleted:
        return f"{who} deleted the lead"
    if theirs.archived:
        return f"{who} archived the lead"
    seen = item.base or (item.decision.snapshot.seen if item.decision else theirs.seen)
    if theirs.owner.user_id != seen.owner_id:
        owner = theirs.owner.name or theirs.owner.user_id
        return f"{who} took the lead" if owner == who else f"{who} gave the lead to {owner}"
    if theirs.status != seen.status:
        return f"{who} made it {theirs.status}"
    return f"{who} changed the lead since you decided"


def _status_wanted(decision: Decision) -> str:
    if decision.act is Act.RESTORE:
        return "as it was"
    return f"{decision.act.done} {decision.reason}" if decision.reason else decision.act.done


def _owner_wanted(decision: Decision, mine: str) -> str:
    """Return whose lead the decision makes it: a reject gives it back, and the CRM says to whom."""
    if decision.act is Act.REROUTE:
        return decision.params.get("to", "")
    return "" if decision.act in (Act.REJECT, Act.RESTORE) else mine


def _record_of(theirs: Theirs) -> str:
    if theirs.deleted:
        return "merged" if theirs.merged_into else "deleted"
    return "archived" if theirs.archived else THERE
