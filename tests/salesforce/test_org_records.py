"""The stand-in takes a record as the vendor does, and refuses with the vendor's codes what the vendor refuses."""

from __future__ import annotations

from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from tests.salesforce.direct import Client, code_of, decision, row_path
from tests.salesforce.org import Org
from tests.salesforce.org.extras import DECISION
from tests.salesforce.org.schema import Field


@pytest.fixture
def org() -> Org:
    return Org(leads=3)


@pytest.fixture
def client(org: Org) -> Client:
    return Client(org)


@pytest.fixture
def lead(org: Org) -> str:
    return f"/sobjects/Lead/{org.lead_ids[0]}"


def test_a_describe_tells_types_choices_and_who_may_write(org: Org, client: Client) -> None:
    org.read_only("Lead.Title")
    org.hide("Lead.Rating")
    fields = {one["name"]: one for one in client.get("/sobjects/Lead/describe").json()["fields"]}
    assert fields["Status"]["type"] == "picklist"
    assert fields["Status"]["restrictedPicklist"]
    assert "Working - Contacted" in [one["value"] for one in fields["Status"]["picklistValues"]]
    assert (fields["LastName"]["updateable"], fields["Title"]["updateable"]) == (True, False)
    assert fields["OwnerId"]["referenceTo"] == ["User", "Group"]
    assert not fields["Description"]["filterable"]
    assert "Rating" not in fields


def test_a_describe_that_did_not_change_is_not_told_again(org: Org, client: Client) -> None:
    first = client.get("/sobjects/Lead/describe")
    asked = {"If-Modified-Since": first.headers["Last-Modified"]}
    again = client.http.get("/services/data/v68.0/sobjects/Lead/describe", headers=asked)
    assert (again.status_code, again.content) == (304, b"")
    org.hide("Lead.Rating")
    assert client.http.get("/services/data/v68.0/sobjects/Lead/describe", headers=asked).status_code == 200


def test_what_is_not_there_is_not_found(org: Org, client: Client) -> None:
    assert code_of(client.get("/sobjects/Nothing__c/describe")) == "404 NOT_FOUND"
    assert code_of(client.get("/sobjects/Lead/00Q000000000000AAA")) == "404 NOT_FOUND"
    assert code_of(client.get("/nothing")) == "404 NOT_FOUND"
    assert code_of(client.get("/services/data/v99.0/limits")) == "404 NOT_FOUND"
    org.delete(org.lead_ids[0])
    assert code_of(client.get(f"/sobjects/Lead/{org.lead_ids[0]}")) == "404 ENTITY_IS_DELETED"


def test_an_object_that_is_hidden_from_a_user_is_not_there_for_them(org: Org, client: Client) -> None:
    org.hide(DECISION)
    assert code_of(client.get(f"/sobjects/{DECISION}/describe")) == "404 NOT_FOUND"


def test_a_method_that_a_resource_lacks_is_not_allowed(client: Client) -> None:
    assert code_of(client.send("PATCH", "/sobjects/Lead", {})) == "405 METHOD_NOT_ALLOWED"


def test_the_versions_are_listed_without_a_token(org: Org) -> None:
    assert Client(org, "nobody").get("/services/data").json()[0]["version"] == "68.0"


def test_a_record_can_be_made_read_changed_and_deleted(org: Org, client: Client) -> None:
    made = client.send("POST", "/sobjects/Lead", {"LastName": "New", "Company": "Example"})
    assert made.status_code == 201
    where = f"/sobjects/Lead/{made.json()['id']}"
    assert client.send("PATCH", where, {"Title": "Buyer"}).status_code == 204
    told = client.get(where, fields="Title,Status,OwnerId").json()
    assert (told["Title"], told["Status"], told["OwnerId"]) == ("Buyer", "Open - Not Contacted", org.me)
    assert client.send("DELETE", where, None).status_code == 204
    assert code_of(client.get(where)) == "404 ENTITY_IS_DELETED"


def test_a_change_is_stamped_and_its_history_kept(org: Org, client: Client, lead: str) -> None:
    before = org.lead(org.lead_ids[0])
    client.send("PATCH", lead, {"Status": "Working - Contacted"})
    after = org.lead(org.lead_ids[0])
    assert after["SystemModstamp"] > before["SystemModstamp"]
    assert after["LastModifiedById"] == org.me
    history = client.records("SELECT Field, OldValue, NewValue FROM LeadHistory")
    assert [(one["Field"], one["OldValue"], one["NewValue"]) for one in history] == [
        ("Status", "Open - Not Contacted", "Working - Contacted")
    ]


