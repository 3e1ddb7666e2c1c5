"""Worlds in which more is told: parts of scores, replies, batches, clocks; and a recount by plain loops.

The recount reads the raw events only: nothing of the cases that the insights are counted over.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from tests.insights.world import BANDS, REPS, SOURCES, at, came_to, decided, evidence, told
from triage.domain.lead import LeadStatus
from triage.domain.review import Reply, ReplyKind, ReviewedDecision, ReviewedFeedback
from triage.insights.evidence import Evidence
from triage.insights.figure import Column, Figure, Insight, Row

TRIAGED = ("accept", "reject", "recycle", "disqualify")
PARTS = ("role and level", "Role  and Level", "webinar attended", "company size")
_days = st.floats(0, 120, allow_nan=False)
_lead_ids = st.integers(1, 25).map(lambda number: f"L-Y{number:05}")
_companies = st.sampled_from(("Alpha", " alpha ", "Beta", "Gamma", ""))
_contributions = st.lists(
    st.fixed_dictionaries(
        {"label": st.sampled_from(PARTS), "points_applied": st.none() | st.integers(-20, 20)},
        optional={"evidence": st.sampled_from(("vp: “Consultant”", "director: “Head of IT”", ""))},
    ),
    max_size=3,
)
_snapshots = st.fixed_dictionaries(
    {},
    optional={
        "score": st.none() | st.floats(0, 1, allow_nan=False) | st.floats(-40, 140, allow_nan=False),
        "probability": st.none() | st.floats(0, 1) | st.just("high"),
        "band": st.sampled_from(BANDS),
        "model_version": st.sampled_from(("m3", "m4", "")),
        "status": st.sampled_from(("assigned", "snoozed", "accepted", "working")),
        "blind": st.booleans(),
        "contributions": _contributions,
        "sla_due_at": st.none() | _days.map(lambda days: at(days).isoformat()),
        "shown": st.fixed_dictionaries({"dwell_ms": st.none() | st.integers(0, 9_000)}),
        "mql_by": st.sampled_from(("hand_raise", "threshold")),
    },
)
_decisions = st.builds(
    decided,
    st.sampled_from((*TRIAGED, *TRIAGED, "snooze", "reroute", "restore", "nod")),
    lead_id=_lead_ids,
    days=_days,
    rep=st.sampled_from(REPS),
    reason=st.sampled_from((None, "", "OTHER", "other", "NOT_A_BUYER", "LOW_INTENT", "WRONG_PERSONA", "ODD")),
    params=st.fixed_dictionaries(
        {}, optional={"criterion": st.sampled_from(("title-level", "odd")), "contribution": st.just("x")}
    ),
    source=st.sampled_from((*SOURCES, "")),
    company=_companies,
    state=st.sampled_from(("applied", "reviewed", "superseded")),
    batch_id=st.sampled_from((None, None, "B-1", "B-2")),
    disagrees_with=st.sampled_from((None, None, "definition v4")),
    skew_ms=st.none() | st.integers(-(10**8), 10**8) | st.just(10**18),
    snapshot=_snapshots,
)
_replies = st.lists(
    st.builds(
        Reply,
        st.uuids().map(str),
        st.just("x"),
        st.sampled_from([*ReplyKind]),
        at=st.none() | _days.map(at),
    ),
    max_size=2,
).map(tuple)
_text = st.sampled_from(("", "Price", " price", "ERP  link", "erp link", "Acme"))
_payloads = st.fixed_dictionaries(
    {},
    optional={
        "verdict": st.sampled_from(("too_high", "too_low", "right", "odd")),
        "contribution": st.sampled_from((*PARTS, "")),
        "criterion": st.sampled_from(("title-level", "TITLE-LEVEL", "odd", "")),
        "category": st.sampled_from(("price", "missing_feature", "")) | st.just(3),
        "competitor": _text,
        "verbatim": _text,
        "topic": _text,
        "request_id": st.sampled_from(("", "B-1", "CR-1")),
        "needed_by": st.sampled_from(("", "2026-05-01")),
    },
)
_feedback = st.builds(
    told,
    st.sampled_from(
        ("score_accuracy", "objection", "content_request", "definition_dispute", "note", "retraction")
    ),
    lead_id=_lead_ids,
    days=_days,
    rep=st.sampled_from(REPS),
    payload=_payloads,
    state=st.sampled_from(("open", "answered", "retracted")),
    batch_id=st.sampled_from((None, "B-1", "B-2")),
    replies=_replies,
    lead=st.fixed_dictionaries(
        {"company": _companies}, optional={"account_id": st.sampled_from(("AC-1", ""))}
    ),
)
_stages = st.builds(
    came_to,
    st.sampled_from([LeadStatus.ASSIGNED, LeadStatus.ASSIGNED, *LeadStatus]),
    _lead_ids,
    days=_days,
    source=st.sampled_from((*SOURCES, "")),
    owner=st.none() | st.sampled_from(REPS),
)
told_worlds = st.lists(_decisions | _feedback | _stages, max_size=40).map(lambda events: evidence(*events))
"""Any events of four reps, with all that an insight can look at in them."""
decision_worlds = st.lists(_decisions, max_size=40).map(lambda events: evidence(*events))
feedback_worlds = st.lists(_feedback | _stages, max_size=40).map(lambda events: evidence(*events))


def triaged(world: Evidence) -> list[ReviewedDecision]:
    """Return the decisions of the period on leads that were handed over, by the raw events."""
    return [one for one in _standing(world) if one.snapshot.get("status") in ("assigned", "snoozed")]


def afterwards(world: Evidence) -> list[ReviewedDecision]:
    """Return those on leads that sales had taken before."""
    return [one for one in _standing(world) if one.snapshot.get("status") not in ("assigned", "snoozed")]


def _standing(world: Evidence) -> Iterator[ReviewedDecision]:
    for one in world.decisions:
        if one.state == "superseded" or one.act not in TRIAGED or one.decided_at is None:
            continue
        if world.period.since <= one.decided_at < world.period.until:
            yield one


def said(world: Evidence, kind: str | None = None) -> list[ReviewedFeedback]:
    """Return the feedback of the period that stands."""
    found = []
    for one in world.feedback:
        if one.state == "retracted" or one.type == "retraction" or one.created_at is None:
            continue
        if world.period.since <= one.created_at < world.period.until and kind in (None, one.type):
            found.append(one)
    return found


def plain(text: object) -> str:
    """Return a text without what makes no difference."""
    return " ".join(text.lower().split()) if isinstance(text, str) else ""


def account(lead: dict[str, Any]) -> str:
    return str(lead.get("account_id") or plain(lead.get("company")))


def accounts(told_of: list[ReviewedFeedback]) -> int:
    return len({account(one.lead) for one in told_of} - {""})


def by_their_clock(one: ReviewedDecision) -> datetime:
    assert one.decided_at is not None
    try:
        return one.decided_at + timedelta(milliseconds=one.skew_ms or 0)
    except OverflowError:
        return one.decided_at


def figure(insight: Insight, row: Row, name: str) -> Figure:
    """Return a line's figure by the name of its column."""
    return row.figures[[column.name for column in insight.columns].index(name)]


