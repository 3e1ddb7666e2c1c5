"""One decision as it is counted: with what the rep saw then, never with what the lead is now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct

from triage.domain.act import Act
from triage.domain.lead import UNDECIDED
from triage.domain.review import ReviewedDecision

TRIAGES = frozenset({Act.ACCEPT, Act.REJECT, Act.RECYCLE, Act.DISQUALIFY})
"""The acts that are a word on what marketing handed over; a reroute or a snooze is none."""


class Part(Struct, frozen=True):
    """One part of the score that the rep saw."""

    label: str
    points: float
    dimension: str = ""


class Case(Struct, frozen=True):
    """A decision that stands, flat."""

    decision: ReviewedDecision
    act: Act
    at: datetime
    score: float | None
    band: str
    grade: str
    model_version: str
    definition_version: str
    parts: tuple[Part, ...]
    criteria: Mapping[str, str]
    """Criterion id → pass, fail or unknown."""
    status: str
    """The lead's status when it was decided."""
    blind: bool
    contacted: bool | None
    sla_due_at: datetime | None
    dwell_ms: int | None
    position: int | None

    @property
    def lead_id(self) -> str:
        """The lead's id."""
        return self.decision.lead_id

    @property
    def reason(self) -> str:
        """The reason's code, or nothing."""
        return self.decision.reason or ""

    @property
    def source(self) -> str:
        """Where the lead came from."""
        return str(self.decision.lead.get("source") or "")

    @property
    def campaign(self) -> str:
        """The campaign's name as it is tracked."""
        return str(self.decision.lead.get("campaign") or "")

    @property
    def account(self) -> str:
        """What makes accounts distinct: the account's id, else the company's name."""
        lead = self.decision.lead
        return str(lead.get("account_id") or lead.get("company") or "")

    @property
    def is_accepted(self) -> bool:
        """Whether sales took it."""
        return self.act is Act.ACCEPT

    @property
    def is_triage(self) -> bool:
        """Whether it decides a lead that was handed over: what follows an accept is counted elsewhere."""
        return self.act in TRIAGES and self.status in UNDECIDED


def cases_of(decisions: Iterable[ReviewedDecision]) -> tuple[Case, ...]:
    """Return the decisions that stand, the oldest first: replaced, undone and timeless ones are left out."""
    read = (_case(one) for one in decisions if one.state != "superseded")
    return tuple(sorted((one for one in read if one is not None), key=lambda one: one.at))


def _case(one: ReviewedDecision) -> Case | None:
    if one.decided_at is None or one.act not in list(Act) or one.act == Act.RESTORE:
        return None
    seen = one.snapshot
    shown = seen.get("shown")
    shown = shown if isinstance(shown, dict) else {}
    return Case(
        decision=one,
        act=Act(one.act),
        at=one.decided_at,
        score=_number(seen.get("score")),
        band=str(seen.get("band") or ""),
        grade=str(seen.get("grade") or ""),
        model_version=str(seen.get("model_version") or ""),
        definition_version=str(seen.get("definition_version") or ""),
        parts=tuple(_part(part) for part in _objects(seen.get("contributions"))),
        criteria={
            str(line.get("criterion_id")): str(line.get("result")) for line in _objects(seen.get("criteria"))
        },
        status=str(seen.get("status") or ""),
        blind=seen.get("blind") is True,
        contacted=seen.get("contacted") if isinstance(seen.get("contacted"), bool) else None,
        sla_due_at=_moment(seen.get("sla_due_at")),
        dwell_ms=_whole(shown.get("dwell_ms")),
        position=_whole(shown.get("position")),
    )


def _part(part: dict[str, Any]) -> Part:
    return Part(
        str(part.get("label") or ""),
        _number(part.get("points_applied")) or 0.0,
        str(part.get("dimension") or ""),
    )


def _objects(value: object) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _number(value: object) -> float | None:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    try:
        return float(value)
    except OverflowError:  # a whole number of hundreds of digits
        return None


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _moment(value: object) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None
