"""What is on its way and what got stuck: each item with its cause in the CRM's words and its ways out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from rich.style import Style

from screens.cells import Line, crop, say
from screens.ink import Ink
from screens.words import ago, counted
from triage.domain.item import EFFECTIVE, UNDELIVERED, Item, State

KEEP, REDECIDE, DROP, RETRY, SEND = "keep mine", "decide again", "drop", "retry", "send now"
_ASK = "ask the CRM"
WAYS: Mapping[State, Mapping[str, str]] = {
    State.CONFLICT: {"1": KEEP, "2": REDECIDE, "3": DROP},
    State.REFUSED: {"1": RETRY, "2": REDECIDE, "3": DROP},
    State.UNKNOWN: {"1": _ASK},
    State.SENDING: {"1": _ASK},
    State.QUEUED: {"1": SEND, "3": DROP},
}
"""State → digit → way out. Nothing that may have reached the CRM can be dropped: undo takes it back."""
_RANK = {state: rank for rank, state in enumerate(WAYS)}
_SIGN = {
    State.CONFLICT: "‼ conflict",
    State.REFUSED: "✗ refused",
    State.UNKNOWN: "? unknown",
    State.SENDING: "→ sending",
    State.QUEUED: "… queued",
    State.APPLIED: "✓ sent",
    State.REVIEWED: "✓ reviewed",
}
_CAUSE = {
    State.CONFLICT: "The lead changed at the CRM since you decided.",
    State.UNKNOWN: "The answer was lost: the CRM is asked before anything is sent again.",
    State.SENDING: "Being sent now.",
}


@dataclass(frozen=True, slots=True)
class Told:
    """An item, and the names of the people it is about."""

    item: Item
    name: str
    owner_seen: str = ""
    """Whose lead it was when it was decided, in words."""


def in_order(items: tuple[Item, ...]) -> list[Item]:
    """Return what needs the rep, then what is unsent, then what was sent of late; each the latest first."""
    shown = [item for item in items if item.state in UNDELIVERED | EFFECTIVE]
    shown.sort(key=lambda item: item.made_at, reverse=True)
    return sorted(shown, key=lambda item: _RANK.get(item.state, len(_RANK)))


def item_lines(told: Told, now: datetime, width: int, ink: Ink, *, under_cursor: bool) -> list[Line]:
    """Return an item: what it is; while it is not settled, why not and which digits help."""
    item = told.item
    settled = item.state in EFFECTIVE
    head = Line("▌ " if under_cursor else "  ", ink.accent)
    head.add(f"{_SIGN[item.state]:<11}", _style(item.state, ink))
    head.add(crop(f"{told.name}: {what(item)}", width - head.width - 16), ink.dim if settled else ink.strong)
    head.add(f"  {ago(item.made_at, now)}", ink.dim)
    if settled:
        return [head]
    lines = [head, *(_indented(text, width, ink.text) for text in causes(told, now))]
    ways = "   ".join(f"{digit} {way}" for digit, way in WAYS[item.state].items())
    lines.append(_indented(ways, width, ink.accent if under_cursor else ink.dim))
    return lines


def what(item: Item) -> str:
    """Say what an item is: an act with its reason, or a kind of feedback."""
    if item.decision is not None:
        act = item.decision.act
        if item.decision.of:
            return "undo of a decision that was sent"
        return say(f"{act.done} {item.decision.reason}" if item.decision.reason else act.done)
    return say(item.feedback.type.replace("_", " ")) if item.feedback is not None else ""


def causes(told: Told, now: datetime) -> list[str]:
    """Say why an item stands where it does; for a conflict, both versions."""
    item = told.item
    lines = [_CAUSE[item.state]] if item.state in _CAUSE else []
    both = item.state is State.CONFLICT and item.theirs is not None
    if item.error and not both:
        said = "The CRM: " if item.state is State.REFUSED else ""
        lines.append(f"{said}{say(item.error)}")
    if both:
        lines.extend(_versions(told, now))
    if item.state is State.QUEUED:
        later = max(item.due_at, item.not_before or item.due_at)
        seconds = int((later - now).total_seconds())
        lines.append(
            "Goes with the next sync." if seconds <= 0 else f"Held for {seconds} s more: undo is free."
        )
    if item.attempts:
        lines.append(f"{counted(item.attempts, 'attempt')} so far.")
    return lines


def _versions(told: Told, now: datetime) -> list[str]:
    item = told.item
    theirs, decision = item.theirs, item.decision
    if theirs is None:
        return []
    lines = []
    if decision is not None:
        seen = item.base or decision.snapshot.seen
        lines.append(f"you saw: {say(seen.status)}, {told.owner_seen or f'owner {say(seen.owner_id)}'}")
    if theirs.deleted:
        merged = f", merged into {say(theirs.merged_into)}" if theirs.merged_into else ""
        return [*lines, f"at the CRM: deleted{merged}"]
    by = f", by {say(theirs.changed_by)}" if theirs.changed_by else ""
    owner = say(theirs.owner.name or theirs.owner.user_id)
    return [
        *lines,
        f"at the CRM: {say(theirs.status)}, owner {owner}{by} {ago(theirs.changed_at, now)}".rstrip(),
    ]


def _indented(text: str, width: int, style: Style) -> Line:
    return Line("             ", style).add(crop(text, width - 14), style)


def _style(state: State, ink: Ink) -> Style:
    if state in (State.CONFLICT, State.REFUSED):
        return ink.bad
    return ink.good if state in EFFECTIVE else ink.warn
