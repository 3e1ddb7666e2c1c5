"""What is other about a lead now than when the rep decided it: the snapshot against the lead. Pure.

Compares only what the snapshot kept; what it does not know of, it says nothing about.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from triage.domain.decision import Snapshot
from triage.domain.definition import Definition, Result
from triage.domain.entry import Entry
from triage.domain.lead import Lead, Owner

_FEW = 3
"""Contributions that are named one by one."""


class Difference(Struct, frozen=True):
    """One thing that is not as the rep saw it; raw words."""

    what: str
    before: str
    now: str

    @property
    def words(self) -> str:
        """Say it: "score 72 → 58"; what came or went has one side only."""
        if self.before and self.now:
            return f"{self.what} {self.before} → {self.now}"
        return f"{self.what} {self.now or self.before}".strip()


def differences(snapshot: Snapshot, lead: Lead, definition: Definition) -> tuple[Difference, ...]:
    """Return what changed since a snapshot, what matters most first."""
    score = lead.score
    pairs = (
        ("score", _number(snapshot.score), _number(score.score if score else None)),
        ("band", snapshot.band, score.band if score else ""),
        ("grade", snapshot.grade, score.grade if score else ""),
        ("owner", *_owners(snapshot.owner_id, lead.owner)),
        ("status", snapshot.status, lead.status.value),
        ("contacted", _contact(snapshot.contacted), _contact(lead.contacted)),
        ("attempts", _count(snapshot.attempts), _count(lead.attempts)),
    )
    known = tuple(Difference(what, was, now) for what, was, now in pairs if was and now and was != now)
    versions = (
        ("scoring", snapshot.model_version, score.model_version if score else ""),
        ("definition", snapshot.definition_version, definition.version),
    )
    newer = tuple(Difference(what, was, now) for what, was, now in versions if was and now and was != now)
    return (*known, *_criteria(snapshot, lead, definition), *_parts(snapshot, lead), *newer)


def since_decided(entry: Entry, definition: Definition) -> tuple[Difference, ...]:
    """Return what changed since the decision that stands on a lead; nothing while its score is hidden."""
    item = entry.decision
    if item is None or item.decision is None or entry.is_blind:
        return ()
    return differences(item.decision.snapshot, entry.lead, definition)


def _criteria(snapshot: Snapshot, lead: Lead, definition: Definition) -> Iterator[Difference]:
    """Yield the lines of the definition that turned out otherwise."""
    before = {one.criterion_id: one.result for one in snapshot.criteria}
    for traced in definition.trace(lead.facts):
        was = before.get(traced.criterion.criterion_id)
        if was is not None and was is not traced.result:
            label = traced.criterion.label or traced.criterion.criterion_id
            yield Difference(label, _result(was), _result(traced.result))


def _parts(snapshot: Snapshot, lead: Lead) -> Iterator[Difference]:
    """Yield the contributions that came, went or weigh otherwise."""
    if lead.score is None or snapshot.score is None:
        return
    before = {part.label: part.points_applied for part in snapshot.contributions}
    now = {part.label: part.points_applied for part in lead.score.contributions}
    changed = [label for label in {**before, **now} if before.get(label) != now.get(label)]
    for label in changed[:_FEW]:
        was, points = before.get(label), now.get(label)
        if points is None:
            yield Difference(f"without “{label}”", "", f"({_number(was)})")
        elif was is None:
            yield Difference(f"new “{label}”", "", f"({_number(points)})")
        else:
            yield Difference(f"“{label}”", _number(was), _number(points))


def _result(result: Result) -> str:
    return {Result.PASS: "passes", Result.FAIL: "fails"}.get(result, "unknown")


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:g}"


def _count(value: int | None) -> str:
    return "" if value is None else str(value)


def _contact(contacted: bool | None) -> str:  # noqa: FBT001 - a state of three
    return "" if contacted is None else "yes" if contacted else "no"


def _owners(before: str, now: Owner) -> tuple[str, str]:
    return (before, now.name or now.user_id) if before != now.user_id else ("", "")
