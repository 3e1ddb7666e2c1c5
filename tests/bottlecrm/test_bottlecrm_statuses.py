"""BottleCRM's statuses to ours and back, with what triage said, in the profile's words."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.bottlecrm.reading import NOW
from triage.crm.bottlecrm.statuses import Statuses, wakes_at
from triage.crm.dialect import Dialect
from triage.domain.act import Act
from triage.domain.lead import LeadStatus

_PLAIN = Statuses()
_CONVERTING = Statuses(Dialect(statuses={"accepted": "converted"}))


def lead(status: str | None, decision: str = "", **custom: Any) -> dict[str, Any]:
    return {"id": "L-1", "status": status, "custom_fields": {"triage_decision": decision, **custom}}


def snoozed(until: str = "", wake_at: object = None) -> dict[str, Any]:
    params = {"until": until} if until else {}
    entries = [{"id": "D-1", "word": "snooze", "record": {"item": {"params": params}}}]
    return lead("assigned", "snoozed", triage_log=json.dumps(entries), triage_wake_at=wake_at)


@pytest.mark.parametrize(
    ("theirs", "said", "ours"),
    [
        ("assigned", "", LeadStatus.ASSIGNED),
        (None, "", LeadStatus.ASSIGNED),
        ("in process", "", LeadStatus.WORKING),
        ("in process", "accepted", LeadStatus.ACCEPTED),
        ("converted", "", LeadStatus.QUALIFIED),
        ("converted", "accepted", LeadStatus.QUALIFIED),
        ("recycled", "", LeadStatus.RECYCLED),
        ("recycled", "recycled", LeadStatus.RECYCLED),
        ("closed", "", LeadStatus.DISQUALIFIED),
        ("closed", "rejected", LeadStatus.REJECTED),
        ("closed", "disqualified", LeadStatus.DISQUALIFIED),
        ("someday", "", LeadStatus.UNKNOWN),
        ("assigned", "rejected", LeadStatus.ASSIGNED),
        ("assigned", "rerouted", LeadStatus.ASSIGNED),
        ("closed", "accepted", LeadStatus.DISQUALIFIED),
        ("in process", "restored", LeadStatus.WORKING),
    ],
)
def test_a_decision_counts_only_while_the_status_is_its_own(
    theirs: str | None, said: str, ours: LeadStatus
) -> None:
    assert _PLAIN.status(lead(theirs, said), NOW) is ours


@pytest.mark.parametrize("said", [7, None, [], {"a": 1}])
def test_a_decision_that_is_no_word_says_nothing(said: Any) -> None:
    assert _PLAIN.status(lead("closed", said), NOW) is LeadStatus.DISQUALIFIED


@pytest.mark.parametrize(
    ("act", "status"),
    [
        (Act.ACCEPT, "in process"),
        (Act.REJECT, "closed"),
        (Act.RECYCLE, "recycled"),
        (Act.DISQUALIFY, "closed"),
        (Act.SNOOZE, None),
        (Act.REROUTE, None),
        (Act.RESTORE, None),
    ],
)
def test_an_act_leads_to_a_status_or_leaves_it(act: Act, status: str | None) -> None:
    assert _PLAIN.target(act) == status


def test_what_takes_a_lead_out_of_sight_is_final() -> None:
    assert _PLAIN.final == ("reroute",)


def test_what_converts_is_final_and_reads_as_accepted() -> None:
    assert _CONVERTING.final == ("accept", *_PLAIN.final)
    assert _CONVERTING.target(Act.ACCEPT) == "converted"
    assert _CONVERTING.status(lead("converted", "accepted"), NOW) is LeadStatus.ACCEPTED
    assert _CONVERTING.status(lead("in process", "accepted"), NOW) is LeadStatus.WORKING


def test_the_profile_may_reject_back_to_marketing_and_name_several_statuses() -> None:
    statuses = Statuses(Dialect(statuses={"rejected": "Recycled", "qualified": "in process, converted"}))
    assert statuses.target(Act.REJECT) == "recycled"
    assert statuses.status(lead("recycled", "rejected"), NOW) is LeadStatus.REJECTED
    assert statuses.status(lead("recycled"), NOW) is LeadStatus.RECYCLED
    assert statuses.status(lead("in process"), NOW) is LeadStatus.QUALIFIED


def test_a_status_that_does_not_exist_is_not_written() -> None:
    assert Statuses(Dialect(statuses={"accepted": "Working"})).target(Act.ACCEPT) == "in process"


@pytest.mark.parametrize(
    ("until", "day", "wakes"),
    [
        ("2026-12-01", "2026-12-01", datetime(2026, 12, 1, tzinfo=UTC)),
        ("2026-12-01T14:30:00+00:00", "2026-12-01", datetime(2026, 12, 1, 14, 30, tzinfo=UTC)),
        ("2026-12-01T09:00:00+13:00", "2026-12-01", datetime(2026, 11, 30, 20, tzinfo=UTC)),
        ("2026-12-01", None, datetime(2026, 12, 1, tzinfo=UTC)),
        ("2026-12-01", "2026-12-09", datetime(2026, 12, 9, tzinfo=UTC)),
        ("", "soon", None),
        ("0001-01-01T00:00:00+14:00", None, None),
    ],
    ids=[
        "same day",
        "a moment of that day",
        "another zone's day",
        "no such field",
        "moved by a person",
        "junk",
        "no moment",
    ],
)
def test_a_snoozed_lead_wakes_as_the_rep_said_or_as_somebody_moved_it(
    until: str, day: str | None, wakes: datetime | None
) -> None:
    assert wakes_at(snoozed(until, day)) == wakes
    future = wakes is not None and wakes > NOW
    expected = LeadStatus.SNOOZED if future else LeadStatus.ASSIGNED
    assert _PLAIN.status(snoozed(until, day), NOW) is expected


def test_a_word_to_marketing_does_not_wake_a_snoozed_lead() -> None:
    row = snoozed("2026-12-01T14:30:00+00:00", "2026-12-01")
    custom = row["custom_fields"]
    custom["triage_log"] = json.dumps([*json.loads(custom["triage_log"]), {"id": "F-1", "word": "note"}])
    assert wakes_at(row) == datetime(2026, 12, 1, 14, 30, tzinfo=UTC)


def test_a_snooze_that_is_over_is_an_assigned_lead() -> None:
    assert _PLAIN.status(snoozed("2026-11-22"), NOW) is LeadStatus.ASSIGNED
