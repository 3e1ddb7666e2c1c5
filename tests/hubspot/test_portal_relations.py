"""What belongs together in the stand-in for HubSpot: associations, pipelines, owners, lists, scores, deals."""

from __future__ import annotations

from typing import Any

import pytest

from tests.hubspot.conftest import Talk
from tests.hubspot.portal import Portal

TIES = "/crm/associations/2026-09"
SCORING = "/marketing/lead-scoring/2026-09-beta"


def linked(talk: Talk, from_kind: str, to_kind: str, *ids: str) -> Any:
    return talk.post(f"{TIES}/{from_kind}/{to_kind}/batch/read", {"inputs": [{"id": one} for one in ids]})


def test_the_primary_contact_of_a_lead_is_told_by_its_type(talk: Talk) -> None:
    answer = linked(talk, "leads", "contacts", "511")
    assert answer.status_code == 200
    row = answer.json()["results"][0]
    assert row["from"] == {"id": "511"}
    assert row["to"][0]["toObjectId"] == "60001"
    types = row["to"][0]["associationTypes"]
    assert [(one["typeId"], one["label"], one["category"]) for one in types] == [
        (578, "Lead to primary contact", "HUBSPOT_DEFINED"),
        (608, None, "HUBSPOT_DEFINED"),
    ]


def test_what_is_archived_is_associated_with_nothing(portal: Portal, talk: Talk) -> None:
    portal.archive("511")
    assert linked(talk, "contacts", "leads", "60001").json()["results"] == []


def test_who_has_none_is_named_in_a_multi_status(portal: Portal, talk: Talk) -> None:
    answer = linked(talk, "leads", "notes", "511", "999")
    assert (answer.status_code, answer.json()["results"]) == (207, [])
    assert [one["context"]["fromObjectId"] for one in answer.json()["errors"]] == [["511"], ["999"]]
    portal.state.names_who_has_none = False
    assert linked(talk, "leads", "notes", "511").status_code == 200


def test_a_thousand_are_read_at_once_and_no_more(portal: Portal, talk: Talk) -> None:
    many = [str(number) for number in range(1_001)]
    assert linked(talk, "leads", "contacts", *many[:1_000]).status_code == 207
    assert portal.broken_rules == []
    assert linked(talk, "leads", "contacts", *many).status_code == 400
    assert portal.broken_rules


def test_an_association_is_made_and_seen_from_both_ends(talk: Talk) -> None:
    spec = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 608}
    pair = {"from": {"id": "511"}, "to": {"id": "60002"}, "types": [spec]}
    assert talk.post(f"{TIES}/leads/contacts/batch/create", {"inputs": [pair]}).status_code == 201
    back = linked(talk, "contacts", "leads", "60002").json()["results"][0]["to"]
    assert [one["toObjectId"] for one in back] == ["512", "511"]
    assert talk.get("/crm/objects/2026-09/leads/511/associations/contacts").json()["results"][1] == {
        "toObjectId": "60002",
        "associationTypes": [{"category": "HUBSPOT_DEFINED", "typeId": 608, "label": None}],
    }


@pytest.mark.parametrize(
    "pair",
    [
        {"from": {"id": "511"}, "to": {"id": "60002"}, "types": [{"associationTypeId": 202}]},
        {"from": {"id": "511"}, "to": {"id": "1"}, "types": [{"associationTypeId": 608}]},
        {"from": {"id": "511"}, "types": [{"associationTypeId": 608}]},
        {"from": {"id": "511"}, "to": {"id": "60002"}, "types": []},
    ],
)
def test_an_association_that_cannot_be_is_refused(talk: Talk, pair: dict[str, Any]) -> None:
    assert talk.post(f"{TIES}/leads/contacts/batch/create", {"inputs": [pair]}).status_code in (400, 404)


def test_a_lead_has_one_primary_contact(portal: Portal, talk: Talk) -> None:
    pair = {"from": {"id": "511"}, "to": {"id": "60002"}, "types": [{"associationTypeId": 578}]}
    talk.post(f"{TIES}/leads/contacts/batch/create", {"inputs": [pair]})
    assert portal.contact_of("511") == "60002"
    first = linked(talk, "leads", "contacts", "511").json()["results"][0]["to"][0]
    assert [one["typeId"] for one in first["associationTypes"]] == [608]