@pytest.mark.parametrize(
    ("body", "code", "fields"),
    [
        ({"Nothing__c": "a"}, "INVALID_FIELD", []),
        ({"IsConverted": True}, "INVALID_FIELD_FOR_INSERT_UPDATE", ["IsConverted"]),
        ({"Status": "Somehow"}, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", ["Status"]),
        ({"Status": "Closed - Converted"}, "FIELD_INTEGRITY_EXCEPTION", ["Status"]),
        ({"LastName": None}, "REQUIRED_FIELD_MISSING", ["LastName"]),
        ({"Title": "a" * 129}, "STRING_TOO_LONG", ["Title"]),
        ({"Title": 5}, "JSON_PARSER_ERROR", []),
        ({"NumberOfEmployees": "5"}, "JSON_PARSER_ERROR", []),
        ({"DoNotCall": "yes"}, "JSON_PARSER_ERROR", []),
        ({"DoNotCall": None}, "JSON_PARSER_ERROR", []),
        ({"Triage_Wake_At__c": "tomorrow"}, "JSON_PARSER_ERROR", []),
        ({"Triage_Wake_At__c": "2026-11-22T10:00:00"}, "JSON_PARSER_ERROR", []),
        ({"OwnerId": "nobody"}, "MALFORMED_ID", ["OwnerId"]),
        ({"OwnerId": "005000000000099AAA"}, "INVALID_CROSS_REFERENCE_KEY", ["OwnerId"]),
        (["Status"], "JSON_PARSER_ERROR", []),
    ],
)
def test_a_value_that_the_org_cannot_have_is_refused(
    client: Client, lead: str, body: Any, code: str, fields: list[str]
) -> None:
    before = client.get(lead).json()
    answered = client.send("PATCH", lead, body)
    assert code_of(answered) == f"400 {code}"
    assert answered.json()[0].get("fields", []) == fields
    assert client.get(lead).json() == before


def test_a_status_that_converts_is_a_broken_rule(org: Org, client: Client, lead: str) -> None:
    client.send("PATCH", lead, {"Status": "Closed - Converted"})
    assert org.broken_rules == ["a status that converts was written: Closed - Converted"]


def test_a_lead_cannot_go_to_somebody_who_left(org: Org, client: Client, lead: str) -> None:
    gone = client.records("SELECT Id FROM User WHERE IsActive = false")[0]["Id"]
    assert code_of(client.send("PATCH", lead, {"OwnerId": gone})) == "400 INVALID_CROSS_REFERENCE_KEY"


def test_a_field_that_a_user_may_only_read_is_refused_to_them_alone(
    org: Org, client: Client, lead: str
) -> None:
    org.read_only("Lead.Status")
    body = {"Status": "Working - Contacted"}
    assert code_of(client.send("PATCH", lead, body)) == "400 INVALID_FIELD_FOR_INSERT_UPDATE"
    assert Client(org, org.token_of(org.colleague)).send("PATCH", lead, body).status_code == 204


@pytest.mark.parametrize("rule", ["Status", "Lead.Status", "the lead"])
def test_an_administrators_rule_refuses_in_its_own_words(
    org: Org, client: Client, lead: str, rule: str
) -> None:
    org.validation[org.lead_ids[0] if rule == "the lead" else rule] = "Call them first."
    answered = client.send("PATCH", lead, {"Status": "Working - Contacted"})
    assert code_of(answered) == "400 FIELD_CUSTOM_VALIDATION_EXCEPTION"
    assert answered.json()[0]["message"] == "Call them first."


def test_a_converted_lead_can_only_be_read(org: Org, client: Client, lead: str) -> None:
    org.archive(org.lead_ids[0])
    assert code_of(client.send("PATCH", lead, {"Title": "Buyer"})) == "400 CANNOT_UPDATE_CONVERTED_LEAD"
    told = client.get(lead).json()
    assert told["IsConverted"]
    assert client.get(f"/sobjects/Opportunity/{told['ConvertedOpportunityId']}").status_code == 200


def test_a_new_row_cannot_refer_to_a_converted_lead(org: Org, client: Client) -> None:
    org.archive(org.lead_ids[0])
    body = decision(org.lead_ids[0])
    assert code_of(client.send("PATCH", row_path("K"), body)) == "400 CANNOT_UPDATE_CONVERTED_LEAD"
    org.converted_can_be_referred_to = True
    assert client.send("PATCH", row_path("K"), body).status_code == 201


def test_a_row_that_already_refers_to_a_lead_may_be_written_after_its_conversion(
    org: Org, client: Client
) -> None:
    client.send("PATCH", row_path("K"), decision(org.lead_ids[0]))
    org.archive(org.lead_ids[0])
    body = {**decision(org.lead_ids[0]), "Marketing_Answer__c": "Thank you."}
    assert client.send("PATCH", row_path("K"), body).status_code == 200


def test_an_upsert_makes_a_row_and_then_changes_it(org: Org, client: Client) -> None:
    first = client.send("PATCH", row_path("K-1"), decision(org.lead_ids[0]))
    again = client.send("PATCH", row_path("K-1"), decision(org.lead_ids[0]))
    assert (first.status_code, first.json()["created"]) == (201, True)
    assert (again.status_code, again.json()["created"]) == (200, False)
    assert first.json()["id"] == again.json()["id"]
    assert client.get(row_path("K-1")).json()["Decision_Key__c"] == "K-1"
    assert org.effects() == [("K-1", "accepted"), ("K-1", "accepted")]


def test_a_row_that_is_not_there_has_no_key(client: Client) -> None:
    assert code_of(client.get(row_path("K-2"))) == "404 NOT_FOUND"
    assert code_of(client.get(f"/sobjects/{DECISION}/Reason__c/K-2")) == "404 NOT_FOUND"


def test_an_upsert_may_not_hold_its_key_a_second_time(org: Org, client: Client) -> None:
    body = {**decision(org.lead_ids[0]), "Decision_Key__c": "K-1"}
    assert code_of(client.send("PATCH", row_path("K-1"), body)) == "400 INVALID_FIELD"


def test_a_key_that_several_rows_have_names_them_all(org: Org, client: Client) -> None:
    for _ in range(2):
        org.put(DECISION, {"Decision_Key__c": "twice"})
    answered = client.send("PATCH", row_path("twice"), decision(org.lead_ids[0]))
    assert answered.status_code == 300
    assert len(answered.json()) == 2
    assert client.get(row_path("twice")).status_code == 300
    assert org.effects() == []


def test_a_second_row_of_a_key_cannot_be_made(client: Client) -> None:
    body = {"Decision_Key__c": "K-1"}
    assert code_of(client.send("POST", f"/sobjects/{DECISION}", {})) == "400 REQUIRED_FIELD_MISSING"
    assert client.send("POST", f"/sobjects/{DECISION}", body).status_code == 201
    assert code_of(client.send("POST", f"/sobjects/{DECISION}", body)) == "400 DUPLICATE_VALUE"


def test_only_an_outcome_counts_as_an_effect(org: Org, client: Client) -> None:
    client.send("PATCH", row_path("K"), decision(org.lead_ids[0]))
    client.send("PATCH", row_path("K"), {"Seen_At__c": "2026-11-22T10:00:00Z"})
    client.send("PATCH", row_path("A"), {"Kind__c": "answer", "Outcome__c": "accepted", "About__c": "K"})
    org.type_answer(org.lead_ids[0], "Thank you.")
    assert org.effects() == [("K", "accepted")]


def test_a_task_with_a_key_in_its_subject_is_an_effect(org: Org, client: Client) -> None:
    body = {"WhoId": org.lead_ids[0], "Subject": "Rejected: no budget [triage:K-9]", "Status": "Completed"}
    assert client.send("POST", "/sobjects/Task", body).status_code == 201
    assert org.effects() == [("K-9", "Rejected: no budget")]
    assert client.records("SELECT IsClosed FROM Task WHERE Subject LIKE '%[triage:K-9]%'")[0]["IsClosed"]


def since(moment: datetime) -> dict[str, str]:
    return {"If_Unmodified_Since": format_datetime(moment, usegmt=True)}


def test_a_lead_that_was_changed_since_is_not_overwritten(org: Org, client: Client, lead: str) -> None:
    seen = org.lead(org.lead_ids[0])["LastModifiedDate"]
    org.retitle(org.lead_ids[0])
    answered = client.send("PATCH", lead, {"Status": "Working - Contacted"}, **since(seen))
    assert answered.status_code == 412
    assert org.standing(org.lead_ids[0])[0] == "Open - Not Contacted"


def test_a_change_within_the_same_second_goes_unnoticed(org: Org, client: Client, lead: str) -> None:
    seen = org.lead(org.lead_ids[0])["LastModifiedDate"]
    still = since(seen + timedelta(milliseconds=900))
    assert client.send("PATCH", lead, {"Status": "Working - Contacted"}, **still).status_code == 204


def test_a_precondition_that_is_no_date_is_refused(client: Client, lead: str) -> None:
    answered = client.send("PATCH", lead, {"Title": "a"}, If_Unmodified_Since="yesterday")
    assert code_of(answered) == "400 INVALID_HEADER"


def test_an_etag_is_for_accounts_only(org: Org, client: Client, lead: str) -> None:
    client.send("PATCH", lead, {"Title": "a"}, If_Match='"abc"')
    assert org.broken_rules == ["if-match is for accounts only"]


def test_what_is_no_json_or_says_that_it_is_none_is_refused(client: Client, lead: str) -> None:
    path = "/services/data/v68.0" + lead
    said = {"Content-Type": "application/json"}
    assert code_of(client.http.patch(path, content=b"{", headers=said)) == "400 JSON_PARSER_ERROR"
    assert code_of(client.http.patch(path, data={"Title": "a"})) == "415 UNSUPPORTED_MEDIA_TYPE"


def test_the_deleted_are_listed_within_a_window(org: Org, client: Client) -> None:
    org.delete(org.lead_ids[1])
    listed = window(client, org, timedelta(hours=1)).json()
    assert [one["id"] for one in listed["deletedRecords"]] == [org.lead_ids[1]]
    assert set(listed) == {"deletedRecords", "earliestDateAvailable", "latestDateCovered"}


def window(client: Client, org: Org, back: timedelta, length: timedelta | None = None) -> Any:
    start = org.now() - back
    end = org.now() if length is None else start + length
    said = {"start": start.isoformat(timespec="seconds"), "end": end.isoformat(timespec="seconds")}
    return client.get("/sobjects/Lead/deleted/", **said)


def test_a_window_longer_ago_than_15_days_is_refused(org: Org, client: Client) -> None:
    assert code_of(window(client, org, timedelta(days=16))) == "400 INVALID_REPLICATION_DATE"


def test_a_window_of_less_than_a_minute_is_refused(org: Org, client: Client) -> None:
    refused = window(client, org, timedelta(hours=1), timedelta(seconds=0))
    assert code_of(refused) == "400 INVALID_REPLICATION_DATE"
    assert code_of(client.get("/sobjects/Lead/deleted/")) == "400 INVALID_REPLICATION_DATE"


def test_more_deleted_ids_than_one_answer_holds_are_refused(org: Org, client: Client) -> None:
    org.deleted.most = 1
    for lead_id in org.lead_ids[:2]:
        org.delete(lead_id)
    assert code_of(window(client, org, timedelta(hours=1))) == "400 EXCEEDED_ID_LIMIT"


def test_what_was_purged_is_no_longer_listed_and_the_answer_says_since_when(org: Org, client: Client) -> None:
    org.delete(org.lead_ids[1])
    org.deleted.purge(org.now() + timedelta(seconds=5))
    listed = window(client, org, timedelta(hours=1)).json()
    assert listed["deletedRecords"] == []
    assert listed["earliestDateAvailable"] > (org.now() - timedelta(minutes=1)).isoformat()[:16]


def test_whether_a_member_responded_follows_from_the_status(org: Org, client: Client) -> None:
    soql = f"SELECT Id, HasResponded FROM CampaignMember WHERE LeadId = '{org.lead_ids[0]}'"
    member = client.records(soql)[0]
    assert member["HasResponded"]
    client.send("PATCH", f"/sobjects/CampaignMember/{member['Id']}", {"Status": "Sales rejected"})
    assert not client.records(soql)[0]["HasResponded"]


def test_an_administrator_can_add_a_field(org: Org, client: Client) -> None:
    lead = org.schema.known("Lead")
    assert lead is not None
    org.set_up(lead.with_fields(Field("My_Score__c", "double", scale=1)))
    client.send("PATCH", f"/sobjects/Lead/{org.lead_ids[0]}", {"My_Score__c": 41.26})
    assert client.records("SELECT My_Score__c FROM Lead WHERE My_Score__c > 1")[0]["My_Score__c"] == 41.3
