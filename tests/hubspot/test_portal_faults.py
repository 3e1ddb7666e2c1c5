"""What a test can let go wrong in the stand-in for HubSpot, and what then has and has not happened."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.hubspot.conftest import Talk
from tests.hubspot.portal import Portal

LEAD = "/crm/objects/2026-09/leads/511"
UPDATE = "/crm/objects/2026-09/leads/batch/update"
CHANGE = {"properties": {"hs_lead_name": "Changed"}}


def name(portal: Portal, lead: str = "511") -> str:
    return portal.value("leads", lead, "hs_lead_name")


def change(talk: Talk) -> httpx.Response:
    return talk("PATCH", LEAD, CHANGE)


def batch(talk: Talk, *leads: str) -> httpx.Response:
    inputs = [{"id": one, "objectWriteTraceId": f"D-{one}", **CHANGE} for one in leads]
    return talk.post(UPDATE, {"inputs": inputs})


@pytest.mark.parametrize(
    ("fault", "written"), [("drop-before", False), ("drop-after", True), ("partial", True)]
)
def test_a_single_write_has_no_answer_and_did_or_did_not_happen(
    portal: Portal, talk: Talk, fault: str, *, written: bool
) -> None:
    portal.strike(fault)
    with pytest.raises(httpx.RemoteProtocolError):
        change(talk)
    assert (name(portal) == "Changed") is written
    assert change(talk).status_code == 200


@pytest.mark.parametrize("status", [500, 502, 503, 504, 521, 523, 524])
@pytest.mark.parametrize("after", ["", "-after"])
def test_an_unwell_server_may_have_written(portal: Portal, talk: Talk, status: int, after: str) -> None:
    portal.strike(f"{status}{after}")
    assert change(talk).status_code == status
    assert (name(portal) == "Changed") is bool(after)


@pytest.mark.parametrize(
    "fault", ["429", "429-daily", "429-secondly", "401", "423", "477", "414", "error-one"]
)
def test_a_refusal_has_written_nothing(portal: Portal, talk: Talk, fault: str) -> None:
    portal.strike(fault)
    answer = change(talk)
    assert answer.status_code == (400 if fault == "error-one" else int(fault[:3]))
    assert name(portal) == "Ada Abend"
    assert portal.broken_rules == []


@pytest.mark.parametrize(
    ("fault", "policy"),
    [("429", "TEN_SECONDLY_ROLLING"), ("429-daily", "DAILY"), ("429-secondly", "SECONDLY")],
)
def test_a_429_names_its_policy_and_no_time(portal: Portal, talk: Talk, fault: str, policy: str) -> None:
    portal.strike(fault)
    answer = change(talk)
    assert answer.json()["policyName"] == policy
    assert answer.json()["errorType"] == "RATE_LIMIT"
    assert "Retry-After" not in answer.headers


def test_a_migration_says_how_long_to_wait(portal: Portal, talk: Talk) -> None:
    portal.strike("477")
    assert change(talk).headers["Retry-After"] == "30"


def test_partial_writes_all_and_tells_half(portal: Portal, talk: Talk) -> None:
    portal.strike("partial")
    answer = batch(talk, "511", "512", "513", "514")
    assert answer.status_code == 200
    assert [row["id"] for row in answer.json()["results"]] == ["511", "512"]
    assert {name(portal, one) for one in ("511", "512", "513", "514")} == {"Changed"}


@pytest.mark.parametrize("status", [207, 200])
def test_error_one_refuses_the_first_input_by_its_trace(portal: Portal, talk: Talk, status: int) -> None:
    portal.state.multi_status = status
    portal.strike("error-one")
    answer = batch(talk, "511", "512")
    body: dict[str, Any] = answer.json()
    assert answer.status_code == status
    assert [row["id"] for row in body["results"]] == ["512"]
    assert body["errors"][0]["context"]["objectWriteTraceId"] == ["D-511"]
    assert [name(portal, one) for one in ("511", "512")] == ["Ada Abend", "Changed"]


def test_faults_strike_writes_in_order_and_no_reads(portal: Portal, talk: Talk) -> None:
    portal.strike("", "423")
    assert talk.search().status_code == 200
    assert talk.post("/crm/objects/2026-09/leads/batch/read", {"inputs": []}).status_code == 200
    assert talk.post("/crm/associations/2026-09/leads/notes/batch/read", {"inputs": []}).status_code == 200
    assert [change(talk).status_code for _ in range(3)] == [200, 423, 200]


def test_reads_are_struck_apart(portal: Portal, talk: Talk) -> None:
    portal.strike_reads("503", "429-secondly", "html")
    assert change(talk).status_code == 200
    assert talk.get(LEAD).status_code == 503
    assert talk.search().json()["policyName"] == "SECONDLY"
    page = talk.get(LEAD)
    assert (page.status_code, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert talk.get(LEAD).status_code == 200


def test_a_fault_that_there_is_not_is_an_error_of_the_test(portal: Portal) -> None:
    with pytest.raises(ValueError, match="no such fault"):
        portal.strike("429", "thunder")


def test_a_portal_that_is_down_answers_nobody(portal: Portal, talk: Talk) -> None:
    portal.down = True
    with pytest.raises(httpx.RemoteProtocolError):
        talk.get(LEAD)
    portal.down = False
    assert talk.get(LEAD).status_code == 200


def test_a_colleague_takes_the_lead_before_it_is_looked_at(portal: Portal, talk: Talk) -> None:
    portal.take_while_writing("511")
    talk.search()
    assert portal.standing("511").owner == portal.me
    talk.post("/crm/objects/2026-09/leads/batch/read", {"inputs": [{"id": "511"}]})
    assert portal.standing("511").owner == portal.colleague


def test_a_colleague_takes_the_lead_after_it_was_looked_at(portal: Portal, talk: Talk) -> None:
    portal.take_while_writing("511", judged=False)
    talk.post("/crm/objects/2026-09/leads/batch/read", {"inputs": [{"id": "511"}]})
    assert portal.standing("511").owner == portal.me
    batch(talk, "511")
    assert portal.standing("511").owner == portal.colleague
    assert name(portal) == "Changed"


def test_a_portal_remembers_effects_twice_and_answers(portal: Portal, talk: Talk) -> None:
    for mark in ("[triage:D-1 accept]", "[triage:D-1 accept]", "[triage-answer:R-1 planned]"):
        said = {"hs_timestamp": "1763755200000", "hs_note_body": f"<p>Words.</p><p>{mark}</p>"}
        talk.post("/crm/objects/2026-09/notes", {"properties": said})
    assert portal.effects() == [("D-1", "accept")] * 2
    assert portal.twice() == ["D-1"]
    assert portal.answers() == [("R-1", "planned")]


def test_a_typed_answer_has_a_person_and_a_time_behind_it(portal: Portal, talk: Talk) -> None:
    portal.type_answer("511", "Thank you.", "planned")
    names = "triage_answer,triage_answer_kind"
    told = talk.get("/crm/objects/2026-09/contacts/60001", propertiesWithHistory=names).json()
    values = {key: rows[0]["value"] for key, rows in told["propertiesWithHistory"].items()}
    assert values == {"triage_answer": "Thank you.", "triage_answer_kind": "planned"}
    assert told["propertiesWithHistory"]["triage_answer"][0]["sourceType"] == "CRM_UI"


def test_what_happens_to_a_lead_shows_in_its_standing(portal: Portal) -> None:
    portal.reassign("511")
    portal.restage("512")
    portal.archive("513")
    portal.delete("514", into="515")
    assert portal.standing("511").owner == portal.colleague
    assert portal.standing("512").stage == "connected-stage-id"
    assert portal.standing("513").archived
    assert not portal.standing("514").is_there
    portal.retitle("512")
    assert portal.value("contacts", "60002", "jobtitle") == "CTO"


def test_the_same_portal_is_made_each_time() -> None:
    first, second = Portal(), Portal()
    assert first.lead_ids == second.lead_ids
    assert [first.value("contacts", one, "email") for one in ("60001", "60012")] == [
        second.value("contacts", one, "email") for one in ("60001", "60012")
    ]
