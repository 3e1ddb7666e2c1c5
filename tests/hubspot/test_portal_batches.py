"""Batches in the stand-in for HubSpot: at most a hundred, and an outcome for each where one is promised."""

from __future__ import annotations

from typing import Any

import pytest

from tests.hubspot.conftest import Talk
from tests.hubspot.portal import Portal

BATCH = "/crm/objects/2026-09/leads/batch"
NOTES = "/crm/objects/2026-09/notes/batch/create"
GOOD, BAD = {"hs_lead_name": "New"}, {"hs_lead_name": "New", "missing": "x"}


def change(lead: str, properties: dict[str, str], trace: str = "") -> dict[str, Any]:
    return {"id": lead, "properties": properties, **({"objectWriteTraceId": trace} if trace else {})}


def names(portal: Portal, *leads: str) -> list[str]:
    return [portal.value("leads", one, "hs_lead_name") for one in leads]


def test_a_batch_is_read_and_what_is_missing_is_named_with_its_ids(portal: Portal, talk: Talk) -> None:
    portal.archive("512")
    inputs = [{"id": one} for one in ("511", "512", "999")]
    answer = talk.post(f"{BATCH}/read", {"inputs": inputs, "properties": ["hs_lead_name"]})
    body = answer.json()
    assert answer.status_code == 207
    assert [row["id"] for row in body["results"]] == ["511"]
    assert (body["numErrors"], body["status"]) == (1, "COMPLETE")
    assert body["errors"][0]["category"] == "OBJECT_NOT_FOUND"
    assert body["errors"][0]["context"] == {"ids": ["512", "999"]}
    assert "LEAD objects" in body["errors"][0]["message"]


def test_errors_can_come_in_a_200_as_well(portal: Portal, talk: Talk) -> None:
    portal.state.multi_status = 200
    answer = talk.post(f"{BATCH}/read", {"inputs": [{"id": "999"}]})
    assert answer.status_code == 200
    assert answer.json()["errors"][0]["context"]["ids"] == ["999"]


def test_a_merged_contact_is_missing_without_a_word(portal: Portal, talk: Talk) -> None:
    portal.merge_contacts("511", into="512")
    answer = talk.post(
        "/crm/objects/2026-09/contacts/batch/read", {"inputs": [{"id": "60001"}, {"id": "60002"}]}
    )
    assert answer.status_code == 200
    assert [row["id"] for row in answer.json()["results"]] == ["60002"]
    assert "errors" not in answer.json()


@pytest.mark.parametrize("verb", ["read", "update", "create", "upsert", "archive"])
def test_a_hundred_and_one_are_too_many_and_break_a_rule(portal: Portal, talk: Talk, verb: str) -> None:
    inputs = [change(str(number), {}) for number in range(101)]
    answer = talk.post(f"{BATCH}/{verb}", {"inputs": inputs})
    assert (answer.status_code, answer.json()["category"]) == (400, "VALIDATION_ERROR")
    assert portal.broken_rules == [f"101 inputs at {BATCH}/{verb}, 100 are allowed"]


def test_with_history_fifty_are_the_most(portal: Portal, talk: Talk) -> None:
    inputs = [{"id": str(number)} for number in range(51)]
    answer = talk.post(f"{BATCH}/read", {"inputs": inputs, "propertiesWithHistory": ["hs_lead_name"]})
    assert answer.status_code == 400
    assert portal.broken_rules


def test_an_update_with_traces_writes_the_good_and_names_the_bad_by_its_trace(
    portal: Portal, talk: Talk
) -> None:
    inputs = [change("511", GOOD, "D-1"), change("512", BAD, "D-2"), change("999", GOOD, "D-3")]
    answer = talk.post(f"{BATCH}/update", {"inputs": inputs})
    body = answer.json()
    assert answer.status_code == 207
    assert [(row["id"], row["objectWriteTraceId"]) for row in body["results"]] == [("511", "D-1")]
    assert [one["context"]["objectWriteTraceId"] for one in body["errors"]] == [["D-2"], ["D-3"]]
    assert [one["category"] for one in body["errors"]] == ["VALIDATION_ERROR", "OBJECT_NOT_FOUND"]
    assert "PROPERTY_DOESNT_EXIST" in body["errors"][0]["message"]
    assert names(portal, "511", "512") == ["New", "Bruno Berger"]