def test_the_stages_of_leads_are_listed_with_their_labels(talk: Talk) -> None:
    pipeline = talk.get("/crm/pipelines/2026-09/leads").json()["results"][0]
    assert pipeline["id"] == "lead-pipeline-id"
    assert [(one["id"], one["label"]) for one in pipeline["stages"]] == [
        ("new-stage-id", "New"),
        ("attempting-stage-id", "Attempting"),
        ("connected-stage-id", "Connected"),
        ("qualified-stage-id", "Qualified"),
        ("unqualified-stage-id", "Disqualified"),
    ]
    assert {"displayOrder", "metadata", "writePermissions"} <= pipeline["stages"][0].keys()
    assert (
        talk.get("/crm/pipelines/2026-09/leads/lead-pipeline-id/stages").json()["results"]
        == pipeline["stages"]
    )
    assert talk.get("/crm/pipelines/2026-09/leads/nothing").status_code == 404


def test_an_owner_is_found_by_address_and_the_rest_by_pages(portal: Portal, talk: Talk) -> None:
    found = talk.get("/crm/owners/2026-09", email=portal.email.upper(), limit="1").json()["results"]
    assert [(one["id"], one["userId"], one["type"]) for one in found] == [(portal.me, 9081, "PERSON")]
    assert found[0]["teams"][0]["name"] == "Sales"
    assert talk.get("/crm/owners/2026-09", email="nobody@example.com").json()["results"] == []
    first = talk.get("/crm/owners/2026-09", limit="2").json()
    second = talk.get("/crm/owners/2026-09", limit="2", after=first["paging"]["next"]["after"]).json()
    assert [one["id"] for one in first["results"] + second["results"]] == ["81", "82", "83"]
    assert [one["id"] for one in talk.get("/crm/owners/2026-09", archived="true").json()["results"]] == ["84"]
    assert talk.get("/crm/owners/2026-09/82").json()["email"] == "colleague@example.com"
    assert talk.get("/crm/owners/2026-09/84").status_code == 404


def test_the_lists_and_the_sequence_of_a_contact_are_told(talk: Talk) -> None:
    row = talk.get("/crm/lists/2026-09/records/0-1/60002/memberships").json()["results"][0]
    assert row["listId"] == "12"
    assert talk.get("/crm/lists/2026-09/12").json()["list"]["name"] == "Nurture: operations"
    assert talk.get("/crm/lists/2026-09/99").status_code == 404
    enrolled = talk.get("/automation/sequences/2026-09/enrollments/contact/60001")
    assert enrolled.json()["sequenceName"] == "Follow up: white paper"
    assert talk.get("/automation/sequences/2026-09/enrollments/contact/60002").status_code == 404


def test_the_lists_of_many_contacts_are_told_at_once(portal: Portal, talk: Talk) -> None:
    inputs = [{"objectTypeId": "0-1", "recordId": one} for one in ("60001", "60002", "1")]
    path = "/crm/lists/2026-09/records/memberships/batch/read"
    rows = talk.post(path, {"inputs": inputs}).json()["results"]
    told = {one["recordId"]: [on["listId"] for on in one["recordListMemberships"]] for one in rows}
    assert told == {"60001": ["13"], "60002": ["12"], "1": []}
    assert talk.post(path, {"inputs": inputs * 34}).status_code == 400
    assert portal.broken_rules.pop().startswith("102 inputs")


@pytest.mark.parametrize("kind", ["calls", "emails", "meetings"])
def test_what_was_done_about_a_contact_is_associated_with_it(portal: Portal, talk: Talk, kind: str) -> None:
    done = portal.engage(portal.lead_ids[0], kind, portal.state.clock.now())
    path = f"/crm/associations/2026-09/contacts/{kind}/batch/read"
    (found,) = talk.post(path, {"inputs": [{"id": "60001"}]}).json()["results"]
    assert [one["toObjectId"] for one in found["to"]] == [done]
    wanted = {"properties": ["hs_timestamp", "hubspot_owner_id"], "inputs": [{"id": done}]}
    (row,) = talk.post(f"/crm/objects/2026-09/{kind}/batch/read", wanted).json()["results"]
    assert row["properties"]["hubspot_owner_id"] == portal.me
    assert portal.value("contacts", "60001", "notes_last_contacted") == row["properties"]["hs_timestamp"]
    assert talk.post(f"/crm/objects/2026-09/{kind}", {"properties": {}}).status_code == 400


