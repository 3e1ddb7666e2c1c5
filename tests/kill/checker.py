"""What goes in must come out, once: compares what was acknowledged, what the queue holds and what the CRM did.

Pure. The rules are those of Jepsen's "total-queue" after a full drain, and three of our own: effects on one lead
stand in the order of the decisions, a lead that others changed is never overwritten, and a calm sync writes nothing.
"""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

DECISION = "decision"


class Flaw(StrEnum):
    """What can be wrong."""

    LOST = "acknowledged, and not in the queue"
    DOUBLED = "there twice"
    UNEXPECTED = "at the CRM, though the queue does not say so"
    WITHOUT_EFFECT = "said to be applied, and not at the CRM"
    UNSETTLED = "still under way after the drain"
    CAME_BACK = "taken back by the rep, and not withdrawn"
    OUT_OF_ORDER = "took effect after a later decision on its lead"
    OVERWRITTEN = "applied over a change that the rep had not seen"
    NOT_FLAGGED = "refused, where the rep should have been shown a conflict"
    RESTLESS = "written by a sync that had nothing to do"


@dataclass(frozen=True, slots=True)
class Seen:
    """A lead as the rep saw it: the fields that a conflict is judged by."""

    version: int
    owner: str
    status: str


@dataclass(frozen=True, slots=True)
class Acked:
    """One item that a process said it had recorded, after the call had returned."""

    id: str
    lead_id: str
    kind: str = DECISION
    seen: Seen | None = None
    """None where nothing is compared: feedback, and an undo, which the CRM judges by `of`."""
    of: str | None = None
    """The decision that this one undoes."""
    withdrawn: bool = False
    """Acknowledged as taken back before it was sent."""


@dataclass(frozen=True, slots=True)
class Queued:
    """One line of `queue list --all`; lines stand in the order of the acts."""

    id: str
    lead_id: str
    state: str
    kind: str = DECISION
    receipt: bool = False
    """Whether the CRM ever gave a receipt for it."""


@dataclass(frozen=True, slots=True)
class Effect:
    """One line of the CRM's audit; lines stand in the order of the effects."""

    id: str
    lead_id: str
    kind: str = DECISION


@dataclass(frozen=True, slots=True)
class Changed:
    """A lead's new version, made by others than the rep."""

    lead_id: str
    version: int
    owner: str
    status: str


@dataclass(frozen=True, slots=True)
class Asked:
    """One item that arrived at the CRM, and what became of it; then the lead as its receipt shows it."""

    id: str
    lead_id: str
    kind: str
    outcome: str
    version: int = 0
    owner: str = ""
    status: str = ""


