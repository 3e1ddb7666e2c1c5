"""Invented leads, entries and strategies that the tests of the domain share. Nothing here asserts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st
from msgspec.structs import replace

from config import load
from triage.domain.account import Account, DuplicateMatch
from triage.domain.act import Act
from triage.domain.decision import Decision, Shown, Snapshot
from triage.domain.inbox import Entry
from triage.domain.item import Item, State
from triage.domain.lead import Lead, LeadId, LeadStatus, Mql, Owner
from triage.domain.people import Person
from triage.domain.reasons import Reason
from triage.domain.score import Contribution, Dimension, Score
from triage.domain.touch import Campaign

NOW = datetime(2026, 5, 6, 10, 0, tzinfo=UTC)
"""A Wednesday."""
TODAY = NOW.date()
ME = Owner("rep-1", "Robin Example")
REASONS = load.reasons()
DEFINITION = load.definition()
PEOPLE = (
    Person("rep-1", territory="DE, AT"),
    Person("rep-2", territory="FR/BE"),
    Person("rep-3", territory="DE"),
)
CLOSED = frozenset(LeadStatus) - {
    LeadStatus.ASSIGNED, LeadStatus.SNOOZED, LeadStatus.ACCEPTED, LeadStatus.WORKING, LeadStatus.QUALIFYING,
    LeadStatus.UNKNOWN,
}  # fmt: skip
PASSING: dict[str, Any] = {
    "employees": 240, "industry": "Logistics", "country": "DE", "title_level": "vp", "business_email": True,
    "intent_actions_30d": 4,
}  # fmt: skip
"""Facts on which every line of the shipped definition passes."""


def ago(**span: float) -> datetime:
    return NOW - timedelta(**span)


def ahead(**span: float) -> datetime:
    return NOW + timedelta(**span)


def reason(act: Act, code: str) -> Reason:
    return REASONS.find(act, code)


def a_score(**changes: Any) -> Score:
    parts = (
        Contribution("industry", Dimension.FIT, 30, 30),
        Contribution("pricing page", Dimension.ENGAGEMENT, 55, 40, group="web"),
        Contribution("free mail address", Dimension.FIT, -8, -8),
    )
    whole = Score(
        72, 10, parts, fit=61, engagement=80, fit_grade="A", engagement_grade="1", band="A", trend=8,
        model_version="m7",
    )  # fmt: skip
    return replace(whole, **changes)


def a_lead(lead_id: str = "L-1", **changes: Any) -> Lead:
    whole = Lead(
        LeadId(lead_id), version="3", status=LeadStatus.ASSIGNED, owner=ME, name="Ada Park",
        title="VP Operations", company="Northwind Robotics", email="ada@northwind.example",
        phone="+49 30 5550 123", country="DE", city="Berlin", industry="Logistics", employees=240,
        source="webinar", campaign=Campaign("2026Q2_WBN_v3", "Spring webinar"), created_at=ago(days=12),
        assigned_at=ago(hours=30), attempts=2, sla_due_at=ahead(hours=8), mql=Mql("hand_raise", "demo request"),
        score=a_score(), facts=PASSING, account=Account("A-1", "Northwind", duplicate_of=DuplicateMatch("L-77")),
        fetched_at=ago(minutes=5),
    )  # fmt: skip
    return replace(whole, **changes)


def contact(contacted: bool | None) -> dict[str, Any]:
    """Return the changes that make a lead contacted, not contacted, or of unknown contact."""
    return {"contacted_at": ago(days=3) if contacted else None, "contact_known": contacted is not None}


def a_decision(lead: Lead, act: Act = Act.ACCEPT, **changes: Any) -> Decision:
    snapshot = Snapshot.of(lead, DEFINITION, Shown())
    return replace(Decision("D-1", lead.lead_id, act, ago(minutes=1), snapshot), **changes)


def an_item(lead: Lead, act: Act = Act.ACCEPT, state: State = State.QUEUED, **changes: Any) -> Item:
    return replace(Item(state, ahead(seconds=30), a_decision(lead, act), changed_at=NOW), **changes)


def an_entry(lead_id: str = "L-1", **changes: Any) -> Entry:
    return Entry.of(a_lead(lead_id, **changes))


def with_decision(entry: Entry, act: Act, state: State = State.QUEUED, **changes: Any) -> Entry:
    return replace(entry, decision=an_item(entry.lead, act, state, **changes))


def entries_of(*rows: tuple[str, dict[str, Any]], **all_have: Any) -> list[Entry]:
    return [an_entry(name, **all_have, **changes) for name, changes in rows]


IDS = [LeadId(f"L-{number}") for number in range(8)]
moments = st.integers(-100, 100).map(lambda hours: NOW + timedelta(hours=hours))
maybe_moments = st.none() | moments
STANDING = sorted(set(State) - {State.WITHDRAWN, State.SUPERSEDED})
scores = st.builds(a_score, score=st.integers(0, 99), band=st.sampled_from(["A", "B", "C", "D", ""]))
leads = st.builds(
    a_lead,
    st.sampled_from(IDS),
    status=st.sampled_from(LeadStatus),
    assigned_at=maybe_moments,
    last_touch_at=maybe_moments,
    sla_due_at=maybe_moments,
    snoozed_until=maybe_moments,
    score=st.none() | scores,
    mql=st.none() | st.sampled_from([Mql("hand_raise"), Mql("threshold")]),
    source=st.sampled_from(["webinar", "event"]),
    fetched_at=maybe_moments,
)
entries = st.builds(
    lambda lead, decision, gone: Entry.of(
        lead, an_item(lead, decision[0], decision[1], changed_at=decision[2]) if decision else None, gone=gone
    ),
    leads,
    st.none() | st.tuples(st.sampled_from(Act), st.sampled_from(STANDING), maybe_moments),
    st.booleans(),
)
inboxes = st.lists(entries, max_size=8, unique_by=lambda entry: entry.lead_id)