def test_events_need_an_enterprise_hub(portal: Portal, talk: Talk) -> None:
    path = "/events/event-occurrences/2026-09"
    assert talk.get(path, objectType="contact", objectId="60001").status_code == 403
    portal.state.sees_events = True
    assert talk.get(path, objectType="contact", objectId="60001").json()["results"] == []


def test_scores_name_the_properties_that_they_write(talk: Talk) -> None:
    score = talk.get(f"{SCORING}/scores").json()["results"][0]
    outputs = talk.get(f"{SCORING}/scores/{score['id']}").json()["outputConfiguration"]["outputs"]
    assert [(one["propertyName"], one["outputType"]) for one in outputs] == [
        ("sales_score_total", "SCORE"),
        ("sales_score_fit", "SCORE"),
        ("sales_score_engagement", "SCORE"),
        ("sales_score_threshold", "MATRIX"),
    ]
    assert talk.get(f"{SCORING}/scores/1").status_code == 404


def history(talk: Talk, contact: str, **more: str) -> Any:
    asked = {"objectTypeId": "0-1", "objectId": contact, "outputProperty": "sales_score_total"}
    return talk.get(f"{SCORING}/score-values/object-history", **asked, **more)


def test_the_history_of_a_score_says_what_moved_it_and_ends_at_its_value(portal: Portal, talk: Talk) -> None:
    rows = history(talk, "60001").json()["results"]
    total = int(portal.value("contacts", "60001", "sales_score_total"))
    assert rows[0]["propertyValue"] == str(total)
    assert sum(row["delta"] for row in rows) == total
    assert rows[0]["renderedEvents"][0]["heading"].startswith("Submitted form")
    assert rows[1]["resolvedProperties"]["jobtitle"]["presentValue"]
    older = history(talk, "60003").json()["results"]
    assert sum(row["delta"] for row in older) < int(portal.value("contacts", "60003", "sales_score_total"))


def test_the_history_of_a_score_comes_in_pages_and_forgets_after_90_days(portal: Portal, talk: Talk) -> None:
    first = history(talk, "60001", limit="2").json()
    second = history(talk, "60001", limit="2", after=first["paging"]["next"]["after"]).json()
    assert [len(first["results"]), len(second["results"])] == [2, 1]
    assert "paging" not in second
    portal.advance(91 * 86_400)
    assert history(talk, "60001").json()["results"] == []


@pytest.mark.parametrize("status", [403, 404])
def test_scoring_can_be_refused(portal: Portal, talk: Talk, status: int) -> None:
    portal.scoring = status
    assert history(talk, "60001").status_code == status
    assert talk.get(f"{SCORING}/scores").status_code == status
    assert talk.get(f"{SCORING}/scores/77001").status_code == status


def test_a_portal_without_scores_has_no_properties_of_them() -> None:
    plain = Portal(scoring=False)
    assert plain.scoring == 404
    assert "sales_score_total" not in plain.state.schemas["contacts"].properties


def test_a_deal_belongs_to_its_lead_and_its_stages_are_history(portal: Portal, talk: Talk) -> None:
    deal = portal.open_deal("511", "9000")
    portal.close_deal(deal)
    row = linked(talk, "leads", "deals", "511").json()["results"][0]["to"][0]
    assert (row["toObjectId"], [one["typeId"] for one in row["associationTypes"]]) == (deal, [582, 1037])
    read = {
        "inputs": [{"id": deal}],
        "properties": ["amount", "hs_is_closed_won"],
        "propertiesWithHistory": ["dealstage"],
    }
    found = talk.post("/crm/objects/2026-09/deals/batch/read", read).json()["results"][0]
    assert (found["properties"]["amount"], found["properties"]["hs_is_closed_won"]) == ("9000", "true")
    stages = [one["value"] for one in found["propertiesWithHistory"]["dealstage"]]
    assert stages == ["closedwon", "appointmentscheduled"]
