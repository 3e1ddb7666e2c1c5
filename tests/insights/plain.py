"""Recounts of raw events in plain loops, which share no code with what they check."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from math import sqrt
from random import Random
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from tests.insights import world
from triage.insights.evidence import Evidence
from triage.insights.figure import Figure, Insight, Row

QUICK = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
_leads = st.integers(1, 7).map(lambda number: f"L-D{number:05}")
_dense_decisions = st.builds(
    world.decided,
    st.sampled_from(("accept", "accept", "reject", "recycle", "disqualify", "snooze")),
    lead_id=_leads,
    days=st.floats(0, 100, allow_nan=False),
    rep=st.sampled_from(world.REPS[:2]),
    reason=st.sampled_from((None, "OTHER", "LOW_INTENT")),
    source=st.sampled_from(("webinar", "event", "")),
    campaign=st.sampled_from(world.CAMPAIGNS),
    state=st.sampled_from(("applied", "applied", "superseded")),
    snapshot=st.fixed_dictionaries(
        {"status": st.sampled_from(("assigned", "assigned", "snoozed", "working"))},
        optional={"contacted": st.sampled_from((True, False, None)), "score": st.none() | st.floats(0, 99)},
    ),
)
_dense_stages = st.builds(
    world.came_to,
    st.sampled_from(
        ("assigned", "accepted", "working", "opportunity", "opportunity", "won", "won", "lost", "recycled")
    ),
    _leads,
    days=st.floats(0, 100, allow_nan=False),
    amount=st.none() | st.integers(0, 90_000).map(float),
    currency=st.sampled_from((None, "EUR", "EUR", "USD")),
    source=st.sampled_from(("webinar", "event", "")),
    campaign=st.sampled_from(("2026Q1-webinar-a", "")),
    company=st.sampled_from(("Alpha", "Beta", "")),
    touches=st.sampled_from(((), ("webinar", "call"))),
)
_dense_feedback = st.builds(
    world.told,
    st.sampled_from(("objection", "win_reason", "note")),
    lead_id=_leads,
    days=st.floats(0, 100, allow_nan=False),
    payload=st.sampled_from(
        ({"category": "price", "verbatim": "dear"}, {"category": "timing"}, {"reason": "speed"}, {})
    ),
    lead=st.fixed_dictionaries({"company": st.sampled_from(("Alpha", "Beta", ""))}),
    state=st.sampled_from(("open", "retracted")),
)
crowded = st.lists(_dense_decisions | _dense_stages | _dense_feedback, min_size=5, max_size=60).map(
    lambda events: world.evidence(*events)
)
"""Few leads to which much happens: what hardly comes about among many leads."""


def _journey(dice: Random, lead_id: str) -> Iterator[Any]:
    """One lead's way, with what should not happen at times: late words, second rounds, things out of order."""
    source, campaign = dice.choice(("webinar", "event", "")), dice.choice(("2026Q1-webinar-a", "fair", ""))
    where = {"lead_id": lead_id, "source": source, "campaign": campaign}
    for _ in range(dice.choice((1, 1, 1, 2))):
        day = dice.uniform(0, 110)
        yield world.came_to("assigned", days=day, **where)
        act = dice.choice(("accept", "accept", "accept", "reject", "recycle"))
        status, contacted = (
            dice.choice(("assigned", "assigned", "working")),
            dice.choice((True, False, False)),
        )
        yield world.decided(
            act,
            days=max(0, day - dice.uniform(-1, 6)),
            rep=dice.choice(world.REPS[:3]),
            state=dice.choice(("applied", "applied", "applied", "superseded")),
            snapshot={"status": status, "contacted": contacted, "score": dice.choice((None, 50.0, 80.0))},
            **where,
        )
        for stage in (
            "working",
            "opportunity",
            "opportunity",
            dice.choice(("won", "lost", "recycled")),
            "won",
        ):
            day -= dice.uniform(-2, 12)
            if day > 0 and dice.random() < 0.7:
                money = {
                    "amount": dice.choice((None, 100.0, 250.0)),
                    "currency": dice.choice(("EUR", "EUR", "USD")),
                }
                company = dice.choice(("Alpha", "Beta", "Gamma"))
                yield world.came_to(stage, days=day, company=company, **money, **where)
        if dice.random() < 0.4:
            kind, company = dice.choice(("objection", "win_reason")), dice.choice(("Alpha", "Beta", ""))
            yield world.told(kind, lead_id=lead_id, days=dice.uniform(0, 100), lead={"company": company})


def _lively(seed: int) -> Evidence:
    """A world in which much comes to an end, told in no order."""
    dice = Random(seed)
    events = [event for number in range(dice.randint(1, 40)) for event in _journey(dice, f"L-J{number:05}")]
    dice.shuffle(events)
    return world.evidence(*events)


