"""Records in the stand-in for HubSpot: read, written one by one, with history, archived and merged."""

from __future__ import annotations

import pytest

from tests.hubspot.conftest import Talk
from tests.hubspot.portal import Portal

LEADS = "/crm/objects/2026-09/leads"
CONTACTS = "/crm/objects/2026-09/contacts"
NOTES = "/crm/objects/2026-09/notes"
UNQUALIFIED = "unqualified-stage-id"


def on(contact: str, type_id: int = 202) -> dict[str, object]:
    return {
        "to": {"id": contact},
        "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": type_id}],
    }


def note(body: str = "Called.", **more: str) -> dict[str, str]:
    return {"hs_timestamp": "2026-11-21T20:00:00Z", "hs_note_body": body, **more}


def test_a_write_sets_what_was_given_moves_the_modification_time_and_leaves_the_rest(
    portal: Portal, talk: Talk
) -> None:
    before = talk.get(f"{LEADS}/511").json()
    changed = {
        "properties": {"hs_pipeline_stage": UNQUALIFIED, "hs_lead_disqualification_reason": "BAD_TIMING"}
    }
    assert talk("PATCH", f"{LEADS}/511", changed).status_code == 200
    after = talk.get(f"{LEADS}/511", properties="hs_pipeline_stage,hs_lead_name,hs_lead_is_open").json()
    assert after["properties"]["hs_pipeline_stage"] == UNQUALIFIED
    assert after["properties"]["hs_lead_name"] == "Ada Abend"
    assert after["properties"]["hs_lead_is_open"] == "false"
    assert after["updatedAt"] > before["updatedAt"]
    assert after["properties"]["hs_lastmodifieddate"] == after["updatedAt"]


def test_two_writes_have_two_times(talk: Talk) -> None:
    body = {"properties": {"hs_lead_name": "x"}}
    times = [talk("PATCH", f"{LEADS}/511", body).json()["updatedAt"] for _ in range(3)]
    assert sorted(set(times)) == times


def test_a_contact_is_modified_by_another_name_than_a_lead(talk: Talk) -> None:
    row = talk("PATCH", f"{CONTACTS}/60001", {"properties": {"jobtitle": "CTO"}}).json()
    assert row["properties"]["lastmodifieddate"] == row["updatedAt"]
    assert "hs_lastmodifieddate" not in row["properties"]


def test_an_empty_text_clears(portal: Portal, talk: Talk) -> None:
    row = talk("PATCH", f"{LEADS}/511", {"properties": {"hubspot_owner_id": ""}}).json()
    assert row["properties"]["hubspot_owner_id"] is None
    assert portal.standing("511").owner == ""
    found = talk.search(("hubspot_owner_id", "NOT_HAS_PROPERTY")).json()["results"]
    assert [one["id"] for one in found] == ["511"]


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("missing", "x", "PROPERTY_DOESNT_EXIST"),
        ("hs_lead_disqualification_reason", "NO_SUCH", "INVALID_OPTION"),
        ("hs_pipeline_stage", "no-such-stage", "INVALID_PIPELINE_STAGE_ID"),
        ("hubspot_owner_id", "999", "INVALID_OWNER_ID"),
        ("hs_createdate", "2026-01-01", "READ_ONLY_VALUE"),
        ("hs_lead_name", "x" * 65_537, "PROPERTY_TOO_LONG"),
    ],
)
def test_a_value_that_cannot_stand_there_is_refused_and_nothing_is_written(
    portal: Portal, talk: Talk, name: str, value: str, code: str
) -> None:
    answer = talk("PATCH", f"{LEADS}/511", {"properties": {"hs_lead_name": "Changed", name: value}})
    body = answer.json()
    assert (answer.status_code, body["category"]) == (400, "VALIDATION_ERROR")
    assert body["errors"][0]["code"] == code
    assert body["errors"][0]["context"]["propertyName"] == [name]
    assert body["message"].startswith("Property values were not valid: [{")
    assert portal.value("leads", "511", "hs_lead_name") == "Ada Abend"
    assert bool(portal.broken_rules) is (name == "missing")


