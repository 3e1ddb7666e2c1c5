"""The stand-in reads SOQL as strictly as the vendor: what a client gets away with here, it gets away with there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.salesforce.direct import Client, code_of
from tests.salesforce.org import Org


@pytest.fixture
def org() -> Org:
    return Org(leads=7)


@pytest.fixture
def client(org: Org) -> Client:
    return Client(org)


def names(client: Client, where: str) -> list[str]:
    return [row["LastName"] for row in client.records(f"SELECT LastName FROM Lead {where}")]


def test_a_row_tells_its_type_its_address_and_the_fields_that_were_asked_for(
    client: Client, org: Org
) -> None:
    row = client.records(f"SELECT Id, name FROM Lead WHERE Id = '{org.lead_ids[0]}'")[0]
    assert row == {
        "attributes": {"type": "Lead", "url": f"/services/data/v68.0/sobjects/Lead/{org.lead_ids[0]}"},
        "Id": org.lead_ids[0],
        "Name": "Ada Example0",
    }


def test_fields_of_related_records_are_told_inside_of_them_and_a_missing_one_is_null(
    client: Client, org: Org
) -> None:
    org.reassign(org.lead_ids[1], org.queue)
    soql = "SELECT Owner.Name, Owner.Type, MasterRecord.Name FROM Lead WHERE OwnerId = '{}'"
    owned = client.records(soql.format(org.queue))[0]
    assert owned["Owner"]["Name"] == "Marketing nurture"
    assert owned["Owner"]["Type"] == "Group"
    assert owned["MasterRecord"] is None


def test_a_sub_select_gives_the_children_or_null(client: Client, org: Org) -> None:
    soql = f"SELECT (SELECT Campaign.Name FROM CampaignMembers), (SELECT Id FROM Tasks) FROM Lead WHERE Id = '{org.lead_ids[0]}'"
    row = client.records(soql)[0]
    assert [one["Campaign"]["Name"] for one in row["CampaignMembers"]["records"]] == ["Webinar Autumn"]
    assert row["Tasks"] is None


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ("WHERE LastName = 'EXAMPLE3'", ["Example3"]),
        ("WHERE LastName IN ('Example1', 'Example2') ORDER BY LastName DESC", ["Example2", "Example1"]),
        ("WHERE LastName NOT IN ('Example1', 'Example2') AND NumberOfEmployees < 13", ["Example0"]),
        ("WHERE (LastName = 'Example1' OR LastName = 'Example2') AND NumberOfEmployees > 11", ["Example2"]),
        ("WHERE NOT NumberOfEmployees >= 11", ["Example0"]),
        ("WHERE LastName LIKE '%ple_' AND NumberOfEmployees <= 10", ["Example0"]),
        ("WHERE Title = null", []),
        ("WHERE MasterRecordId = null AND Title != 'Buyer' AND LastName <> 'Example2' LIMIT 1", ["Example0"]),
        ("ORDER BY NumberOfEmployees DESC LIMIT 2 OFFSET 1", ["Example5", "Example4"]),
        ("WHERE Owner.Name = 'Kim Colleague'", []),
        ("WHERE IsConverted = true", []),
        ("WHERE CreatedDate = TODAY AND LastName = 'nobody'", []),
        ("WHERE CreatedDate < LAST_N_DAYS:3", []),
        ("WHERE Id IN (SELECT LeadId FROM CampaignMember WHERE HasResponded = true) LIMIT 1", ["Example0"]),
    ],
)
def test_conditions_and_orders_mean_what_they_say(client: Client, where: str, found: list[str]) -> None:
    assert names(client, where) == found


def test_moments_are_compared_as_moments(client: Client, org: Org) -> None:
    org.retitle(org.lead_ids[4])
    since = (datetime.now(UTC) - timedelta(minutes=30)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert names(client, f"WHERE SystemModstamp > {since}") == ["Example4"]


def test_escapes_are_read_and_only_a_percent_without_one_is_any_letters(client: Client, org: Org) -> None:
    odd = org.add_lead(LastName="O'Neil 50% \\ \n")
    assert [
        row["Id"] for row in client.records(r"SELECT Id FROM Lead WHERE LastName = 'O\'Neil 50% \\ \n'")
    ] == [odd]
    assert [row["Id"] for row in client.records(r"SELECT Id FROM Lead WHERE LastName LIKE '% 50\% %'")] == [
        odd
    ]
    assert client.records(r"SELECT Id FROM Lead WHERE LastName LIKE 'Exam\%'") == []


@pytest.mark.parametrize(
    ("soql", "code"),
    [
        ("SELECT Nothing__c FROM Lead", "400 INVALID_FIELD"),
        ("SELECT Id FROM Nothing__c", "400 INVALID_TYPE"),
        ("SELECT Nobody.Name FROM Lead", "400 INVALID_FIELD"),
        ("SELECT Id, Id FROM Lead", "400 INVALID_FIELD"),
        ("SELECT Id FROM Lead WHERE CreatedDate > '2026-01-01'", "400 INVALID_FIELD"),
        ("SELECT Id FROM Lead WHERE CreatedDate > 2026-01-01", "400 INVALID_FIELD"),
        ("SELECT Id FROM Lead WHERE LastName = 5", "400 INVALID_FIELD"),
        ("SELECT Id FROM Lead WHERE IsConverted = 'false'", "400 INVALID_FIELD"),
        ("SELECT Id FROM Lead WHERE OwnerId = 'nobody'", "400 INVALID_QUERY_FILTER_OPERATOR"),
        ("SELECT Id FROM Lead WHERE Description != null", "400 INVALID_FIELD"),
        ("SELECT Id FROM Lead ORDER BY Description", "400 INVALID_FIELD"),
        ("SELECT Id FROM Lead OFFSET 3000", "400 NUMBER_OUTSIDE_VALID_RANGE"),
    ],
)
def test_what_the_org_does_not_have_is_refused_by_its_code(client: Client, soql: str, code: str) -> None:
    assert code_of(client.query(soql)) == code
    assert client.org.broken_rules == []


@pytest.mark.parametrize(
    "soql",
    [
        "SELECT Id FROM Lead WHERE LastName = 'O'Neil'",
        "SELECT Id FROM Lead WHERE LastName = 'a\\",
        r"SELECT Id FROM Lead WHERE LastName = 'a\q'",
        "SELECT Id FROM Lead WHERE LastName = 'a\nb'",
        "SELECT Id FROM Lead WHERE Title = 'a' OR Title = 'b' AND Title = 'c'",
        "SELECT Id, FROM Lead",
        "SELECT Id FROM Lead WHERE Id IN ()",
        "SELECT Id FROM Lead LIMIT many",
        "SELECT Id FROM Lead WHERE CreatedDate = SOMEDAY",
        "SELECT Id FROM Lead; DROP",
        "",
    ],
)
def test_a_query_that_is_none_is_refused_and_remembered(org: Org, client: Client, soql: str) -> None:
    assert code_of(client.query(soql)) == "400 MALFORMED_QUERY"
    assert org.broken_rules


def test_pages_follow_one_another_until_it_is_done(org: Org, client: Client) -> None:
    org.page_size = 3
    first = client.query("SELECT Id FROM Lead ORDER BY Id").json()
    found, page = list(first["records"]), first
    while not page["done"]:
        page = client.get(page["nextRecordsUrl"]).json()
        found += page["records"]
    assert first["totalSize"] == 7
    assert [row["Id"] for row in found] == sorted(org.lead_ids)
    assert "nextRecordsUrl" not in page


def test_a_page_can_be_asked_for_again(org: Org, client: Client) -> None:
    org.page_size = 3
    following = client.query("SELECT Id FROM Lead").json()["nextRecordsUrl"]
    assert client.get(following).json() == client.get(following).json()


def test_a_page_that_was_never_offered_is_refused(org: Org, client: Client) -> None:
    org.page_size = 3
    following = client.query("SELECT Id FROM Lead").json()["nextRecordsUrl"]
    assert code_of(client.get(following + "9")) == "400 INVALID_QUERY_LOCATOR"
    other = Client(org, org.token_of(org.colleague))
    assert code_of(other.get(following)) == "400 INVALID_QUERY_LOCATOR"
    assert len(org.broken_rules) == 2


def test_a_client_may_ask_for_smaller_pages_but_not_below_two_hundred(client: Client) -> None:
    for number in range(300):
        client.org.add_lead(LastName=f"More{number}")
    asked = client.http.get(
        "/services/data/v68.0/query",
        params={"q": "SELECT Id FROM Lead"},
        headers={"Sforce-Query-Options": "batchSize=5"},
    )
    assert len(asked.json()["records"]) == 200


def test_a_count_is_a_number_without_rows(client: Client) -> None:
    assert client.query("SELECT COUNT() FROM Lead").json() == {"totalSize": 7, "done": True, "records": []}


def test_deleted_rows_come_only_with_everything_and_say_what_they_were_merged_into(
    org: Org, client: Client
) -> None:
    gone, kept = org.lead_ids[:2]
    org.delete(gone, into=kept)
    soql = f"SELECT Id, IsDeleted, MasterRecordId FROM Lead WHERE Id = '{gone}'"
    assert client.records(soql) == []
    row = client.records(soql, everything=True)[0]
    assert (row["IsDeleted"], row["MasterRecordId"]) == (True, kept)


def test_a_field_that_is_hidden_from_a_user_is_unknown_to_them_alone(org: Org, client: Client) -> None:
    org.hide("Lead.Rating")
    assert code_of(client.query("SELECT Rating FROM Lead")) == "400 INVALID_FIELD"
    assert code_of(client.query("SELECT Id FROM Lead WHERE Rating = 'Hot'")) == "400 INVALID_FIELD"
    assert Client(org, org.token_of(org.colleague)).records("SELECT Rating FROM Lead")


def test_a_relationship_whose_object_is_hidden_does_not_exist(org: Org, client: Client) -> None:
    org.hide("Lead.ScoreIntelligenceId")
    assert code_of(client.query("SELECT ScoreIntelligence.Score FROM Lead")) == "400 INVALID_FIELD"


def test_an_org_without_einstein_has_neither_the_object_nor_the_relationship() -> None:
    client = Client(Org(leads=1, einstein=False, prediction=False, pardot=False, with_object=False))
    assert code_of(client.query("SELECT Score FROM ScoreIntelligence")) == "400 INVALID_TYPE"
    assert code_of(client.query("SELECT ScoreIntelligence.Score FROM Lead")) == "400 INVALID_FIELD"
    assert code_of(client.query("SELECT Id FROM AIRecordInsight")) == "400 INVALID_TYPE"
    assert code_of(client.query("SELECT pi__score__c FROM Lead")) == "400 INVALID_FIELD"
    assert code_of(client.query("SELECT Id FROM Lead_Triage_Decision__c")) == "400 INVALID_TYPE"


def test_reasons_of_a_prediction_lead_from_the_lead_to_its_factors(org: Org, client: Client) -> None:
    soql = (
        "SELECT FieldName, Contribution FROM AIInsightReason WHERE"
        f" AiInsightValue.AiRecordInsight.TargetId = '{org.lead_ids[0]}' ORDER BY Intensity DESC"
    )
    assert [row["FieldName"] for row in client.records(soql)] == ["Title", "LeadSource", "Country"]


def test_queues_and_users_are_told_apart(org: Org, client: Client) -> None:
    queues = client.records("SELECT Queue.Id, Queue.Name FROM QueueSobject WHERE SobjectType = 'Lead'")
    users = client.records("SELECT Id, Name FROM User WHERE IsActive = true AND UserType = 'Standard'")
    assert [row["Queue"]["Name"] for row in queues] == ["Marketing nurture", "Inbound leads"]
    assert [row["Name"] for row in users] == ["Robin Rep", "Kim Colleague", "Mara Marketing"]


def test_a_private_org_shows_a_rep_their_own_leads_and_the_queues(org: Org, client: Client) -> None:
    org.private = True
    org.reassign(org.lead_ids[0])
    org.reassign(org.lead_ids[1], org.queue)
    assert len(client.records("SELECT Id FROM Lead")) == 6


def test_keys_are_compared_with_their_case(org: Org, client: Client) -> None:
    client.send("PATCH", "/sobjects/Lead_Triage_Decision__c/Decision_Key__c/Abc", {"Kind__c": "decision"})
    soql = "SELECT Id FROM Lead_Triage_Decision__c WHERE Decision_Key__c = '{}'"
    assert client.records(soql.format("abc")) == []
    assert len(client.records(soql.format("Abc"))) == 1


def test_an_address_that_is_too_long_is_refused(org: Org, client: Client) -> None:
    long = ", ".join(f"'{one}'" for one in org.lead_ids * 150)
    assert code_of(client.query(f"SELECT Id FROM Lead WHERE Id IN ({long})")) == "414 URI_TOO_LONG"
    assert org.broken_rules
