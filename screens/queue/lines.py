"""What is said of an item in the queue: what it is, why it stands where it does, and its ways out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct

from screens.cells import Line, say, wrap
from screens.ink import Ink
from screens.queue.conflict import INDENT, Who, advice, headline, line_of, versions
from screens.words import counted, day, told_words
from triage.domain.clocks import spoken
from triage.domain.conflict import obstacle
from triage.domain.item import EFFECTIVE, IN_FLIGHT, Item, State

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
_CAUSE = {
    State.UNKNOWN: "The answer was lost: the CRM is asked before anything is sent again.",
    State.SENDING: "Being sent now.",
}
_CAUSE_LINES = 3
"""Lines that the words of a CRM may take."""


class Told(Struct, frozen=True):
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


def details(told: Told, now: datetime, width: int, ink: Ink, indent: int = INDENT) -> list[Line]:
    """Return what opens under an item: causes, both versions of a conflict, the ways out."""
    item = told.item
    if item.state in EFFECTIVE:
        return [line_of(settled_words(item, now), width, ink.dim, indent)]
    lines = [
        line_of(piece, width, ink.text, indent)
        for text in causes(told, now)
        for piece in wrap(text, width - indent - 1, _CAUSE_LINES)
    ]
    if item.state is State.CONFLICT:
        lines += versions(item, told.who, width, ink, indent)
        advised = wrap(advice(item, told.who, told.survivor), width - indent - 1, _CAUSE_LINES)
        lines += [line_of(piece, width, ink.dim, indent) for piece in advised if piece]
    return [*lines, line_of(choices(told), width, ink.accent, indent)]


def choices(told: Told) -> str:
    """Return the ways out with their digits: "1 retry   3 drop"."""
    return "   ".join(f"{digit} {_label(way, told)}" for digit, way in ways(told).items())


def what(item: Item) -> str:
    """Say what an item is: an act with its reason, or a kind of feedback."""
    if item.takes_back:
        return "undo of what was sent"
    if item.decision is not None:
        act = item.decision.act
        return say(f"{act.done} {item.decision.reason}" if item.decision.reason else act.done)
    return told_words(item.feedback) if item.feedback is not None else ""


def settled_words(item: Item, now: datetime) -> str:
    """Say when the CRM took an item, under which receipt, and what that did or what takes it back."""
    receipt = item.receipt
    moment = (receipt.applied_at if receipt is not None else None) or item.changed_at
    when = f"The CRM has it since {day(moment, now)}" if moment is not None else "The CRM has it"
    known_as = f", receipt {say(receipt.receipt_id)}" if receipt is not None and receipt.receipt_id else ""
    then = "It took back what was sent." if item.takes_back else "Undo takes it back."
    whose = f"{say(item.routed_to)} answers. " if item.routed_to and not item.takes_back else ""
    return f"{when}{known_as}. {whose}{then}"


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
        whose = f" {say(item.routed_to)} will answer." if item.routed_to and not item.takes_back else ""
        lines.append(tried + (told.waits or _when(told, now)) + whose)
    elif tried and item.state in IN_FLIGHT:
        lines.append(tried.rstrip())
    return lines


def goes(told: Told, now: datetime) -> str:
    """Say in a word or two when a queued item goes: "held 28 s", "in 7m", "next sync", or "waits"."""
    later = _goes_at(told)
    if told.waits or later <= now:
        return "waits" if told.waits else "next sync"
    return f"{'in' if told.item.attempts else 'held'} {_span(later, now)}"


def _when(told: Told, now: datetime) -> str:
    """Say when a queued item goes: by its hold, by the pause before the next try, or with the next sync."""
    later = _goes_at(told)
    if later <= now:
        return "Goes with the next sync."
    if told.item.attempts:
        return f"The next try is in {_span(later, now)}."
    return f"Held for {_span(later, now)} more: undo is free."


def _goes_at(told: Told) -> datetime:
    item = told.item
    moments = (item.due_at, item.not_before, told.earliest)
    return max(moment for moment in moments if moment is not None)


def _span(later: datetime, now: datetime) -> str:
    seconds = int((later - now).total_seconds())
    return f"{seconds} s" if seconds < 120 else spoken(later - now)  # noqa: PLR2004 - seconds count up to here


def _label(way: str, told: Told) -> str:
    return f"decide {told.survivor}" if way == FOLLOW else way
