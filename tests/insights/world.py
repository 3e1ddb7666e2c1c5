"""Builders of raw events, and hypothesis' strategies of them: what an insight is counted from."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from hypothesis import strategies as st

from config.load import definition as load_definition
from config.load import reasons as load_reasons
from triage.domain.act import Act
from triage.domain.lead import LeadStatus, Owner
from triage.domain.review import Reply, ReplyKind, ReviewedDecision, ReviewedFeedback
from triage.domain.stages import StageChange
from triage.insights.evidence import Evidence
from triage.insights.period import Period

NOW = datetime(2026, 3, 30, 9, tzinfo=UTC)
PERIOD = Period.last(timedelta(weeks=12), NOW)
REPS = tuple(Owner(f"U-{n:02}", f"Rep {n}") for n in range(1, 5))
SOURCES = ("webinar", "event", "referral")
CAMPAIGNS = ("2026Q1-webinar-a", "2026Q1-fair", "")
BANDS = ("A", "B", "C", "D", "")
_ids = count(1)


def at(days: float) -> datetime:
    """Return the moment so many days ago."""
    return NOW - timedelta(days=days)


def decided(
    act: Act | str = Act.ACCEPT,
    *,
    days: float = 5,
    lead_id: str = "",
    rep: Owner = REPS[0],
    reason: str | None = None,
    source: str = "webinar",
    campaign: str = "2026Q1-webinar-a",
    company: str = "",
    state: str = "applied",
    snapshot: dict[str, Any] | None = None,
    **more: Any,
) -> ReviewedDecision:
    """Return a decision as the CRM keeps it; `snapshot` says what differs from an ordinary one."""
    number = next(_ids)
    lead_id = lead_id or f"L-{number:06}"
    return ReviewedDecision(
        decision_id=more.pop("decision_id", f"D-{number:06}"),
        lead_id=lead_id,
        rep=rep,
        act=str(act),
        reason=reason,
        params=more.pop("params", {}),
        note=more.pop("note", ""),
        decided_at=more.pop("decided_at", at(days)),
        state=state,
        snapshot=SEEN | (snapshot or {}),
        lead={
            "name": f"Lead {lead_id}",
            "company": company or f"Company {lead_id}",
            "source": source,
            "campaign": campaign or None,
        },
        **more,
    )


SEEN: dict[str, Any] = {
    "score": 72.0,
    "band": "B",
    "grade": "A2",
    "contributions": [],
    "model_version": "m3",
    "definition_version": "4",
    "criteria": [],
    "status": "assigned",
    "contacted": False,
    "attempts": 0,
    "sla_due_at": None,
    "blind": False,
    "shown": {"since": None, "dwell_ms": 5000, "position": 3},
}


def told(
    kind: str, *, days: float = 5, lead_id: str = "", rep: Owner = REPS[0], **more: Any
) -> ReviewedFeedback:
    """Return a piece of feedback as the CRM keeps it."""
    number = next(_ids)
    lead_id = lead_id or f"L-{number:06}"
    lead = {"name": f"Lead {lead_id}", "company": f"Company {lead_id}", "source": "webinar", "campaign": None}
    return ReviewedFeedback(
        feedback_id=more.pop("feedback_id", f"F-{number:06}"),
        lead_id=lead_id,
        rep=rep,
        type=kind,
        payload=more.pop("payload", {}),
        created_at=more.pop("created_at", at(days)),
        state=more.pop("state", "open"),
        lead=lead | more.pop("lead", {}),
        **more,
    )


def answered(of: str, kind: ReplyKind = ReplyKind.CHANGED, *, days: float = 1, **more: Any) -> Reply:
    """Return marketing's answer."""
    return Reply(f"R-{next(_ids):06}", of, kind, at=at(days), **more)


def came_to(stage: LeadStatus | str, lead_id: str, *, days: float = 5, **more: Any) -> StageChange:
    """Return a lead's coming to a stage."""
    return StageChange(
        change_id=f"S-{next(_ids):06}",
        lead_id=lead_id,
        stage=LeadStatus(stage),
        at=at(days),
        source=more.pop("source", "webinar"),
        campaign=more.pop("campaign", "2026Q1-webinar-a"),
        **more,
    )


def evidence(
    *events: ReviewedDecision | ReviewedFeedback | StageChange, period: Period = PERIOD, now: datetime = NOW
) -> Evidence:
    """Return the evidence of some events, under the shipped definition and reason codes."""
    return Evidence.of(
        (one for one in events if isinstance(one, ReviewedDecision)),
        (one for one in events if isinstance(one, ReviewedFeedback)),
        (one for one in events if isinstance(one, StageChange)),
        definition=load_definition(None),
        reasons=load_reasons(None),
        period=period,
        now=now,
    )


_lead_ids = st.integers(1, 30).map(lambda number: f"L-X{number:05}")
_snapshots = st.fixed_dictionaries(
    {},
    optional={
        "score": st.none() | st.floats(0, 120, allow_nan=False),
        "band": st.sampled_from(BANDS),
        "model_version": st.sampled_from(("m3", "m4", "")),
        "status": st.sampled_from(("assigned", "snoozed", "accepted", "working")),
        "blind": st.booleans(),
        "contacted": st.none() | st.booleans(),
    },
)
decisions = st.builds(
    decided,
    st.sampled_from([*Act]),
    lead_id=_lead_ids,
    days=st.floats(0, 120, allow_nan=False),
    rep=st.sampled_from(REPS),
    reason=st.sampled_from((None, "OTHER", "NOT_A_BUYER", "LOW_INTENT", "WRONG_PERSONA")),
    source=st.sampled_from((*SOURCES, "")),
    campaign=st.sampled_from(CAMPAIGNS),
    company=st.sampled_from(("Alpha", "Beta", "Gamma")),
    state=st.sampled_from(("applied", "reviewed", "superseded")),
    snapshot=_snapshots,
)
feedback = st.builds(
    told,
    st.sampled_from(("score_accuracy", "objection", "content_request", "note", "retraction")),
    lead_id=_lead_ids,
    days=st.floats(0, 120, allow_nan=False),
    rep=st.sampled_from(REPS),
    state=st.sampled_from(("open", "answered", "retracted")),
    lead=st.fixed_dictionaries({"company": st.sampled_from(("Alpha", "Beta", "Gamma"))}),
)
stages = st.builds(
    came_to,
    st.sampled_from([*LeadStatus]),
    _lead_ids,
    days=st.floats(0, 120, allow_nan=False),
    amount=st.none() | st.floats(0, 1e6, allow_nan=False),
    source=st.sampled_from((*SOURCES, "")),
)
worlds = st.lists(decisions | feedback | stages, max_size=40).map(lambda events: evidence(*events))
"""Any events of four reps, some before the period, some taken back."""
