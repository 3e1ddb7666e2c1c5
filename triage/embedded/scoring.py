"""The scoring model of the embedded CRM: points for who someone is and what they did, with decay and caps.

Its numbers add up: base + Σ applied + other == score. Whoever wants one that does not, plants it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from math import inf
from typing import Any

from triage.embedded.agreement import ICP_COUNTRIES, ICP_INDUSTRIES
from triage.embedded.journeys import Touch
from triage.embedded.moments import to_wire

Contribution = dict[str, Any]

BASE_POINTS = 5
MODEL_VERSION = "2026.3"

_LEVEL_POINTS = {"c-level": 16, "vp": 15, "director": 14, "manager": 11, "individual": 2, "student": -15}
_SIZE_POINTS: tuple[tuple[float, int], ...] = ((50, -4), (250, 8), (1000, 12), (inf, 10))
_FIT_GRADES = ((36, "A"), (22, "B"), (-inf, "C"))
_ENGAGEMENT_GRADES = ((45, "1"), (28, "2"), (-inf, "3"))
_BANDS = ((85, "A"), (75, "B"), (65, "C"), (-inf, "D"))
_CAPS = {"web visits": 10, "e-mail": 6, "content": 20}
_FADES_AFTER = timedelta(days=30)
_HALVES_AFTER = timedelta(days=60)


def fit(facts: dict[str, Any], title: str) -> list[Contribution]:
    """Return the points for who someone is; an unknown fact earns none and is not listed."""
    parts: list[tuple[str, int, str]] = []
    if "title_level" in facts:
        parts.append(
            ("role and level", _LEVEL_POINTS[facts["title_level"]], f"{facts['title_level']}: “{title}”")
        )
    if "employees" in facts:
        parts.append(("company size", _size_points(facts["employees"]), f"{facts['employees']:,} employees"))
    if "industry" in facts:
        parts.append(("industry", 10 if facts["industry"] in ICP_INDUSTRIES else -4, facts["industry"]))
    if "country" in facts:
        parts.append(("country", 4 if facts["country"] in ICP_COUNTRIES else -6, facts["country"]))
    if "business_email" in facts:
        own = facts["business_email"]
        parts.append(("e-mail address", 2 if own else -8, "a company's" if own else "a free mailbox"))
    return [_contribution(label, "fit", points, points, evidence) for label, points, evidence in parts]


def engagement(touches: list[Touch], now: datetime) -> list[Contribution]:
    """Return the points for what someone did, after decay, each cap group filled in order of time."""
    left = dict(_CAPS)
    contributions: list[Contribution] = []
    for touch in touches:
        earned = touch.step.points
        faded = applied = _faded(earned, now - touch.at)
        group = touch.step.group
        if group in left:
            applied = min(faded, left[group])
            left[group] -= applied
        contributions.append(
            _contribution(touch.step.label, "engagement", earned, applied, touch.summary)
            | {"occurred_at": to_wire(touch.at), "group": group, "points_after_decay": faded}
        )
    return contributions


def total(contributions: list[Contribution]) -> int:
    """Return the score without any other part."""
    return BASE_POINTS + sum(int(row["points_applied"]) for row in contributions)


def score(
    contributions: list[Contribution], now: datetime, scored_at: datetime, *, other: int
) -> dict[str, Any]:
    """Return the score as the wire shows it."""
    fit_points = _sum(contributions, "fit")
    engagement_points = _sum(contributions, "engagement")
    points = total(contributions) + other
    return {
        "score": points,
        "base_points": BASE_POINTS,
        "fit": fit_points,
        "engagement": engagement_points,
        "fit_grade": _grade(fit_points, _FIT_GRADES),
        "engagement_grade": _grade(engagement_points, _ENGAGEMENT_GRADES),
        "band": _grade(points, _BANDS),
        "trend": _trend(contributions, now),
        "model_version": MODEL_VERSION,
        "scored_at": to_wire(scored_at),
        "contributions": contributions,
        "other": other,
    }


def _contribution(label: str, dimension: str, earned: int, applied: int, evidence: str) -> Contribution:
    return {
        "label": label,
        "dimension": dimension,
        "points_earned": earned,
        "points_after_decay": earned,
        "points_applied": applied,
        "evidence": evidence,
        "occurred_at": None,
        "group": None,
    }


def _size_points(employees: int) -> int:
    return next(points for below, points in _SIZE_POINTS if employees < below)


def _grade(points: int, grades: tuple[tuple[float, str], ...]) -> str:
    return next(grade for least, grade in grades if points >= least)


def _faded(points: int, age: timedelta) -> int:
    """Return what is left of points with age: three quarters after 30 days, half after 60."""
    if age > _HALVES_AFTER:
        return int(points * 0.5)
    return int(points * 0.75) if age > _FADES_AFTER else points


def _sum(contributions: list[Contribution], dimension: str) -> int:
    return sum(int(row["points_applied"]) for row in contributions if row["dimension"] == dimension)


def _trend(contributions: list[Contribution], now: datetime) -> int:
    since = to_wire(now - _FADES_AFTER)
    return sum(int(row["points_applied"]) for row in contributions if (row["occurred_at"] or "") > since)