@pytest.mark.parametrize(
    ("name", "value", "fits"),
    [
        ("triage_score_at_decision", "54", True),
        ("triage_score_at_decision", "much", False),
        ("triage_score_at_decision", "nan", False),
        ("triage_decided_at", "1763755200000", True),
        ("triage_decided_at", "2026-11-21T20:00:00Z", True),
        ("triage_decided_at", "yesterday", False),
        ("triage_outcome", "rejected", True),
        ("triage_outcome", "Rejected", False),
        ("triage_reason", "NOT_A_BUYER", True),
        ("hs_lead_status", "BAD_TIMING", True),
        ("sales_score_total", "99", False),
    ],
)
def test_a_contacts_values_are_checked_by_their_type(
    talk: Talk, name: str, value: str, *, fits: bool
) -> None:
    answer = talk("PATCH", f"{CONTACTS}/60001", {"properties": {name: value}})
    assert answer.status_code == (200 if fits else 400)


def test_a_time_is_kept_in_iso_however_it_came(portal: Portal, talk: Talk) -> None:
    talk("PATCH", f"{CONTACTS}/60001", {"properties": {"triage_decided_at": "1763755200000"}})
    assert portal.value("contacts", "60001", "triage_decided_at") == "2025-11-21T20:00:00.000Z"


def test_an_admins_rule_refuses_a_stage_without_its_reason_and_only_then(portal: Portal, talk: Talk) -> None:
    portal.need_reason()
    stage = {"hs_pipeline_stage": UNQUALIFIED}
    refused = talk("PATCH", f"{LEADS}/511", {"properties": stage})
    assert (refused.status_code, refused.json()["category"]) == (400, "VALIDATION_ERROR")
    assert refused.json()["errors"][0]["context"]["propertyName"] == ["hs_lead_disqualification_reason"]
    assert portal.standing("511").stage == "new-stage-id"
    together = stage | {"hs_lead_disqualification_reason": "NOT_A_GOOD_FIT"}
    assert talk("PATCH", f"{LEADS}/511", {"properties": together}).status_code == 200
    assert portal.broken_rules == []


def test_an_admins_rule_leaves_a_lead_alone_that_is_in_the_stage_already(portal: Portal, talk: Talk) -> None:
    portal.restage("511", UNQUALIFIED)
    portal.need_reason()
    again = {"hs_pipeline_stage": UNQUALIFIED, "hs_lead_name": "New"}
    assert talk("PATCH", f"{LEADS}/511", {"properties": again}).status_code == 200


def test_history_tells_each_value_and_who_wrote_it_the_newest_first(portal: Portal, talk: Talk) -> None:
    portal.reassign("511")
    talk("PATCH", f"{LEADS}/511", {"properties": {"hubspot_owner_id": portal.me}})
    row = talk.get(f"{LEADS}/511", propertiesWithHistory="hubspot_owner_id").json()
    told = row["propertiesWithHistory"]["hubspot_owner_id"]
    assert [one["value"] for one in told] == [portal.me, portal.colleague, portal.me]
    assert [one["sourceType"] for one in told] == ["INTEGRATION", "CRM_UI", "CRM_SETTING"]
    assert told[1]["updatedByUserId"] == 9083
    assert told[0]["timestamp"] > told[1]["timestamp"] > told[2]["timestamp"]


def test_a_note_is_made_with_its_associations(portal: Portal, talk: Talk) -> None:
    body = {"properties": note("<p>[triage:D-1 accept]</p>"), "associations": [on("511", 855), on("60001")]}
    answer = talk.post(NOTES, body)
    assert answer.status_code == 201
    assert (
        portal.notes_of("leads", "511")
        == portal.notes_of("contacts", "60001")
        == ["<p>[triage:D-1 accept]</p>"]
    )
    assert portal.effects() == [("D-1", "accept")]


