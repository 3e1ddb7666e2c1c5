"""Which act a lead's state allows, and what it makes of it. Pure: no database, no clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from msgspec.structs import replace

from triage.embedded import sla
from triage.embedded.leads import OPEN, State
from triage.embedded.members import MARKETING_QUEUE
from triage.embedded.moments import from_wire, to_wire
from triage.embedded.reason_codes import wake_days

Item = dict[str, Any]

UNDECIDED = ("assigned", "snoozed")

_UNTIL_DECIDED = {"accept", "reject", "reroute", "snooze"}
_NEEDS_A_REASON = {"reject", "recycle", "disqualify"}


def objection(item: Item, state: State, contacted_at: str | None) -> str | None:
    """Return why this act cannot be done in this state, as a sentence; None where it can."""
    act = item["act"]
    if act in _NEEDS_A_REASON and not item["reason"]:
        return f"{act} needs a reason."
    if state.status not in (UNDECIDED if act in _UNTIL_DECIDED else OPEN):
        return f"The lead is {state.status}: {act} is not possible."
    if act == "reject" and contacted_at:
        return f"The lead was contacted {contacted_at[:10]}: recycle or disqualify it instead of a reject."
    if act == "disqualify" and not contacted_at and item["reason"] != "DO_NOT_CONTACT":
        return "The lead was not contacted: reject it, disqualify comes after contact."
    return None


def after(item: Item, state: State, *, by: str, now: datetime) -> State:
    """Return the state that the act makes; ValueError with a sentence where a parameter is off.

    An act takes a lead out of the archive: whoever decides it knows that it was there.
    """
    make: Callable[[Item, State, str, datetime], State] = _EFFECTS[item["act"]]
    return replace(make(item, state, by, now), archived=False)


def assigned_to(owner_id: str, state: State, now: datetime) -> State:
    """Return the state with a new owner, whose clock starts now."""
    return replace(
        state,
        owner_id=owner_id,
        status="assigned",
        snoozed_until=None,
        assigned_at=to_wire(now),
        sla_due_at=to_wire(now + sla.ASSIGNMENT),
        sla_rule=sla.RULE_OF_AN_ASSIGNMENT,
        archived=False,
    )


def _accepted(_item: Item, state: State, _by: str, _now: datetime) -> State:
    return replace(state, status="accepted", snoozed_until=None)


def _rejected(_item: Item, state: State, _by: str, _now: datetime) -> State:
    return replace(state, status="rejected", owner_id=MARKETING_QUEUE, snoozed_until=None)


def _disqualified(_item: Item, state: State, _by: str, _now: datetime) -> State:
    return replace(state, status="disqualified", snoozed_until=None)


def _recycled(item: Item, state: State, by: str, now: datetime) -> State:
    wake = wake_at(item, now)
    entry = {"at": to_wire(now), "reason": item["reason"], "by": by, "wake_at": wake, "new_since": []}
    return replace(state, status="recycled", snoozed_until=None, recycles=[*state.recycles, entry])


def wake_at(item: Item, now: datetime) -> str | None:
    """Return until when a recycle or a snooze, applied now, lets a lead sleep; None: without an end.

    ValueError with a sentence where a parameter is no time, OverflowError where it is too far away.
    """
    params = item["params"]
    for name in ("wake", "until"):
        if name in params:
            return None if params[name] == "none" else _time(params[name], name)
    days = timedelta(days=wake_days("recycle", item["reason"]) or 0)
    if "ends" in params:
        return to_wire(from_wire(_time(params["ends"], "ends")) - days)
    return to_wire(now + days) if days else None


def _rerouted(item: Item, state: State, _by: str, now: datetime) -> State:
    to = item["params"].get("to")
    if not to:
        raise ValueError("reroute needs the parameter `to`: the id of a user or queue.")
    return assigned_to(str(to), state, now)


def _snoozed(item: Item, state: State, _by: str, _now: datetime) -> State:
    if "until" not in item["params"]:
        raise ValueError("snooze needs the parameter `until`: a time.")
    return replace(state, status="snoozed", snoozed_until=_time(item["params"]["until"], "until"))


def _time(value: object, name: str) -> str:
    try:
        return to_wire(from_wire(str(value)))
    except (ValueError, OverflowError):
        raise ValueError(f"`{name}` is not a time: {value!r}.") from None


_EFFECTS: dict[str, Callable[[Item, State, str, datetime], State]] = {
    "accept": _accepted,
    "reject": _rejected,
    "recycle": _recycled,
    "disqualify": _disqualified,
    "reroute": _rerouted,
    "snooze": _snoozed,
}
