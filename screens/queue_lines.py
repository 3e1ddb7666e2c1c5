"""What is on its way and what got stuck: each item with its cause in the CRM's words and its ways out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from rich.style import Style

from screens.cells import Line, crop, say
from screens.conflict_lines import Who, advice, headline, line_of, versions
from screens.ink import Ink
from screens.words import ago, counted
from triage.domain.clocks import spoken
from triage.domain.conflict import obstacle
from triage.domain.item import EFFECTIVE, IN_FLIGHT, UNDELIVERED, Item, State

KEEP, REDECIDE, DROP, RETRY, SEND = "keep mine", "decide again", "drop", "retry", "send now"
FOLLOW, TAKE_BACK = "decide the one that took its place", "take it back"
_ASK = "ask the CRM"
WAYS: Mapping[State, Mapping[str, str]] = {
    State.CONFLICT: {"1": KEEP, "2": REDECIDE, "3": DROP},
    State.REFUSED: {"1": RETRY, "2": REDECIDE, "3": DROP},
    State.UNKNOWN: {"1": _ASK, "3": TAKE_BACK},
    State.SENDING: {"1": _ASK, "3": TAKE_BACK},
    State.QUEUED: {"1": SEND, "3": DROP},
}
"""State → digit → way out. Nothing that may have reached the CRM can be dropped: it is taken back."""
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
    State.UNKNOWN: "The answer was lost: the CRM is asked before anything is sent again.",
    State.SENDING: "Being sent now.",
}


@dataclass(frozen=True, slots=True)
class Told:
    """An item, and what the rep calls the people and leads around it."""

    item: Item
    name: str
    who: Who = say
    survivor: str = ""
    """The lead that took the place of a merged one, where it is the rep's."""
    waits: str = ""
    """What a queued item waits for, other than its time."""
    earliest: datetime | None = None
    """Before this moment nothing at all is sent: the CRM asked for a pause."""


def in_order(items: tuple[Item, ...]) -> list[Item]:
    """Return what needs the rep, then what is unsent, then what was sent of late; each the latest first."""
    shown = [item for item in items if item.state in UNDELIVERED | EFFECTIVE]
    shown.sort(key=lambda item: (item.made_at, item.seq), reverse=True)
    return sorted(shown, key=lambda item: _RANK.get(item.state, len(_RANK)))


def ways(told: Told) -> Mapping[str, str]:
    """Return digit → way out of one item."""
    item = told.item
    found = dict(WAYS.get(item.state, {}))
    if item.takes_back:
        found = {digit: way for digit, way in found.items() if way != TAKE_BACK}
    if item.decision is None:
        found = {digit: way for digit, way in found.items() if way != REDECIDE}
    if item.state is State.CONFLICT and obstacle(item) is not None:
        found.pop("1", None)
        if item.theirs is not None and item.theirs.deleted:
            found.pop("2", None)
            found |= {"2": FOLLOW} if told.survivor and item.decision is not None else {}
    return dict(sorted(found.items()))


def item_lines(told: Told, now: datetime, width: int, ink: Ink, *, under_cursor: bool) -> list[Line]:
    """Return an item: what it is; while it is not settled, why not and which digits help.

    A conflict under the cursor shows both versions.
    """
    item = told.item
    settled = item.state in EFFECTIVE
    head = Line("▌ " if under_cursor else "  ", ink.accent)
    head.add(f"{_SIGN[item.state]:<11}", _style(item.state, ink))
    head.add(crop(f"{told.name}: {what(item)}", width - head.width - 16), ink.dim if settled else ink.strong)
    head.add(f"  {ago(item.made_at, now)}", ink.dim)
    if settled:
        return [head]
    lines = [head, *(line_of(text, width, ink.text) for text in causes(told, now))]
    if under_cursor and item.state is State.CONFLICT:
        lines += versions(item, told.who, width, ink)
        note = advice(item, told.who, told.survivor)
        lines += [line_of(note, width, ink.dim)] if note else []
    choices = "   ".join(f"{digit} {_label(way, told)}" for digit, way in ways(told).items())
    return [*lines, line_of(choices, width, ink.accent if under_cursor else ink.dim)]


def what(item: Item) -> str:
    """Say what an item is: an act with its reason, or a kind of feedback."""
    if item.takes_back:
        return "undo of what was sent"
    if item.decision is not None:
        act = item.decision.act
        return say(f"{act.done} {item.decision.reason}" if item.decision.reason else act.done)
    return say(item.feedback.type.replace("_", " ")) if item.feedback is not None else ""


def causes(told: Told, now: datetime) -> list[str]:
    """Say why an item stands where it does, how often it was tried, and when it goes next."""
    item = told.item
    if item.state is State.CONFLICT:
        return [headline(item, now)]
    lines = [_CAUSE[item.state]] if item.state in _CAUSE else []
    if item.error:
        lines.append(f"{'The CRM: ' if item.state is State.REFUSED else ''}{say(item.error)}")
    tried = f"{counted(item.attempts, 'attempt')} so far. " if item.attempts else ""
    if item.state is State.QUEUED:
        lines.append(tried + (told.waits or _when(told, now)))
    elif tried and item.state in IN_FLIGHT:
        lines.append(tried.rstrip())
    return lines


def _when(told: Told, now: datetime) -> str:
    """Say when a queued item goes: by its hold, by the pause before the next try, or with the next sync."""
    item = told.item
    moments = (item.due_at, item.not_before, told.earliest)
    later = max(moment for moment in moments if moment is not None)
    if later <= now:
        return "Goes with the next sync."
    if item.attempts:
        return f"The next try is in {_span(later, now)}."
    return f"Held for {_span(later, now)} more: undo is free."


def _span(later: datetime, now: datetime) -> str:
    seconds = int((later - now).total_seconds())
    return f"{seconds} s" if seconds < 120 else spoken(later - now)  # noqa: PLR2004 - seconds count up to here


def _label(way: str, told: Told) -> str:
    return f"decide {told.survivor}" if way == FOLLOW else way


def _style(state: State, ink: Ink) -> Style:
    if state in (State.CONFLICT, State.REFUSED):
        return ink.bad
    return ink.good if state in EFFECTIVE else ink.warn