def line(insight: Insight, label: str, **texts: str) -> Row:
    """Return the only line of a label whose text columns say this."""
    found = [
        row
        for row in insight.rows
        if row.label == label and all(figure(insight, row, name).text == text for name, text in texts.items())
    ]
    assert len(found) == 1, [row.label for row in insight.rows]
    return found[0]


def is_count(one: Figure, counted: list[str]) -> bool:
    """Whether a figure counts exactly these leads (or events, by their lead)."""
    return one.value == len(counted) and one.lead_ids == tuple(dict.fromkeys(counted))


def is_share(one: Figure, counted: list[str], of: list[str]) -> bool:
    """Whether a figure is the share of these, each of which counts."""
    if sorted(set(one.lead_ids)) != sorted(set(counted)) and of:
        return False
    if (one.k, one.n) != (len(counted), len(of)):
        return False
    return one.value == (len(counted) / len(of) if of else None)


_BEYOND = (
    *("cumulative", "accepts_lost", "rejects_saved"),
    *("carried", "accepted_with", "accepted_without"),
)
"""Columns that count other leads than those of their line."""


def is_sound(insight: Insight) -> bool:
    """Whether its lines have a figure a column, and its shares lie between nothing and all."""
    assert insight.formula
    assert insight.asks
    assert len({column.name for column in insight.columns}) == len(insight.columns)
    for row in insight.rows:
        assert len(row.figures) == len(insight.columns)
        for column, one in zip(insight.columns, row.figures, strict=True):
            _check(column, one)
            if column.name not in _BEYOND:
                assert set(one.lead_ids) <= set(row.lead_ids), (insight.name, row.label, column.name)
    return True


def _check(column: Column, one: Figure) -> None:
    assert len(set(one.lead_ids)) == len(one.lead_ids)
    if column.unit == "text":
        assert one.value is None
    if column.unit == "share" and one.value is not None:
        assert 0 <= one.value <= 1
        assert one.low is None or -1e-9 <= one.low <= one.value + 1e-9
        assert one.high is None or one.value - 1e-9 <= one.high <= 1 + 1e-9