lively = st.integers(0, 2**20).map(_lively)
any_world = crowded | world.worlds | lively


def within(moment: datetime | None, evidence: Evidence) -> bool:
    period = evidence.period
    return moment is not None and period.since <= moment < period.until


def standing(evidence: Evidence) -> list[Any]:
    """The decisions that were not replaced, the oldest first; equal times in the order of the CRM."""
    kept = [
        one
        for one in evidence.decisions
        if one.state != "superseded" and one.decided_at is not None and one.act != "restore"
    ]
    return sorted(kept, key=lambda one: one.decided_at or world.NOW)


def triages(evidence: Evidence) -> list[Any]:
    """The decisions of the period on what was handed over."""
    found = []
    for one in standing(evidence):
        if one.act not in ("accept", "reject", "recycle", "disqualify"):
            continue
        if one.snapshot["status"] not in ("assigned", "snoozed"):
            continue
        if within(one.decided_at, evidence):
            found.append(one)
    return found


def accepts(evidence: Evidence) -> list[Any]:
    """The accepts of the period on what was handed over."""
    return [one for one in triages(evidence) if one.act == "accept"]


def moments(evidence: Evidence, stage: str) -> dict[str, list[datetime]]:
    """When each lead came to a stage; `accepted` is an accept that stands."""
    found: dict[str, list[datetime]] = {}
    if stage == "accepted":
        for one in standing(evidence):
            if one.act == "accept":
                found.setdefault(one.lead_id, []).append(one.decided_at)
    else:
        for change in evidence.stages:
            if change.stage.value == stage:
                found.setdefault(change.lead_id, []).append(change.at)
    return {lead_id: sorted(times) for lead_id, times in found.items()}


def origin(evidence: Evidence, lead_id: str, name: str) -> str:
    """A lead's source or campaign: of its last decision that tells one, else of its last change."""
    told = ""
    for change in sorted(evidence.stages, key=lambda one: one.at):
        if change.lead_id == lead_id and getattr(change, name):
            told = getattr(change, name)
    for one in standing(evidence):
        if one.lead_id == lead_id and one.lead.get(name):
            told = one.lead[name]
    return told


def closings(evidence: Evidence, since: datetime, until: datetime) -> dict[str, Any]:
    """Each lead's last won or lost in a stretch."""
    last: dict[str, Any] = {}
    for change in evidence.stages:
        if change.stage.value not in ("won", "lost") or not since <= change.at < until:
            continue
        held = last.get(change.lead_id)
        if held is None or (held.at, held.change_id) < (change.at, change.change_id):
            last[change.lead_id] = change
    return last


def main_currency(evidence: Evidence) -> str:
    counted: dict[str, int] = {}
    for change in evidence.stages:
        if change.amount is not None:
            name = change.currency or ""
            counted[name] = counted.get(name, 0) + 1
    best = ""
    for name in sorted(counted, reverse=True):
        if counted[name] >= counted.get(best, 0):
            best = name
    return best


def amounts(changes: Iterable[Any], currency: str) -> list[float]:
    return [one.amount for one in changes if one.amount is not None and (one.currency or "") == currency]


def figures(insight: Insight, row: Row) -> dict[str, Figure]:
    """A line's figures by the name of their column."""
    return {column.name: figure for column, figure in zip(insight.columns, row.figures, strict=True)}


def line(insight: Insight, label: str) -> dict[str, Figure]:
    """The figures of the one line of this label."""
    (row,) = [row for row in insight.rows if row.label == label]
    return figures(insight, row)


def is_count(figure: Figure, lead_ids: list[str]) -> bool:
    return figure.value == len(lead_ids) and sorted(figure.lead_ids) == sorted(set(lead_ids))


def is_share(figure: Figure, counted: list[str], of: list[str]) -> bool:
    """Whether a figure is this share, with its interval and its leads."""
    k, n = len(counted), len(of)
    if (figure.k, figure.n) != (k, n):
        return False
    if n == 0:
        return figure.value is None and figure.low is None
    z = 1.959964
    middle = (k / n + z * z / (2 * n)) / (1 + z * z / n)
    half = z * sqrt(k / n * (1 - k / n) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    assert figure.value is not None
    assert figure.low is not None
    assert figure.high is not None
    near = all(
        abs(one - other) < 1e-9
        for one, other in ((figure.value, k / n), (figure.low, middle - half), (figure.high, middle + half))
    )
    return near and sorted(figure.lead_ids) == sorted(set(counted))


def median(values: list[float]) -> float:
    ordered = sorted(values)
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def by(events: Iterable[Any], key: Callable[[Any], str]) -> dict[str, list[Any]]:
    groups: dict[str, list[Any]] = {}
    for event in events:
        groups.setdefault(key(event), []).append(event)
    return groups


DAY = timedelta(days=1)