@pytest.mark.parametrize("parts", [True, False])
def test_without_traces_or_where_updates_are_not_in_parts_it_is_all_or_nothing(
    portal: Portal, talk: Talk, *, parts: bool
) -> None:
    portal.state.writes_in_parts = parts
    traces = ("", "") if parts else ("D-1", "D-2")
    inputs = [change("511", GOOD, traces[0]), change("512", BAD, traces[1])]
    answer = talk.post(f"{BATCH}/update", {"inputs": inputs})
    assert answer.status_code == 400
    assert "errors" in answer.json()
    assert names(portal, "511", "512") == ["Ada Abend", "Bruno Berger"]


def test_a_batch_of_notes_is_made_with_traces_and_a_bad_one_is_named(portal: Portal, talk: Talk) -> None:
    def one(trace: str, **properties: str) -> dict[str, Any]:
        to = {
            "to": {"id": "60001"},
            "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 202}],
        }
        return {"properties": properties, "associations": [to], "objectWriteTraceId": trace}

    body = f"[triage:D-1 accept] {'x' * 10}"
    inputs = [one("D-1", hs_timestamp="1763755200000", hs_note_body=body), one("D-2", hs_note_body="no time")]
    answer = talk.post(NOTES, {"inputs": inputs})
    assert answer.status_code == 207
    assert [row["objectWriteTraceId"] for row in answer.json()["results"]] == ["D-1"]
    assert answer.json()["errors"][0]["context"]["objectWriteTraceId"] == ["D-2"]
    assert portal.effects() == [("D-1", "accept")]


def test_all_good_is_201_for_notes_and_200_for_updates(talk: Talk) -> None:
    note = {"properties": {"hs_timestamp": "1763755200000", "hs_note_body": "x"}, "objectWriteTraceId": "N"}
    assert talk.post(NOTES, {"inputs": [note]}).status_code == 201
    assert talk.post(f"{BATCH}/update", {"inputs": [change("511", GOOD)]}).status_code == 200


def test_an_upsert_by_a_unique_property_says_whether_it_is_new(portal: Portal, talk: Talk) -> None:
    known = portal.value("contacts", "60001", "email")
    inputs = [
        {"idProperty": "email", "id": known, "properties": {"jobtitle": "CTO"}},
        {"idProperty": "email", "id": "somebody@new.example", "properties": {"jobtitle": "CEO"}},
    ]
    rows = talk.post("/crm/objects/2026-09/contacts/batch/upsert", {"inputs": inputs}).json()["results"]
    assert [row["new"] for row in rows] == [False, True]
    assert rows[0]["id"] == "60001"
    inputs = [{"idProperty": "jobtitle", "id": "CTO", "properties": {}}]
    assert talk.post("/crm/objects/2026-09/contacts/batch/upsert", {"inputs": inputs}).status_code == 400


def test_a_batch_is_put_in_the_recycle_bin(portal: Portal, talk: Talk) -> None:
    assert talk.post(f"{BATCH}/archive", {"inputs": [{"id": "511"}, {"id": "999"}]}).status_code == 204
    assert portal.standing("511").archived


def test_an_account_can_take_less_at_once(portal: Portal, talk: Talk) -> None:
    portal.state.batch_limit = 2
    inputs = [change(one, GOOD) for one in portal.lead_ids[:3]]
    assert talk.post(f"{BATCH}/update", {"inputs": inputs}).status_code == 400
    assert talk.post(f"{BATCH}/update", {"inputs": inputs[:2]}).status_code == 200


@pytest.mark.parametrize("body", [{}, {"inputs": "x"}, {"inputs": ["511"]}])
def test_inputs_are_a_list_of_objects(talk: Talk, body: Any) -> None:
    assert talk.post(f"{BATCH}/read", body).status_code == 400