@dataclass(frozen=True, slots=True)
class Histories:
    """All that is compared. `crm` is in the order in which it happened."""

    acked: Sequence[Acked]
    queue: Sequence[Queued]
    effects: Sequence[Effect]
    crm: Sequence[Changed | Asked] = ()
    written_when_calm: int = 0
    """How many items arrived at the CRM in a sync that followed the drain."""


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing that is wrong."""

    flaw: Flaw
    id: str
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.id}: {self.flaw.value}{self.detail and f' ({self.detail})'}"


_ONCE = frozenset({"applied", "reviewed"})
_UNDER_WAY = frozenset({"sending", "unknown"})


def violations(histories: Histories) -> list[Violation]:
    """Return all that is wrong; empty after a good run."""
    return [
        *_lost(histories),
        *_effects(histories),
        *unsettled(histories.queue),
        *_out_of_order(histories),
        *_overwritten(histories),
        *_restless(histories),
    ]


def _lost(histories: Histories) -> Iterator[Violation]:
    lines = Counter(item.id for item in histories.queue)
    states = {item.id: item.state for item in histories.queue}
    for item_id in dict.fromkeys(one.id for one in histories.acked):
        if not lines[item_id]:
            yield Violation(Flaw.LOST, item_id)
    for item_id, count in lines.items():
        if count > 1:
            yield Violation(Flaw.DOUBLED, item_id, f"{count} lines in the queue")
    for one in histories.acked:
        if one.withdrawn and states.get(one.id, "withdrawn") != "withdrawn":
            yield Violation(Flaw.CAME_BACK, one.id, states[one.id])


def _effects(histories: Histories) -> Iterator[Violation]:
    effects = Counter(effect.id for effect in histories.effects)
    for item_id, count in effects.items():
        if count > 1:
            yield Violation(Flaw.DOUBLED, item_id, f"{count} effects")
    for item in histories.queue:
        count = effects.pop(item.id, 0)
        expected = item.state in _ONCE or (item.state == "superseded" and item.receipt)
        if expected and not count:
            yield Violation(Flaw.WITHOUT_EFFECT, item.id, item.state)
        if count and not expected and item.state not in _UNDER_WAY:
            yield Violation(Flaw.UNEXPECTED, item.id, item.state)
    for item_id in effects:
        yield Violation(Flaw.UNEXPECTED, item_id, "not in the queue")


def unsettled(queue: Sequence[Queued]) -> Iterator[Violation]:
    """Tell what is still under way; what waits behind a conflict waits for the rep."""
    held = {item.lead_id for item in queue if item.state == "conflict"}
    for item in queue:
        waits = item.state == "queued" and (item.kind != DECISION or item.lead_id not in held)
        if waits or item.state in _UNDER_WAY:
            yield Violation(Flaw.UNSETTLED, item.id, item.state)


def _out_of_order(histories: Histories) -> Iterator[Violation]:
    places = {item.id: place for place, item in enumerate(histories.queue)}
    latest: dict[str, int] = defaultdict(lambda: -1)
    for effect in histories.effects:
        place = places.get(effect.id)
        if effect.kind != DECISION or place is None:
            continue
        if place < latest[effect.lead_id]:
            yield Violation(Flaw.OUT_OF_ORDER, effect.id, effect.lead_id)
        latest[effect.lead_id] = max(place, latest[effect.lead_id])


def _restless(histories: Histories) -> Iterator[Violation]:
    if histories.written_when_calm:
        yield Violation(Flaw.RESTLESS, "the last sync", f"{histories.written_when_calm} items")


@dataclass(slots=True)
class _Past:
    """What has happened to one lead so far."""

    own: Seen | None = None
    """As the rep's own last decision left it."""
    others: list[Seen] = field(default_factory=list)
    """As others made it, each time."""
    took_effect: dict[str, int] = field(default_factory=dict)
    """At which version each decision did."""

    def note(self, event: Changed | Asked) -> None:
        """Take down a new version."""
        now = Seen(event.version, event.owner, event.status)
        if isinstance(event, Changed):
            self.others.append(now)
        else:
            self.own = now
            self.took_effect[event.id] = event.version

    def unseen(self, acked: Acked) -> Seen | None:
        """Return what others have made of the lead without the rep's having seen it, or None."""
        if acked.of is not None:
            return self._since(self.took_effect.get(acked.of, sys.maxsize))
        known = acked.seen
        if known is None:
            return None
        if self.own is not None and self.own.version > known.version:
            known = self.own  # a later decision goes out with what the earlier one left
        latest = self._since(known.version)
        differs = latest is not None and (latest.owner, latest.status) != (known.owner, known.status)
        return latest if differs else None

    def _since(self, version: int) -> Seen | None:
        return next((one for one in reversed(self.others) if one.version > version), None)


_FLAW_OF = {"applied": Flaw.OVERWRITTEN, "refused": Flaw.NOT_FLAGGED}


def _overwritten(histories: Histories) -> Iterator[Violation]:
    acked = {one.id: one for one in histories.acked}
    pasts: dict[str, _Past] = defaultdict(_Past)
    for event in histories.crm:
        past = pasts[event.lead_id]
        if isinstance(event, Asked) and event.id in acked:
            unseen, flaw = past.unseen(acked[event.id]), _FLAW_OF.get(event.outcome)
            if unseen is not None and flaw is not None:
                yield Violation(flaw, event.id, f"now {unseen}")
        if isinstance(event, Changed) or (event.kind == DECISION and event.outcome == "applied"):
            past.note(event)
