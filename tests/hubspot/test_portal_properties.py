"""Definitions of properties in the stand-in for HubSpot: read, made once, given options; and who may."""

from __future__ import annotations

from typing import Any

import pytest

from tests.hubspot.conftest import Switchboard, Talk
from tests.hubspot.portal import Portal, app

CONTACTS = "/crm/properties/2026-09/contacts"
LEADS = "/crm/properties/2026-09/leads"
GROUP = {"name": "more_triage", "label": "More triage", "displayOrder": -1}


def option(value: str, order: int = 0) -> dict[str, Any]:
    return {"label": value.title(), "value": value, "displayOrder": order, "hidden": False}


def made(**more: Any) -> dict[str, Any]:
    plain = {
        "groupName": "sales_triage",
        "name": "own",
        "label": "Own",
        "type": "string",
        "fieldType": "text",
    }
    return {**plain, **more}


def test_the_reasons_of_a_disqualification_are_options_with_labels(talk: Talk) -> None:
    body = talk.get(f"{LEADS}/hs_lead_disqualification_reason").json()
    assert (body["type"], body["fieldType"]) == ("enumeration", "select")
    assert {"label": "Not a Good Fit", "value": "NOT_A_GOOD_FIT"}.items() <= body["options"][4].items()
    assert len(body["options"]) == 10
    assert all(not one["hidden"] for one in body["options"])


def test_all_properties_of_a_kind_are_listed(talk: Talk) -> None:
    names = [one["name"] for one in talk.get(CONTACTS).json()["results"]]
    assert {"hs_analytics_source", "triage_outcome", "sales_score_total", "lastmodifieddate"} <= set(names)


def test_what_there_is_not_is_a_404(talk: Talk) -> None:
    answer = talk.get(f"{CONTACTS}/nothing")
    assert (answer.status_code, answer.json()["category"]) == (404, "OBJECT_NOT_FOUND")
    assert talk.get(f"{CONTACTS}/groups/nothing").status_code == 404


def test_a_group_and_a_property_are_made_once_and_can_then_be_written(
    switchboard: Switchboard, talk: Talk
) -> None:
    bare = Portal(set_up=False)
    switchboard.app = app(bare)
    group = {"name": "sales_triage", "label": "Sales triage", "displayOrder": -1}
    assert talk.get(f"{CONTACTS}/triage_outcome").status_code == 404
    assert talk.post(f"{CONTACTS}/groups", group).status_code == 201
    choice = made(
        name="triage_outcome",
        label="Outcome",
        type="enumeration",
        fieldType="select",
        options=[option("accepted")],
    )
    answer = talk.post(CONTACTS, choice)
    assert answer.status_code == 201
    assert answer.json()["options"][0]["value"] == "accepted"
    assert talk.get(f"{CONTACTS}/groups/sales_triage").json()["label"] == "Sales triage"
    assert talk.post(f"{CONTACTS}/groups", group).status_code == 409
    again = talk.post(CONTACTS, choice)
    assert (again.status_code, again.json()["category"]) == (409, "OBJECT_ALREADY_EXISTS")
    for value, status in (("accepted", 200), ("rejected", 400)):
        written = talk(
            "PATCH", "/crm/objects/2026-09/contacts/60001", {"properties": {"triage_outcome": value}}
        )
        assert written.status_code == status


def test_options_are_given_to_a_property_of_ones_own_and_to_no_other(portal: Portal, talk: Talk) -> None:
    options = {"options": [option("accepted"), option("shelved", 1)]}
    answer = talk("PATCH", f"{CONTACTS}/triage_outcome", options)
    assert [one["value"] for one in answer.json()["options"]] == ["accepted", "shelved"]
    assert talk("PATCH", f"{CONTACTS}/hs_lead_status", options).status_code == 400


@pytest.mark.parametrize(
    "given",
    [
        made(name="Has Capitals"),
        made(name=""),
        made(label=""),
        made(type="text"),
        made(type="number", fieldType="textarea"),
        made(groupName="nothing"),
        made(type="enumeration", fieldType="select"),
        made(type="enumeration", fieldType="select", options=[{"label": "x", "value": "y"}]),
        made(type="enumeration", fieldType="select", options=[option("a"), option("a") | {"label": "B"}]),
        made(type="enumeration", fieldType="select", options=[option("a"), option("b") | {"label": "A"}]),
    ],
)
def test_a_definition_that_does_not_hold_is_refused(talk: Talk, given: dict[str, Any]) -> None:
    assert talk.post(CONTACTS, given).status_code == 400


def test_ten_unique_properties_are_the_most(talk: Talk) -> None:
    for number in range(10):
        assert talk.post(CONTACTS, made(name=f"own_{number}", hasUniqueValue=True)).status_code == 201
    assert talk.post(CONTACTS, made(name="own_more", hasUniqueValue=True)).status_code == 400
    assert talk.post(CONTACTS, made(name="own_more")).status_code == 201


def test_a_property_of_leads_is_made_by_hand_unless_the_account_lets_the_scope_of_contacts_do(
    portal: Portal, talk: Talk
) -> None:
    given = made(groupName="lead_information")
    refused = talk.post(LEADS, given)
    assert (refused.status_code, refused.json()["category"]) == (403, "MISSING_SCOPES")
    portal.state.lead_properties_by_api = True
    assert talk.post(LEADS, given).status_code == 201


def test_notes_take_no_properties(talk: Talk) -> None:
    assert talk.post("/crm/properties/2026-09/notes", made(groupName="note")).status_code == 403


def test_a_property_can_be_missing_from_one_kind_alone(portal: Portal, talk: Talk) -> None:
    portal.without("triage_decision_key", of="leads")
    assert talk.get(f"{LEADS}/triage_decision_key").status_code == 404
    assert talk.get(f"{CONTACTS}/triage_decision_key").status_code == 200
    portal.without("triage_decision_key")
    assert talk.get(f"{CONTACTS}/triage_decision_key").status_code == 404