@pytest.mark.parametrize(
    ("properties", "associations"),
    [
        ({"hs_note_body": "no time"}, []),
        (note("x" * 65_537), []),
        (note(), [on("511", 202)]),
        (note(), [on("60001", 855)]),
        (note(), [on("1", 202)]),
        (note(), [on("60001", 9_999)]),
        (note(), [{"to": {"id": "60001"}}]),
    ],
)
def test_a_note_that_is_not_whole_is_refused_and_not_made(
    portal: Portal, talk: Talk, properties: dict[str, str], associations: list[object]
) -> None:
    answer = talk.post(NOTES, {"properties": properties, "associations": associations})
    assert answer.status_code == 400
    assert not portal.state.records.of["notes"]


def test_a_body_of_65536_characters_is_taken(talk: Talk) -> None:
    assert talk.post(NOTES, {"properties": note("x" * 65_536)}).status_code == 201


def test_a_lead_is_made_only_for_a_contact(talk: Talk) -> None:
    assert talk.post(LEADS, {"properties": {"hs_lead_name": "Alone"}}).status_code == 400
    made = talk.post(LEADS, {"properties": {"hs_lead_name": "With"}, "associations": [on("60001", 578)]})
    assert made.status_code == 201


def test_a_second_contact_with_the_same_address_is_a_conflict(portal: Portal, talk: Talk) -> None:
    address = portal.value("contacts", "60001", "email")
    answer = talk.post(CONTACTS, {"properties": {"email": address}})
    assert answer.status_code == 409
    assert answer.json()["message"] == "Contact already exists. Existing ID: 60001"


def test_an_archived_record_is_in_the_recycle_bin_and_nowhere_else(portal: Portal, talk: Talk) -> None:
    portal.archive("512")
    assert talk.get(f"{LEADS}/512").status_code == 404
    row = talk.get(f"{LEADS}/512", archived="true").json()
    assert row["archived"]
    assert "archivedAt" in row
    assert [one["id"] for one in talk.get(LEADS, archived="true").json()["results"]] == ["512"]
    assert "512" not in [one["id"] for one in talk.get(LEADS, limit="100").json()["results"]]


def test_a_deleted_record_is_in_no_bin(portal: Portal, talk: Talk) -> None:
    portal.delete("512")
    assert talk.get(f"{LEADS}/512", archived="true").status_code == 404
    assert not portal.standing("512").is_there


def test_pages_of_a_list_follow_one_another_by_id(portal: Portal, talk: Talk) -> None:
    first = talk.get(LEADS, limit="9").json()
    second = talk.get(LEADS, limit="9", after=first["paging"]["next"]["after"]).json()
    assert [one["id"] for one in first["results"] + second["results"]] == [
        *portal.lead_ids,
        *portal.other_lead_ids,
    ]
    assert talk.get(LEADS, limit="101").status_code == 400
    assert talk.get(LEADS, limit="51", propertiesWithHistory="hs_lead_name").status_code == 400


def test_a_merged_contact_is_read_by_its_old_id_and_its_lead_has_the_other(
    portal: Portal, talk: Talk
) -> None:
    portal.merge_contacts("511", into="512")
    assert talk.get(f"{CONTACTS}/60001").json()["id"] == "60002"
    assert portal.contact_of("511") == "60002"
    assert portal.value("leads", "511", "hs_primary_contact_id") == "60002"


def test_a_contact_is_found_by_address_where_it_is_asked_so(portal: Portal, talk: Talk) -> None:
    address = portal.value("contacts", "60002", "email")
    assert talk.get(f"{CONTACTS}/{address}", idProperty="email").json()["id"] == "60002"


def test_leads_cannot_be_merged(talk: Talk) -> None:
    assert (
        talk.post(f"{LEADS}/merge", {"primaryObjectId": "511", "objectIdToMerge": "512"}).status_code == 405
    )


def test_the_kinds_have_names_numbers_and_a_singular(talk: Talk) -> None:
    for name in ("leads", "0-136", "lead"):
        assert talk.get(f"/crm/objects/2026-09/{name}/511").json()["id"] == "511"
    assert talk.get("/crm/objects/2026-09/unicorns/511").status_code == 400
